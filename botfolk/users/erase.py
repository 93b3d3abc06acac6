"""Erase a person: everything of them is gone, but for a receipt that names nobody, and hashes that keep them away.

What others said about them (a note on somebody else, another person's message) is the others'.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from botfolk.db.secrets import SecretBox
from botfolk.exports.forgetting import forget_person
from botfolk.ids import new_id
from botfolk.imports import forget as imports
from botfolk.links.count import forget
from botfolk.live.notify import users_changed
from botfolk.users import erase_find, erase_groups, erase_rows, tombstones
from botfolk.users.edits import Actor, UserNotFound
from botfolk.users.erasures import Receipt, keep

Connection = AsyncConnection[Any]


async def erase(
    connection: Connection, box: SecretBox, bot_id: UUID, user_id: UUID, actor: Actor, *, now: datetime
) -> Receipt:
    """Erase a user, in the caller's transaction. Raises UserNotFound.

    What a service delivers again from before now is left out from then on; what the person newly says makes a fresh
    profile. `box` has the secret with which their names are hashed.
    """
    known = await erase_find.known_by(connection, bot_id, user_id)
    groups = await erase_find.groups_of(connection, bot_id, user_id, known)
    # All at once and in the order in which everybody locks; what was found without the lock is asked for again.
    if not await erase_rows.lock(connection, bot_id, user_id, groups):
        raise UserNotFound(str(user_id))
    known = await erase_find.known_by(connection, bot_id, user_id)
    files = set(await erase_find.files_of(connection, bot_id, user_id, known))
    deliveries = await erase_find.deliveries_of(connection, bot_id, user_id, now - tombstones.REPEATED)
    await tombstones.bury(connection, box, bot_id, [*known.buried, *deliveries], now)
    await forget(connection, bot_id, user_id)
    counts = {"in_groups": 0}
    for group in groups:
        removed, theirs = await erase_groups.silence(connection, bot_id, group, known)
        counts["in_groups"] += removed
        files |= theirs
    counts |= await erase_rows.erase_jobs(connection, bot_id, user_id, known)
    counts |= await erase_rows.erase_rows(connection, bot_id, user_id, known)
    counts |= await erase_rows.erase_around(connection, bot_id, known)
    counts["imports"] = await imports.forget(connection, bot_id, known.traces)
    counts["exports"] = await forget_person(connection, bot_id, user_id)
    counts["files"] = await erase_rows.erase_files(connection, bot_id, files)
    receipt = Receipt(
        id=new_id(),
        user=user_id,
        at=now,
        by=actor.name,
        source=actor.source,
        counts={what: number for what, number in counts.items() if number},
    )
    await keep(connection, bot_id, receipt, actor)
    await users_changed(connection, bot_id, [user_id, *groups])
    return receipt
