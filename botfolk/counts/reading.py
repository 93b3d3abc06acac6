"""What the index asks the database for: columns of many users at once, each as one value; and who has changed.

Numbers and moments come as the bytes the database has them in, texts as arrays: nothing is done for each user here.
Where a column stands in the database, `filters/columns.py` says; the index keeps texts as they are and folds them
itself.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection, AsyncCursor

from botfolk.counts import stored
from botfolk.counts.rows import Ids, ids_of
from botfolk.counts.several import Lists
from botfolk.counts.texts import Texts
from botfolk.filters.columns import COLUMNS, Column
from botfolk.filters.person import Person
from botfolk.users.attributes import AttributeType
from botfolk.users.ordering import SORTS

Part = Literal["profile", "statistics", "tags", "channels", "names"]
"""What of users has changed; `names`: how tags or channels are called."""

Connection = AsyncConnection[Any]
Whose = tuple[str, Mapping[str, Any]]
"""Of whom something is read: a condition on a user's id, {id}, and its parameters."""

PAUSED_UNTIL = "paused_until"
EXACT = "exact "
"""Stands before the name of what a list is sorted by where a filter compares something rounder."""


class Source(Struct, frozen=True, kw_only=True):
    """Where a column of the index comes from: its table's letter, what is selected of it, and what keeps it."""

    name: str
    of: Literal["u", "s"]
    selected: tuple[str, ...]
    attribute: str | None
    make: Callable[[], stored.Stored]


_FOLDED = re.compile(r"botfolk_fold\((.*)\)", re.DOTALL)
_TEXTS = "array_agg(({x})::text)"
_YES_NO = r"string_agg(CASE ({x}) WHEN true THEN '\x01'::bytea WHEN false THEN '\x00' ELSE '\x02' END, '')"
_THERE = r"string_agg(CASE WHEN ({x}) THEN '\x01'::bytea ELSE '\x00' END, '')"
_NUMBERS = "string_agg(float8send(coalesce(({x})::float8, 'NaN')), '')"
_EXACT = "CASE WHEN ({x}) = 0 OR abs({x}) BETWEEN 1e-300 AND 1e300 THEN ({x})::float8 END"
_EXACT_NUMBERS = (
    f"string_agg(float8send(coalesce({_EXACT}, 'NaN')), '')",
    f"coalesce(bool_and(({{x}}) IS NULL OR coalesce(({_EXACT})::numeric = ({{x}}), false)), true)",
)
_DATES = "string_agg(timestamptz_send(coalesce({x}, '-infinity')), '')"
_LISTS = "array_agg(CASE jsonb_typeof(u.attributes -> {name}) WHEN 'array' THEN (u.attributes -> {name})::text END)"


def source_of(column: Column) -> Source | None:
    """Return where a column comes from; None for one that the index does not keep as such."""
    selected, make = _selected(column)
    if make is None:
        return None
    return Source(
        name=column.name,
        of="s" if re.search(r"\bs\.", column.sql) else "u",
        selected=tuple(each.replace("{x}", column.sql) for each in selected),
        attribute=column.attribute,
        make=make,
    )


def _selected(column: Column) -> tuple[tuple[str, ...], Callable[[], stored.Stored] | None]:
    of_attribute = column.attribute is not None
    if "%(f_now)s" in column.sql:
        return (), None
    match column.kind:
        case "text":
            folded = _FOLDED.fullmatch(column.sql)
            return (_TEXTS.replace("{x}", folded[1] if folded else column.sql),), Texts
        case "number":
            return (_EXACT_NUMBERS, stored.ExactNumbers) if of_attribute else ((_NUMBERS,), stored.Numbers)
        case "date":
            return ((_TEXTS,), stored.WrittenDates) if of_attribute else ((_DATES,), stored.Dates)
        case "yes_no":
            return (_YES_NO,), stored.YesNo
        case "there":
            return (_THERE,), stored.There
        case "texts":
            return ((_LISTS,), Lists) if of_attribute else ((), None)


def standard() -> list[Source]:
    """Return where the standard columns come from."""
    unfiltered = [
        Column(name=PAUSED_UNTIL, kind="date", sql=SORTS["pause_bot"].expression, value=_not_asked),
        *(
            Column(name=EXACT + name, kind="number", sql=SORTS[name].expression, value=_not_asked)
            for name in ("time_spent", "average_sentiment")
        ),
    ]
    columns = [*COLUMNS.values(), *unfiltered]
    return [source for column in columns if (source := source_of(column)) is not None]


def _not_asked(_person: Person, _now: datetime) -> None:
    """No filter asks a person for it."""


class Portion(Struct, frozen=True, kw_only=True):
    """Users and, by column, what was selected of them, in one order."""

    ids: Ids
    values: dict[str, Any]


_KEY = {"u": ("users", "id"), "s": ("user_stats", "user_id")}


def everybody(after: UUID, limit: int) -> Whose:
    """So many users from an id on, in the order of ids."""
    return "{id} > %(after)s ORDER BY {id} LIMIT %(limit)s", {"after": after, "limit": limit}


def from_to(after: UUID, last: UUID) -> Whose:
    """Users between two ids, with the second."""
    return "{id} > %(after)s AND {id} <= %(last)s", {"after": after, "last": last}


def these(ids: str) -> Whose:
    """Users by ids, as the database writes an array of them."""
    return "{id} = ANY(%(ids)s::uuid[])", {"ids": ids}


Cursor = AsyncCursor[Any]


