"""Users of an export, some thousands at a time in the order of their ids, each read whole in one statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection

from botfolk.exports.columns import Column
from botfolk.filters import Where

Connection = AsyncConnection[Any]

AT_ONCE = 20_000
"""Users of a portion: a few megabytes, some tenths of a second."""

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
        """The condition of who is meant."""
        return "u.bot_id = %(bot)s AND (%(status)s::text IS NULL OR u.status = %(status)s)" + (
            "" if self.where.sql == "true" else f" AND ({self.where.sql})"
        )

    def parameters(self, after: UUID, until: UUID) -> dict[str, Any]:
        """Return the parameters of a statement about the users after one id, up to another."""
        names = {f"c_{number}": column.attribute for number, column in enumerate(self.columns) if column.attribute}
        place = {"bot": self.bot_id, "status": self.status, "now": self.now, "after": after, "until": until}
        return {**place, **names, **self.where.parameters}

    def rows(self, values: Sequence[str], cells: Sequence[str]) -> str:
        """Return the statement that reads a portion in order: of each user `cells`, over x.c0, x.c1, … which are the
        columns' `values`."""
        named = [value.replace("{name}", f"%(c_{number})s::text") for number, value in enumerate(values)]
        inner = ", ".join(f"{each} AS c{number}" for number, each in enumerate(named))
        return (
            f"SELECT {', '.join(cells)} FROM (SELECT {inner} {_FROM} WHERE {self.condition}"  # noqa: S608
            " AND u.id > %(after)s AND u.id <= %(until)s ORDER BY u.id OFFSET 0) x"
        )


_FROM = "FROM users u JOIN user_stats s ON s.bot_id = u.bot_id AND s.user_id = u.id"


async def newest(connection: Connection, bot_id: UUID) -> UUID:
    """Return the id up to which users are exported: who comes later is not."""
    cursor = await connection.execute("SELECT id FROM users WHERE bot_id = %s ORDER BY id DESC LIMIT 1", [bot_id])
    row = await cursor.fetchone()
    return LOWEST if row is None else UUID(str(row[0]))


async def how_many(connection: Connection, asked: Asked, until: UUID) -> int:
    """Return how many users there are to export."""
    cursor = await connection.execute(
        f"SELECT count(*) {_FROM} WHERE {asked.condition} AND u.id > %(after)s AND u.id <= %(until)s".encode(),  # noqa: S608
        asked.parameters(LOWEST, until),
    )
    row = await cursor.fetchone()
    return 0 if row is None else int(row[0])


async def end_of_portion(
    connection: Connection, asked: Asked, after: UUID, until: UUID, size: int = AT_ONCE
) -> tuple[UUID, bool]:
    """Return the last id of the next portion, and whether it is the last portion."""
    cursor = await connection.execute(
        f"SELECT u.id {_FROM} WHERE {asked.condition} AND u.id > %(after)s AND u.id <= %(until)s"  # noqa: S608
        f" ORDER BY u.id OFFSET {size - 1} LIMIT 1".encode(),
        asked.parameters(after, until),
    )
    row = await cursor.fetchone()
    return (until, True) if row is None else (UUID(str(row[0])), False)
