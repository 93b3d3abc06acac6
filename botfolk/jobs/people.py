"""The people a job is about, fixed when it is asked for and taken in portions.

They are written down (16 bytes each, in rows of some thousands) and not looked for again by the filter while the job
runs: an action may change what the filter asks for, others edit meanwhile, and everybody who was counted is reached.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

AT_ONCE = 4000
"""People of a portion: a step locks them for some tenths of a second."""

Connection = AsyncConnection[Any]


async def choose(
    connection: Connection,
    bot_id: UUID,
    job_id: UUID,
    query: str,
    parameters: Mapping[str, Any],
    at_once: int = AT_ONCE,
) -> int:
    """Write down the people whose ids a query gives in its column `id`, for the job; return how many they are."""
    cursor = await connection.execute(
        f"""WITH chosen AS (SELECT id, (row_number() OVER (ORDER BY id) - 1) / %(at_once)s AS number FROM ({query}) q),
                 written AS (INSERT INTO job_people (bot_id, job_id, number, users)
                     SELECT %(bot)s, %(job)s, number, array_agg(id ORDER BY id) FROM chosen GROUP BY number
                     RETURNING cardinality(users) AS count)
            SELECT coalesce(sum(count), 0)::int FROM written""".encode(),  # noqa: S608
        {**parameters, "bot": bot_id, "job": job_id, "at_once": at_once},
    )
    row = await cursor.fetchone()
    count = 0 if row is None else int(row[0])
    await connection.execute("UPDATE jobs SET total = %s WHERE bot_id = %s AND id = %s", [count, bot_id, job_id])
    return count


async def take(connection: Connection, bot_id: UUID, job_id: UUID) -> Sequence[UUID]:
    """Take the next portion in the caller's transaction, in id order; empty when everybody has been taken.

    What another transaction has in hand is passed over, so that several can do one job side by side.
    """
    cursor = await connection.execute(
        """DELETE FROM job_people WHERE bot_id = %(bot)s AND job_id = %(job)s AND number =
               (SELECT number FROM job_people WHERE bot_id = %(bot)s AND job_id = %(job)s
                ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED)
           RETURNING users""",
        {"bot": bot_id, "job": job_id},
    )
    row = await cursor.fetchone()
    return () if row is None else row[0]


async def all_seen(connection: Connection, bot_id: UUID, job_id: UUID) -> bool:
    """Say whether nobody is left, in nobody's hand either."""
    cursor = await connection.execute(
        "SELECT NOT EXISTS (SELECT 1 FROM job_people WHERE bot_id = %s AND job_id = %s)", [bot_id, job_id]
    )
    row = await cursor.fetchone()
    return row is not None and bool(row[0])


async def forget(connection: Connection, bot_id: UUID, job_id: UUID) -> None:
    """Forget who was still to come."""
    await connection.execute("DELETE FROM job_people WHERE bot_id = %s AND job_id = %s", [bot_id, job_id])
