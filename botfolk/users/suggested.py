"""What values a filter suggests for a column, from what exists: fast, however many users there are."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection, sql

from botfolk.filters.columns import Catalogue, Column
from botfolk.pages.catalogue import locale
from botfolk.users.choices import timezones

MOST = 12
LOOKED_AT = 2000
"""Values are those of so many users who wrote last: enough to know what is usual, and read from an index."""

Connection = AsyncConnection[Any]

_FIELDS = ("first_name", "last_name", "email", "phone", "timezone", "language")
_LAST = """SELECT {value} FROM (
    SELECT user_id FROM user_stats WHERE bot_id = %(bot)s AND last_message_at IS NOT NULL
    ORDER BY last_message_at DESC, user_id DESC LIMIT %(looked_at)s) s
JOIN users u ON u.bot_id = %(bot)s AND u.id = s.user_id WHERE {value} IS NOT NULL"""
_NAMES = "SELECT name FROM {table} WHERE bot_id = %(bot)s AND strpos(lower(name), %(typed)s) > 0 ORDER BY lower(name)"


class Suggestion(NamedTuple):
    """A value, and what is said beside it ("" for nothing)."""

    value: str
    about: str = ""


async def suggest(
    connection: Connection,
    bot_id: UUID,
    catalogue: Catalogue,
    column: Column,
    *,
    length: bool,
    typed: str,
    now: datetime,
) -> list[Suggestion]:
    """Return values of a column that hold what was typed, the likeliest first; `length`: a length of time is asked."""
    said = " ".join(typed.split()).lower()
    if length:
        return _lengths(said, ago=False)
    if column.kind == "date":
        return [*_days(said, now.astimezone(catalogue.timezone)), *_lengths(said, ago=True)]
    match column.name:
        case "tag":
            return _first(said, await _names(connection, "tags", bot_id, said))
        case "channel_name":
            return _first(said, await _names(connection, "channels", bot_id, said))
    if column.kind not in ("text", "texts"):
        return []
    seen = await _seen(connection, bot_id, column)
    found = _first(said, seen)
    known = _known(column.name)
    if not known:
        return found
    values = {each.value for each in found}
    more = [Suggestion(value, about) for value, about in known if value not in values and _holds(said, value, about)]
    about = dict(known)
    return [Suggestion(value, about.get(value, "")) for value, _ in found][:MOST] + (more if said else [])[:MOST]


def _holds(said: str, *texts: str) -> bool:
    return any(said in text.lower() for text in texts)


def _first(said: str, values: Iterable[str]) -> list[Suggestion]:
    """Return values that hold what was said; those that begin with it come first."""
    found = [value for value in values if said in value.lower()]
    found.sort(key=lambda value: not value.lower().startswith(said))
    return [Suggestion(value) for value in found[:MOST]]


async def _names(connection: Connection, table: str, bot_id: UUID, said: str) -> list[str]:
    query = sql.SQL(_NAMES + " LIMIT 200").format(table=sql.Identifier(table))
    cursor = await connection.execute(query, {"bot": bot_id, "typed": said})
    return [name async for (name,) in cursor]


async def _seen(connection: Connection, bot_id: UUID, column: Column) -> Sequence[str]:
    """Return the values that people who wrote last have, the most usual first."""
    if column.attribute is not None:
        value: sql.Composable = sql.SQL("(u.attributes -> {})").format(sql.Literal(column.attribute))
    elif column.name in _FIELDS:
        value = sql.SQL("to_jsonb(u.{})").format(sql.Identifier(column.name))
    else:
        return []
    query = sql.SQL(_LAST).format(value=value)
    cursor = await connection.execute(query, {"bot": bot_id, "looked_at": LOOKED_AT})
    counted: Counter[str] = Counter()
    for (found,) in await cursor.fetchall():
        counted.update(
            each for each in (found if isinstance(found, list) else [found]) if isinstance(each, str) and each
        )
    return [value for value, _count in sorted(counted.items(), key=lambda item: (-item[1], item[0].lower()))]


def _known(name: str) -> list[tuple[str, str]]:
    """Return all values a column has by its nature, and what each is called."""
    match name:
        case "timezone":
            return [(zone, "") for zone in timezones()]
        case "language":
            named = ((code.replace("_", "-"), str(spoken)) for code, spoken in locale().languages.items())
            return sorted(named, key=lambda item: item[1])
    return []


def _lengths(said: str, *, ago: bool) -> list[Suggestion]:
    """Return lengths of time with the number that was typed."""
    number = next((word for word in said.split() if word.isdecimal()), "")
    if not number:
        usual = ("1 day", "7 days", "30 days", "90 days") if ago else ("24 hours", "7 days", "30 days", "90 days")
        found = [f"{each} ago" if ago else each for each in usual]
    else:
        many = "" if number == "1" else "s"
        found = [f"{number} {unit}{many}{' ago' if ago else ''}" for unit in ("day", "week", "month", "hour", "minute")]
    return [Suggestion(value) for value in found if not said or value.startswith(said)]


def _days(said: str, now: datetime) -> list[Suggestion]:
    yesterday = now - timedelta(days=1)
    days = [Suggestion("today", now.date().isoformat()), Suggestion("yesterday", yesterday.date().isoformat())]
    return [day for day in days if said in day.value]
