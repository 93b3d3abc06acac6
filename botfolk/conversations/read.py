"""Messages, sessions and changes as the API gives them, newest first, a page at a time by key."""

import base64
import binascii
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg import AsyncConnection

from botfolk.users.read import BadCursor, Label, label_of

Connection = AsyncConnection[Any]
Key = TypeVar("Key")


class Sentiment(Struct, frozen=True):
    """A message's score (−1 to 1), its label, and the words that drove it with their weight."""

    score: float
    label: Label
    words: list[tuple[str, float]]


class Message(Struct, frozen=True, kw_only=True):
    """One thing said. `status`: received, or queued, sending, sent, failed, unknown."""

    id: UUID
    direction: str
    author: str
    kind: str
    text: str | None
    sent_at: datetime
    received_at: datetime
    status: str
    channel: UUID
    session_id: UUID | None
    sentiment: Sentiment | None
    details: dict[str, Any]
    edited_at: datetime | None


class Session(Struct, frozen=True, kw_only=True):
    """A run of a user's activity."""

    id: UUID
    started_at: datetime
    last_activity_at: datetime
    activities: int
    messages: int
    time_spent_seconds: int


class Change(Struct, frozen=True, kw_only=True):
    """Who changed what, when, from what to what. `undoes`: the change this one took back."""

    id: UUID
    at: datetime
    source: str
    actor: str | None
    field: str
    old: Any
    new: Any
    undoes: UUID | None


_MESSAGES = """
SELECT m.id, m.direction, m.author, m.kind, m.text, m.sent_at, m.received_at, m.status, m.channel_id, m.session_id,
       m.sentiment, m.sentiment_words, m.details, m.edited_at, m.sequence,
       (SELECT jsonb_agg(r.emoji) FROM (
            SELECT DISTINCT ON (e.details -> 'sender') e.details -> 'emoji' AS emoji FROM conversation_events e
            WHERE e.bot_id = m.bot_id AND e.channel_id = m.channel_id AND e.external_id = m.external_id
              AND e.kind = 'reaction' ORDER BY e.details -> 'sender', e.at DESC) r)
FROM messages m WHERE m.bot_id = %(bot)s AND m.user_id = %(user)s
"""


async def list_messages(
    connection: Connection, bot_id: UUID, user_id: UUID, *, after: str | None, limit: int
) -> tuple[list[Message], str | None]:
    """Return a page of a user's messages and the next page's cursor. Raises BadCursor."""
    asked: dict[str, object] = {"bot": bot_id, "user": user_id, "limit": limit + 1}
    query = _MESSAGES
    if after:
        at, sequence, message_id = unpack(after, tuple[datetime, int, UUID])
        asked |= {"at": at, "sequence": sequence, "id": message_id}
        query += " AND (m.sent_at, m.sequence, m.id) < (%(at)s, %(sequence)s, %(id)s)"
    query += " ORDER BY m.sent_at DESC, m.sequence DESC, m.id DESC LIMIT %(limit)s"
    rows = await (await connection.execute(query.encode(), asked)).fetchall()
    page = rows[:limit]
    cursor = pack(page[-1][5], page[-1][14], page[-1][0]) if len(rows) > limit else None
    return [_message(row) for row in page], cursor


async def get_message(connection: Connection, bot_id: UUID, user_id: UUID, message_id: UUID) -> Message:
    """Return one message. Raises LookupError."""
    asked = {"bot": bot_id, "user": user_id, "id": message_id}
    row = await (await connection.execute((_MESSAGES + " AND m.id = %(id)s").encode(), asked)).fetchone()
    if row is None:
        raise LookupError(f"there is no message {message_id}")
    return _message(row)


def _message(row: tuple[Any, ...]) -> Message:
    names = ("id", "direction", "author", "kind", "text", "sent_at", "received_at", "status", "channel", "session_id")
    score, words, details, edited_at, _, reactions = row[10:]
    given = dict(details or {})
    emoji = [each for sender in reactions or [] for each in sender]
    if emoji:
        given["reactions"] = emoji
    sentiment = None
    if score is not None:
        sentiment = Sentiment(score / 1000, label_of(score / 1000) or "neutral", [tuple(w) for w in words or []])
    return Message(**dict(zip(names, row[:10], strict=True)), sentiment=sentiment, details=given, edited_at=edited_at)


async def list_sessions(
    connection: Connection, bot_id: UUID, user_id: UUID, *, after: str | None, limit: int
) -> tuple[list[Session], str | None]:
    """Return a page of a user's sessions and the next page's cursor. Raises BadCursor."""
    started_at, session_id = unpack(after, tuple[datetime, UUID]) if after else (None, None)
    cursor = await connection.execute(
        "SELECT id, started_at, last_activity_at, activities, messages, time_spent_us / 1000000 FROM sessions"
        " WHERE bot_id = %(bot)s AND user_id = %(user)s"
        " AND (%(at)s::timestamptz IS NULL OR (started_at, id) < (%(at)s, %(id)s))"
        " ORDER BY started_at DESC, id DESC LIMIT %(limit)s",
        {"bot": bot_id, "user": user_id, "at": started_at, "id": session_id, "limit": limit + 1},
    )
    rows = await cursor.fetchall()
    names = Session.__struct_fields__
    page = [Session(**dict(zip(names, row, strict=True))) for row in rows[:limit]]
    return page, pack(page[-1].started_at, page[-1].id) if len(rows) > limit else None


async def list_changes(
    connection: Connection, bot_id: UUID, user_id: UUID, *, after: str | None, limit: int
) -> tuple[list[Change], str | None]:
    """Return a page of a user's changes and the next page's cursor. Raises BadCursor."""
    before = unpack(after, tuple[UUID])[0] if after else None
    cursor = await connection.execute(
        "SELECT id, at, source, actor, field, old, new, undoes FROM changes"
        " WHERE bot_id = %(bot)s AND user_id = %(user)s AND (%(before)s::uuid IS NULL OR id < %(before)s)"
        " ORDER BY id DESC LIMIT %(limit)s",
        {"bot": bot_id, "user": user_id, "before": before, "limit": limit + 1},
    )
    rows = await cursor.fetchall()
    page = [Change(**dict(zip(Change.__struct_fields__, row, strict=True))) for row in rows[:limit]]
    return page, pack(page[-1].id) if len(rows) > limit else None


def pack(*key: object) -> str:
    """Return a key as an opaque cursor."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def unpack(cursor: str, shape: type[Key]) -> Key:
    """Read a cursor. Raises BadCursor."""
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=shape)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise BadCursor("this is not a cursor of this list") from error
