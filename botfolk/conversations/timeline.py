"""A conversation as it happened: messages with what surrounds them, a page at a time, for the pages."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct, json
from psycopg import AsyncConnection
from psycopg.rows import class_row

from botfolk.conversations.happenings import ON_THE_MESSAGE
from botfolk.users.history import Change

PAGE = 30
"""Messages on one page."""

MOST_LIVE = 400
"""The most messages a page that stays open shows before it drops the oldest from what it keeps live."""

_MOST_BESIDE = 300
_EARLIEST = datetime(1, 1, 2, tzinfo=UTC)
_LATEST = datetime(9999, 12, 30, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class BadPlace(Exception):
    """A place in a conversation that nobody was given."""


class Place(Struct, frozen=True, order=True):
    """Where a message stands in a conversation: by channel time, then by the channel's own counter."""

    at: datetime
    sequence: int
    id: UUID

    def token(self) -> str:
        """Return the place as text for an address."""
        return f"{(self.at - _EPOCH) // _MICROSECOND}.{self.sequence}.{self.id}"


def place(token: str) -> Place:
    """Read `Place.token`. Raises BadPlace."""
    try:
        micros, sequence, name = token.split(".")
        return Place(_EPOCH + timedelta(microseconds=int(micros)), int(sequence), UUID(name))
    except (ValueError, OverflowError):
        raise BadPlace(token) from None


class Reaction(Struct, frozen=True):
    """Emoji somebody put to a message; `name` in groups."""

    emoji: list[str]
    name: str | None


class Message(Struct, frozen=True, kw_only=True):
    """One thing said. `sentiment` in thousandths; `member` is the name of the member who wrote it; `error` says why
    it was not sent."""

    id: UUID
    direction: str
    author: str
    kind: str
    text: str | None
    details: dict[str, Any] | None
    sent_at: datetime
    received_at: datetime
    sequence: int
    status: str
    sentiment: int | None
    sentiment_words: list[tuple[str, float]] | None
    edited_at: datetime | None
    waiting: bool
    external_id: str | None
    channel_id: UUID
    channel: str
    channel_name: str
    member: str | None
    error: str | None

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.sent_at, self.sequence, self.id)


class SessionStart(Struct, frozen=True, kw_only=True):
    """A session began."""

    id: UUID
    at: datetime
    messages: int
    time_spent_us: int


class Event(Struct, frozen=True, kw_only=True):
    """Something else that happened with a person on a channel: conversations/happenings.py has the kinds."""

    id: UUID
    at: datetime
    kind: str
    channel_name: str
    details: dict[str, Any] | None = None


class Click(Struct, frozen=True, kw_only=True):
    """The person opened a link they were sent."""

    id: UUID
    at: datetime
    url: str


class Move(Struct, frozen=True, kw_only=True):
    """The person entered or left a segment, by the name it had."""

    id: UUID
    at: datetime
    kind: Literal["entered", "left"]
    name: str


class Link(Struct, frozen=True, kw_only=True):
    """A tracked link of a message, and how often it was opened."""

    message_id: UUID
    url: str
    clicks: int


Beside = SessionStart | Event | Change | Click | Move


class Timeline(Struct, frozen=True):
    """A stretch of a conversation, messages oldest first. `start`: its first message, before which there is more."""

    messages: list[Message]
    beside: list[Beside]
    reactions: dict[str, list[Reaction]]
    start: Place | None
    links: Sequence[Link] = ()


# Both walk the index messages_user.
_SELECT = """
SELECT m.id, m.direction, m.author, m.kind, m.text, m.details, m.sent_at, m.received_at, m.sequence, m.status,
    m.sentiment, m.sentiment_words, m.edited_at, m.waiting, m.external_id, m.channel_id, c.kind AS channel,
    c.name AS channel_name, a.name AS member, coalesce(m.details->>'error', o.error) AS error
FROM messages m
JOIN channels c ON c.bot_id = m.bot_id AND c.id = m.channel_id
LEFT JOIN members mb ON mb.bot_id = m.bot_id AND mb.id = m.member_id
LEFT JOIN accounts a ON a.id = mb.account_id
LEFT JOIN LATERAL (
    SELECT error FROM outbox WHERE bot_id = m.bot_id AND message_id = m.id ORDER BY id DESC LIMIT 1
) o ON m.direction = 'out' AND m.status NOT IN ('sent', 'delivered', 'read')
WHERE m.bot_id = %(bot)s AND m.user_id = %(user)s
    AND (m.sent_at, m.sequence, m.id) {side} (%(at)s, %(sequence)s, %(id)s)
ORDER BY m.sent_at DESC, m.sequence DESC, m.id DESC
LIMIT %(limit)s
"""
_BEFORE = _SELECT.format(side="<")
_SINCE = _SELECT.format(side=">=")
_END = Place(_LATEST, 0, UUID(int=2**128 - 1))


async def before(connection: AsyncConnection[Any], bot_id: UUID, user_id: UUID, place: Place | None) -> Timeline:
    """Return the page that ends before a place; without one, the newest page."""
    end = place or _END
    rows = await _messages(connection, _BEFORE, bot_id, user_id, end, PAGE + 1)
    more, rows = len(rows) > PAGE, rows[:PAGE]
    start = rows[-1].place if more else None
    return await _with_all_beside(connection, bot_id, user_id, rows[::-1], start, end.at)


