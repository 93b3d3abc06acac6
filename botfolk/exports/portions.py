"""Users of an export, some thousands at a time in the order of their ids, each read whole in one statement."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection

from botfolk.exports.columns import Column
from botfolk.filters import Where

Connection = AsyncConnection[Any]

MOST = 20_000
"""Users of a portion at most: a few megabytes, some tenths of a second."""
FIRST = 1_000
AIMED_BYTES = 6_000_000
"""Of what a portion comes to; users with much to tell come in smaller ones, so that memory stays flat."""

LOWEST = UUID(int=0)


class Asked(Struct, frozen=True, kw_only=True):
    """What is exported: whose users, which of them, which columns, as of when. `status` None: of any."""

    bot_id: UUID
    where: Where
    columns: Sequence[Column]
    now: datetime
    status: str | None = "active"

    @property
    def condition(self) -> str:
        """The condition of who is meant, over `users u` (and `user_stats s`, where a filter is)."""
        meant = "" if self.where.sql == "true" else f" AND ({self.where.sql})"
        return f"u.bot_id = %(bot)s AND (%(status)s::text IS NULL OR u.status = %(status)s){meant}"

    @property
    def found_in(self) -> str:
        """The FROM that the condition is asked of."""
        return "FROM users u" if self.where.sql == "true" else _FROM

    def parameters(self, **more: Any) -> dict[str, Any]:
        """Return the parameters of a statement."""
        return {"bot": self.bot_id, "status": self.status, "now": self.now, **self.where.parameters, **more}

    def rows(self, values: Sequence[str], portion: "Portion") -> str:
        """Return a FROM that gives x.c0, x.c1, … of each user of a portion, in order: `values`, an expression for each
        column."""
        taken, joins = [], []
        for number, (column, value) in enumerate(zip(self.columns, values, strict=True)):
            if column.rows:
                joins.append(
                    f"LEFT JOIN (SELECT r.user_id, {value} AS v FROM {column.rows} WHERE r.bot_id = %(bot)s"  # noqa: S608
                    f" AND {portion.among('r.user_id')} GROUP BY r.user_id) j{number} ON j{number}.user_id = u.id"
                )
            expression = f"j{number}.v" if column.rows else value.replace("{name}", f"%(n_{number})s::text")
            taken.append(f"{expression} AS c{number}")
        # Said of both tables, so that both are read in order and laid side by side.
        among = f"{portion.among('u.id')} AND {portion.among('s.user_id')}"
        who = self.condition if portion.ids is None else "u.bot_id = %(bot)s"
        return (
            f"FROM (SELECT u.id, {', '.join(taken)} {_FROM} {' '.join(joins)}"
            f" WHERE {who} AND {among} ORDER BY u.id OFFSET 0) x"
        )

    def of_portion(self, portion: "Portion") -> dict[str, Any]:
        """Return the parameters of a statement with `rows`."""
        names = {f"n_{number}": column.attribute for number, column in enumerate(self.columns) if column.attribute}
        return self.parameters(ids=portion.ids, after=portion.after, last=portion.last, **names)


_FROM = "FROM users u JOIN user_stats s ON s.bot_id = u.bot_id AND s.user_id = u.id"


class Portion(Struct, frozen=True):
    """Users that come next: how many, whom they come after, the last of them, and all ids as the database writes an
    array of them; None: all between who are meant."""

    size: int
    after: UUID
    last: UUID
    ids: str | None

    def among(self, user_id: str) -> str:
        """Return the condition that a column is the id of one of them."""
        if self.ids is None:
            return f"{user_id} > %(after)s::uuid AND {user_id} <= %(last)s::uuid"
        return f"{user_id} = ANY(%(ids)s::uuid[])"


@asynccontextmanager
async def side_by_side(connection: Connection) -> AsyncIterator[None]:
    """Let the database lay the tables of a portion side by side, in the caller's transaction. How many stand between
    two ids it cannot tell where these are near: it takes them for one, and would go through one table for each row of
    another (10 to 20 s for 4,000 users of 1,000,000)."""
    await connection.execute("SET LOCAL enable_nestloop = off")
    yield
    await connection.execute("SET LOCAL enable_nestloop = on")


async def newest(connection: Connection, bot_id: UUID) -> UUID:
    """Return the id up to which users are exported: who comes later is not."""
    cursor = await connection.execute("SELECT id FROM users WHERE bot_id = %s ORDER BY id DESC LIMIT 1", [bot_id])
    row = await cursor.fetchone()
    return LOWEST if row is None else UUID(str(row[0]))


async def how_many(connection: Connection, asked: Asked, until: UUID) -> int:
    """Return how many users there are to export."""
    query = f"SELECT count(*) {asked.found_in} WHERE {asked.condition} AND u.id <= %(until)s"
    row = await (await connection.execute(query.encode(), asked.parameters(until=until))).fetchone()
    return 0 if row is None else int(row[0])


async def portion_after(connection: Connection, asked: Asked, after: UUID, until: UUID, size: int) -> Portion | None:
    """Return who comes after a user, at most so many and up to another; None when nobody does."""
    # Without a filter all between are meant, as a rule: who stands between two is read faster than who is named.
    ids = "NULL" if asked.where.sql == "true" else "array_agg(id)::text"
    query = (
        f"SELECT count(*), %(after)s::uuid, (array_agg(id))[count(*)], {ids}"  # noqa: S608
        f" FROM (SELECT u.id {asked.found_in} WHERE {asked.condition} AND u.id > %(after)s AND u.id <= %(until)s"
        " ORDER BY u.id LIMIT %(size)s) x"
    )
    parameters = asked.parameters(after=after, until=until, size=size)
    row = await (await connection.execute(query.encode(), parameters)).fetchone()
    return Portion(*row) if row and row[0] else None


def next_size(size: int, took: int) -> int:
    """Return how many users the next portion takes when one of `size` came to so many bytes."""
    return max(1, min(MOST, size * 4, round(size * AIMED_BYTES / max(1, took))))
