"""A list of users by their ids: searched, filtered, sorted, and paged by key in both directions."""

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace
from psycopg import AsyncConnection

from botfolk.counts.asking import Naming
from botfolk.counts.contract import Walk
from botfolk.db.cursors import BadCursor, Id, pack, unpack
from botfolk.filters.where import Where
from botfolk.users.attributes import AttributeType
from botfolk.users.in_time import in_time
from botfolk.users.ordering import TABLES, Order, order_of
from botfolk.users.search import Search, search_for

Connection = AsyncConnection[Any]


class Ids(NamedTuple):
    """The ids of a page in order, and the cursors of the pages after and before it; None where there is none."""

    ids: list[UUID]
    next_cursor: str | None
    previous_cursor: str | None


class _Asked(Struct, frozen=True):
    """A list without its place: whose, which users, in which order. `among`: nobody else is looked at."""

    bot_id: UUID
    search: Search | None
    filter: Where | None
    status: str | None
    sort: str
    order: Order
    descending: bool
    among: str | None = None


_SPARE = 20
"""So many more than a page are named: some may have changed since, and be meant no longer."""
_HEAD = 2000
"""How many users at the head of a list are looked at, before everybody who is meant is searched for."""

# The head is cut from one table alone: from its index, or by keeping no more than it while reading. How many it has is
# said even where nobody in it is meant.
_HEAD_QUERY = """
WITH head AS MATERIALIZED (SELECT {tie} AS id, {value} AS value FROM {table} WHERE {place} ORDER BY {by} LIMIT %(head)s)
SELECT meant.id, meant.value, seen.number FROM (SELECT count(*) AS number FROM head) seen LEFT JOIN (
    SELECT h.id, h.value FROM head h JOIN users u ON u.bot_id = %(bot)s AND u.id = h.id{stats}
    WHERE {who} ORDER BY h.value {way}, h.id {way} LIMIT %(limit)s) meant ON true
ORDER BY meant.value {way}, meant.id {way}
"""
_STATS = " JOIN user_stats s ON s.bot_id = %(bot)s AND s.user_id = h.id"
# Who is meant is found first, and sorted then (OFFSET 0 keeps it so): the planner cannot know how many are in a filter,
# and would go along the order's index looking everybody up until it has a page.
_WHOLE_QUERY = """
SELECT id, value FROM (SELECT {tie} AS id, {value} AS value FROM {tables} WHERE {place} AND {who} OFFSET 0) meant
ORDER BY value {way}, id {way} LIMIT %(limit)s
"""
# Who a search means is found first, and looked up one by one (OFFSET 0 keeps it so): the planner takes a tag for a
# large part of all users, and would read all their statistics to join them. So are those who alone can be in a filter.
_AMONG = "SELECT unnest(%(among)s::uuid[]) AS id"
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
    filter: Where | None = None,
    name: Naming | None = None,
) -> Ids:
    """Return a page of a list: what comes `after` a cursor, or `before` one.

    Raises BadCursor, KeyError (sort), TooSlow (filter).

    The default order reads the index on last_message_at, in the part with messages and then the part without.
    `attributes`: the bot's, by lower-case name, which it can be sorted by too. `filter`: who is in it (None: everyone).
    `name`: of whom memory names nobody else is looked at; the database itself decides of each, and sorts them.
    """
    search = search_for(q) if q else None
    asked = _Asked(bot_id, search, filter, status, sort, order_of(sort, attributes or {}), descending)
    cursor = before or after
    key = _decode(cursor, asked) if cursor else None
    named = None
    if name is not None and search is None and not (filter is None and asked.order.is_indexed):
        most = limit + 1 + _SPARE
        named = await name(Walk(sort=sort, descending=descending, is_back=bool(before), key=key, most=most))
        if named is not None and named.is_behind and not await _still_stands(connection, asked, key):
            named = None
    async with in_time(connection) if filter else nullcontext():
        among = replace(asked, among=named.ids) if named else asked
        found = await _walk(connection, among, key, limit + 1, back=bool(before))
        if named is not None and not named.is_all and len(found) <= limit:
            found = await _walk(connection, asked, key, limit + 1, back=bool(before))
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


