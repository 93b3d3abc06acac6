"""Find the users that rows name: by identity, id, email or phone, a portion at a time, locked."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct, field
from psycopg import AsyncConnection

from botfolk.db.parameters import ids_text, json_text
from botfolk.imports.people import Asked
from botfolk.users.edits import Status

Connection = AsyncConnection[Any]


class Matched(Struct, gc=False):
    """Whom a row names: a user, nobody yet (None), or `problem` says why it cannot be told."""

    user_id: UUID | None = None
    status: Status = "active"
    new_identities: list[tuple[UUID, str]] = field(default_factory=list)
    by: str = ""
    problem: str = ""
    is_erased: bool = False


# Each key by its own index, and never the other way round: while a table is young, the planner would rather hold every
# user against every key. More than one user of an email is an error, however many they are.
_FIND = """
SELECT 'identity', k.channel_id::text || ' ' || k.external_id, i.user_id
FROM json_to_recordset(%(identities)s::json) AS k (channel_id uuid, external_id text)
CROSS JOIN LATERAL (SELECT user_id FROM identities WHERE bot_id = %(bot)s AND channel_id = k.channel_id
                        AND external_id = k.external_id LIMIT 1) i
UNION ALL
SELECT 'id', u.id::text, u.id FROM unnest(%(ids)s::uuid[]) k
CROSS JOIN LATERAL (SELECT id FROM users WHERE bot_id = %(bot)s AND id = k LIMIT 1) u
UNION ALL
SELECT 'email', k, u.id FROM json_array_elements_text(%(emails)s::json) k
CROSS JOIN LATERAL (SELECT id FROM users WHERE bot_id = %(bot)s AND email IS NOT NULL AND lower(email) = k LIMIT 9) u
UNION ALL
SELECT 'phone', k, u.id FROM json_array_elements_text(%(phones)s::json) k
CROSS JOIN LATERAL (SELECT id FROM users WHERE bot_id = %(bot)s AND phone IS NOT NULL AND phone = k LIMIT 9) u
"""
_LOCK = """
SELECT u.id, u.status FROM user_stats s JOIN users u ON u.bot_id = s.bot_id AND u.id = s.user_id
WHERE s.bot_id = %(bot)s AND s.user_id = ANY(%(ids)s::uuid[]) ORDER BY s.user_id FOR UPDATE OF s
"""
# By the indexes they are written for, whatever the planner believes of a table that grows by the second.
BY_INDEX = "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"

Found = dict[tuple[str, str], list[UUID]]


async def match(connection: Connection, bot_id: UUID, rows: Sequence[Asked], *, lock: bool) -> list[Matched]:
    """Return whom each row names; `lock` keeps them from being changed until the transaction ends, in id order."""
    found = await _find(connection, bot_id, rows)
    ids = {user_id for users in found.values() for user_id in users}
    statuses: dict[UUID, Status] = {}
    if ids:
        query = _LOCK if lock else _LOCK.replace(" FOR UPDATE OF s", "")
        cursor = await connection.execute(query, {"bot": bot_id, "ids": ids_text(ids)})
        statuses = dict(await cursor.fetchall())
    return [decide(row, found, statuses) for row in rows]


async def _find(connection: Connection, bot_id: UUID, rows: Sequence[Asked]) -> Found:
    identities = {identity for row in rows for identity in row.identities}
    named = [{"channel_id": channel, "external_id": external} for channel, external in identities]
    cursor = await connection.execute(
        _FIND,
        {
            "bot": bot_id,
            "identities": json_text(named),
            "ids": ids_text(row.id for row in rows if row.id),
            "emails": json_text({row.email.lower() for row in rows if row.email}),
            "phones": json_text({row.phone for row in rows if row.phone}),
        },
    )
    found: Found = {}
    for kind, key, user_id in await cursor.fetchall():
        found.setdefault((kind, key), []).append(user_id)
    return found


def decide(row: Asked, found: Found, statuses: dict[UUID, Status]) -> Matched:
    """Say whom a row names. An identity counts most, then the id, the email, the phone: the first that finds one."""
    if not found and row.id is None:
        return Matched(new_identities=list(row.identities))
    by_identity = {
        identity: users[0]
        for identity in row.identities
        if (users := found.get(("identity", f"{identity[0]} {identity[1]}")))
    }
    owners = set(by_identity.values())
    if len(owners) > 1:
        return Matched(problem=f"line {row.line}: its identities belong to {len(owners)} users; merge these first")
    new = [identity for identity in row.identities if identity not in by_identity]
    if row.id is not None:
        if ("id", str(row.id)) not in found:
            return Matched(
                problem=f"line {row.line}: there is no user with the id {row.id}; leave it empty for who is new"
            )
        if owners and owners != {row.id}:
            return Matched(problem=f"line {row.line}: its identity belongs to another user than its id names")
        return Matched(row.id, statuses.get(row.id, "active"), new, "id")
    if owners:
        [owner] = owners
        return Matched(owner, statuses.get(owner, "active"), new, "identity")
    for kind, key in (("email", row.email and row.email.lower()), ("phone", row.phone)):
        users = found.get((kind, key), []) if key else []
        if len(users) > 1:
            return Matched(
                problem=f"line {row.line}: {len(users)} users have this {kind}; merge them, or name one by the id"
            )
        if users:
            return Matched(users[0], statuses.get(users[0], "active"), new, kind)
    return Matched(new_identities=new)
