"""The SQL behind `apply.py`: what one user's change reads and writes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from botfolk.ids import new_id
from botfolk.users import edits as e
from botfolk.users.attributes import AttributeType
from botfolk.users.plan import Profile

Connection = AsyncConnection[Any]

_LOCK = "SELECT 1 FROM user_stats WHERE bot_id = %s AND user_id = %s FOR UPDATE"

# Read after the lock, in a statement of its own, so that it sees what the last holder committed.
_READ = """
SELECT jsonb_build_object(
    'fields', jsonb_build_object('first_name', u.first_name, 'last_name', u.last_name, 'email', u.email,
                                 'phone', u.phone, 'timezone', u.timezone, 'language', u.language),
    'picture_id', u.picture_id, 'is_group', u.is_group, 'group_title', u.group_title, 'status', u.status,
    'attributes', u.attributes, 'sources', u.field_sources, 'version', u.version,
    'infinite_session', s.infinite_session, 'paused_until', s.paused_until, 'pause_reason', s.pause_reason,
    'tags', (SELECT coalesce(jsonb_object_agg(lower(t.name), t.name), '{}')
             FROM user_tags ut JOIN tags t ON t.bot_id = ut.bot_id AND t.id = ut.tag_id
             WHERE ut.bot_id = u.bot_id AND ut.user_id = u.id),
    'notes', (SELECT coalesce(jsonb_object_agg(n.id, jsonb_build_object(
                  'id', n.id, 'text', n.text, 'author', n.author, 'author_id', n.author_id, 'at', n.at)), '{}')
              FROM notes n WHERE n.bot_id = u.bot_id AND n.user_id = u.id))::text
