"""A person as a filter sees one in memory: what rules, live segments and "why" are asked about."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import dict_row


class Person(Struct, frozen=True, kw_only=True):
    """Everything filters ask about a person. Attributes by lower-case name, as stored; moments in UTC.

    `usernames`, `channels` (kinds) and `channel_names` are those of the identities.
    """

    created_at: datetime
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    timezone: str | None = None
    language: str | None = None
    has_picture: bool = False
    is_group: bool = False
    group_title: str | None = None
    status: str = "active"
    attributes: Mapping[str, Any] = {}
    tags: Sequence[str] = ()
    notes: Sequence[str] = ()
    channels: Sequence[str] = ()
    channel_names: Sequence[str] = ()
    usernames: Sequence[str] = ()
    sessions: int = 0
    messages: int = 0
    clicks: int = 0
    unique_clicks: int = 0
    time_spent_us: int = 0
    sentiment_sum: int = 0
    scored_messages: int = 0
    last_message: str | None = None
    last_message_at: datetime | None = None
    last_activity_at: datetime | None = None
    paused_until: datetime | None = None
    waiting_since: datetime | None = None
    infinite_session: bool = False


_PEOPLE = """
SELECT u.id, s.created_at, u.first_name, u.last_name, u.email, u.phone, u.timezone, u.language,
    u.picture_id IS NOT NULL AS has_picture, u.is_group, u.group_title, u.status, u.attributes,
    s.sessions, s.messages, s.clicks, s.unique_clicks, s.time_spent_us, s.sentiment_sum, s.scored_messages,
    s.last_message, s.last_message_at, s.last_activity_at, s.paused_until, s.waiting_since, s.infinite_session,
    (SELECT coalesce(array_agg(t.name), '{}') FROM user_tags ut JOIN tags t ON t.bot_id = ut.bot_id AND t.id = ut.tag_id
     WHERE ut.bot_id = u.bot_id AND ut.user_id = u.id) AS tags,
    (SELECT coalesce(array_agg(n.text), '{}') FROM notes n WHERE n.bot_id = u.bot_id AND n.user_id = u.id) AS notes,
    i.channels, i.channel_names, i.usernames
FROM users u JOIN user_stats s ON s.bot_id = u.bot_id AND s.user_id = u.id
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(c.kind), '{}') AS channels, coalesce(array_agg(c.name), '{}') AS channel_names,
        coalesce(array_agg(i.username) FILTER (WHERE i.username IS NOT NULL), '{}') AS usernames
    FROM identities i JOIN channels c ON c.bot_id = i.bot_id AND c.id = i.channel_id
    WHERE i.bot_id = u.bot_id AND i.user_id = u.id) i
WHERE u.bot_id = %s AND u.id = ANY(%s)
"""


async def load_people(connection: AsyncConnection[Any], bot_id: UUID, user_ids: Sequence[UUID]) -> dict[UUID, Person]:
    """Return people by id; who is not there is left out."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_PEOPLE, [bot_id, list(user_ids)])
        return {row.pop("id"): Person(**row) for row in await cursor.fetchall()}
