"""A list of users: searched, sorted, and paged by key in both directions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import namedtuple_row

from botfolk.db.cursors import BadCursor, Id, pack, unpack
from botfolk.users.attributes import AttributeType
from botfolk.users.edits import FOREVER
from botfolk.users.names import shown_name
from botfolk.users.ordering import Order, order_of
from botfolk.users.read import Label, label_of, mean, picture_address
from botfolk.users.search import search_for

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


class Ids(NamedTuple):
    """The ids of a page in order, and the cursors of the pages after and before it; None where there is none."""

    ids: list[UUID]
    next_cursor: str | None
    previous_cursor: str | None


class _Asked(Struct, frozen=True):
    """A list without its place: whose, which users, in which order."""

    bot_id: UUID
    q: str | None
    status: str | None
    sort: str
    order: Order
    descending: bool


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


_TABLES = {"u": "users u", "s": "user_stats s"}
_HEAD = 2000
"""How many users at the head of a list are looked at, before everybody who is meant is searched for."""

# The head is cut from one table alone: from its index, or by keeping no more than it while reading.
_HEAD_QUERY = """
SELECT id, value, seen FROM (
    SELECT h.id, h.value, count(*) OVER () AS seen, ({who}) AS is_meant
    FROM (SELECT {tie} AS id, {value} AS value FROM {table} WHERE {place} ORDER BY {by} LIMIT %(head)s) h
    JOIN users u ON u.bot_id = %(bot)s AND u.id = h.id) x
WHERE is_meant ORDER BY value {way}, id {way} LIMIT %(limit)s
"""
_WHOLE_QUERY = """
SELECT u.id, {value} FROM user_stats s JOIN users u ON u.bot_id = s.bot_id AND u.id = s.user_id
WHERE {place} AND {who} ORDER BY {by} LIMIT %(limit)s
"""
# Who a search means is found first, and looked up one by one (OFFSET 0 keeps it so): the planner takes a tag for a
# large part of all users, and would read all their statistics to join them.
_SEARCH_QUERY = """
WITH meant AS MATERIALIZED ({meant})
SELECT u.id, {value} FROM meant
CROSS JOIN LATERAL (SELECT * FROM user_stats WHERE bot_id = %(bot)s AND user_id = meant.id OFFSET 0) s
CROSS JOIN LATERAL (SELECT * FROM users WHERE bot_id = %(bot)s AND id = meant.id OFFSET 0) u
WHERE {place} AND {who} ORDER BY {by} LIMIT %(limit)s
"""


async def list_ids(
    connection: Connection,
    bot_id: UUID,
    *,
    q: str | None,
    sort: str,
    descending: bool,
    limit: int,
    status: str | None,
    after: str | None = None,
    before: str | None = None,
    attributes: Mapping[str, AttributeType] | None = None,
) -> Ids:
    """Return a page of a list: what comes `after` a cursor, or `before` one. Raises BadCursor, KeyError (sort).

    The default order reads the index on last_message_at, in the part with messages and then the part without.
    `attributes`: the bot's, by lower-case name, which it can be sorted by too.
    """
    asked = _Asked(bot_id, q, status, sort, order_of(sort, attributes or {}), descending)
    cursor = before or after
    found = await _walk(connection, asked, _decode(cursor, asked) if cursor else None, limit + 1, back=bool(before))
    page, more = found[:limit], len(found) > limit
    if before:
        page.reverse()
    cursors = [pack(sort, descending, value, user_id) for user_id, value in page[-1:] + page[:1]]
    if not cursors:
        return Ids([], None, None)
    following = cursors[0] if before or more else None
    preceding = cursors[1] if (more if before else after) else None
    return Ids([user_id for user_id, _ in page], following, preceding)


async def _walk(
    connection: Connection, asked: _Asked, key: tuple[Any, UUID] | None, limit: int, *, back: bool
) -> list[tuple[UUID, Any]]:
    """Go along the list from a key, forth or back, through its two parts: with a value, and (at the end) without."""
    found: list[tuple[UUID, Any]] = []
    for nulls in (True, False) if back else (False, True):
        in_nulls = None if key is None else key[0] is None
        is_behind = in_nulls is not None and in_nulls != nulls and in_nulls != back
        if len(found) >= limit or is_behind:
            continue
        start = key if in_nulls == nulls else None
        found += await _part(connection, asked, start, limit - len(found), nulls=nulls, back=back)
    return found


async def _part(
    connection: Connection, asked: _Asked, start: tuple[Any, UUID] | None, limit: int, *, nulls: bool, back: bool
) -> list[tuple[UUID, Any]]:
    """Read a part of the list: its head if that has enough of who is asked for, else all of it."""
    order = asked.order
    search = search_for(asked.q) if asked.q else None
    way, beyond = ("DESC", "<") if asked.descending != back else ("ASC", ">")
    given: dict[str, object] = {"bot": asked.bot_id, "limit": limit, "attribute": order.attribute}
    given |= {"status": asked.status, **(search.parameters if search else {})}
    place = f"{order.table}.bot_id = %(bot)s AND {order.expression} IS {'NULL' if nulls else 'NOT NULL'}"
    if order.column is not None and not nulls:
        place += f" AND {order.column} IS NOT NULL"
    if start is not None:
        given |= {"key": start[0], "id": start[1]}
        key = f"({order.expression}, {order.tie}) {beyond} (%(key)s::{order.cast}, %(id)s)"
        place += f" AND {order.tie} {beyond} %(id)s" if nulls else f" AND {key}"
    by = f"{order.tie} {way}" if nulls else f"{order.expression} {way}, {order.tie} {way}"
    of_status = "true" if asked.status is None else "u.status = %(status)s"
    if search is None or order.is_indexed:
        given["head"] = limit * 3 // 2 if search is None else _HEAD
        query = _HEAD_QUERY.format(
            value=order.expression, tie=order.tie, table=_TABLES[order.table], place=place, by=by, way=way,
            who=f"{of_status} AND {search.is_meant}" if search else of_status,
        )  # fmt: skip
        rows = await (await connection.execute(query.encode(), given)).fetchall()
        if len(rows) == limit or (rows and rows[0][2] < given["head"]):
            return [row[:2] for row in rows]
    whole = _SEARCH_QUERY if search else _WHOLE_QUERY
    meant = search.all_meant if search else ""
    query = whole.format(value=order.expression, place=place, who=of_status, by=by, meant=meant)
    return await (await connection.execute(query.encode(), given)).fetchall()


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


def _decode(cursor: str, asked: _Asked) -> tuple[Any, UUID]:
    of_sort, of_way, value, user_id = unpack(cursor, str, bool, asked.order.shape | None, Id)
    if (of_sort, of_way) != (asked.sort, asked.descending):
        raise BadCursor("this cursor is of another order")
    return value, user_id
