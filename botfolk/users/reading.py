"""Lock users and read of their profiles what is needed."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from botfolk.db.parameters import ids_text
from botfolk.ids import earlier
from botfolk.users.attributes import AttributeType
from botfolk.users.needed import COLUMNS, EVERYTHING, SOURCED, Part
from botfolk.users.plan import Profile

Connection = AsyncConnection[Any]

# In id order, as every writer does. What of the locked row itself is read so is what the last holder committed.
_LOCK = """SELECT {read} FROM user_stats s WHERE s.bot_id = %(bot)s AND s.user_id = ANY(%(ids)s::uuid[])
           ORDER BY s.user_id FOR UPDATE"""
# Anything else is read after the lock, in a statement of its own, for the same reason.
_READ = "SELECT {read} FROM users u {joined} WHERE u.bot_id = %(bot)s AND u.id = ANY(%(ids)s::uuid[])"
_JOINED = "JOIN user_stats s ON s.bot_id = u.bot_id AND s.user_id = u.id"

# Of a portion many have the same tags: each set of them is put together once.
_TAGS = """SELECT user_id::text, array_agg(tag_id)::text FROM user_tags
           WHERE bot_id = %(bot)s AND user_id = ANY(%(ids)s::uuid[]) GROUP BY user_id"""
_TAG_NAMES = "SELECT id::text, name FROM tags WHERE bot_id = %s AND id = ANY(%s::uuid[])"
_NOTES = """(SELECT coalesce(json_object_agg(n.id, json_build_object(
                 'id', n.id, 'text', n.text, 'author', n.author, 'author_id', n.author_id, 'at', n.at)), '{}')
             FROM notes n WHERE n.bot_id = u.bot_id AND n.user_id = u.id)"""
# Each attribute takes some bytes of its own: a document of less than a kilobyte holds no number near the limit.
_OTHERS = """CASE WHEN pg_column_size(u.attributes) < 1000 THEN 0 ELSE
    (SELECT count(*) FROM jsonb_object_keys(u.attributes) k WHERE k <> ALL(%(names)s::text[])) END"""


_HOT: frozenset[Part] = frozenset({"tags", "infinite_session", "pause_bot"})
"""What does not stand in `users`, nor is looked for by its row."""


def _build(parts: Collection[Part], names: Sequence[str] | None, *, versions: bool) -> str:
    built = ["'version', u.version + s.version"] if versions else []
    for part, columns in COLUMNS.items():
        pairs = ", ".join(f"'{name}', u.{name}" for name, _ in columns)
        if part == "fields" and part in parts:
            built.append(f"'fields', json_build_object({pairs})")
        elif part == "attributes" and part in parts and names is not None:
            built.append(f"'attributes', {_picked('attributes', names)}, 'other_attributes', {_OTHERS}")
        elif part in parts:
            built.append(pairs)
    if set(parts) & SOURCED == {"attributes"} and names is not None:
        built.append(f"'sources', {_picked('field_sources', names, 'attributes.')}")
    elif SOURCED & set(parts):
        built.append("'sources', u.field_sources")
    if "notes" in parts:
        built.append(f"'notes', {_NOTES}")
    if "infinite_session" in parts:
        built.append("'infinite_session', s.infinite_session")
    if "pause_bot" in parts:
        built.append("'paused_until', s.paused_until, 'pause_reason', s.pause_reason")
    return f"json_build_object({', '.join(built)})::text"


def _picked(column: str, names: Sequence[str], prefix: str = "") -> str:
    """Return an expression for what a document holds under names (%(a_0)s, …); nothing that is kept in it is null."""
    keys = [f"'{prefix}' || %(a_{number})s::text" for number in range(len(names))]
    return f"jsonb_strip_nulls(jsonb_build_object({', '.join(f'{key}, u.{column} -> ({key})' for key in keys)}))"


async def lock(
    connection: Connection,
    bot_id: UUID,
    user_ids: Iterable[UUID],
    parts: Collection[Part] = EVERYTHING,
    attributes: Collection[str] | None = None,
    *,
    versions: bool = True,
) -> dict[UUID, Profile]:
    """Lock users until the transaction ends and return their profiles; whom the bot has not is not among them.

    A part that is not asked for stands as in an empty profile, and so does the version without `versions`; of
    attributes only some are read, unless None. Users who are alike have the same profile, not to be changed.
    """
    names = None if attributes is None else sorted(attributes)
    given: dict[str, Any] = {"bot": bot_id, "ids": ids_text(user_ids), "names": names}
    given |= {f"a_{number}": name for number, name in enumerate(names or ())}
    built = _build(parts, names, versions=versions)
    async with connection.pipeline():
        if not versions and _HOT.issuperset(parts):
            cursor = await connection.execute(_locking(f"s.user_id, s.user_id::text, {built}"), given)
        else:
            await connection.execute(_locking(""), given)
            joined = _JOINED if versions or not _HOT.isdisjoint(parts) else ""
            query = _READ.format(read=f"u.id, u.id::text, {built}", joined=joined)
            cursor = await connection.execute(query.encode(), given)
        tags = await connection.execute(_TAGS, given) if "tags" in parts else None
    texts = await cursor.fetchall()
    listed = {} if tags is None else dict(await tags.fetchall())
    named = await _named(connection, bot_id, listed.values()) if listed else {}
    decode = msgspec.json.Decoder(Profile).decode
    profiles: dict[UUID, Profile] = {}
    alike: dict[tuple[str, str | None], Profile] = {}
    for user_id, id_text, text in texts:
        key = (text, listed.get(id_text))
        profile = alike.get(key)
        if profile is None:
            profile = alike[key] = decode(text)
            profile.tags = named.get(key[1], {})
        profiles[user_id] = profile
    return profiles


def _locking(read: str) -> bytes:
    return _LOCK.format(read=read).encode()


async def _named(connection: Connection, bot_id: UUID, listed: Iterable[str]) -> dict[str | None, dict[str, str]]:
    """Return, for each set of tags as the database writes their ids, their names by lower-case name."""
    sets = {text: text[1:-1].split(",") for text in set(listed)}
    ids = ids_text({tag for tags in sets.values() for tag in tags})
    cursor = await connection.execute(_TAG_NAMES, [bot_id, ids])
    # In small letters as everywhere here, which is not how every database would write them.
    called = {tag: (name.lower(), name) for tag, name in await cursor.fetchall()}
    return {text: dict(called[tag] for tag in tags if tag in called) for text, tags in sets.items()}


async def lock_one(connection: Connection, bot_id: UUID, user_id: UUID) -> Profile | None:
    """Lock one user and return the whole profile; None when the bot has no such user."""
    return (await lock(connection, bot_id, [user_id])).get(user_id)


async def settings(
    connection: Connection, bot_id: UUID, names: Sequence[str]
) -> tuple[int, dict[str, tuple[str, AttributeType]]]:
    """Return the bot's pause time (seconds) and the spelling and type of attributes by lower-case name."""
    cursor = await connection.execute("SELECT pause_seconds FROM bots WHERE bot_id = %s", [bot_id])
    row = await cursor.fetchone()
    types: dict[str, tuple[str, AttributeType]] = {}
    if names:
        cursor = await connection.execute(
            "SELECT name, label, type FROM attributes WHERE bot_id = %s AND name = ANY(%s)", [bot_id, list(names)]
        )
        types = {name: (label, kind) async for name, label, kind in cursor}
    return (600 if row is None else row[0]), types


