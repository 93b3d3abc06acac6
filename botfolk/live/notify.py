"""Tell every node that users changed, as part of the transaction that changed them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

CHANNEL = "botfolk_live"
"""PostgreSQL NOTIFY channel. Payload: {"bot": id, "users": [ids]} or {"bot": id, "what": word}, in JSON."""

_MOST_USERS = 150
"""A NOTIFY payload holds at most 8,000 bytes: https://www.postgresql.org/docs/current/sql-notify.html"""


async def users_changed(connection: AsyncConnection[Any], bot_id: UUID, user_ids: Iterable[UUID]) -> None:
    """Announce, at commit, that these users' profile, statistics or conversation changed."""
    ids = [str(user_id) for user_id in user_ids]
    for start in range(0, len(ids), _MOST_USERS):
        await _notify(connection, {"bot": str(bot_id), "users": ids[start : start + _MOST_USERS]})


async def announce(connection: AsyncConnection[Any], bot_id: UUID, what: str) -> None:
    """Announce, at commit, that something of the bot changed: "outbox" (there is something to send), "channels"."""
    await _notify(connection, {"bot": str(bot_id), "what": what})


async def _notify(connection: AsyncConnection[Any], payload: dict[str, object]) -> None:
    text = msgspec.json.encode(payload).decode()
    await connection.execute("SELECT pg_notify(%s, %s)", [CHANNEL, text])
