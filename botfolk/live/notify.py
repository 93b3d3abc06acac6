"""Tell every node that users changed, as part of the transaction that changed them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from botfolk.db.parameters import json_text
from botfolk.live.presence import Looking

CHANNEL = "botfolk_live"
"""PostgreSQL NOTIFY channel. Payload: {"bot": id, "users": [ids]} or {"bot": id, "what": word}, in JSON."""

_MOST_USERS = 150
"""A NOTIFY payload holds at most 8,000 bytes: https://www.postgresql.org/docs/current/sql-notify.html"""


NOTIFY = f"SELECT pg_notify('{CHANNEL}', notice) FROM json_array_elements_text(%(notices)s::json) notice"  # noqa: S608
"""Sends notices (payloads, as a document: `db.parameters.json_text`) at commit; may end a statement that does other
work. An array of texts would be written quote by quote."""


async def users_changed(connection: AsyncConnection[Any], bot_id: UUID, user_ids: Iterable[UUID]) -> None:
    """Announce, at commit, that these users' profile, statistics or conversation changed."""
    await _notify(connection, notices_of_users(bot_id, user_ids))


async def announce(connection: AsyncConnection[Any], bot_id: UUID, what: str) -> None:
    """Announce, at commit, that something of the bot changed: "outbox" (there is something to send), "channels"."""
    await _notify(connection, [notice(bot_id, what)])


async def looks(connection: AsyncConnection[Any], bot_id: UUID, looking: Looking) -> None:
    """Tell every node that a member looks at a user, or no longer does."""
    await _notify(connection, [_payload({"bot": str(bot_id), "looking": msgspec.to_builtins(looking)})])


def notices_of_users(bot_id: UUID, user_ids: Iterable[UUID]) -> list[str]:
    """Return the notices that these users changed."""
    ids = list(user_ids)
    parts = [ids[start : start + _MOST_USERS] for start in range(0, len(ids), _MOST_USERS)]
    return [_payload({"bot": bot_id, "users": part}) for part in parts]


def notice(bot_id: UUID, what: str) -> str:
    """Return the notice that something of the bot changed."""
    return _payload({"bot": str(bot_id), "what": what})


def _payload(value: dict[str, object]) -> str:
    return msgspec.json.encode(value).decode()


async def _notify(connection: AsyncConnection[Any], notices: list[str]) -> None:
    if notices:
        await connection.execute(NOTIFY, {"notices": json_text(notices)})
