"""An export straight into a file, of one moment: `botfolk export`."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, IsolationLevel

from botfolk.exports import portions
from botfolk.exports.exporting import Export, asked_of
from botfolk.exports.forms import form_of

Told = Callable[[int, int], None]
"""Called with how many users are written, of how many."""


async def write_snapshot(
    connection: AsyncConnection[Any], bot_id: UUID, export: Export, path: Path, now: datetime, told: Told
) -> int:
    """Write users as they are at one moment, while others go on changing them; return how many. The file is there only
    when it is whole.

    `connection` must not be in a transaction. Raises InvalidEdit, FilterError, OSError.
    """
    half = path.with_name(f".{path.name}.part")
    await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
    try:
        with half.open("wb") as file:
            async with connection.transaction():
                done = await _write(connection, bot_id, export, file.write, now, told)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
        await connection.set_isolation_level(None)
    return done


async def _write(
    connection: AsyncConnection[Any],
    bot_id: UUID,
    export: Export,
    write: Callable[[bytes], object],
    now: datetime,
    told: Told,
) -> int:
    asked = await asked_of(connection, bot_id, export, now)
    form = form_of(export.form, {"mark": export.mark})
    until = await portions.newest(connection, bot_id)
    total, done, after, size = await portions.how_many(connection, asked, until), 0, portions.LOWEST, portions.FIRST
    told(0, total)
    content, state = form.begin(asked.columns)
    write(content)
    while (portion := await portions.portion_after(connection, asked, after, until, size)) is not None:
        content, state = await form.portion(connection, asked, portion, state)
        write(content)
        done, after, size = done + portion.size, portion.last, portions.next_size(portion.size, len(content))
        told(done, total)
    write(form.end(asked.columns, state))
    return done
