"""How many users the list has, and of how many: exactly where the database can tell in time, else about."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection

from botfolk.counts.asking import counted
from botfolk.counts.contract import Memory
from botfolk.filters import Catalogue, Filter, where
from botfolk.filters.tree import conditions
from botfolk.filters.where import Where
from botfolk.users import counting
from botfolk.users.filter_bar import Bar, Known
from botfolk.users.in_time import TooSlow, in_time
from botfolk.users.search import search_for

QUICK, PATIENT = 0.15, 10.0
"""So many seconds an exact count may take: as part of a page, and when asked for alone."""
_FEWEST = 1000
"""A sample says nothing of fewer."""

Connection = AsyncConnection[Any]
EVERYONE = Where("true", {})


_FEW = 50_000
"""Of so many users in the database a page counts by itself; of more it is asked for once it is shown."""


class Counted(Struct, frozen=True, kw_only=True):
    """How many match (None: not known yet), of how many. `is_rough`: it is worth asking again, with more time."""

    matching: int | None
    total: int | None
    is_exact: bool
    is_rough: bool = False


def status_of(filter: Filter) -> str | None:
    """Return the status of the users a filter is about: those that are active, unless it asks for one itself (None)."""
    return None if any(each.column == "status" for each in conditions(filter)) else "active"


def wanted(status: str | None, filter: Filter) -> str | None:
    """Return the status of whom is meant: the one asked for ("all": None), else the one the filter is about."""
    if not status:
        return status_of(filter)
    return None if status == "all" else status


def meant(filter: Filter, q: str, catalogue: Catalogue, now: datetime) -> Where:
    """Return what the database is asked for a filter and a search together. Raises FilterError."""
    asked = where(filter, catalogue, now)
    if not q:
        return asked
    search = search_for(q)
    return Where(f"({asked.sql}) AND u.id IN ({search.all_meant})", {**asked.parameters, **search.parameters})


async def are_few(connection: Connection) -> bool:
    """Say whether counting takes no time that anybody notices."""
    there = await counting.users_there(connection)
    return there is not None and there <= _FEW


async def how_many(
    connection: Connection,
    memory: Memory,
    bot_id: UUID,
    q: str,
    bar: Bar,
    there: Known,
    now: datetime,
    *,
    seconds: float = QUICK,
) -> Counted:
    """Count whom a filter and a search mean, within a time each; about how many where that is not enough."""
    if not bar.can_list:
        return Counted(matching=0, total=None, is_exact=True)
    total, matching = await _remembered(memory, bot_id, q, bar, there, now)
    exact = [True, True]
    status = status_of(bar.filter)
    if total is None:
        total, exact[0] = await _count(connection, bot_id, EVERYONE, status, seconds)
    if bar.filter is None and not q:
        matching = total
    elif matching is None:
        asked = meant(bar.filter, q, there.catalogue, now)
        matching, exact[1] = await _count(connection, bot_id, asked, status, seconds)
    return Counted(matching=matching, total=total, is_exact=all(exact), is_rough=not all(exact) and seconds < PATIENT)


async def at_once(memory: Memory, bot_id: UUID, q: str, bar: Bar, there: Known, now: datetime) -> Counted | None:
    """Count whom a filter and a search mean, without asking the database; None where that cannot be."""
    if not bar.can_list:
        return Counted(matching=0, total=None, is_exact=True)
    total, matching = await _remembered(memory, bot_id, q, bar, there, now)
    if total is None or matching is None:
        return None
    return Counted(matching=matching, total=total, is_exact=True)


async def exactly(
    connection: Connection,
    memory: Memory,
    bot_id: UUID,
    filter: Filter,
    status: str | None,
    catalogue: Catalogue,
    now: datetime,
) -> int:
    """Count who of a status (None: any) is in a filter. Raises FilterError, TooSlow."""
    [number] = await counted(memory, bot_id, [filter], status, catalogue, now)
    return (
        number
        if number is not None
        else await counting.count(connection, bot_id, where(filter, catalogue, now), status)
    )


async def _remembered(
    memory: Memory, bot_id: UUID, q: str, bar: Bar, there: Known, now: datetime
) -> tuple[int | None, int | None]:
    """Return how many there are and how many a filter and a search mean, as far as memory can tell."""
    status = status_of(bar.filter)
    filters = (None,) if q else (None, bar.filter)
    total, *matching = await counted(memory, bot_id, filters, status, there.catalogue, now)
    return total, matching[0] if matching else None


async def _count(
    connection: Connection, bot_id: UUID, asked: Where, status: str | None, seconds: float
) -> tuple[int | None, bool]:
    try:
        async with connection.transaction():
            return await counting.count(connection, bot_id, asked, status, seconds=seconds), True
    except TooSlow:
        pass
    try:
        async with connection.transaction(), in_time(connection, 1):
            about = _rounded(await counting.estimate(connection, bot_id, asked, status))
    except TooSlow:
        return None, False
    return (about if about >= _FEWEST else None), False


def _rounded(number: int) -> int:
    """Return a number with two digits that count."""
    size = max(0, len(str(number)) - 2)
    return int(round(number, -size))
