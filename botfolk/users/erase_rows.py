"""The SQL behind erasing: of each table what goes, and how much it was."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from botfolk.users.erase_find import Known

Connection = AsyncConnection[Any]

OF_USER = (
    "clicks", "links", "outbox", "messages", "conversation_events", "sessions", "notes", "changes", "user_tags",
    "infinite_toggles", "segment_users", "segment_events", "merges", "identities", "user_stats",
)  # fmt: skip
"""Rows with the user's id, in the order in which they refer to each other; the user goes last."""

ABOUT_TWO = ("never_merged",)
"""Go with the user."""

KEPT = ("erasures",)
"""Name nobody."""

# In the order in which every writer locks.
_LOCK = "SELECT user_id FROM user_stats WHERE bot_id = %s AND user_id = ANY(%s) ORDER BY user_id FOR UPDATE"

# By the indexes on their messages and on what is no message: an OR of both reads all of the table.
_OUTBOX = """
DELETE FROM outbox WHERE bot_id = %(bot)s AND id IN (
    SELECT o.id FROM messages m JOIN outbox o ON o.bot_id = m.bot_id AND o.message_id = m.id
    WHERE m.bot_id = %(bot)s AND m.user_id = %(user)s
    UNION ALL
    SELECT id FROM outbox WHERE bot_id = %(bot)s AND message_id IS NULL AND user_id = %(user)s)
"""

# Of merges that were undone the other user keeps that there was one, and nobody's name.
_MERGED_AND_PARTED = """
DELETE FROM merges WHERE bot_id = %(bot)s AND %(user)s IN (gone, stays) AND undone_at IS NOT NULL RETURNING user_id
"""
_NAMED_BY_A_MERGE = """
UPDATE changes SET old = old - 'name', new = new - 'name'
WHERE bot_id = %(bot)s AND field = 'merged' AND user_id = ANY(%(others)s)
    AND coalesce(new, old) ->> 'user' = ANY(%(users)s)
"""

_JOBS = """
DELETE FROM procrastinate_jobs WHERE status <> 'doing' AND (
    args ->> 'user_id' = ANY(%(users)s) OR args ->> 'identity_id' = ANY(%(identities)s)
    OR args ->> 'message_id' IN (SELECT id::text FROM messages WHERE bot_id = %(bot)s AND user_id = %(user)s))
"""

# By the table's key: a body is read only when the bytes of a name stand somewhere in it.
_UNREAD = """
SELECT q.id, q.body FROM quarantine q WHERE q.bot_id = %(bot)s
    AND EXISTS (SELECT 1 FROM unnest(%(spellings)s::bytea[]) name WHERE position(name IN q.body) > 0)
"""

_FILES = """
DELETE FROM media m WHERE m.bot_id = %(bot)s AND m.id = ANY(%(files)s)
    AND NOT EXISTS (SELECT 1 FROM users u WHERE u.bot_id = m.bot_id AND u.picture_id = m.id)
    AND NOT EXISTS (SELECT 1 FROM bots b WHERE b.bot_id = m.bot_id AND b.picture_id = m.id)
    AND NOT EXISTS (
        SELECT 1 FROM messages x WHERE x.bot_id = m.bot_id AND x.direction = 'out' AND x.details ? 'media'
            AND x.details -> 'media' @> jsonb_build_array(jsonb_build_object('media_id', m.id)))
"""


async def lock(connection: Connection, bot_id: UUID, user_id: UUID, groups: Iterable[UUID]) -> bool:
    """Lock a user and groups; say whether there is such a user."""
    cursor = await connection.execute(_LOCK, [bot_id, [user_id, *groups]])
    return (user_id,) in await cursor.fetchall()


async def how_much(connection: Connection, bot_id: UUID, user_id: UUID) -> dict[str, int]:
    """Return how many rows of the tables a member knows are a user's."""
    tables = [table for table in OF_USER if table not in ("user_stats", "outbox", "merges")]
    counted = ", ".join(
        f"(SELECT count(*) FROM {table} WHERE bot_id = %(bot)s AND user_id = %(user)s)"  # noqa: S608
        for table in tables
    )
    cursor = await connection.execute(f"SELECT {counted}".encode(), {"bot": bot_id, "user": user_id})
    return dict(zip(tables, await cursor.fetchone() or (), strict=True))


async def erase_jobs(connection: Connection, bot_id: UUID, user_id: UUID, known: Known) -> dict[str, int]:
    """Delete what waits to be done for a user. What is being done finds nobody."""
    asked = {"bot": bot_id, "user": user_id, "users": list(map(str, known.users))}
    cursor = await connection.execute(_JOBS, {**asked, "identities": list(map(str, known.identities))})
    return {"jobs": cursor.rowcount}


async def erase_rows(connection: Connection, bot_id: UUID, user_id: UUID, known: Known) -> dict[str, int]:
    """Delete a user and all rows of theirs; return how many, by table."""
    asked = {"bot": bot_id, "user": user_id}
    parted = await (await connection.execute(_MERGED_AND_PARTED, asked)).fetchall()
    others = [row[0] for row in parted if row[0] != user_id]
    await connection.execute(_NAMED_BY_A_MERGE, {**asked, "others": others, "users": list(map(str, known.users))})
    counts: dict[str, int] = {}
    for table in OF_USER:
        query = f"DELETE FROM {table} WHERE bot_id = %(bot)s AND user_id = %(user)s"  # noqa: S608 - tables are ours
        cursor = await connection.execute((_OUTBOX if table == "outbox" else query).encode(), asked)
        counts[table] = cursor.rowcount
    await connection.execute("DELETE FROM users WHERE bot_id = %(bot)s AND id = %(user)s", asked)
    del counts["user_stats"]
    return counts


async def erase_around(connection: Connection, bot_id: UUID, known: Known) -> dict[str, int]:
    """Delete what names a person where it was kept as it came: bodies nobody could read, the log of exchanges, the
    last error of a channel."""
    cursor = await connection.execute(_UNREAD, {"bot": bot_id, "spellings": known.traces.spellings})
    unread = [row[0] for row in await cursor.fetchall() if known.traces.found_in(row[1])]
    cursor = await connection.execute(
        "SELECT id, what, words FROM exchanges WHERE bot_id = %s AND channel_id = ANY(%s)", [bot_id, known.channels]
    )
    found = known.traces.found_in
    exchanged = [row[0] for row in await cursor.fetchall() if found(row[1]) or found(row[2])]
    await _delete(connection, bot_id, "quarantine", unread)
    await _delete(connection, bot_id, "exchanges", exchanged)
    cursor = await connection.execute("SELECT id, last_error FROM channels WHERE bot_id = %s", [bot_id])
    blamed = [row[0] for row in await cursor.fetchall() if found(row[1])]
    await connection.execute(
        "UPDATE channels SET last_error = NULL, last_error_at = NULL WHERE bot_id = %s AND id = ANY(%s)",
        [bot_id, blamed],
    )
    return {"quarantine": len(unread), "exchanges": len(exchanged)}


async def _delete(connection: Connection, bot_id: UUID, table: str, ids: Sequence[UUID]) -> None:
    query = f"DELETE FROM {table} WHERE bot_id = %s AND id = ANY(%s)"  # noqa: S608 - tables are ours
    await connection.execute(query.encode(), [bot_id, list(ids)])


async def erase_files(connection: Connection, bot_id: UUID, files: Collection[UUID]) -> int:
    """Delete stored files that nobody else has; return how many."""
    cursor = await connection.execute(_FILES, {"bot": bot_id, "files": list(files)})
    return cursor.rowcount
