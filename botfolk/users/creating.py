"""Users made otherwise than by a message of theirs: many at once, each by the same `plan` as any edit."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct, field
from psycopg import AsyncConnection

from botfolk.db.copying import copy_in, document, text, texts
from botfolk.db.parameters import json_text
from botfolk.ids import new_id, new_ids
from botfolk.users import edits as e
from botfolk.users import store
from botfolk.users.attributes import AttributeType
from botfolk.users.fields import FIELDS
from botfolk.users.plan import Plan, Profile

Connection = AsyncConnection[Any]

CREATED = "created"
"""The field of the one change that says all a user was made with: {field: value}, tags as a list."""

EACH_FIELD = """(
    SELECT c.field
    UNION ALL
    SELECT key FROM jsonb_object_keys(CASE WHEN c.field = 'created' THEN c.new ELSE '{}' END) key
)"""
"""The fields that a change `c` is of: the one that says what a user was made with is of each of them."""


class NewUser(Struct, kw_only=True, gc=False):
    """A user to be made: what is planned, and on which channels they are known (channel id, external id). `written`:
    what `write_down` returns of them, where it has been asked already."""

    planned: Plan
    identities: list[tuple[UUID, str]] = field(default_factory=list)
    written: tuple[str, str] | None = None


_FIELDS = tuple(FIELDS)
_USERS = ("bot_id", "added_at", "id", *FIELDS, "status", "attributes", "field_sources")
_STATS = ("bot_id", "created_at", "user_id")
_CHANGES = ("bot_id", "at", "source", "actor_id", "actor", "field", "job_id", "id", "user_id", "new")
_IDENTITIES = """
INSERT INTO identities (bot_id, id, user_id, channel_id, external_id, created_at)
SELECT %(bot)s, id, user_id, channel_id, external_id, %(now)s
FROM json_populate_recordset(NULL::identities, %(identities)s::json)
"""
_NEW_TAGS = """
INSERT INTO tags (bot_id, id, name) SELECT %(bot)s, gen_random_uuid(), name FROM unnest(%(names)s::text[]) name
ORDER BY lower(name) ON CONFLICT (bot_id, lower(name)) DO NOTHING
"""
# By their names: the database has small letters of its own (of Σ at the end of a word, of İ).
_TAGS = """
SELECT n.name, t.id FROM unnest(%(names)s::text[]) n (name)
JOIN tags t ON t.bot_id = %(bot)s AND lower(t.name) = lower(n.name)
"""


class _IdentityRow(Struct):
    id: UUID
    user_id: str
    channel_id: UUID
    external_id: str


async def create(
    connection: Connection, bot_id: UUID, new: Sequence[NewUser], actor: e.Actor, now: datetime, *, job_id: UUID | None
) -> list[UUID]:
    """Make users in the caller's transaction, a statement a table; return their ids. Their identities must be free.

    Raises InvalidEdit when an attribute has just been made with another type.
    """
    if not new:
        return []
    attributes: dict[str, tuple[str, AttributeType]] = {}
    for each in new:
        if each.planned.new_attributes:
            attributes |= each.planned.new_attributes
    if attributes:
        await store.add_attributes(connection, bot_id, attributes)
    when, ids = f"{bot_id}\t{now.isoformat()}", new_ids(len(new))
    # Beside the loop: others are served meanwhile.
    users, changes = await asyncio.to_thread(_rows, new, ids, when, _by(actor, job_id))
    await copy_in(connection, "users", _USERS, users)
    await copy_in(connection, "user_stats", _STATS, [f"{when}\t{user_id}" for user_id in ids])
    await _name(connection, bot_id, new, ids, now)
    await copy_in(connection, "changes", _CHANGES, changes)
    await _tag(connection, bot_id, new, ids)
    noted = [
        store.Alike(Profile(), each.planned.profile, tuple(each.planned.changes), [UUID(user_id)])
        for each, user_id in zip(new, ids, strict=True)
        if each.planned.profile.notes
    ]
    await store.write_notes(connection, bot_id, noted, now)
    return list(map(UUID, ids))


def _by(actor: e.Actor, job_id: UUID | None) -> str:
    ids = [text(None if one is None else str(one)) for one in (actor.id, job_id)]
    return "\t".join((actor.source, ids[0], text(actor.name), CREATED, ids[1]))


def write_down(new: NewUser) -> tuple[str, str]:
    """Return what of somebody new stands in `users`, but for when and the id, and in the change that says so."""
    profile = new.planned.profile
    fields = texts(map(profile.fields.get, _FIELDS))
    row = f"{fields}\t{profile.status}\t{document(profile.attributes)}\t{document(profile.sources)}"
    return row, document(made_with(new))


def _rows(new: Sequence[NewUser], ids: Sequence[str], when: str, by: str) -> tuple[list[str], list[str]]:
    """Return the rows of `users` and of `changes`."""
    written = [each.written or write_down(each) for each in new]
    changes, head = new_ids(len(new)), f"{when}\t{by}"
    return (
        [f"{when}\t{user_id}\t{row}" for user_id, (row, _) in zip(ids, written, strict=True)],
        [
            f"{head}\t{change_id}\t{user_id}\t{made}"
            for change_id, user_id, (_, made) in zip(changes, ids, written, strict=True)
        ],
    )


async def _name(
    connection: Connection, bot_id: UUID, new: Sequence[NewUser], ids: Sequence[str], now: datetime
) -> None:
    every = zip(new, ids, strict=True)
    rows = [_IdentityRow(new_id(), user_id, *identity) for each, user_id in every for identity in each.identities]
    if rows:
        await connection.execute(_IDENTITIES, {"bot": bot_id, "now": now, "identities": json_text(rows)})


def made_with(new: NewUser) -> dict[str, Any]:
    """Return all a user is made with, by field."""
    profile = new.planned.profile
    made: dict[str, Any] = {name: value for name, value in profile.fields.items() if value is not None}
    for name, value in profile.attributes.items():
        made[f"attributes.{name}"] = value
    if profile.tags:
        made["tags"] = sorted(profile.tags.values())
    if profile.status != "active":
        made["status"] = profile.status
    if new.identities:
        made["identities"] = [[str(channel), external] for channel, external in new.identities]
    return made


async def _tag(connection: Connection, bot_id: UUID, new: Sequence[NewUser], ids: Sequence[str]) -> None:
    names: dict[str, str] = {}
    for each in new:
        names |= each.planned.profile.tags
    if names:
        known = {key: str(tag_id) for key, tag_id in (await tag_ids(connection, bot_id, names)).items()}
        pairs = zip(new, ids, strict=True)
        bot = str(bot_id)
        rows = [f"{bot}\t{user_id}\t{known[key]}" for each, user_id in pairs for key in each.planned.profile.tags]
        await copy_in(connection, "user_tags", ("bot_id", "user_id", "tag_id"), dict.fromkeys(rows))


async def tag_ids(connection: Connection, bot_id: UUID, names: Mapping[str, str]) -> dict[str, UUID]:
    """Return the id of each tag (lower-case name → name), making those there are not."""
    given = {"bot": bot_id, "names": list(names.values())}
    found = dict(await (await connection.execute(_TAGS, given)).fetchall())
    if len(found) < len(names):
        await connection.execute(_NEW_TAGS, given)
        found = dict(await (await connection.execute(_TAGS, given)).fetchall())
    return {key: found[name] for key, name in names.items()}
