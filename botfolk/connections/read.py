"""What the Channels page shows of each channel."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import class_row

from botfolk.channels.exchanges import Exchange

Connection = AsyncConnection[Any]
_MOST_SHOWN = 50


class Listed(Struct, frozen=True, kw_only=True):
    """One channel in the list. `kept_aside`: payloads in quarantine; `unsent`: messages that wait or failed."""

    id: UUID
    kind: str
    name: str
    enabled: bool
    created_at: datetime
    last_event_at: datetime | None
    last_error: str | None
    last_error_at: datetime | None
    people: int
    kept_aside: int
    waiting: int


_LIST = """
SELECT c.id, c.kind, c.name, c.enabled, c.created_at, c.last_event_at, c.last_error, c.last_error_at,
    (SELECT count(*) FROM (SELECT 1 FROM identities i WHERE i.bot_id = c.bot_id AND i.channel_id = c.id
        AND i.alias_of IS NULL LIMIT 100000) p) AS people,
    (SELECT count(*) FROM quarantine q WHERE q.bot_id = c.bot_id AND q.channel_id = c.id) AS kept_aside,
    (SELECT count(*) FROM (SELECT 1 FROM outbox o WHERE o.channel_id = c.id AND o.bot_id = c.bot_id
        AND o.state = 'queued' LIMIT 1000) o) AS waiting
FROM channels c WHERE c.bot_id = %(bot)s
"""


async def list_channels(connection: Connection, bot_id: UUID) -> list[Listed]:
    """Return the bot's channels, the oldest first."""
    async with connection.cursor(row_factory=class_row(Listed)) as cursor:
        await cursor.execute(_LIST + "ORDER BY c.created_at, c.id", {"bot": bot_id})
        return await cursor.fetchall()


async def one_channel(connection: Connection, bot_id: UUID, channel_id: UUID) -> Listed | None:
    """Return one channel of the bot."""
    async with connection.cursor(row_factory=class_row(Listed)) as cursor:
        await cursor.execute(_LIST + "AND c.id = %(id)s", {"bot": bot_id, "id": channel_id})
        return await cursor.fetchone()


async def exchanges(connection: Connection, bot_id: UUID, channel_id: UUID) -> list[Exchange]:
    """Return what passed between us and the service lately, newest first."""
    async with connection.cursor(row_factory=class_row(Exchange)) as cursor:
        await cursor.execute(
            "SELECT at, direction, what, status, words, seconds FROM exchanges"
            " WHERE bot_id = %s AND channel_id = %s ORDER BY id DESC LIMIT %s",
            [bot_id, channel_id, _MOST_SHOWN],
        )
        return await cursor.fetchall()


class KeptAside(Struct, frozen=True, kw_only=True):
    """A payload that was not understood; `body` is its beginning, made readable."""

    id: UUID
    received_at: datetime
    reason: str
    body: str


async def kept_aside(connection: Connection, bot_id: UUID, channel_id: UUID) -> list[KeptAside]:
    """Return the newest payloads in a channel's quarantine."""
    cursor = await connection.execute(
        "SELECT id, received_at, reason, substring(body FROM 1 FOR 4000) FROM quarantine"
        " WHERE bot_id = %s AND channel_id = %s ORDER BY received_at DESC, id DESC LIMIT %s",
        [bot_id, channel_id, _MOST_SHOWN],
    )
    return [
        KeptAside(id=row[0], received_at=row[1], reason=row[2], body=bytes(row[3]).decode("utf-8", "replace"))
        for row in await cursor.fetchall()
    ]
