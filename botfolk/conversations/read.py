"""Messages and sessions as the API gives them, newest first, a page at a time by key."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection

from botfolk.db.cursors import Id, Moment, Whole, pack, unpack
from botfolk.users.read import Label, label_of

Connection = AsyncConnection[Any]


class Sentiment(Struct, frozen=True):
    """A message's score (−1 to 1), its label, and the words that drove it with their weight."""

    score: float
    label: Label
    words: list[tuple[str, float]]


class Message(Struct, frozen=True, kw_only=True):
    """One thing said. `status`: received, or queued, sending, sent, delivered, read, failed, unknown.

    `details`, each where there is one: media, buttons, parts of a location or contact, reactions, template,
    deleted (taken back), echo (written in the service's own app), and as `error` why it was not sent.
    """

    id: UUID
    direction: str
    author: str
    kind: str
    text: str | None
    sent_at: datetime
    received_at: datetime
    status: str
    channel: UUID
    channel_kind: str
    session_id: UUID | None
    sentiment: Sentiment | None
    details: dict[str, Any]
    edited_at: datetime | None


class Session(Struct, frozen=True, kw_only=True):
    """A run of a user's activity. `context`: what it remembers, for instance the page of a web chat and where its
    visitor came from."""

    id: UUID
    started_at: datetime
    last_activity_at: datetime
    activities: int
    messages: int
    time_spent_seconds: int
    context: dict[str, Any]


_MESSAGES = """
SELECT m.id, m.direction, m.author, m.kind, m.text, m.sent_at, m.received_at, m.status, m.channel_id, c.kind,
       m.session_id, m.sentiment, m.sentiment_words, m.details, m.edited_at, m.sequence,
       (SELECT jsonb_agg(r.emoji) FROM (
            SELECT DISTINCT ON (e.details -> 'sender') e.details -> 'emoji' AS emoji FROM conversation_events e
            WHERE e.bot_id = m.bot_id AND e.channel_id = m.channel_id AND e.external_id = m.external_id
              AND e.kind = 'reaction' ORDER BY e.details -> 'sender', e.at DESC, e.id DESC) r),
       (SELECT o.error FROM outbox o WHERE m.direction = 'out' AND m.status <> 'sent' AND o.bot_id = m.bot_id
          AND o.message_id = m.id ORDER BY o.id DESC LIMIT 1)
FROM messages m JOIN channels c ON c.bot_id = m.bot_id AND c.id = m.channel_id
WHERE m.bot_id = %(bot)s AND m.user_id = %(user)s
"""


_FIRST = Message.__struct_fields__[:11]


async def list_messages(
    connection: Connection, bot_id: UUID, user_id: UUID, *, after: str | None, limit: int
) -> tuple[list[Message], str | None]:
    """Return a page of a user's messages and the next page's cursor. Raises BadCursor."""
    asked: dict[str, object] = {"bot": bot_id, "user": user_id, "limit": limit + 1}
    query = _MESSAGES
    if after:
        at, sequence, message_id = unpack(after, Moment, Whole, Id)
        asked |= {"at": at, "sequence": sequence, "id": message_id}
        query += " AND (m.sent_at, m.sequence, m.id) < (%(at)s, %(sequence)s, %(id)s)"
    query += " ORDER BY m.sent_at DESC, m.sequence DESC, m.id DESC LIMIT %(limit)s"
    rows = await (await connection.execute(query.encode(), asked)).fetchall()
    page = rows[:limit]
    cursor = pack(page[-1][5], page[-1][15], page[-1][0]) if len(rows) > limit else None
    return [_message(row) for row in page], cursor


async def get_message(connection: Connection, bot_id: UUID, user_id: UUID, message_id: UUID) -> Message:
    """Return one message. Raises LookupError."""
    asked = {"bot": bot_id, "user": user_id, "id": message_id}
    row = await (await connection.execute((_MESSAGES + " AND m.id = %(id)s").encode(), asked)).fetchone()
    if row is None:
        raise LookupError(f"there is no message {message_id}")
    return _message(row)


def _message(row: tuple[Any, ...]) -> Message:
    score, words, details, edited_at, _, reactions, error = row[11:]
    given = dict(details or {})
    emoji = [each for sender in reactions or [] for each in sender]
    if emoji:
        given["reactions"] = emoji
    if error is not None:
        given.setdefault("error", error)
    sentiment = None
    if score is not None:
        sentiment = Sentiment(score / 1000, label_of(score / 1000) or "neutral", [tuple(w) for w in words or []])
    return Message(**dict(zip(_FIRST, row[:11], strict=True)), sentiment=sentiment, details=given, edited_at=edited_at)


async def list_sessions(
    connection: Connection, bot_id: UUID, user_id: UUID, *, after: str | None, limit: int
) -> tuple[list[Session], str | None]:
    """Return a page of a user's sessions and the next page's cursor. Raises BadCursor."""
    started_at, session_id = unpack(after, Moment, Id) if after else (None, None)
    cursor = await connection.execute(
        "SELECT id, started_at, last_activity_at, activities, messages, time_spent_us / 1000000, context"
        " FROM sessions"
        " WHERE bot_id = %(bot)s AND user_id = %(user)s"
        " AND (%(at)s::timestamptz IS NULL OR (started_at, id) < (%(at)s, %(id)s))"
        " ORDER BY started_at DESC, id DESC LIMIT %(limit)s",
        {"bot": bot_id, "user": user_id, "at": started_at, "id": session_id, "limit": limit + 1},
    )
    rows = await cursor.fetchall()
    names = Session.__struct_fields__
    page = [Session(**dict(zip(names, row, strict=True))) for row in rows[:limit]]
    return page, pack(page[-1].started_at, page[-1].id) if len(rows) > limit else None
