"""Two users turn out to be one person: what is known of one goes to the other."""

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from botfolk.conversations.recount import recount_user
from botfolk.live.notify import users_changed
from botfolk.users import store
from botfolk.users.apply import apply
from botfolk.users.edits import Actor, AddTag, Edit, SetAttribute, SetField, UserNotFound

# The rows that are a user's own; each goes to the one who stays. Of toggles those of the one who stays count.
_MOVED = (
    "identities",
    "messages",
    "conversation_events",
    "sessions",
    "links",
    "clicks",
    "notes",
    "changes",
    "outbox",
)


async def merge(
    connection: AsyncConnection[Any], bot_id: UUID, gone: UUID, stays: UUID, actor: Actor, *, now: datetime
) -> None:
    """Give everything of the user `gone` to the user `stays`, in the caller's transaction; `gone` is no more.

    What `stays` has not got is filled (fields, attributes, tags); what both have stays as it is. Sessions and
    statistics are recounted over both histories. Raises UserNotFound.
    """
    for user_id in sorted((gone, stays)):
        if await store.lock(connection, bot_id, user_id) is None:
            raise UserNotFound(str(user_id))
    edits = await _what_is_missing(connection, bot_id, gone, stays)
    for table in _MOVED:
        await connection.execute(
            f"UPDATE {table} SET user_id = %s WHERE bot_id = %s AND user_id = %s",  # noqa: S608 - names are ours
            [stays, bot_id, gone],
        )
    await connection.execute(
        """UPDATE user_stats s SET waiting_since = least(s.waiting_since, g.waiting_since),
               paused_until = greatest(s.paused_until, g.paused_until),
               last_received_at = greatest(s.last_received_at, g.last_received_at)
           FROM user_stats g WHERE g.bot_id = %(bot)s AND g.user_id = %(gone)s
             AND s.bot_id = %(bot)s AND s.user_id = %(stays)s""",
        {"bot": bot_id, "gone": gone, "stays": stays},
    )
    await connection.execute("DELETE FROM users WHERE bot_id = %s AND id = %s", [bot_id, gone])
    await apply(connection, bot_id, stays, edits, actor, now=now)
    await recount_user(connection, bot_id, stays, now)
    await users_changed(connection, bot_id, [gone, stays])


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
    (old_id, old_user), (new_id, new_user) = found[old], found.get(new, (None, None))
    if new_id is None or new_user is None:
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
        [new_id, bot_id, old_id],
    )


async def _what_is_missing(connection: AsyncConnection[Any], bot_id: UUID, gone: UUID, stays: UUID) -> list[Edit]:
    old, new = await store.lock(connection, bot_id, gone), await store.lock(connection, bot_id, stays)
    if old is None or new is None:
        raise UserNotFound(str(stays))
    edits: list[Edit] = [
        SetField(name, value) for name, value in old.fields.items() if value and not new.fields.get(name)
    ]
    edits += [SetAttribute(name, value) for name, value in old.attributes.items() if name not in new.attributes]
    return edits + [AddTag(name) for key, name in old.tags.items() if key not in new.tags]
