"""A page of the list of users, as the page shows one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import namedtuple_row

from botfolk.counts.asking import Naming
from botfolk.filters.where import Where
from botfolk.users.attributes import AttributeType
from botfolk.users.edits import FOREVER
from botfolk.users.names import shown_name
from botfolk.users.paging import list_ids
from botfolk.users.read import Label, label_of, mean, picture_address

Connection = AsyncConnection[Any]


class UserRow(Struct, frozen=True, kw_only=True):
    """A user in a list, as the page shows one. `attributes` by lower-case name; `paused_until` None: until resumed."""

    id: UUID
    name: str
    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    timezone: str | None
    language: str | None
    picture_url: str | None
    is_group: bool
    waiting: bool
    paused: bool
    paused_until: datetime | None
    infinite_session: bool
    channels: list[str]
    tags: list[str]
    attributes: dict[str, Any]
    created_at: datetime
    sessions: int
    messages: int
    clicks: int
    time_spent_seconds: int
    scored_messages: int
    sentiment_label: Label | None
    average_sentiment: float | None
    last_message: str | None
    last_message_at: datetime | None


class Page(Struct, frozen=True):
    """A page of a list, and the cursors of the pages after and before it; None where there is none."""

    items: list[UserRow]
    next_cursor: str | None
    previous_cursor: str | None


_ROWS = """
SELECT u.id, u.first_name, u.last_name, u.email, u.phone, u.timezone, u.language, u.picture_id, u.is_group,
    u.group_title, u.attributes, s.created_at, s.waiting_since IS NOT NULL AS waiting, s.paused_until,
    s.infinite_session, s.sessions, s.messages, s.clicks, s.time_spent_us, s.scored_messages, s.sentiment_sum,
    s.last_message, s.last_message_at,
    (SELECT coalesce(array_agg(DISTINCT c.kind), '{}') FROM identities i
     JOIN channels c ON c.bot_id = i.bot_id AND c.id = i.channel_id
     WHERE i.bot_id = u.bot_id AND i.user_id = u.id) AS kinds,
    (SELECT coalesce(array_agg(t.name ORDER BY lower(t.name)), '{}')
     FROM user_tags ut JOIN tags t ON t.bot_id = ut.bot_id AND t.id = ut.tag_id
     WHERE ut.bot_id = u.bot_id AND ut.user_id = u.id) AS tags
FROM users u JOIN user_stats s ON s.bot_id = u.bot_id AND s.user_id = u.id
WHERE u.bot_id = %s AND u.id = ANY(%s)
"""


async def list_users(
    connection: Connection,
    bot_id: UUID,
    *,
    now: datetime,
    q: str | None,
    sort: str = "last_message_at",
    descending: bool = True,
    after: str | None = None,
    before: str | None = None,
    limit: int = 50,
    status: str | None = "active",
    attributes: Mapping[str, AttributeType] | None = None,
    filter: Where | None = None,
    name: Naming | None = None,
) -> Page:
    """Return a page of users for the list, as of a time. Raises BadCursor, KeyError."""
    found = await list_ids(
        connection,
        bot_id,
        q=q,
        sort=sort,
        descending=descending,
        after=after,
        before=before,
        limit=limit,
        status=status,
        attributes=attributes,
        filter=filter,
        name=name,
    )
    async with connection.cursor(row_factory=namedtuple_row) as cursor:
        await cursor.execute(_ROWS, [bot_id, found.ids])
        fetched: list[Any] = await cursor.fetchall()
    rows = {row.id: _row(row, now) for row in fetched}
    return Page([rows[user_id] for user_id in found.ids if user_id in rows], found.next_cursor, found.previous_cursor)


def _row(row: Any, now: datetime) -> UserRow:
    average = mean(row.sentiment_sum, row.scored_messages)
    paused = row.paused_until is not None and row.paused_until > now
    return UserRow(
        id=row.id,
        name=shown_name(
            row.id,
            row.first_name,
            row.last_name,
            group_title=row.group_title,
            kind=row.kinds[0] if row.kinds else None,
        ),
        first_name=row.first_name,
        last_name=row.last_name,
        email=row.email,
        phone=row.phone,
        timezone=row.timezone,
        language=row.language,
        picture_url=picture_address(row.picture_id),
        is_group=row.is_group,
        waiting=row.waiting,
        paused=paused,
        paused_until=row.paused_until if paused and row.paused_until < FOREVER else None,
        infinite_session=row.infinite_session,
        channels=row.kinds,
        tags=row.tags,
        attributes=row.attributes,
        created_at=row.created_at,
        sessions=row.sessions,
        messages=row.messages,
        clicks=row.clicks,
        time_spent_seconds=row.time_spent_us // 1_000_000,
        scored_messages=row.scored_messages,
        sentiment_label=label_of(average),
        average_sentiment=average,
        last_message=row.last_message,
        last_message_at=row.last_message_at,
    )
