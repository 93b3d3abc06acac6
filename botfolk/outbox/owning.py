"""Who sends on a channel: of all processes the one that holds its lock, for as long as its connection lives."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg import Error as DatabaseError

from botfolk.db.pool import Pool


@asynccontextmanager
async def holding(pool: Pool) -> AsyncGenerator[AsyncConnection[Any]]:
    """Take a connection out of the pool to hold locks on; they are given up with it."""
    async with pool.connection() as connection:
        before = connection.autocommit
        await connection.set_autocommit(True)
        try:
            # A machine that vanishes from the network is noticed within half a minute.
            for setting, seconds in (("idle", 10), ("interval", 5), ("count", 3)):
                await connection.execute(f"SET tcp_keepalives_{setting} = {seconds}")
            yield connection
        finally:
            try:
                await connection.execute("SELECT pg_advisory_unlock_all()")
                await connection.set_autocommit(before)
            except DatabaseError:
                # The locks went with the connection.
                await connection.close()


async def own(connection: AsyncConnection[Any], channel_id: UUID) -> bool:
    """Try to become the one who sends on a channel."""
    cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", [_lock(channel_id)])
    row = await cursor.fetchone()
    return bool(row and row[0])


async def disown(connection: AsyncConnection[Any], channel_id: UUID) -> None:
    """Let another process send on a channel."""
    await connection.execute("SELECT pg_advisory_unlock(%s)", [_lock(channel_id)])


def _lock(channel_id: UUID) -> int:
    digest = blake2b(channel_id.bytes, digest_size=8, person=b"botfolk.outbox").digest()
    return int.from_bytes(digest, "big", signed=True)


async def with_work(connection: AsyncConnection[Any], now: datetime) -> list[UUID]:
    """Return the channels, of all bots, that have something due or on its way."""
    cursor = await connection.execute(_WITH_WORK, {"now": now})
    return [row[0] for row in await cursor.fetchall()]


# Three looks into indexes per channel, however many rows wait: scalar subqueries are never turned into a scan, and
# nothing but the index they are meant for is in the order of next_at.
_WITH_WORK = """
SELECT c.id FROM channels c
WHERE coalesce(
    (SELECT true FROM outbox o
        WHERE o.bot_id = c.bot_id AND o.channel_id = c.id AND o.state = 'sending'
        ORDER BY o.next_at LIMIT 1),
    c.enabled AND coalesce(
        (SELECT true FROM outbox o
            WHERE o.bot_id = c.bot_id AND o.channel_id = c.id AND o.kind = 'message' AND o.state = 'queued'
                AND o.next_at <= %(now)s
            ORDER BY o.next_at LIMIT 1),
        (SELECT true FROM outbox o
            WHERE o.bot_id = c.bot_id AND o.channel_id = c.id AND o.kind = 'tap' AND o.state = 'queued'
                AND o.next_at <= %(now)s
            ORDER BY o.next_at LIMIT 1)))
"""
