"""The SQL behind `apply.py`: what the changes of users write, in sets: one statement a table, however many they are."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct, field
from psycopg import AsyncConnection

from botfolk.ids import new_id
from botfolk.users import edits as e
from botfolk.users.attributes import AttributeType
from botfolk.users.fields import FIELDS
from botfolk.users.needed import COLUMNS, SOURCED, Part, is_cold
from botfolk.users.plan import Profile

Connection = AsyncConnection[Any]


class Changed(Struct):
    """A user who changes: the profile before and after, and each change with the one it takes back, if it does."""

    user_id: UUID
    old: Profile
    new: Profile
    changes: list[tuple[e.Change, UUID | None]] = field(default_factory=list)

    def has(self, name: str) -> bool:
        """Say whether a field changes."""
        return any(change.field == name for change, _ in self.changes)


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


async def write_profiles(
    connection: Connection, bot_id: UUID, users: Iterable[Changed], parts: Collection[Part]
) -> None:
    """Write the parts of the cold row that were read, of those users in whom one of them changes; count the others up.

    A user's version is the sum of both rows': a tag leaves the wide row with its many indexes alone.
    """
    cold, hot = [], []
    columns = [column for part in COLUMNS if part in parts for column in COLUMNS[part]]
    if SOURCED & set(parts):
        columns.append(("field_sources", "jsonb"))
    for user in users:
        if any(is_cold(change.field) for change, _ in user.changes):
            cold.append(_cold_row(user, columns))
        else:
            hot.append(user.user_id)
    if cold:
        assigned = ", ".join(f"{name} = r.{name}" for name, _ in columns)
        typed = ", ".join(f"{name} {kind}" for name, kind in columns)
        await connection.execute(
            f"""UPDATE users u SET {assigned}, version = u.version + 1
                FROM json_to_recordset(%s::json) AS r(id uuid, {typed}) WHERE u.bot_id = %s AND u.id = r.id""".encode(),  # noqa: S608
            [_json(cold), bot_id],
        )
    if hot:
        await connection.execute(
            "UPDATE user_stats SET version = version + 1 WHERE bot_id = %s AND user_id = ANY(%s)", [bot_id, hot]
        )


def _cold_row(user: Changed, columns: Iterable[tuple[str, str]]) -> dict[str, Any]:
    new = user.new
    row: dict[str, Any] = {"id": user.user_id}
    for name, _ in columns:
        if name == "field_sources":
            row[name] = new.sources
        else:
            row[name] = new.fields.get(name) if name in FIELDS else getattr(new, name)
    return row


async def write_tags(connection: Connection, bot_id: UUID, users: Iterable[Changed]) -> None:
    """Add and remove tags so that each user has those of the new profile (lower-case name → name)."""
    gone: list[dict[str, Any]] = []
    added: list[dict[str, Any]] = []
    names: dict[str, str] = {}
    for user in users:
        old, new = user.old.tags, user.new.tags
        gone += [{"user_id": user.user_id, "name": key} for key in old.keys() - new.keys()]
        for key in new.keys() - old.keys():
            added.append({"user_id": user.user_id, "name": new[key]})
            names.setdefault(key, new[key])
    if gone:
        await connection.execute(
            """DELETE FROM user_tags ut USING json_to_recordset(%s::json) AS r(user_id uuid, name text)
                   JOIN tags t ON t.bot_id = %s AND lower(t.name) = r.name
               WHERE ut.bot_id = t.bot_id AND ut.user_id = r.user_id AND ut.tag_id = t.id""",
            [_json(gone), bot_id],
        )
    if added:
        await connection.execute(
            """INSERT INTO tags (bot_id, id, name) SELECT %s, r.id, r.name
               FROM json_to_recordset(%s::json) AS r(id uuid, name text)
               ON CONFLICT (bot_id, lower(name)) DO NOTHING""",
            [bot_id, _json([{"id": new_id(), "name": name} for _, name in sorted(names.items())])],
        )
        await connection.execute(
            """INSERT INTO user_tags (bot_id, user_id, tag_id) SELECT t.bot_id, r.user_id, t.id
               FROM json_to_recordset(%s::json) AS r(user_id uuid, name text)
                   JOIN tags t ON t.bot_id = %s AND lower(t.name) = lower(r.name) ON CONFLICT DO NOTHING""",
            [_json(added), bot_id],
        )


async def write_notes(connection: Connection, bot_id: UUID, users: Iterable[Changed], now: datetime) -> None:
    """Write notes as they are now; None deletes one."""
    written, deleted = [], []
    for user in users:
        for change, _ in user.changes:
            if isinstance(change.new, e.Note):
                written.append({**msgspec.structs.asdict(change.new), "user_id": user.user_id})
            elif change.field.startswith("notes."):
                deleted.append(UUID(change.field.removeprefix("notes.")))
    if deleted:
        await connection.execute("DELETE FROM notes WHERE bot_id = %s AND id = ANY(%s)", [bot_id, deleted])
    if written:
        await connection.execute(
            """INSERT INTO notes (bot_id, id, user_id, text, author_id, author, at)
               SELECT %s, r.id, r.user_id, r.text, r.author_id, r.author, r.at
               FROM json_populate_recordset(NULL::notes, %s::json) r
               ON CONFLICT (bot_id, id) DO UPDATE SET text = excluded.text, edited_at = %s""",
            [bot_id, _json(written), now],
        )


async def write_pauses(connection: Connection, bot_id: UUID, users: Iterable[Changed]) -> None:
    """Write until when the bot is silent; resuming also ends the waiting for a human."""
    rows = [
        {"user_id": user.user_id, "paused_until": user.new.paused_until, "pause_reason": user.new.pause_reason}
        for user in users
        if user.has("pause_bot")
    ]
    if rows:
        await connection.execute(
            """UPDATE user_stats s SET paused_until = r.paused_until, pause_reason = r.pause_reason,
                   waiting_since = CASE WHEN r.paused_until IS NULL THEN NULL ELSE s.waiting_since END
               FROM json_to_recordset(%s::json) AS r(user_id uuid, paused_until timestamptz, pause_reason text)
               WHERE s.bot_id = %s AND s.user_id = r.user_id""",
            [_json(rows), bot_id],
        )


async def write_infinite_sessions(
    connection: Connection, bot_id: UUID, users: Iterable[Changed], now: datetime
) -> None:
    """Turn the toggle, from now on: after every moment at which a stored message has been judged already."""
    rows = [
        {"user_id": user.user_id, "is_on": user.new.infinite_session} for user in users if user.has("infinite_session")
    ]
    if rows:
        await connection.execute(
            """WITH turned AS (UPDATE user_stats s SET infinite_session = r.is_on
                   FROM json_to_recordset(%(rows)s::json) AS r(user_id uuid, is_on boolean)
                   WHERE s.bot_id = %(bot)s AND s.user_id = r.user_id
                   RETURNING s.user_id, greatest(%(now)s, s.last_received_at + interval '1 microsecond') AS at, r.is_on)
               INSERT INTO infinite_toggles (bot_id, user_id, effective_at, is_on)
               SELECT %(bot)s, user_id, at, is_on FROM turned
               ON CONFLICT (bot_id, user_id, effective_at) DO UPDATE SET is_on = excluded.is_on""",
            {"rows": _json(rows), "bot": bot_id, "now": now},
        )


async def let_channel_fill(connection: Connection, bot_id: UUID, user_ids: Sequence[UUID]) -> None:
    """A cleared field is the channel's to fill again: forget what it last said, so that its next word counts. How the
    person is reached is not forgotten."""
    await connection.execute(
        """UPDATE identities SET
               profile = nullif(jsonb_strip_nulls(jsonb_build_object('address', profile -> 'address')), '{}')
           WHERE bot_id = %s AND user_id = ANY(%s)""",
        [bot_id, list(user_ids)],
    )


async def remember(
    connection: Connection,
    bot_id: UUID,
    changes: Iterable[tuple[UUID, e.Change, UUID | None]],
    actor: e.Actor,
    now: datetime,
    job_id: UUID | None = None,
) -> None:
    """Keep who changed what, when, from what to what. `changes`: the user, the change, and which one it takes back."""
    rows = [(new_id(), user_id, change.field, change.old, change.new, undoes) for user_id, change, undoes in changes]
    names = ("id", "user_id", "field", "old", "new", "undoes")
    await connection.execute(
        """INSERT INTO changes (bot_id, id, user_id, at, source, actor_id, actor, field, old, new, undoes, job_id)
           SELECT %(bot)s, r.id, r.user_id, %(now)s, %(source)s, %(actor_id)s, %(actor)s, r.field, r.old, r.new,
               r.undoes, %(job)s
           FROM json_to_recordset(%(rows)s::json)
               AS r(id uuid, user_id uuid, field text, old jsonb, new jsonb, undoes uuid)
           ORDER BY r.id""",
        {
            "bot": bot_id,
            "now": now,
            "source": actor.source,
            "actor_id": actor.id,
            "actor": actor.name,
            "job": job_id,
            "rows": _json([dict(zip(names, row, strict=True)) for row in rows]),
        },
    )


def _json(rows: object) -> str:
    return msgspec.json.encode(rows).decode()
