"""Undo a merge: two users again, each with what was theirs, and with what came by their identities since.

What is theirs by no identity and came after the merge (notes, tags, attributes, edited fields) stays with the one who
stayed.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg import AsyncConnection

from botfolk.conversations.recount import recount_as_of
from botfolk.live.notify import users_changed
from botfolk.users import merge_rows, part_profile, reading, store
from botfolk.users.edits import Actor, Change
from botfolk.users.merge_rows import Row, Snapshot
from botfolk.users.part_sessions import Parting
from botfolk.users.undo import undo

Connection = AsyncConnection[Any]


class NoSuchMerge(Exception):
    """This bot has no such merge."""


class CannotPart(Exception):
    """A merge that cannot be undone now; the text says why and what to do first."""


class _Merge(Struct, frozen=True):
    user_id: UUID
    stays: UUID
    gone: UUID
    at: datetime
    undone_at: datetime | None
    snapshot: str


async def part(
    connection: Connection, bot_id: UUID, merge_id: UUID, actor: Actor, *, now: datetime
) -> tuple[UUID, UUID]:
    """Undo a merge in the caller's transaction; return who stayed and who is back. Raises NoSuchMerge, CannotPart."""
    merged = await _lock(connection, bot_id, merge_id)
    snapshot = msgspec.json.decode(merged.snapshot, type=Snapshot)
    stays, gone = merged.stays, merged.gone
    parting = Parting(bot_id, stays, gone, snapshot, merged.at)
    await parting.look(connection)
    [statistics] = await merge_rows.rows_of(connection, "user_stats", "user_id", bot_id, [stays])
    await _bring_back(connection, bot_id, snapshot)
    await merge_rows.move_back(connection, bot_id, merge_id, gone, stays, snapshot.said)
    await part_profile.restore(connection, bot_id, stays, gone, snapshot, actor, now)
    await parting.put_sessions_back(connection)
    recounted = await _write_statistics(connection, bot_id, stays, gone, snapshot, statistics)
    for user_id, recounted_at in recounted.items():
        await recount_as_of(connection, bot_id, user_id, recounted_at)
    await parting.hand_out_contexts(connection)
    await _forget(connection, bot_id, merge_id, stays, gone, snapshot, actor, now)
    await users_changed(connection, bot_id, [stays, gone])
    return stays, gone


async def undo_any(connection: Connection, bot_id: UUID, change_id: UUID, actor: Actor, *, now: datetime) -> UUID:
    """Take back whatever a line of the history says, a merge or any other change; return whose it was.

    Raises NoSuchChange, Clash, InvalidEdit, CannotPart.
    """
    found = await reading.change(connection, bot_id, change_id)
    if found is not None and found.field == "merged" and found.new is not None:
        await part(connection, bot_id, UUID(found.new["merge"]), actor, now=now)
        return found.user_id
    user_id, _ = await undo(connection, bot_id, change_id, actor, now=now)
    return user_id


async def _lock(connection: Connection, bot_id: UUID, merge_id: UUID) -> _Merge:
    """Lock the user that holds a merge, then read it as it stands."""
    query = "SELECT user_id, stays, gone, at, undone_at, snapshot::text FROM merges WHERE bot_id = %s AND id = %s"
    row = await (await connection.execute(query, [bot_id, merge_id])).fetchone()
    if row is None:
        raise NoSuchMerge(str(merge_id))
    await reading.lock(connection, bot_id, [row[0]], (), versions=False)
    row = await (await connection.execute(query, [bot_id, merge_id])).fetchone()
    if row is None:
        raise NoSuchMerge(str(merge_id))
    merged = _Merge(*row)
    if merged.undone_at is not None:
        raise CannotPart("This merge has been undone already")
    if merged.user_id != merged.stays:
        raise CannotPart("This user has been merged with another one since: undo that merge first")
    return merged


