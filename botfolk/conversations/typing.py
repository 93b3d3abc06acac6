"""Let a person see that a member types, where their service can show it. Nothing depends on its arriving."""

import asyncio
from collections import OrderedDict
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from psycopg import AsyncConnection

from botfolk.channels.registry import KINDS
from botfolk.live.typing import member_writes
from botfolk.outbox.queue import CannotSend, Load, choose, ways
from botfolk.services import Services

_log = structlog.get_logger(__name__)

EVERY_SECONDS = 4.0
_MOST_SECONDS = 10.0
_MOST_KEPT = 10_000

_told: OrderedDict[UUID, float] = OrderedDict()
"""when the service was last told, by identity: several members may type to one person"""


async def tell(
    connection: AsyncConnection[Any], shared: Services, bot_id: UUID, user_id: UUID, channel_id: UUID | None, name: str
) -> "Typing | None":
    """Tell our own chat's visitor at once; return what is to be told a service after the request, if anything."""
    try:
        way = choose(await ways(connection, bot_id, user_id), channel_id, Load(), shared.clock())
    except CannotSend:
        return None
    if way.kind == "webchat":
        await member_writes(connection, bot_id, user_id, name)
        return None
    if not way.features.typing or not _is_due(way.identity_id):
        return None
    cursor = await connection.execute(
        "SELECT profile -> 'address' FROM identities WHERE bot_id = %s AND id = %s", [bot_id, way.identity_id]
    )
    row = await cursor.fetchone()
    address = row[0] if row and isinstance(row[0], dict) else {}
    return Typing(shared, way.channel_id, way.external_id, address)


class Typing:
    """A call to make once the member's browser has its answer."""

    def __init__(self, shared: Services, channel_id: UUID, external_user_id: str, address: dict[str, object]) -> None:
        self._shared = shared
        self._channel_id = channel_id
        self._external_user_id = external_user_id
        self._address = address

    async def __call__(self) -> None:
        """Tell the service. Never raises."""
        try:
            channel = await self._shared.channels.get(self._channel_id)
            if channel is None or channel.kind not in KINDS:
                return
            async with asyncio.timeout(_MOST_SECONDS):
                kind = KINDS[channel.kind]
                await kind.typing(channel, self._shared.http, self._external_user_id, self._address)
        except Exception as error:
            _log.info("typing.not_told", channel=str(self._channel_id), error=type(error).__name__)


def _is_due(identity_id: UUID) -> bool:
    now = monotonic()
    last = _told.get(identity_id)
    if last is not None and now - last < EVERY_SECONDS:
        return False
    _told[identity_id] = now
    _told.move_to_end(identity_id)
    while len(_told) > _MOST_KEPT:
        _told.popitem(last=False)
    return True