async def since(connection: AsyncConnection[Any], bot_id: UUID, user_id: UUID, start: Place | None) -> Timeline:
    """Return the conversation from a place (None: its beginning) to now; of very many messages the newest."""
    begin = start or Place(_EARLIEST, 0, UUID(int=0))
    rows = await _messages(connection, _SINCE, bot_id, user_id, begin, MOST_LIVE + 1)
    if len(rows) > MOST_LIVE:
        rows = rows[:PAGE]
        start = rows[-1].place
    return await _with_all_beside(connection, bot_id, user_id, rows[::-1], start, _LATEST)


async def _messages(
    connection: AsyncConnection[Any], query: str, bot_id: UUID, user_id: UUID, place: Place, limit: int
) -> list[Message]:
    values = {"bot": bot_id, "user": user_id, "limit": limit, "at": place.at, "sequence": place.sequence}
    async with connection.cursor(row_factory=class_row(Message)) as cursor:
        await cursor.execute(query, {**values, "id": place.id})
        return await cursor.fetchall()


# All that surrounds a page's messages, in one answer: a statement for each would be five times on the way.
_BESIDE = """
SELECT json_build_object(
    'sessions', (SELECT coalesce(json_agg(x), '[]') FROM (
        SELECT id, started_at AS at, messages, time_spent_us FROM sessions
        WHERE bot_id = %(bot)s AND user_id = %(user)s AND started_at >= %(from)s AND started_at < %(until)s
        ORDER BY started_at DESC LIMIT %(most)s) x),
    'events', (SELECT coalesce(json_agg(x), '[]') FROM (
        SELECT e.id, e.at, e.kind, c.name AS channel_name, e.details FROM conversation_events e
        JOIN channels c ON c.bot_id = e.bot_id AND c.id = e.channel_id
        WHERE e.bot_id = %(bot)s AND e.user_id = %(user)s AND e.at >= %(from)s AND e.at < %(until)s
            AND e.kind <> ALL(%(elsewhere)s) ORDER BY e.at DESC LIMIT %(most)s) x),
    'changes', (SELECT coalesce(json_agg(x), '[]') FROM (
        SELECT id, at, source, actor, field, old, new, undoes FROM changes
        WHERE bot_id = %(bot)s AND user_id = %(user)s AND at >= %(from)s AND at < %(until)s
        ORDER BY id DESC LIMIT %(most)s) x),
    'clicks', (SELECT coalesce(json_agg(x), '[]') FROM (
        SELECT c.id, c.at, l.url FROM clicks c JOIN links l ON l.bot_id = c.bot_id AND l.id = c.link_id
        WHERE c.bot_id = %(bot)s AND c.user_id = %(user)s AND c.at >= %(from)s AND c.at < %(until)s AND c.counted
        ORDER BY c.at DESC LIMIT %(most)s) x),
    'moves', (SELECT coalesce(json_agg(x), '[]') FROM (
        SELECT m.id, m.at, m.kind, m.name FROM segment_events m
        WHERE m.bot_id = %(bot)s AND m.user_id = %(user)s AND m.at >= %(from)s AND m.at < %(until)s
            AND NOT EXISTS (SELECT 1 FROM segments g WHERE g.bot_id = m.bot_id AND g.id = m.segment_id AND NOT g.shared)
        ORDER BY m.at DESC LIMIT %(most)s) x),
    'links', (SELECT coalesce(json_agg(x), '[]') FROM (
        SELECT l.message_id, l.url, (SELECT count(*) FROM clicks c
            WHERE c.bot_id = l.bot_id AND c.link_id = l.id AND c.counted) AS clicks
        FROM links l WHERE l.bot_id = %(bot)s AND l.message_id = ANY(%(sent)s) ORDER BY l.id) x),
    'reactions', (SELECT coalesce(json_agg(x), '[]') FROM (
        SELECT DISTINCT ON (external_id, details->'sender'->>'id') external_id AS name, details
        FROM conversation_events
        WHERE bot_id = %(bot)s AND user_id = %(user)s AND kind = 'reaction' AND external_id = ANY(%(names)s)
        ORDER BY external_id, details->'sender'->>'id', at DESC, id DESC) x))::text
"""


class _Reacted(Struct):
    """The last word of one sender on a message: by its external id."""

    name: str
    details: dict[str, Any]


class _Found(Struct):
    sessions: list[SessionStart]
    events: list[Event]
    changes: list[Change]
    clicks: list[Click]
    moves: list[Move]
    links: list[Link]
    reactions: list[_Reacted]


_read = json.Decoder(_Found).decode


async def _with_all_beside(
    connection: AsyncConnection[Any],
    bot_id: UUID,
    user_id: UUID,
    messages: list[Message],
    start: Place | None,
    until: datetime,
) -> Timeline:
    """Add what happened from the page's start (None: ever) until a time, that time not included."""
    cursor = await connection.execute(
        _BESIDE,
        {
            "bot": bot_id,
            "user": user_id,
            "from": start.at if start else _EARLIEST,
            "until": until,
            "most": _MOST_BESIDE,
            "sent": [message.id for message in messages if message.direction == "out"],
            "elsewhere": list(ON_THE_MESSAGE),
            "names": [message.external_id for message in messages if message.external_id is not None],
        },
    )
    row = await cursor.fetchone()
    found = _read(row[0]) if row else _Found([], [], [], [], [], [], [])
    beside: list[Beside] = [*found.sessions, *found.events, *found.changes, *found.clicks, *found.moves]
    return Timeline(messages, beside, _standing(found.reactions), start, found.links)


def _standing(reactions: Iterable[_Reacted]) -> dict[str, list[Reaction]]:
    standing: dict[str, list[Reaction]] = defaultdict(list)
    for reacted in reactions:
        if emoji := reacted.details.get("emoji"):
            sender = reacted.details.get("sender") or {}
            standing[reacted.name].append(Reaction(emoji, sender.get("name")))
    return dict(standing)
