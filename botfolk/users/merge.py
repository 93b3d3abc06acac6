"""Two users turn out to be one person: what is known of one goes to the other, and can be parted again (`part.py`)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import to_builtins
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from botfolk.conversations.recount import recount_as_of
from botfolk.ids import new_id
from botfolk.live.notify import users_changed
from botfolk.users import merge_rows, reading, store
from botfolk.users.apply import apply
from botfolk.users.edits import Actor, Applied, Change, Clash, InvalidEdit, UserNotFound
from botfolk.users.merge_rows import Snapshot
from botfolk.users.merge_rules import Choices, Pair, edits_of
from botfolk.users.plan import Profile

Connection = AsyncConnection[Any]


async def merge(
    connection: Connection,
    bot_id: UUID,
    gone: UUID,
    stays: UUID,
    actor: Actor,
    *,
    now: datetime,
    choices: Choices | None = None,
    versions: tuple[int, int] | None = None,
) -> UUID:
    """Give everything of the user `gone` to the user `stays`, in the caller's transaction; return the merge's id.

    `gone` is no user any more. Where both have a value, `choices` say whose stays, else the rule does
    (merge_rules.default_of). Sessions and statistics are recounted over both histories. `versions`: of `stays` and
    `gone`, as the asker saw them. Raises UserNotFound, InvalidEdit, Clash.
    """
    pair = await look_at(connection, bot_id, stays, gone)
    if versions is not None and versions != (pair.this.version, pair.other.version):
        raise Clash(pair.this.version, {})
    if actor.source != "channel":
        _check(pair, stays, gone)
    edits = edits_of(pair, choices or {}, now)
    snapshot = await merge_rows.take_snapshot(connection, bot_id, gone, stays)
    merge_id = await _record(connection, bot_id, gone, stays, actor, now)
    await merge_rows.move_all(connection, bot_id, merge_id, gone, stays)
    await _carry_over(connection, bot_id, gone, stays, snapshot)
    await connection.execute("DELETE FROM users WHERE bot_id = %s AND id = %s", [bot_id, gone])
    applied = await apply(connection, bot_id, stays, edits, actor, now=now)
    await _finish(connection, bot_id, merge_id, stays, pair.other, snapshot, applied)
    told = {"merge": merge_id, "user": gone, "name": _called(pair.other)}
    await store.remember_one(connection, bot_id, stays, Change("merged", None, told), actor, now)
    await users_changed(connection, bot_id, [gone, stays])
    return merge_id


async def look_at(connection: Connection, bot_id: UUID, this: UUID, other: UUID) -> Pair:
    """Lock two users, in id order, and return them beside each other. Raises UserNotFound."""
    found = await reading.lock(connection, bot_id, (this, other))
    for user_id in sorted((this, other)):
        if user_id not in found:
            raise UserNotFound(str(user_id))
    times = [await merge_rows.set_at(connection, bot_id, user_id) for user_id in (this, other)]
    return Pair(found[this], found[other], *times)


def _check(pair: Pair, stays: UUID, gone: UUID) -> None:
    problem = None
    if stays == gone:
        problem = "this is the same user: choose another one"
    elif pair.this.is_group != pair.other.is_group:
        problem = "a group chat and a person are two: they cannot be merged"
    elif "blocked" in (pair.this.status, pair.other.status):
        problem = "one of the two is blocked: unblock them first"
    if problem:
        raise InvalidEdit({"with": problem})


def _called(profile: Profile) -> str | None:
    names = [profile.fields.get("first_name"), profile.fields.get("last_name")]
    return profile.group_title or " ".join(filter(None, names)) or None


async def _record(connection: Connection, bot_id: UUID, gone: UUID, stays: UUID, actor: Actor, now: datetime) -> UUID:
    merge_id = new_id()
    await connection.execute(
        "INSERT INTO merges (bot_id, id, user_id, stays, gone, at, source, actor_id, actor)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [bot_id, merge_id, stays, stays, gone, now, actor.source, actor.id, actor.name],
    )
    return merge_id


async def _carry_over(connection: Connection, bot_id: UUID, gone: UUID, stays: UUID, snapshot: Snapshot) -> None:
    """Join what is no row of its own: what waits for a human, and who else is somebody else."""
    await connection.execute(
        """UPDATE user_stats s SET waiting_since = least(s.waiting_since, g.waiting_since),
               created_at = least(s.created_at, g.created_at),
               last_received_at = greatest(s.last_received_at, g.last_received_at),
               recounted_at = greatest(s.recounted_at, g.recounted_at)
           FROM user_stats g WHERE g.bot_id = %(bot)s AND g.user_id = %(gone)s
             AND s.bot_id = %(bot)s AND s.user_id = %(stays)s""",
        {"bot": bot_id, "gone": gone, "stays": stays},
    )
    cursor = await connection.execute(
        "SELECT CASE a WHEN %(gone)s THEN b ELSE a END, at, actor FROM never_merged"
        " WHERE bot_id = %(bot)s AND %(gone)s IN (a, b)",
        {"bot": bot_id, "gone": gone},
    )
    snapshot.never = [(row[0], row[1], row[2]) for row in await cursor.fetchall()]
    for other, at, actor in snapshot.never:
        if other == stays:
            continue
        cursor = await connection.execute(
            "INSERT INTO never_merged (bot_id, a, b, at, actor) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING RETURNING 1",
            [bot_id, *sorted((stays, other)), at, actor],
        )
        if await cursor.fetchone():
            snapshot.never_inherited.append(other)


async def _finish(
    connection: Connection,
    bot_id: UUID,
    merge_id: UUID,
    stays: UUID,
    other: Profile,
    snapshot: Snapshot,
    applied: Applied,
) -> None:
    """Recount, and remember what came of it."""
    came = [change.field for change in applied.changes if change.field in other.sources]
    await merge_rows.keep_sources(connection, bot_id, stays, {name: other.sources[name] for name in came})
    [before] = await merge_rows.rows_of(connection, "user_stats", "user_id", bot_id, [stays])
    recounted_at = before["recounted_at"]
    await recount_as_of(
        connection, bot_id, stays, None if recounted_at is None else datetime.fromisoformat(recounted_at)
    )
    [after] = await merge_rows.rows_of(connection, "user_stats", "user_id", bot_id, [stays])
    snapshot.waiting_since = after["waiting_since"]
    snapshot.set = [(change.field, change.old, change.new) for change in applied.changes]
    if any(change.field == "infinite_session" for change in applied.changes):
        cursor = await connection.execute(
            "SELECT max(effective_at) FROM infinite_toggles WHERE bot_id = %s AND user_id = %s", [bot_id, stays]
        )
        snapshot.toggled_at = (await cursor.fetchone() or [None])[0]
    sessions = await merge_rows.rows_of(connection, "sessions", "user_id", bot_id, [stays])
    snapshot.contexts = {UUID(row["id"]): row["context"] for row in sessions}
    await connection.execute(
        "UPDATE merges SET snapshot = %s WHERE bot_id = %s AND id = %s",
        [Jsonb(to_builtins(snapshot, str_keys=True)), bot_id, merge_id],
    )


async def move_identity(
    connection: AsyncConnection[Any], bot_id: UUID, channel_id: UUID, old: str, new: str, actor: Actor, *, now: datetime
) -> None:
    """Follow a person or group to the service's new id of them, in the caller's transaction.

    Whoever was met under both ids meanwhile is one user, the one we have known longer. What waits to be sent to the old
    id goes to the new one.
    """
    cursor = await connection.execute(
        "SELECT external_id, id, user_id FROM identities WHERE bot_id = %s AND channel_id = %s"
        " AND external_id = ANY(%s)",
        [bot_id, channel_id, [old, new]],
    )
    found: dict[str, tuple[UUID, UUID]] = {row[0]: (row[1], row[2]) for row in await cursor.fetchall()}
    if old not in found:
        return
    (old_id, old_user), (newer_id, new_user) = found[old], found.get(new, (None, None))
    if newer_id is None or new_user is None:
        await connection.execute(
            "UPDATE identities SET external_id = %s WHERE bot_id = %s AND id = %s", [new, bot_id, old_id]
        )
        return
    if old_user != new_user:
        stays, gone = sorted((old_user, new_user))  # ids begin with the time they were made
        await merge(connection, bot_id, gone, stays, actor, now=now)
    await connection.execute(
        "UPDATE identities SET state = 'gone', state_reason = 'It has moved to another address', state_at = %s"
        " WHERE bot_id = %s AND id = %s",
        [now, bot_id, old_id],
    )
    await connection.execute(
        "UPDATE outbox SET identity_id = %s WHERE bot_id = %s AND identity_id = %s AND state = 'queued'",
        [newer_id, bot_id, old_id],
    )
