"""Users made otherwise than by a message of theirs: many at once, each by the same `plan` as any edit."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct, field
from psycopg import AsyncConnection

from botfolk.db.parameters import ids_text, json_text
from botfolk.ids import new_id, new_ids
from botfolk.users import edits as e
from botfolk.users import store
from botfolk.users.attributes import AttributeType
from botfolk.users.plan import Context, Plan, Profile, plan

Connection = AsyncConnection[Any]

CREATED = "created"
"""The field of the one change that says all a user was made with: {field: value}, tags as a list."""

EACH_FIELD = """(
    SELECT c.field
    UNION ALL
    SELECT key FROM jsonb_object_keys(CASE WHEN c.field = 'created' THEN c.new ELSE '{}' END) key
)"""
"""The fields that a change `c` is of: the one that says what a user was made with is of each of them."""


class NewUser(Struct, kw_only=True):
    """A user to be made: what is planned, and on which channels they are known (channel id, external id)."""

    planned: Plan
    identities: list[tuple[UUID, str]] = field(default_factory=list)
    id: UUID = field(default_factory=new_id)


def plan_new(edits: Iterable[e.Edit], context: Context) -> Plan:
    """Decide what a user is who is made with these edits. Raises InvalidEdit."""
    return plan(Profile(), edits, context)


_USERS = """
INSERT INTO users (bot_id, id, first_name, last_name, email, phone, timezone, language, status, attributes,
                   field_sources, version, added_at)
SELECT %(bot)s, id, first_name, last_name, email, phone, timezone, language, status, attributes, field_sources, 1,
       %(now)s
FROM json_populate_recordset(NULL::users, %(users)s::json)
"""
_STATS = """
INSERT INTO user_stats (bot_id, user_id, created_at)
SELECT %(bot)s, id, %(now)s FROM unnest(%(ids)s::uuid[]) id
"""
_IDENTITIES = """
INSERT INTO identities (bot_id, id, user_id, channel_id, external_id, created_at)
SELECT %(bot)s, id, user_id, channel_id, external_id, %(now)s
FROM json_populate_recordset(NULL::identities, %(identities)s::json)
"""
_CHANGES = f"""
INSERT INTO changes (bot_id, id, user_id, at, source, actor_id, actor, field, new, job_id)
SELECT %(bot)s, id, user_id, %(now)s, %(source)s, %(actor_id)s, %(actor)s, '{CREATED}', new, %(job)s
FROM json_populate_recordset(NULL::changes, %(changes)s::json)
"""  # noqa: S608 - a name of ours
_NEW_TAGS = """
INSERT INTO tags (bot_id, id, name) SELECT %(bot)s, gen_random_uuid(), name FROM unnest(%(names)s::text[]) name
ORDER BY lower(name) ON CONFLICT (bot_id, lower(name)) DO NOTHING
"""
_TAGS = "SELECT lower(name), id FROM tags WHERE bot_id = %(bot)s AND lower(name) = ANY(%(keys)s)"
_USER_TAGS = """
INSERT INTO user_tags (bot_id, user_id, tag_id)
SELECT %(bot)s, u, r.tag FROM json_to_recordset(%(tagged)s::json) AS r(tag uuid, users uuid[])
    CROSS JOIN unnest(r.users) u
"""


class _IdentityRow(Struct):
    id: UUID
    user_id: UUID
    channel_id: UUID
    external_id: str


class _ChangeRow(Struct):
    id: str
    user_id: UUID
    new: dict[str, Any]


async def create(
    connection: Connection, bot_id: UUID, new: Sequence[NewUser], actor: e.Actor, now: datetime, *, job_id: UUID | None
) -> None:
    """Make users in the caller's transaction, in one statement a table. Their identities must be free.

    Raises InvalidEdit when an attribute has just been made with another type.
    """
    if not new:
        return
    attributes: dict[str, tuple[str, AttributeType]] = {}
    for each in new:
        attributes |= each.planned.new_attributes
    if attributes:
        await store.add_attributes(connection, bot_id, attributes)
    ids = [each.id for each in new]
    given: dict[str, Any] = {"bot": bot_id, "now": now, "job": job_id, "ids": ids_text(ids)}
    given |= {"source": actor.source, "actor_id": actor.id, "actor": actor.name}
    given["users"] = json_text([_user_row(each.id, each.planned.profile) for each in new])
    given["identities"] = json_text(
        [_IdentityRow(new_id(), each.id, *identity) for each in new for identity in each.identities]
    )
    changes = zip(new_ids(len(new)), ids, map(made_with, new), strict=True)
    given["changes"] = json_text([_ChangeRow(*change) for change in changes])
    async with connection.pipeline():
        for statement in (_USERS, _STATS, _IDENTITIES, _CHANGES):
            await connection.execute(statement, given)
    await _tag(connection, bot_id, new)
    noted = [
        store.Alike(Profile(), each.planned.profile, tuple(each.planned.changes), [each.id])
        for each in new
        if each.planned.profile.notes
    ]
    await store.write_notes(connection, bot_id, noted, now)


def _user_row(user_id: UUID, profile: Profile) -> dict[str, Any]:
    rest = {"status": profile.status, "attributes": profile.attributes, "field_sources": profile.sources}
    return {"id": user_id, **profile.fields, **rest}


def made_with(new: NewUser) -> dict[str, Any]:
    """Return all a user is made with, by field."""
    profile = new.planned.profile
    made: dict[str, Any] = {name: value for name, value in profile.fields.items() if value is not None}
    made |= {f"attributes.{name}": value for name, value in profile.attributes.items()}
    if profile.tags:
        made["tags"] = sorted(profile.tags.values())
    if profile.status != "active":
        made["status"] = profile.status
    if new.identities:
        made["identities"] = [[str(channel), external] for channel, external in new.identities]
    return made


async def _tag(connection: Connection, bot_id: UUID, new: Sequence[NewUser]) -> None:
    names: dict[str, str] = {}
    for each in new:
        names |= each.planned.profile.tags
    if not names:
        return
    ids = await tag_ids(connection, bot_id, names)
    tagged: dict[str, list[UUID]] = {}
    for each in new:
        for key in each.planned.profile.tags:
            tagged.setdefault(key, []).append(each.id)
    rows = [{"tag": ids[key], "users": users} for key, users in tagged.items()]
    await connection.execute(_USER_TAGS, {"bot": bot_id, "tagged": json_text(rows)})


async def tag_ids(connection: Connection, bot_id: UUID, names: Mapping[str, str]) -> dict[str, UUID]:
    """Return the id of each tag (lower-case name → name), making those there are not."""
    given = {"bot": bot_id, "names": list(names.values()), "keys": list(names)}
    found = dict(await (await connection.execute(_TAGS, given)).fetchall())
    if len(found) < len(names):
        given["names"] = [name for key, name in names.items() if key not in found]
        await connection.execute(_NEW_TAGS, given)
        found = dict(await (await connection.execute(_TAGS, given)).fetchall())
    return found