class Kept(msgspec.Struct, frozen=True):
    """A change as the history keeps it."""

    id: UUID
    user_id: UUID
    field: str
    old: Any
    new: Any


async def change(connection: Connection, bot_id: UUID, change_id: UUID) -> Kept | None:
    """Return a change."""
    cursor = await connection.execute(
        "SELECT id, user_id, field, old, new FROM changes WHERE bot_id = %s AND id = %s", [bot_id, change_id]
    )
    row = await cursor.fetchone()
    return None if row is None else Kept(*row)


CLOCKS_DIFFER_MS = 86_400_000
"""Clocks of nodes differ by less than a day."""


async def changes_of_job(connection: Connection, bot_id: UUID, job_id: UUID, user_ids: Sequence[UUID]) -> list[Kept]:
    """Return what a job changed of users, the newest first. Values that are alike are the same."""
    # By the users' own histories, since before the job was asked for.
    cursor = await connection.execute(
        """SELECT id, user_id, field, old::text, new::text FROM changes
           WHERE bot_id = %s AND user_id = ANY(%s::uuid[]) AND id > %s AND job_id = %s ORDER BY id DESC""",
        [bot_id, ids_text(user_ids), earlier(job_id, CLOCKS_DIFFER_MS), job_id],
    )
    values: dict[str | None, Any] = {None: None}
    found = []
    for change_id, user_id, name, old, new in await cursor.fetchall():
        for text in (old, new):
            if text not in values:
                values[text] = msgspec.json.decode(text)
        found.append(Kept(change_id, user_id, name, values[old], values[new]))
    return found


async def users_of(connection: Connection, bot_id: UUID) -> int:
    """Return how many users a bot has."""
    cursor = await connection.execute("SELECT count(*) FROM user_stats WHERE bot_id = %s", [bot_id])
    row = await cursor.fetchone()
    return int(row[0]) if row else 0
