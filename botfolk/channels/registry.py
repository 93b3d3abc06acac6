"""The kinds of channel there are, and the channels the bots have connected."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, cast
from uuid import UUID

import structlog
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from botfolk.channels.contract import Channel, ChannelKind
from botfolk.channels.setup import forgotten
from botfolk.clock import utc_now
from botfolk.db.pool import Pool
from botfolk.db.secrets import SecretBox, SecretError
from botfolk.ids import new_id
from botfolk.live.notify import announce

_log = structlog.get_logger(__name__)

_WHERE = {
    "botframework": "botfolk.channels.botframework.kind:BotFramework",
    "instagram": "botfolk.channels.instagram.kind:Instagram",
    "messenger": "botfolk.channels.messenger.kind:Messenger",
    "telegram": "botfolk.channels.telegram.kind:Telegram",
    "twilio": "botfolk.channels.twilio.kind:Twilio",
    "webchat": "botfolk.channels.webchat.kind:WebChat",
    "whatsapp": "botfolk.channels.whatsapp.kind:WhatsApp",
}
"""A new kind is one line here."""


class _Kinds(Mapping[str, ChannelKind]):
    """Every kind by its name, imported when first asked for."""

    def __init__(self, where: Mapping[str, str]) -> None:
        self._where = where
        self._made: dict[str, ChannelKind] = {}

    def __getitem__(self, kind: str) -> ChannelKind:
        if kind not in self._made:
            module, _, name = self._where[kind].partition(":")
            self._made[kind] = cast(ChannelKind, getattr(import_module(module), name)())
        return self._made[kind]

    def __contains__(self, kind: object) -> bool:
        return kind in self._where

    def __iter__(self) -> Iterator[str]:
        return iter(self._where)

    def __len__(self) -> int:
        return len(self._where)


KINDS: Mapping[str, ChannelKind] = _Kinds(_WHERE)


OLD_SECRETS_LAST = timedelta(days=1)
"""Services try again for hours what they signed before a secret was replaced."""


class UnknownChannel(Exception):
    """There is no such channel, or no such kind."""


class Channels:
    """The channels of all bots, kept in memory until one of them changes."""

    def __init__(self, pool: Pool, box: SecretBox) -> None:
        self._pool = pool
        self.box = box
        self._known: dict[UUID, Channel] = {}
        self._fresh = False
        self._loading = asyncio.Lock()

    def invalidate(self, bot_id: UUID | None = None) -> None:
        """Forget what is known, of whatever bot; the next question asks the database."""
        self._fresh = False

    async def reload(self) -> None:
        """Read all channels anew."""
        self._fresh = False
        await self._load()

    async def get(self, channel_id: UUID) -> Channel | None:
        """Return a channel, switched off or on; None when there is none of that id whose secrets can be read."""
        await self._load()
        found = self._known.get(channel_id)
        # One that was connected a moment ago may be asked for before the word of it is here.
        return found or await self._read(channel_id)

    async def all(self) -> list[Channel]:
        """Return all channels of all bots."""
        await self._load()
        return list(self._known.values())

    async def _load(self) -> None:
        if self._fresh and not self._loading.locked():
            return
        async with self._loading:
            if self._fresh:
                return
            # Set before reading: what changes meanwhile sets it back.
            self._fresh = True
            try:
                async with self._pool.connection() as connection:
                    rows = await (await connection.execute(f"{_SELECT} ORDER BY bot_id, id")).fetchall()
            except BaseException:
                self._fresh = False
                raise
            found = (self._opened(row) for row in rows)
            self._known = {channel.id: channel for channel in found if channel is not None}

    async def _read(self, channel_id: UUID) -> Channel | None:
        async with self._pool.connection() as connection:
            row = await (await connection.execute(f"{_SELECT} WHERE id = %s", [channel_id])).fetchone()
        channel = None if row is None else self._opened(row)
        if channel is not None:
            self._known[channel_id] = channel
        return channel

    def _opened(self, row: tuple[Any, ...]) -> Channel | None:
        """Return the channel of a row; one whose secrets cannot be read is passed over, so that the others work."""
        try:
            return _channel(self.box, row)
        except SecretError as error:
            _log.error("channels.unreadable", channel=str(row[0]), error=str(error))
            return None


# A hook's address and the sender's rounds name channels of every bot: the one query that reads across bots.
_SELECT = "SELECT id, bot_id, kind, name, config, secrets, enabled FROM channels"


def _channel(box: SecretBox, row: tuple[Any, ...]) -> Channel:
    channel_id, bot_id, kind, name, config, secrets, enabled = row
    return Channel(
        id=channel_id,
        bot_id=bot_id,
        kind=kind,
        name=name,
        config=config,
        secrets=_still_accepted(box.open(secrets), config),
        enabled=enabled,
    )


def _still_accepted(secrets: dict[str, str], config: dict[str, Any]) -> dict[str, str]:
    """Return the secrets without those that were replaced long enough ago that nothing signed by them comes now."""
    at = config.get("rotated_at")
    is_over = at is None or utc_now() - datetime.fromisoformat(at) > OLD_SECRETS_LAST
    return forgotten(secrets) if is_over else secrets


async def add(
    connection: AsyncConnection[Any],
    box: SecretBox,
    bot_id: UUID,
    kind: str,
    name: str,
    config: dict[str, Any],
    secrets: dict[str, str],
) -> Channel:
    """Store a new channel, in the caller's transaction. Raises UnknownChannel for a kind there is not."""
    if kind not in KINDS:
        raise UnknownChannel(f"there is no kind of channel named {kind}; there are: {', '.join(KINDS)}")
    channel = Channel(id=new_id(), bot_id=bot_id, kind=kind, name=name, config=config, secrets=secrets)
    await connection.execute(
        "INSERT INTO channels (bot_id, id, kind, name, config, secrets) VALUES (%s, %s, %s, %s, %s, %s)",
        [bot_id, channel.id, kind, name, Jsonb(config), box.seal(secrets)],
    )
    await announce(connection, bot_id, "channels")
    return channel


