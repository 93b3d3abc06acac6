"""How many users a filter has: exactly within a time, or at once from a sample."""

from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from botfolk.filters.where import Where
from botfolk.users.in_time import SECONDS, in_time

Connection = AsyncConnection[Any]

_SAMPLE = 20_000

_USERS = "SELECT count(*) FROM users u WHERE u.bot_id = %(bot)s"
_BOTH = """SELECT count(*) FROM users u JOIN user_stats s ON s.bot_id = u.bot_id AND s.user_id = u.id
    WHERE u.bot_id = %(bot)s"""
# Nearly everybody is active. Who is not stands in an index of their own, and is taken off: the profiles are not read.
_STATISTICS = "SELECT (SELECT count(*) FROM user_stats s WHERE s.bot_id = %(bot)s AND ({who}))"
_NOT_ACTIVE = """ - (SELECT count(*) FROM users u JOIN user_stats s ON s.bot_id = u.bot_id AND s.user_id = u.id
    WHERE u.bot_id = %(bot)s AND u.status <> 'active' AND ({who}))"""
# Of everybody no profile is read either: their key is counted.
_EVERYBODY = """SELECT (SELECT count(*) FROM users u WHERE u.bot_id = %(bot)s AND ({who}))
    - (SELECT count(*) FROM users u WHERE u.bot_id = %(bot)s AND u.status <> 'active' AND ({who}))"""
_SAMPLED = """
SELECT count(*) FROM users u TABLESAMPLE SYSTEM (%(share)s) REPEATABLE (1)
JOIN user_stats s ON s.bot_id = u.bot_id AND s.user_id = u.id WHERE u.bot_id = %(bot)s AND {who}
"""


async def count(
    connection: Connection, bot_id: UUID, filter: Where, status: str | None = "active", *, seconds: float = SECONDS
) -> int:
    """Return how many users of a status (None: any) are in a filter, exactly. Raises TooSlow after so many seconds."""
    async with in_time(connection, seconds):
        query = _query(filter, status)
        cursor = await connection.execute(query.encode(), {"bot": bot_id, "status": status, **filter.parameters})
        row = await cursor.fetchone()
    return int(row[0]) if row else 0


def _query(filter: Where, status: str | None) -> str:
    if filter.tables == {"s"} and status in (None, "active"):
        return (_STATISTICS + (_NOT_ACTIVE if status else "")).format(who=filter.sql)
    if not filter.tables and status == "active":
        return _EVERYBODY.format(who=filter.sql)
    of_status = "" if status is None else " AND u.status = %(status)s"
    return f"{_BOTH if 's' in filter.tables else _USERS}{of_status} AND ({filter.sql})"


async def estimate(connection: Connection, bot_id: UUID, filter: Where, status: str | None = "active") -> int:
    """Return about how many users of a status (None: any) are in a filter, from a sample. Of few users it is exact."""
    there = await users_there(connection) or 0
    if there <= 2 * _SAMPLE:
        return await count(connection, bot_id, filter, status)
    who = filter.sql if status is None else f"u.status = %(status)s AND ({filter.sql})"
    share = _SAMPLE / there
    given = {"bot": bot_id, "status": status, "share": 100 * share, **filter.parameters}
    cursor = await connection.execute(_SAMPLED.format(who=who).encode(), given)
    row = await cursor.fetchone()
    return round(row[0] / share) if row else 0


async def users_there(connection: Connection) -> float | None:
    """Return about how many users all bots have, as the planner last saw; below 0 while it has not looked."""
    cursor = await connection.execute("SELECT reltuples FROM pg_class WHERE oid = 'users'::regclass")
    row = await cursor.fetchone()
    return None if row is None else row[0]