async def _still_stands(connection: Connection, asked: _Asked, key: tuple[Any, UUID] | None) -> bool:
    """Say whether a key's user has the key's value still."""
    assert key is not None  # noqa: S101
    order, tables = asked.order, TABLES[asked.order.table]
    query = f"""SELECT {order.expression} = %(key)s::{order.cast} FROM {tables}
        WHERE {order.table}.bot_id = %(bot)s AND {order.tie} = %(id)s"""  # noqa: S608
    given = {"bot": asked.bot_id, "key": key[0], "id": key[1], "attribute": order.attribute}
    row = await (await connection.execute(query.encode(), given)).fetchone()
    return row == (True,)


async def _part(
    connection: Connection, asked: _Asked, start: tuple[Any, UUID] | None, limit: int, *, nulls: bool, back: bool
) -> list[tuple[UUID, Any]]:
    """Read a part of the list: its head if that has enough of who is asked for, else all of it."""
    order, search, filter = asked.order, asked.search, asked.filter
    way, beyond = ("DESC", "<") if asked.descending != back else ("ASC", ">")
    given: dict[str, object] = {"bot": asked.bot_id, "limit": limit, "attribute": order.attribute}
    given |= {"status": asked.status, **(search.parameters if search else {}), **(filter.parameters if filter else {})}
    place = f"{order.table}.bot_id = %(bot)s AND {order.expression} IS {'NULL' if nulls else 'NOT NULL'}"
    if order.column is not None and not nulls:
        place += f" AND {order.column} IS NOT NULL"
    if start is not None:
        given |= {"key": start[0], "id": start[1]}
        key = f"({order.expression}, {order.tie}) {beyond} (%(key)s::{order.cast}, %(id)s)"
        place += f" AND {order.tie} {beyond} %(id)s" if nulls else f" AND {key}"
    by = f"{order.tie} {way}" if nulls else f"{order.expression} {way}, {order.tie} {way}"
    who = "true" if asked.status is None else "u.status = %(status)s"
    among = asked.among
    if filter is not None and filter.tables <= {"s"} == {order.table}:
        place += f" AND ({filter.sql})"  # the planner knows well how many of the statistics it leaves
        filter = None
    is_found_at_once = filter is None and search is None and among is None
    if filter is not None:
        who += f" AND ({filter.sql})"
    if is_found_at_once or (order.is_indexed and among is None):
        head = limit * 3 // 2 if is_found_at_once else _HEAD
        query = _HEAD_QUERY.format(
            value=order.expression, tie=order.tie, table=TABLES[order.table], place=place, by=by, way=way,
            who=f"{who} AND {search.is_meant}" if search else who,
            stats=_STATS if filter is not None and "s" in filter.tables else "",
        )  # fmt: skip
        rows = await (await connection.execute(query.encode(), {**given, "head": head})).fetchall()
        found = [(user_id, value) for user_id, value, _ in rows if user_id is not None]
        if len(found) == limit or rows[0][2] < head:
            return found
    whole = _WHOLE_QUERY if search is None and among is None else _SEARCH_QUERY
    needed = {order.table, *(["u"] if asked.status else []), *(filter.tables if filter else [])}
    query = whole.format(
        value=order.expression, tie=order.tie, place=place, who=who, by=by, way=way,
        meant=search.all_meant if search else _AMONG, tables=TABLES["us" if len(needed) > 1 else order.table],
    )  # fmt: skip
    return await (await connection.execute(query.encode(), {**given, "among": among})).fetchall()


def _decode(cursor: str, asked: _Asked) -> tuple[Any, UUID]:
    of_sort, of_way, value, user_id = unpack(cursor, str, bool, asked.order.shape | None, Id)
    if (of_sort, of_way) != (asked.sort, asked.descending):
        raise BadCursor("this cursor is of another order")
    return value, user_id