async def _bring_back(connection: Connection, bot_id: UUID, snapshot: Snapshot) -> None:
    """Let the one who was gone be a user again, without what they hung on and is no more."""
    tags = [row["tag_id"] for row in snapshot.gone["user_tags"]]
    standing = {row["id"] for row in await merge_rows.rows_of(connection, "tags", "id", bot_id, tags)}
    snapshot.gone["user_tags"] = [row for row in snapshot.gone["user_tags"] if row["tag_id"] in standing]
    [profile] = snapshot.gone["users"]
    cursor = await connection.execute(
        "SELECT 1 FROM media WHERE bot_id = %s AND id = %s", [bot_id, profile["picture_id"]]
    )
    if await cursor.fetchone() is None:
        profile["picture_id"] = None
    for table in merge_rows.KEPT:
        await merge_rows.put_back(connection, table, snapshot.gone[table])


async def _write_statistics(
    connection: Connection, bot_id: UUID, stays: UUID, gone: UUID, snapshot: Snapshot, now_is: Row
) -> dict[UUID, datetime | None]:
    """Write what cannot be recounted; return as of when each is to be. `now_is`: the statistics of both together."""
    before = {stays: snapshot.stays["user_stats"], gone: snapshot.gone["user_stats"][0]}
    recounts = [_moment(row["recounted_at"]) for row in before.values()]
    together, recounted = _moment(now_is["recounted_at"]), dict(zip(before, recounts, strict=True))
    if together != max(filter(None, recounts), default=None):
        recounted = dict.fromkeys(before, together)
    waited = _moment(now_is["waiting_since"])
    answered_since = waited != snapshot.waiting_since
    for user_id, row in before.items():
        await connection.execute(
            """UPDATE user_stats s SET
                   created_at = %(created)s,
                   last_received_at = greatest(%(received)s, (
                       SELECT max(m.received_at) FROM messages m
                       WHERE m.bot_id = s.bot_id AND m.user_id = s.user_id AND m.direction = 'in'), (
                       SELECT max(c.at) FROM clicks c
                       WHERE c.bot_id = s.bot_id AND c.user_id = s.user_id AND c.counted)),
                   waiting_since = CASE WHEN %(waited)s::timestamptz IS NULL THEN NULL ELSE coalesce(%(waiting)s, (
                       SELECT min(m.sent_at) FROM messages m
                       WHERE m.bot_id = s.bot_id AND m.user_id = s.user_id AND m.direction = 'in' AND m.waiting
                           AND m.sent_at >= %(waited)s)) END
               WHERE s.bot_id = %(bot)s AND s.user_id = %(user)s""",
            {
                "created": _moment(row["created_at"]),
                "received": _moment(row["last_received_at"]),
                "waited": waited,
                "waiting": None if answered_since else _moment(row["waiting_since"]),
                "bot": bot_id,
                "user": user_id,
            },
        )
    return recounted


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


async def _forget(
    connection: Connection,
    bot_id: UUID,
    merge_id: UUID,
    stays: UUID,
    gone: UUID,
    snapshot: Snapshot,
    actor: Actor,
    now: datetime,
) -> None:
    """Note that the merge is no more, and keep nothing of what it remembered."""
    for other in snapshot.never_inherited:
        await connection.execute(
            "DELETE FROM never_merged WHERE bot_id = %s AND a = %s AND b = %s", [bot_id, *sorted((stays, other))]
        )
    for other, at, who in snapshot.never:
        await connection.execute(
            "INSERT INTO never_merged (bot_id, a, b, at, actor) SELECT bot_id, %s, %s, %s, %s FROM users"
            " WHERE bot_id = %s AND id = %s ON CONFLICT DO NOTHING",
            [*sorted((gone, other)), at, who, bot_id, other],
        )
    cursor = await connection.execute(
        "SELECT id, new FROM changes WHERE bot_id = %s AND user_id = %s AND field = 'merged' AND new ->> 'merge' = %s",
        [bot_id, stays, str(merge_id)],
    )
    row = await cursor.fetchone()
    if row is not None:
        await store.remember_one(connection, bot_id, stays, Change("merged", row[1], None), actor, now, undoes=row[0])
    await connection.execute("DELETE FROM merged_rows WHERE bot_id = %s AND merge_id = %s", [bot_id, merge_id])
    await connection.execute(
        "UPDATE merges SET undone_at = %s, snapshot = '{}' WHERE bot_id = %s AND id = %s", [now, bot_id, merge_id]
    )