async def ask(
    connection: Connection, bot_id: UUID, of: Literal["u", "s"], sources: Sequence[Source], whose: Whose
) -> Cursor:
    """Ask for columns of users; who is not there is left out."""
    table, key = _KEY[of]
    given: dict[str, Any] = {"bot": bot_id, **whose[1]}
    selected = [f"string_agg(uuid_send({of}.{key}), '')"]
    for number, source in enumerate(sources):
        given[f"a_{number}"] = source.attribute
        name = f"%(a_{number})s::text"
        selected += [each.replace("{name}", name).replace("{{}}", "{}") for each in source.selected]
    rows = f"SELECT * FROM {table} WHERE bot_id = %(bot)s AND {whose[0].replace('{id}', key)}"  # noqa: S608
    query = f"SELECT {', '.join(selected)} FROM ({rows}) {of}"  # noqa: S608
    cursor = connection.cursor(binary=True)
    await cursor.execute(query.encode(), given)
    return cursor


async def portion(cursor: Cursor, sources: Sequence[Source]) -> Portion:
    """Return what was asked for."""
    row = list(await cursor.fetchone() or ())
    if not row or row[0] is None:
        return Portion(ids=ids_of(b""), values={})
    values: dict[str, Any] = {}
    at = 1
    for source in sources:
        count = len(source.selected)
        values[source.name] = row[at] if count == 1 else tuple(row[at : at + count])
        at += count
    return Portion(ids=ids_of(row[0]), values=values)


_HAVING = {
    "tags": """SELECT tag_id, string_agg(uuid_send(user_id), '')
        FROM user_tags WHERE bot_id = %(bot)s AND {who} GROUP BY 1""",
    "channels": """SELECT channel_id, string_agg(uuid_send(user_id), '')
        FROM (SELECT DISTINCT channel_id, user_id FROM identities WHERE bot_id = %(bot)s AND {who}) x GROUP BY 1""",
}


async def ask_having(connection: Connection, bot_id: UUID, what: Literal["tags", "channels"], whose: Whose) -> Cursor:
    """Ask who of some users has which tags or channels."""
    query = _HAVING[what].replace("{who}", whose[0].replace("{id}", "user_id"))
    cursor = connection.cursor(binary=True)
    await cursor.execute(query.encode(), {"bot": bot_id, **whose[1]})
    return cursor


async def having(cursor: Cursor) -> dict[UUID, Ids]:
    """Return, by tag or channel, which of the users have it."""
    return {key: ids_of(joined) for key, joined in await cursor.fetchall()}


async def names(connection: Connection, bot_id: UUID, what: Literal["tags", "channels"]) -> dict[UUID, tuple[str, str]]:
    """Return, by tag or channel, its name and its kind (of a channel)."""
    kind = "kind" if what == "channels" else "''"
    cursor = await connection.execute(
        f"SELECT id, name, {kind} FROM {what} WHERE bot_id = %s".encode(),  # noqa: S608
        [bot_id],
    )
    return {key: (name, kind) for key, name, kind in await cursor.fetchall()}


class Changed(Struct, frozen=True, kw_only=True):
    """Who has changed, as ids and as the database writes an array of them."""

    ids: Ids
    written: str


_UNSEEN = """FROM touched WHERE bot_id = %(bot)s AND xid >= pg_snapshot_xmin(%(seen)s::pg_snapshot)::text::bigint
    AND NOT pg_visible_in_snapshot(xid::text::xid8, %(seen)s::pg_snapshot)"""
_HOW_MANY = f"SELECT pg_current_snapshot()::text, (SELECT coalesce(sum(1 + cardinality(users)), 0)::bigint {_UNSEEN})"
_WHO = f"""SELECT part, coalesce(string_agg(uuid_send(who), ''), ''), coalesce(array_agg(who)::text, '{{}}'),
        pg_current_snapshot()::text
    FROM (SELECT DISTINCT part, who
          {_UNSEEN.replace("touched", "touched LEFT JOIN LATERAL unnest(users) u(who) ON true", 1)}
          UNION ALL SELECT '', NULL) x
    GROUP BY part"""  # noqa: S608


async def snapshot(connection: Connection) -> str:
    """Return the snapshot of the transaction."""
    cursor = await connection.execute("SELECT pg_current_snapshot()::text")
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101
    return str(row[0])


async def unseen(connection: Connection, bot_id: UUID, seen: str) -> tuple[str, int]:
    """Return the snapshot of the statement, and how many changes of users are in it that are not in `seen`."""
    cursor = await connection.execute(_HOW_MANY.encode(), {"bot": bot_id, "seen": seen})
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101
    return row[0], row[1]


async def changed(connection: Connection, bot_id: UUID, seen: str) -> tuple[str, dict[Part, Changed]]:
    """Return the snapshot of the transaction, and who has changed between the snapshot `seen` and it, part by part."""
    cursor = connection.cursor(binary=True)
    await cursor.execute(_WHO.encode(), {"bot": bot_id, "seen": seen})
    rows = await cursor.fetchall()
    found = {part: Changed(ids=ids_of(joined), written=written) for part, joined, written, _ in rows if part}
    return rows[0][3], found


async def attributes(connection: Connection, bot_id: UUID) -> dict[str, AttributeType]:
    """Return the bot's attributes and their types, those first that have been there longest."""
    cursor = await connection.execute(
        "SELECT name, type FROM attributes WHERE bot_id = %s ORDER BY created_at, name", [bot_id]
    )
    return dict(await cursor.fetchall())
