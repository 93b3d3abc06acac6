"""Users as pages and API show them, whole."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg import AsyncConnection

from botfolk import sentiment
from botfolk.conversations.statistics import thousandths
from botfolk.users.edits import FOREVER, UserNotFound

Connection = AsyncConnection[Any]
Label = Literal["positive", "neutral", "negative"]


class Group(Struct, frozen=True):
    """Whether the user is a group chat, and its title."""

    is_group: bool
    title: str | None


class Identity(Struct, frozen=True, kw_only=True):
    """A user on a channel. `state`: active, blocked (they blocked the bot), opted_out (they said stop) or gone; why and
    since when. `marketing_stopped_at`: since when they want no marketing, and nothing else is changed."""

    channel: UUID
    kind: str
    external_id: str
    id: UUID
    username: str | None
    state: str
    channel_name: str = ""
    state_reason: str | None = None
    state_at: datetime | None = None
    marketing_stopped_at: datetime | None = None


class Note(Struct, frozen=True):
    """A note of a member."""

    id: UUID
    text: str
    author: str
    at: datetime


class PauseBot(Struct, frozen=True):
    """The pause in force; `until` is null when there is none, or none but by resuming (`forever`)."""

    paused: bool
    until: datetime | None
    reason: str | None
    forever: bool


_NOT_PAUSED = PauseBot(False, None, None, False)


class Stats(Struct, frozen=True, kw_only=True):
    """The statistics. `average_sentiment` from −1 to 1, null while nothing is scored.

    `clicks`: openings of links; `unique_clicks`: how many different links were opened.
    """

    sessions: int
    messages: int
    clicks: int
    unique_clicks: int
    time_spent_seconds: int
    average_sentiment: float | None
    sentiment_label: Label | None
    scored_messages: int
    last_message: str | None
    last_message_at: datetime | None


class User(Struct, frozen=True, kw_only=True):
    """A user, as the API gives one."""

    id: UUID
    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    timezone: str | None
    language: str | None
    picture_url: str | None
    created_at: datetime
    group: Group
    identities: list[Identity]
    tags: list[str]
    notes: list[Note]
    attributes: dict[str, str | int | float | bool | list[str] | None]
    pause_bot: PauseBot
    infinite_session: bool
    status: str
    stats: Stats
    sources: dict[str, str]
    version: int


_WHOLE = """
SELECT u.id, u.first_name, u.last_name, u.email, u.phone, u.timezone, u.language, u.picture_id, s.created_at,
    u.is_group, u.group_title, u.attributes, u.status, u.field_sources, u.version + s.version,
    s.infinite_session, s.paused_until, s.pause_reason,
    s.sessions, s.messages, s.clicks, s.unique_clicks, s.time_spent_us, s.sentiment_sum, s.scored_messages,
    s.last_message, s.last_message_at,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('channel', i.channel_id, 'kind', c.kind, 'external_id',
            i.external_id, 'id', i.id, 'username', i.username, 'state', i.state, 'channel_name', c.name,
            'state_reason', i.state_reason, 'state_at', i.state_at,
            'marketing_stopped_at', i.marketing_stopped_at) ORDER BY i.id), '[]')
     FROM identities i JOIN channels c ON c.bot_id = i.bot_id AND c.id = i.channel_id
     WHERE i.bot_id = u.bot_id AND i.user_id = u.id AND i.alias_of IS NULL)::text,
    (SELECT coalesce(array_agg(t.name ORDER BY lower(t.name)), '{}')
     FROM user_tags ut JOIN tags t ON t.bot_id = ut.bot_id AND t.id = ut.tag_id
     WHERE ut.bot_id = u.bot_id AND ut.user_id = u.id),
    (SELECT coalesce(jsonb_agg(jsonb_build_object('id', n.id, 'text', n.text, 'author', n.author, 'at', n.at)
            ORDER BY n.at, n.id), '[]')
     FROM notes n WHERE n.bot_id = u.bot_id AND n.user_id = u.id)::text,
    (SELECT coalesce(jsonb_object_agg(a.name, a.label), '{}') FROM attributes a
     WHERE a.bot_id = u.bot_id AND u.attributes ? a.name)
FROM users u JOIN user_stats s ON s.bot_id = u.bot_id AND s.user_id = u.id
WHERE u.bot_id = %s AND u.id = ANY(%s)
"""


async def check_user(connection: Connection, bot_id: UUID, user_id: UUID) -> None:
    """Raise UserNotFound unless the bot has this user."""
    cursor = await connection.execute("SELECT 1 FROM users WHERE bot_id = %s AND id = %s", [bot_id, user_id])
    if await cursor.fetchone() is None:
        raise UserNotFound(str(user_id))


async def get_user(connection: Connection, bot_id: UUID, user_id: UUID, now: datetime) -> User | None:
    """Return a user as of a time (a pause that has ended is none); None when the bot has no such."""
    return (await get_users(connection, bot_id, [user_id], now)).get(user_id)


async def get_users(connection: Connection, bot_id: UUID, user_ids: Sequence[UUID], now: datetime) -> dict[UUID, User]:
    """Return users by id, as of a time."""
    cursor = await connection.execute(_WHOLE, [bot_id, list(user_ids)])
    return {row[0]: _user(row, now) for row in await cursor.fetchall()}


def _user(row: tuple[Any, ...], now: datetime) -> User:
    user_id, first, last, email, phone, timezone, language, picture_id, created_at, is_group, title = row[:11]
    attributes, status, sources, version, infinite, until, reason = row[11:18]
    sessions, messages, clicks, unique, spent, total, scored, last_message, last_at = row[18:27]
    identities, tags, notes, labels = row[27:]
    average = mean(total, scored)
    return User(
        id=user_id,
        first_name=first,
        last_name=last,
        email=email,
        phone=phone,
        timezone=timezone,
        language=language,
        picture_url=picture_address(picture_id),
        created_at=created_at,
        group=Group(is_group, title),
        identities=msgspec.json.decode(identities, type=list[Identity]),
        tags=tags,
        notes=msgspec.json.decode(notes, type=list[Note]),
        attributes={labels.get(name, name): value for name, value in attributes.items()},
        pause_bot=_pause(until, reason, now),
        infinite_session=infinite,
        status=status,
        stats=Stats(
            sessions=sessions,
            messages=messages,
            clicks=clicks,
            unique_clicks=unique,
            time_spent_seconds=spent // 1_000_000,
            average_sentiment=average,
            sentiment_label=label_of(average),
            scored_messages=scored,
            last_message=last_message,
            last_message_at=last_at,
        ),
        sources={_spelled(name, labels): source for name, source in sources.items()},
        version=version,
    )


def _pause(until: datetime | None, reason: str | None, now: datetime) -> PauseBot:
    if until is None or until <= now:
        return _NOT_PAUSED
    forever = until >= FOREVER
    return PauseBot(True, None if forever else until, reason, forever)


def _spelled(name: str, labels: dict[str, str]) -> str:
    key = name.removeprefix("attributes.")
    return f"attributes.{labels.get(key, key)}" if key != name else name


def picture_address(picture_id: UUID | None) -> str | None:
    """Return where a stored picture is served, on this installation."""
    return None if picture_id is None else f"/media/{picture_id}"


def mean(total: int, scored: int) -> float | None:
    """Return the mean score (−1 to 1, three decimals) of a sum of thousandths; None for no scores."""
    mean = thousandths(total, scored)
    return None if mean is None else mean / 1000


def label_of(score: float | None) -> Label | None:
    """Return a score's label; None for none."""
    return None if score is None else sentiment.label_of(score)