async def update(
    connection: AsyncConnection[Any],
    box: SecretBox,
    bot_id: UUID,
    channel_id: UUID,
    *,
    name: str | None = None,
    config: dict[str, Any] | None = None,
    secrets: dict[str, str] | None = None,
    enabled: bool | None = None,
) -> Channel:
    """Change what is given of a channel, in the caller's transaction, and clear its last error.

    Raises UnknownChannel.
    """
    cursor = await connection.execute(
        """UPDATE channels SET name = coalesce(%s, name), config = coalesce(%s, config),
               secrets = coalesce(%s, secrets), enabled = coalesce(%s, enabled),
               last_error = NULL, last_error_at = NULL
           WHERE bot_id = %s AND id = %s
           RETURNING id, bot_id, kind, name, config, secrets, enabled""",
        [
            name,
            None if config is None else Jsonb(config),
            None if secrets is None else box.seal(secrets),
            enabled,
            bot_id,
            channel_id,
        ],
    )
    row = await cursor.fetchone()
    if row is None:
        raise UnknownChannel("there is no such channel")
    await announce(connection, bot_id, "channels")
    await announce(connection, bot_id, "outbox")
    return _channel(box, row)


async def remove(connection: AsyncConnection[Any], bot_id: UUID, channel_id: UUID) -> None:
    """Take away a channel on which nobody has said anything yet, in the caller's transaction.

    Raises UnknownChannel, and psycopg's ForeignKeyViolation when there are messages.
    """
    cursor = await connection.execute("DELETE FROM channels WHERE bot_id = %s AND id = %s", [bot_id, channel_id])
    if cursor.rowcount == 0:
        raise UnknownChannel("there is no such channel")
    await announce(connection, bot_id, "channels")
