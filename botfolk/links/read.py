"""A user's clicks, newest first, a page at a time by key."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import class_row

from botfolk.db.cursors import Id, Moment, pack, unpack

Connection = AsyncConnection[Any]


class Click(Struct, frozen=True, kw_only=True):
    """A link was opened. `url`: the address it leads to; `message`: the text that held it, null where there is none;
    `link_clicks`: how often this link has been opened in all. `counted` is false of a robot, whose `agent` says who."""

    id: UUID
    at: datetime
    url: str
    link_id: UUID
    link_clicks: int
    message_id: UUID
    message: str | None
    session_id: UUID | None
    counted: bool
    agent: str | None


# Walks the index clicks_user.
_CLICKS = """
SELECT c.id, c.at, l.url, l.id AS link_id, l.message_id, m.text AS message, c.session_id, c.counted, c.agent,
    (SELECT count(*) FROM clicks o WHERE o.bot_id = l.bot_id AND o.link_id = l.id AND o.counted) AS link_clicks
FROM clicks c
JOIN links l ON l.bot_id = c.bot_id AND l.id = c.link_id
JOIN messages m ON m.bot_id = l.bot_id AND m.id = l.message_id
WHERE c.bot_id = %(bot)s AND c.user_id = %(user)s AND (c.counted OR %(robots)s)
    AND (%(at)s::timestamptz IS NULL OR (c.at, c.id) < (%(at)s, %(id)s))
ORDER BY c.at DESC, c.id DESC LIMIT %(limit)s
"""


async def list_clicks(
    connection: Connection, bot_id: UUID, user_id: UUID, *, after: str | None, limit: int, robots: bool = False
) -> tuple[list[Click], str | None]:
    """Return a page of a user's clicks and the next page's cursor; `robots`: with theirs too. Raises BadCursor."""
    at, click_id = unpack(after, Moment, Id) if after else (None, None)
    asked = {"bot": bot_id, "user": user_id, "at": at, "id": click_id, "limit": limit + 1, "robots": robots}
    async with connection.cursor(row_factory=class_row(Click)) as cursor:
        await cursor.execute(_CLICKS, asked)
        rows = await cursor.fetchall()
    page = rows[:limit]
    return page, pack(page[-1].at, page[-1].id) if len(rows) > limit else None
