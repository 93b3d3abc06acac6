"""What an import has left of a person who is erased: the file, the rows it did not take, the rows it showed."""

from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from botfolk.users.traces import Traces

Connection = AsyncConnection[Any]

# Only what holds the bytes of a name somewhere is read.
_CANDIDATES = """
SELECT f.job_id, f.name, f.number
FROM job_files f JOIN jobs j ON j.bot_id = f.bot_id AND j.id = f.job_id AND j.kind LIKE 'import.%%'
WHERE f.bot_id = %(bot)s
    AND EXISTS (SELECT 1 FROM unnest(%(spellings)s::bytea[]) name WHERE position(name IN f.content) > 0)
ORDER BY f.job_id, f.name, f.number
"""
_CONTENT = "SELECT content FROM job_files WHERE bot_id = %s AND job_id = %s AND name = %s AND number = %s"

# More than theirs may go: what was shown can be looked up in the file, if that stays.
_SHOWN = """
UPDATE {table} SET {column} = {emptied} WHERE bot_id = %(bot)s AND {which} AND EXISTS (
    SELECT 1 FROM unnest(%(spellings)s::bytea[]) name WHERE position(name IN convert_to({column}::text, 'UTF8')) > 0)
"""


async def forget(connection: Connection, bot_id: UUID, traces: Traces) -> int:
    """Remove the files of imports that a person stands in, and what of them was shown; return how many files."""
    given = {"bot": bot_id, "spellings": traces.spellings}
    candidates = await (await connection.execute(_CANDIDATES, given)).fetchall()
    condemned: set[tuple[UUID, str]] = set()
    for job_id, name, number in candidates:
        if (job_id, name) in condemned:
            continue
        row = await (await connection.execute(_CONTENT, [bot_id, job_id, name, number])).fetchone()
        if row is not None and traces.found_in(row[0]):
            condemned.add((job_id, name))
    for job_id, name in condemned:
        await connection.execute(
            "DELETE FROM job_files WHERE bot_id = %s AND job_id = %s AND name = %s", [bot_id, job_id, name]
        )
    for table, column, emptied, which in (
        ("imports", "samples", "'[]'", "true"),
        ("jobs", "result", "result - 'examples'", "kind LIKE 'import.%%'"),
    ):
        query = _SHOWN.format(table=table, column=column, emptied=emptied, which=which)
        await connection.execute(query.encode(), given)
    return len(condemned)
