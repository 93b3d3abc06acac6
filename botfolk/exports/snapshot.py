"""An export straight into a file, of one moment: `botfolk export`."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, IsolationLevel, sql

from botfolk.exports import portions
from botfolk.exports.ahead import Ahead
from botfolk.exports.exporting import Export, asked_of
from botfolk.exports.forms import form_of

Connection = AsyncConnection[Any]
Told = Callable[[int, int], None]
"""Called with how many users are written, of how many."""


async def write_snapshot(
    connections: Sequence[Connection], bot_id: UUID, export: Export, path: Path, now: datetime, told: Told
) -> int:
    """Write users as they are at one moment, while others go on changing them; return how many. The file is there only
    when it is whole.

    `connections` read side by side; none may be in a transaction. Raises InvalidEdit, FilterError, OSError.
    """
    half = path.with_name(f".{path.name}.part")
    try:
        with half.open("wb") as file:
            async with _one_moment(connections):
                done = await _write(connections, bot_id, export, file.write, now, told)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    return done


@asynccontextmanager
async def _one_moment(connections: Sequence[Connection]) -> AsyncIterator[None]:
    """Let all connections see the database as the first one sees it now:
    https://www.postgresql.org/docs/current/sql-set-transaction.html"""
    seen = ""
    async with AsyncExitStack() as stack:
        for connection in connections:
            await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
            stack.push_async_callback(connection.set_isolation_level, None)
            await stack.enter_async_context(connection.transaction())
            if seen:
                await connection.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(seen))
            elif len(connections) > 1:
                row = await (await connection.execute("SELECT pg_export_snapshot()")).fetchone()
                seen = row[0] if row else ""
        yield


async def _write(
    connections: Sequence[Connection],
    bot_id: UUID,
    export: Export,
    write: Callable[[bytes], object],
    now: datetime,
    told: Told,
) -> int:
    first = connections[0]
    asked = await asked_of(first, bot_id, export, now)
    form = form_of(export.form, {"mark": export.mark})
    until = await portions.newest(first, bot_id)
    total, done = await portions.how_many(first, asked, until), 0
    told(0, total)
    content, state = form.begin(asked.columns)
    write(content)
    async with Ahead(connections, asked, form, after=portions.LOWEST, until=until, size=portions.FIRST) as ahead:
        async for portion, read in ahead:
            content, state = await form.write(read, asked.columns, state)
            write(content)
            done, ahead.size = done + portion.size, portions.next_size(portion.size, len(content))
            told(done, total)
    write(form.end(asked.columns, state))
    return done
