"""Somebody who may stand in exports is erased: their files go."""

from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

KIND = "export"
"""The kind of an export's job."""

LOCK = "SELECT pg_advisory_xact_lock_shared(hashtextextended('exports ' || %s::text, 0))"
"""Held by each step of an export of a bot, so that nobody is erased while they are being written."""

_LOCK_OUT = "SELECT pg_advisory_xact_lock(hashtextextended('exports ' || %s::text, 0))"

Connection = AsyncConnection[Any]


_UNNAME = """
UPDATE jobs SET spec = jsonb_set(spec, '{ids}', (spec -> 'ids') - %(user)s::text)
WHERE bot_id = %(bot)s AND kind = %(kind)s AND spec -> 'ids' ? %(user)s::text
"""


async def forget_person(connection: Connection, bot_id: UUID, user_id: UUID) -> int:
    """Remove the files of all exports, in the transaction that erases somebody who may be in them: those that are under
    way begin anew, the others can be asked for again, and none names them any more. Return how many files went."""
    await connection.execute(_LOCK_OUT, [bot_id])
    await connection.execute(_UNNAME, {"bot": bot_id, "kind": KIND, "user": str(user_id)})
    cursor = await connection.execute(
        """WITH gone AS (
               DELETE FROM job_files f USING jobs j
               WHERE j.bot_id = %s AND j.kind = %s AND f.bot_id = j.bot_id AND f.job_id = j.id RETURNING f.job_id)
           UPDATE jobs j SET result = CASE WHEN state = 'done' THEN '{"removed": true}'::jsonb ELSE result END,
               cursor = NULL, done = CASE WHEN state = 'done' THEN done ELSE 0 END
           FROM (SELECT DISTINCT job_id FROM gone) g WHERE j.bot_id = %s AND j.id = g.job_id""",
        [bot_id, KIND, bot_id],
    )
    return cursor.rowcount
