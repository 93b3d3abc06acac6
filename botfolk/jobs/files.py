"""The files of a job, in pieces in the database: any process reads what another wrote, and no kill leaves half a one.

They go with their job, and by themselves a week after they were written.
"""

from collections.abc import AsyncIterable, AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from botfolk.db.pool import Pool

PIECE_BYTES = 1 << 20
KEPT = timedelta(days=7)

Connection = AsyncConnection[Any]


async def append(connection: Connection, bot_id: UUID, job_id: UUID, name: str, content: bytes, now: datetime) -> None:
    """Write on at the end of a file, in the caller's transaction; the first piece makes it."""
    for start in range(0, len(content), PIECE_BYTES):
        await connection.execute(
            """INSERT INTO job_files (bot_id, job_id, name, number, content, at)
               SELECT %(bot)s, %(job)s, %(name)s, coalesce(max(number) + 1, 0), %(content)s, %(now)s FROM job_files
               WHERE bot_id = %(bot)s AND job_id = %(job)s AND name = %(name)s""",
            {
                "bot": bot_id,
                "job": job_id,
                "name": name,
                "content": content[start : start + PIECE_BYTES],
                "now": now,
            },
        )


async def write(
    connection: Connection, bot_id: UUID, job_id: UUID, name: str, content: AsyncIterable[bytes], now: datetime
) -> int:
    """Write a whole file in the caller's transaction, in the place of one of that name; return its size in bytes.

    No more than a piece and what comes at once is held in memory.
    """
    await remove(connection, bot_id, job_id, name)
    waiting, size = bytearray(), 0
    async for part in content:
        waiting += part
        size += len(part)
        while len(waiting) >= PIECE_BYTES:
            await append(connection, bot_id, job_id, name, bytes(waiting[:PIECE_BYTES]), now)
            del waiting[:PIECE_BYTES]
    # An empty file is one as well.
    if waiting or size == 0:
        await _last(connection, bot_id, job_id, name, bytes(waiting), now)
    return size


async def _last(connection: Connection, bot_id: UUID, job_id: UUID, name: str, content: bytes, now: datetime) -> None:
    if content:
        await append(connection, bot_id, job_id, name, content, now)
        return
    await connection.execute(
        "INSERT INTO job_files (bot_id, job_id, name, number, content, at) VALUES (%s, %s, %s, 0, '', %s)",
        [bot_id, job_id, name, now],
    )


async def size(connection: Connection, bot_id: UUID, job_id: UUID, name: str) -> int | None:
    """Return a file's size in bytes; None when there is none."""
    cursor = await connection.execute(
        "SELECT sum(octet_length(content))::bigint FROM job_files WHERE bot_id = %s AND job_id = %s AND name = %s",
        [bot_id, job_id, name],
    )
    row = await cursor.fetchone()
    return None if row is None or row[0] is None else int(row[0])


async def read(pool: Pool, bot_id: UUID, job_id: UUID, name: str) -> AsyncIterator[bytes]:
    """Give a file piece by piece. Whoever reads slowly holds no connection meanwhile; nothing comes of no file."""
    number = -1
    while True:
        async with pool.connection() as connection:
            cursor = await connection.execute(
                """SELECT number, content FROM job_files WHERE bot_id = %s AND job_id = %s AND name = %s AND number > %s
                   ORDER BY number LIMIT 1""",
                [bot_id, job_id, name, number],
            )
            row = await cursor.fetchone()
        if row is None:
            return
        number, content = row
        yield bytes(content)


async def remove(connection: Connection, bot_id: UUID, job_id: UUID, name: str) -> None:
    """Remove a file."""
    await connection.execute(
        "DELETE FROM job_files WHERE bot_id = %s AND job_id = %s AND name = %s", [bot_id, job_id, name]
    )


async def forget_old(connection: Connection, now: datetime) -> int:
    """Remove the files of all bots that are a week old and whose job has ended; return how many pieces went."""
    cursor = await connection.execute(
        """DELETE FROM job_files f USING jobs j WHERE j.bot_id = f.bot_id AND j.id = f.job_id AND f.at < %s
               AND j.state NOT IN ('waiting', 'running')""",
        [now - KEPT],
    )
    return cursor.rowcount
