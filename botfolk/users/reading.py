"""Lock users and read of their profiles what is needed."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from botfolk.users.attributes import AttributeType
from botfolk.users.needed import COLUMNS, EVERYTHING, SOURCED, Part
from botfolk.users.plan import Profile

Connection = AsyncConnection[Any]

# In id order, as every writer does.
_LOCK = "SELECT 1 FROM user_stats WHERE bot_id = %s AND user_id = ANY(%s::uuid[]) ORDER BY user_id FOR UPDATE"

# Each name once, however many have the tag.
_TAGS = """SELECT user_id, array_agg(tag_id)::text FROM user_tags WHERE bot_id = %s AND user_id = ANY(%s::uuid[])
           GROUP BY user_id"""
_TAG_NAMES = """SELECT id::text, lower(name), name FROM tags WHERE bot_id = %s AND id IN (
                    SELECT tag_id FROM user_tags WHERE bot_id = %s AND user_id = ANY(%s::uuid[]))"""
_NOTES = """(SELECT coalesce(json_object_agg(n.id, json_build_object(
                 'id', n.id, 'text', n.text, 'author', n.author, 'author_id', n.author_id, 'at', n.at)), '{}')
             FROM notes n WHERE n.bot_id = u.bot_id AND n.user_id = u.id)"""


def _build(parts: Collection[Part]) -> str:
    built = ["'version', u.version + s.version"]
    for part, columns in COLUMNS.items():
        pairs = ", ".join(f"'{name}', u.{name}" for name, _ in columns)
        if part in parts:
            built.append(f"'fields', json_build_object({pairs})" if part == "fields" else pairs)
    if SOURCED & set(parts):
        built.append("'sources', u.field_sources")
    if "notes" in parts:
        built.append(f"'notes', {_NOTES}")
    if "infinite_session" in parts:
        built.append("'infinite_session', s.infinite_session")
    if "pause_bot" in parts:
        built.append("'paused_until', s.paused_until, 'pause_reason', s.pause_reason")
    return f"json_build_object({', '.join(built)})::text"


async def lock(
    connection: Connection, bot_id: UUID, user_ids: Iterable[UUID], parts: Collection[Part] = EVERYTHING
) -> dict[UUID, Profile]:
    """Lock users until the transaction ends and return their profiles; whom the bot has not is not among them.

    A part that is not asked for stands as in an empty profile.
    """
    # One text, not a thousand values.
    ids = "{" + ",".join(map(str, sorted(set(user_ids)))) + "}"
    # Read after the lock, in a statement of its own, so that it sees what the last holder committed.
    query = f"""SELECT u.id, {_build(parts)} FROM users u JOIN user_stats s ON s.bot_id = u.bot_id AND s.user_id = u.id
                WHERE u.bot_id = %s AND u.id = ANY(%s::uuid[])"""  # noqa: S608
    async with connection.pipeline():
        await connection.execute(_LOCK, [bot_id, ids])
        cursor = await connection.execute(query.encode(), [bot_id, ids])
        tags = await connection.execute(_TAGS, [bot_id, ids]) if "tags" in parts else None
        names = await connection.execute(_TAG_NAMES, [bot_id, bot_id, ids]) if "tags" in parts else None
    decode = msgspec.json.Decoder(Profile).decode
    profiles = {user_id: decode(text) for user_id, text in await cursor.fetchall()}
    if tags is not None and names is not None:
        called = {tag: (lower, name) for tag, lower, name in await names.fetchall()}
        for user_id, listed in await tags.fetchall():
            profiles[user_id].tags = dict(map(called.__getitem__, listed[1:-1].split(",")))
    return profiles


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


async def changes_of_job(connection: Connection, bot_id: UUID, job_id: UUID, user_ids: Sequence[UUID]) -> list[Kept]:
    """Return what a job changed of users, the newest first."""
    cursor = await connection.execute(
        """SELECT id, user_id, field, old, new FROM changes
           WHERE bot_id = %s AND job_id = %s AND user_id = ANY(%s::uuid[]) ORDER BY id DESC""",
        [bot_id, job_id, list(user_ids)],
    )
    return [Kept(*row) for row in await cursor.fetchall()]
