"""What is known by a person who is about to be erased: their names, their files, whom they spoke among."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from botfolk.files import of_user, of_visitor
from botfolk.users import tombstones
from botfolk.users.tombstones import Name
from botfolk.users.traces import Traces

Connection = AsyncConnection[Any]

# The identities with their other names, the values of today, and those of whoever was merged into them.
_WHO = """
SELECT
    (SELECT coalesce(jsonb_agg(jsonb_build_array(i.id, i.channel_id, c.kind, i.external_id, i.username,
                                                 i.profile -> 'address')), '[]')
     FROM identities i JOIN channels c ON c.bot_id = i.bot_id AND c.id = i.channel_id
     WHERE i.bot_id = u.bot_id AND i.user_id = u.id),
    (SELECT coalesce(jsonb_agg(jsonb_build_array(m.gone, m.snapshot #> '{gone,users,0}')), '[]') FROM merges m
     WHERE m.bot_id = u.bot_id AND m.user_id = u.id),
    u.email, u.phone
FROM users u WHERE u.bot_id = %s AND u.id = %s
"""

_GROUPS = """
SELECT user_id FROM messages WHERE bot_id = %(bot)s AND channel_id = ANY(%(channels)s) AND details ? 'sender'
    AND details -> 'sender' ->> 'id' = ANY(%(names)s)
UNION
SELECT user_id FROM conversation_events WHERE bot_id = %(bot)s AND channel_id = ANY(%(channels)s)
    AND (details ? 'sender' OR details ? 'people' OR details ? 'members')
    AND (details -> 'sender' ->> 'id' = ANY(%(names)s) OR details -> 'people' ?| %(names)s
         OR jsonb_path_exists(details, '$.members[*].id ? (@ == $names[*])', %(vars)s))
"""

_MEDIA = """
SELECT picture_id FROM users WHERE bot_id = %(bot)s AND id = %(user)s AND picture_id IS NOT NULL
UNION
SELECT (file ->> 'media_id')::uuid FROM messages m, jsonb_array_elements(m.details -> 'media') file
WHERE m.bot_id = %(bot)s AND m.user_id = %(user)s AND jsonb_typeof(m.details -> 'media') = 'array'
    AND file ->> 'media_id' IS NOT NULL
UNION
SELECT value::uuid FROM changes c, unnest(ARRAY[c.old #>> '{}', c.new #>> '{}']) value
WHERE c.bot_id = %(bot)s AND c.user_id = %(user)s AND c.field = 'picture' AND value IS NOT NULL
UNION
SELECT (r ->> 'picture_id')::uuid FROM merges g,
    LATERAL (VALUES (g.snapshot #> '{gone,users,0}'), (g.snapshot #> '{stays,users}')) AS rows (r)
WHERE g.bot_id = %(bot)s AND g.user_id = %(user)s AND r ->> 'picture_id' IS NOT NULL
UNION
SELECT id FROM media WHERE bot_id = %(bot)s AND owner = ANY(%(owners)s)
"""

_DELIVERIES = """
SELECT channel_id, dedupe_key FROM messages
WHERE bot_id = %(bot)s AND user_id = %(user)s AND dedupe_key IS NOT NULL AND received_at > %(since)s
UNION ALL
SELECT channel_id, dedupe_key FROM conversation_events
WHERE bot_id = %(bot)s AND user_id = %(user)s AND at > %(since)s
"""


class Known(Struct, kw_only=True):
    """What a person is known by. `users`: their id, and those of whoever was merged into them. `names`: as services
    call them, by which groups tell who spoke; `traces`: also what they are reached by."""

    users: list[UUID]
    identities: list[UUID]
    channels: list[UUID]
    names: list[str]
    traces: Traces
    buried: list[Name]
    owners: list[str]


async def known_by(connection: Connection, bot_id: UUID, user_id: UUID) -> Known:
    """Return what a user is known by."""
    cursor = await connection.execute(_WHO, [bot_id, user_id])
    row = await cursor.fetchone()
    identities, merged, email, phone = row or ([], [], None, None)
    emails, phones = {email}, {phone}
    for _, gone in merged:
        emails.add((gone or {}).get("email"))
        phones.add((gone or {}).get("phone"))
    names = [tombstones.identity(kind, external) for _, _, kind, external, _, _ in identities]
    names += [tombstones.email(each) for each in sorted(filter(None, emails))]
    names += [tombstones.phone(each) for each in sorted(filter(None, phones))]
    users = [user_id, *(UUID(gone) for gone, _ in merged)]
    reached = {username for _, _, _, _, username, _ in identities}
    reached |= {value for *_, address in identities for value in _own(address)}
    visitors = [of_visitor(UUID(channel), external) for _, channel, _, external, _, _ in identities]
    externals = {external for _, _, _, external, _, _ in identities}
    return Known(
        users=users,
        identities=[UUID(each[0]) for each in identities],
        channels=sorted({UUID(each[1]) for each in identities}),
        names=sorted(externals),
        traces=Traces(filter(None, externals | reached | emails | phones)),
        buried=names,
        owners=[*map(of_user, users), *visitors],
    )


def _own(address: Any) -> list[str]:
    """Return what of an address is the person's alone: where a service is, is everybody's."""
    values = address.values() if isinstance(address, dict) else ()
    return [value for value in values if isinstance(value, str) and "://" not in value]


async def groups_of(connection: Connection, bot_id: UUID, user_id: UUID, known: Known) -> list[UUID]:
    """Return the groups in which a person said or did something."""
    asked = {"bot": bot_id, "channels": known.channels, "names": known.names, "vars": Jsonb({"names": known.names})}
    cursor = await connection.execute(_GROUPS, asked)
    return sorted({row[0] for row in await cursor.fetchall()} - {user_id})


async def files_of(connection: Connection, bot_id: UUID, user_id: UUID, known: Known) -> list[UUID]:
    """Return the stored files that a person sent, was sent, or is pictured by."""
    cursor = await connection.execute(_MEDIA, {"bot": bot_id, "user": user_id, "owners": known.owners})
    return [row[0] for row in await cursor.fetchall()]


async def deliveries_of(connection: Connection, bot_id: UUID, user_id: UUID, since: datetime) -> list[Name]:
    """Return what services delivered of a person since a time."""
    cursor = await connection.execute(_DELIVERIES, {"bot": bot_id, "user": user_id, "since": since})
    return [tombstones.delivery(channel, key) for channel, key in await cursor.fetchall()]
