"""Erase a person: everything of them is gone, but for a receipt that names nobody, and hashes that keep them away.

What others said about them (a note on somebody else, another person's message) is the others'.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from botfolk.db.secrets import SecretBox
from botfolk.ids import new_id
from botfolk.links.count import forget
from botfolk.live.notify import announce, users_changed
from botfolk.users import erase_find, erase_groups, erase_rows, tombstones
from botfolk.users.edits import Actor, UserNotFound

Connection = AsyncConnection[Any]

TOLD = "erasures"
"""What is announced when somebody was erased."""


class Receipt(Struct, frozen=True, kw_only=True):
    """That a person was erased: which user that was (the id names nobody any more), when, by whom, and how much of
    what was removed."""

    id: UUID
    user: UUID
    at: datetime
    by: str
    source: str
    counts: Mapping[str, int]


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
    counts["files"] = await erase_rows.erase_files(connection, bot_id, files)
    receipt = Receipt(
        id=new_id(),
        user=user_id,
        at=now,
        by=actor.name,
        source=actor.source,
        counts={what: number for what, number in counts.items() if number},
    )
    await _keep(connection, bot_id, receipt, actor)
    await users_changed(connection, bot_id, [user_id, *groups])
    await announce(connection, bot_id, TOLD)
    return receipt


async def _keep(connection: Connection, bot_id: UUID, receipt: Receipt, actor: Actor) -> None:
    await connection.execute(
        "INSERT INTO erasures (bot_id, id, user_id, at, source, actor_id, actor, counts)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [
            bot_id,
            receipt.id,
            receipt.user,
            receipt.at,
            receipt.source,
            actor.id,
            receipt.by,
            Jsonb(dict(receipt.counts)),
        ],
    )
