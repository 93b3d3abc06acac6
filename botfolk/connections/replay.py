"""Read again what was not understood when it came: a newer version may, or what was in the way is mended."""

from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection

from botfolk.channels.contract import Unreadable
from botfolk.channels.registry import KINDS, UnknownChannel
from botfolk.ingest.hooks import deliveries_of
from botfolk.ingest.queue import Ingest
from botfolk.services import Services


class Replayed(Struct, frozen=True, kw_only=True):
    """How many payloads were understood now, and how many still are not."""

    understood: int
    kept: int


async def replay(
    services: Services, ingest: Ingest, bot_id: UUID, channel_id: UUID, payload_id: UUID | None = None
) -> Replayed:
    """Read a channel's quarantine again (or one payload of it), oldest first. What is understood now is stored as if it
    had come just now, under its own times, and leaves the quarantine. Raises UnknownChannel,
    LookupError (no such payload), QueueFull, Unavailable."""
    channel = await services.channels.get(channel_id)
    if channel is None or channel.bot_id != bot_id:
        raise UnknownChannel("there is no such channel")
    async with services.pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT id, received_at, body FROM quarantine WHERE bot_id = %s AND channel_id = %s"
            " AND (%s::uuid IS NULL OR id = %s) ORDER BY received_at, id LIMIT 1000",
            [bot_id, channel_id, payload_id, payload_id],
        )
        rows = await cursor.fetchall()
    if payload_id is not None and not rows:
        raise LookupError("there is no such payload")
    understood = 0
    for row_id, received_at, body in rows:
        try:
            events, not_understood = KINDS[channel.kind].parse(channel, bytes(body), received_at)
        except Unreadable:
            continue
        if not_understood or not events:
            continue
        for delivery in await deliveries_of(services.channels, channel, events, [], bytes(body), received_at):
            await ingest.submit(delivery)
        async with services.pool.connection() as connection:
            await forget(connection, bot_id, channel_id, row_id)
        understood += 1
    return Replayed(understood=understood, kept=len(rows) - understood)


async def forget(connection: AsyncConnection[Any], bot_id: UUID, channel_id: UUID, payload_id: UUID) -> bool:
    """Throw a payload away; return whether there was one."""
    cursor = await connection.execute(
        "DELETE FROM quarantine WHERE bot_id = %s AND channel_id = %s AND id = %s", [bot_id, channel_id, payload_id]
    )
    return cursor.rowcount == 1