FROM users u JOIN user_stats s ON s.bot_id = u.bot_id AND s.user_id = u.id
WHERE u.bot_id = %s AND u.id = %s
"""


async def lock(connection: Connection, bot_id: UUID, user_id: UUID) -> Profile | None:
    """Lock a user until the transaction ends and return the profile; None when the bot has no such user."""
    async with connection.pipeline():
        await connection.execute(_LOCK, [bot_id, user_id])
        cursor = await connection.execute(_READ, [bot_id, user_id])
    row = await cursor.fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=Profile)


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


async def add_attributes(connection: Connection, bot_id: UUID, new: Mapping[str, tuple[str, AttributeType]]) -> None:
    """Register attributes the bot has not had before. Raises InvalidEdit when somebody just did, with another type."""
    for name, (label, kind) in sorted(new.items()):
        cursor = await connection.execute(
            "INSERT INTO attributes (bot_id, id, name, label, type) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT (bot_id, name) DO UPDATE SET name = excluded.name RETURNING type",
            [bot_id, new_id(), name, label, kind],
        )
        row = await cursor.fetchone()
        if row is not None and row[0] != kind:
            raise e.InvalidEdit({f"attributes.{label}": f"this attribute has just been made with the type {row[0]}"})


async def write_profile(connection: Connection, bot_id: UUID, user_id: UUID, profile: Profile) -> None:
    """Write the cold row."""
    fields = profile.fields
    await connection.execute(
        "UPDATE users SET first_name = %s, last_name = %s, email = %s, phone = %s, timezone = %s, language = %s,"
        " picture_id = %s, is_group = %s, group_title = %s, status = %s, attributes = %s, field_sources = %s,"
        " version = %s WHERE bot_id = %s AND id = %s",
        [
            *(fields.get(name) for name in ("first_name", "last_name", "email", "phone", "timezone", "language")),
            profile.picture_id,
            profile.is_group,
            profile.group_title,
            profile.status,
            Jsonb(profile.attributes),
            Jsonb(profile.sources),
            profile.version,
            bot_id,
            user_id,
        ],
    )


async def write_tags(
    connection: Connection, bot_id: UUID, user_id: UUID, old: Mapping[str, str], new: Mapping[str, str]
) -> None:
    """Add and remove tags so that a user with `old` has `new` (lower-case name → name)."""
    gone, added = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
    if gone:
        await connection.execute(
            "DELETE FROM user_tags ut USING tags t WHERE ut.bot_id = %s AND ut.user_id = %s"
            " AND t.bot_id = ut.bot_id AND t.id = ut.tag_id AND lower(t.name) = ANY(%s)",
            [bot_id, user_id, gone],
        )
    for key in added:
        await connection.execute(
            "INSERT INTO tags (bot_id, id, name) VALUES (%s, %s, %s) ON CONFLICT (bot_id, lower(name)) DO NOTHING",
            [bot_id, new_id(), new[key]],
        )
        await connection.execute(
            "INSERT INTO user_tags (bot_id, user_id, tag_id) SELECT bot_id, %s, id FROM tags"
            " WHERE bot_id = %s AND lower(name) = lower(%s) ON CONFLICT DO NOTHING",
            [user_id, bot_id, new[key]],
        )


async def write_note(
    connection: Connection, bot_id: UUID, user_id: UUID, note_id: UUID, note: object, now: datetime
) -> None:
    """Write a note as it is now; None deletes it."""
    if not isinstance(note, e.Note):
        await connection.execute("DELETE FROM notes WHERE bot_id = %s AND id = %s", [bot_id, note_id])
        return
    await connection.execute(
        "INSERT INTO notes (bot_id, id, user_id, text, author_id, author, at) VALUES (%s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (bot_id, id) DO UPDATE SET text = excluded.text, edited_at = %s",
        [bot_id, note.id, user_id, note.text, note.author_id, note.author, note.at, now],
    )


async def write_pause(
    connection: Connection, bot_id: UUID, user_id: UUID, until: datetime | None, reason: str | None
) -> None:
    """Write until when the bot is silent; resuming also ends the waiting for a human."""
    await connection.execute(
        "UPDATE user_stats SET paused_until = %(until)s, pause_reason = %(reason)s,"
        " waiting_since = CASE WHEN %(until)s::timestamptz IS NULL THEN NULL ELSE waiting_since END"
        " WHERE bot_id = %(bot)s AND user_id = %(user)s",
        {"until": until, "reason": reason, "bot": bot_id, "user": user_id},
    )


async def write_infinite_session(connection: Connection, bot_id: UUID, user_id: UUID, on: bool, now: datetime) -> None:
    """Turn the toggle, from now on: after every moment at which a stored message has been judged already."""
    cursor = await connection.execute(
        "UPDATE user_stats SET infinite_session = %s WHERE bot_id = %s AND user_id = %s RETURNING last_received_at",
        [on, bot_id, user_id],
    )
    row = await cursor.fetchone()
    judged = row[0] if row else None
    effective_at = now if judged is None else max(now, judged + timedelta(microseconds=1))
    await connection.execute(
        "INSERT INTO infinite_toggles (bot_id, user_id, effective_at, is_on) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (bot_id, user_id, effective_at) DO UPDATE SET is_on = excluded.is_on",
        [bot_id, user_id, effective_at, on],
    )


async def let_channel_fill(connection: Connection, bot_id: UUID, user_id: UUID) -> None:
    """A cleared field is the channel's to fill again: forget what it last said, so that its next word counts. How the
    person is reached is not forgotten."""
    await connection.execute(
        """UPDATE identities SET
               profile = nullif(jsonb_strip_nulls(jsonb_build_object('address', profile -> 'address')), '{}')
           WHERE bot_id = %s AND user_id = %s""",
        [bot_id, user_id],
    )


async def remember(
    connection: Connection,
    bot_id: UUID,
    user_id: UUID,
    changes: Iterable[e.Change],
    actor: e.Actor,
    now: datetime,
    undoes: UUID | None,
) -> None:
    """Keep who changed what, when, from what to what."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO changes (bot_id, id, user_id, at, source, actor_id, actor, field, old, new, undoes)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s::jsonb, %s)",
            [
                (
                    bot_id, new_id(), user_id, now, actor.source, actor.id, actor.name, change.field,
                    as_json(change.old), as_json(change.new), undoes,
                )
                for change in changes
            ],
        )  # fmt: skip


def as_json(value: object) -> str | None:
    """Return a value as JSON text; None (SQL's null) for None."""
    return None if value is None else msgspec.json.encode(value).decode()


async def change(connection: Connection, bot_id: UUID, change_id: UUID) -> tuple[UUID, str, Any, Any] | None:
    """Return a change: its user, field, old and new value."""
    cursor = await connection.execute(
        "SELECT user_id, field, old, new FROM changes WHERE bot_id = %s AND id = %s", [bot_id, change_id]
    )
    return await cursor.fetchone()
