"""The SQL behind `apply.py`: what the changes of users write, in sets: one statement a table, however many they are."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct, field
from psycopg import AsyncConnection

from botfolk.db.parameters import ids_text, json_text
from botfolk.ids import new_id, new_ids
from botfolk.users import edits as e
from botfolk.users.attributes import AttributeType
from botfolk.users.fields import FIELDS
from botfolk.users.needed import COLUMNS, SOURCED, Part, is_cold
from botfolk.users.plan import Profile

Connection = AsyncConnection[Any]


Undoes = tuple[UUID | None, ...]
"""Of each change of a user, which one it takes back, if it does."""


class Changed(Struct, frozen=True, gc=False):
    """A profile before and after, and what changes."""

    old: Profile
    new: Profile
    changes: tuple[e.Change, ...]


class Alike(Struct, frozen=True):
    """Users who change alike, and what of each is taken back."""

    old: Profile
    new: Profile
    changes: tuple[e.Change, ...]
    user_ids: list[UUID] = field(default_factory=list)
    undoes: list[Undoes] = field(default_factory=list)

    def has(self, name: str) -> bool:
        """Say whether a field changes."""
        return any(change.field == name for change in self.changes)


def alike(changed: Mapping[UUID, tuple[Changed, Undoes]]) -> list[Alike]:
    """Put users together for whom one thing was planned: what becomes of them is written down once for all."""
    found: dict[int, Alike] = {}
    for user_id, (change, undoes) in changed.items():
        group = found.get(id(change))
        if group is None:
            group = found[id(change)] = Alike(change.old, change.new, change.changes)
        group.user_ids.append(user_id)
        group.undoes.append(undoes)
    return list(found.values())


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


async def write_profiles(connection: Connection, bot_id: UUID, users: Iterable[Alike], parts: Collection[Part]) -> None:
    """Write what changes of the cold row, of those users in whom something of it does; count up whom nothing else does.

    A user's version is the sum of both rows': a tag leaves the wide row with its many indexes alone.
    """
    cold: list[dict[str, Any]] = []
    hot: list[UUID] = []
    columns = [column for part in COLUMNS if part in parts for column in COLUMNS[part]]
    if SOURCED & set(parts):
        columns.append(("field_sources", "jsonb"))
    for each in users:
        match _counted_with(each):
            case "cold":
                cold.append(_cold_row(each, columns))
            case "":
                hot += each.user_ids
    if cold:
        assigned = ", ".join(_assigned(name, kind) for name, kind in columns)
        typed = ", ".join(f"{name} {kind}, no_{name} text[]" if kind == "jsonb" else f"{name} {kind}"
                          for name, kind in columns)  # fmt: skip
        await connection.execute(
            f"""UPDATE users u SET {assigned}, version = u.version + 1
                FROM json_to_recordset(%s::json) AS r(users uuid[], {typed}) CROSS JOIN unnest(r.users) AS o(id)
                WHERE u.bot_id = %s AND u.id = o.id""".encode(),  # noqa: S608
            [json_text(cold), bot_id],
        )
    if hot:
        await connection.execute(
            "UPDATE user_stats SET version = version + 1 WHERE bot_id = %s AND user_id = ANY(%s::uuid[])",
            [bot_id, ids_text(hot)],
        )


def _counted_with(users: Alike) -> Literal["cold", "pause_bot", "infinite_session", ""]:
    """Return with what the version of users is counted up: no row is written twice."""
    if any(is_cold(change.field) for change in users.changes):
        return "cold"
    if users.has("pause_bot"):
        return "pause_bot"
    return "infinite_session" if users.has("infinite_session") else ""


def _assigned(name: str, kind: str) -> str:
    """Return how a column is set. Of a document only what changes is written: maybe not all of it was read."""
    return f"{name} = (u.{name} - r.no_{name}) || r.{name}" if kind == "jsonb" else f"{name} = r.{name}"


def _cold_row(users: Alike, columns: Iterable[tuple[str, str]]) -> dict[str, Any]:
    old, new = users.old, users.new
    row: dict[str, Any] = {"users": users.user_ids}
    for name, kind in columns:
        if kind == "jsonb":
            held = "sources" if name == "field_sources" else name
            before, after = getattr(old, held), getattr(new, held)
            row[name] = {key: value for key, value in after.items() if key not in before or before[key] is not value}
            row[f"no_{name}"] = list(before.keys() - after.keys())
        else:
            row[name] = new.fields.get(name) if name in FIELDS else getattr(new, name)
    return row


_ADD_TAGS = """
INSERT INTO user_tags (bot_id, user_id, tag_id) SELECT t.bot_id, o.user_id, t.id
FROM json_to_recordset(%s::json) AS r(users uuid[], name text)
    JOIN tags t ON t.bot_id = %s AND lower(t.name) = lower(r.name) CROSS JOIN unnest(r.users) AS o(user_id)
"""


async def write_tags(connection: Connection, bot_id: UUID, users: Iterable[Alike]) -> None:
    """Add and remove tags so that each user has those of the new profile (lower-case name → name)."""
    gone: dict[str, list[UUID]] = {}
    added: dict[str, list[UUID]] = {}
    names: dict[str, str] = {}
    # They are locked and have been read: none has a tag that is added. Only of small letters outside of ASCII the
    # database may think otherwise, and know one tag where here are two.
    are_told_apart = True
    for each in users:
        old, new = each.old.tags, each.new.tags
        for key in old.keys() - new.keys():
            gone.setdefault(old[key], []).extend(each.user_ids)
        for key in new.keys() - old.keys():
            are_told_apart = are_told_apart and key.isascii() and all(map(str.isascii, old))
            added.setdefault(names.setdefault(key, new[key]), []).extend(each.user_ids)
    if gone:
        await connection.execute(
            """DELETE FROM user_tags ut USING json_to_recordset(%s::json) AS r(users uuid[], name text)
                   JOIN tags t ON t.bot_id = %s AND lower(t.name) = lower(r.name)
                   CROSS JOIN unnest(r.users) AS o(user_id)
               WHERE ut.bot_id = t.bot_id AND ut.user_id = o.user_id AND ut.tag_id = t.id""",
            [json_text([{"users": ids, "name": name} for name, ids in gone.items()]), bot_id],
        )
    if added:
        await connection.execute(
            """INSERT INTO tags (bot_id, id, name) SELECT %s, r.id, r.name
               FROM json_to_recordset(%s::json) AS r(id uuid, name text)
               ON CONFLICT (bot_id, lower(name)) DO NOTHING""",
            [bot_id, json_text([{"id": new_id(), "name": name} for _, name in sorted(names.items())])],
        )
        query = _ADD_TAGS if are_told_apart else f"{_ADD_TAGS} ON CONFLICT DO NOTHING"
        rows = [{"users": ids, "name": name} for name, ids in added.items()]
        await connection.execute(query.encode(), [json_text(rows), bot_id])


async def write_notes(connection: Connection, bot_id: UUID, users: Iterable[Alike], now: datetime) -> None:
    """Write notes as they are now; None deletes one. Nobody shares one: each is of one user."""
    written, deleted = [], []
    for each in users:
        [user_id] = each.user_ids
        for change in each.changes:
            if isinstance(change.new, e.Note):
                written.append({**msgspec.structs.asdict(change.new), "user_id": user_id})
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
            [bot_id, json_text(written), now],
        )


async def write_pauses(connection: Connection, bot_id: UUID, users: Iterable[Alike]) -> None:
    """Write until when the bot is silent; resuming also ends the waiting for a human."""
    rows = [
        {
            "users": each.user_ids,
            "paused_until": each.new.paused_until,
            "pause_reason": each.new.pause_reason,
            "counted": _counted_with(each) == "pause_bot",
        }
        for each in users
        if each.has("pause_bot")
    ]
    if rows:
        await connection.execute(
            """UPDATE user_stats s SET paused_until = r.paused_until, pause_reason = r.pause_reason,
                   waiting_since = CASE WHEN r.paused_until IS NULL THEN NULL ELSE s.waiting_since END,
                   version = s.version + r.counted::int
               FROM json_to_recordset(%s::json)
                       AS r(users uuid[], paused_until timestamptz, pause_reason text, counted boolean)
                   CROSS JOIN unnest(r.users) AS o(user_id)
               WHERE s.bot_id = %s AND s.user_id = o.user_id""",
            [json_text(rows), bot_id],
        )


async def write_infinite_sessions(connection: Connection, bot_id: UUID, users: Iterable[Alike], now: datetime) -> None:
    """Turn the toggle, from now on: after every moment at which a stored message has been judged already."""
    rows = [
        {
            "users": each.user_ids,
            "is_on": each.new.infinite_session,
            "counted": _counted_with(each) == "infinite_session",
        }
        for each in users
        if each.has("infinite_session")
    ]
    if rows:
        await connection.execute(
            """WITH turned AS (UPDATE user_stats s SET infinite_session = r.is_on,
                       version = s.version + r.counted::int
                   FROM json_to_recordset(%(rows)s::json) AS r(users uuid[], is_on boolean, counted boolean)
                       CROSS JOIN unnest(r.users) AS o(user_id)
                   WHERE s.bot_id = %(bot)s AND s.user_id = o.user_id
                   RETURNING s.user_id, greatest(%(now)s, s.last_received_at + interval '1 microsecond') AS at, r.is_on)
               INSERT INTO infinite_toggles (bot_id, user_id, effective_at, is_on)
               SELECT %(bot)s, user_id, at, is_on FROM turned
               ON CONFLICT (bot_id, user_id, effective_at) DO UPDATE SET is_on = excluded.is_on""",
            {"rows": json_text(rows), "bot": bot_id, "now": now},
        )


async def let_channel_fill(connection: Connection, bot_id: UUID, user_ids: Sequence[UUID]) -> None:
    """A cleared field is the channel's to fill again: forget what it last said, so that its next word counts. How the
    person is reached is not forgotten."""
    await connection.execute(
        """UPDATE identities SET
               profile = nullif(jsonb_strip_nulls(jsonb_build_object('address', profile -> 'address')), '{}')
           WHERE bot_id = %s AND user_id = ANY(%s::uuid[])""",
        [bot_id, ids_text(user_ids)],
    )


async def remember(
    connection: Connection,
    bot_id: UUID,
    users: Iterable[Alike],
    actor: e.Actor,
    now: datetime,
    job_id: UUID | None = None,
) -> None:
    """Keep who changed what, when, from what to what."""
    rows = []
    for each in users:
        # One user after the other, each one's changes in the order they were made.
        ids, step = new_ids(len(each.user_ids) * len(each.changes)), len(each.changes)
        for number, change in enumerate(each.changes):
            undoes = [undone[number] for undone in each.undoes]
            rows.append(_Remembered(each.user_ids, ids[number::step], undoes, change.field, change.old, change.new))
    await connection.execute(
        """INSERT INTO changes (bot_id, id, user_id, at, source, actor_id, actor, field, old, new, undoes, job_id)
           SELECT %(bot)s, o.id, o.user_id, %(now)s, %(source)s, %(actor_id)s, %(actor)s, r.field, r.old, r.new,
               o.undoes, %(job)s
           FROM json_to_recordset(%(rows)s::json)
                   AS r(users uuid[], ids uuid[], undoes uuid[], field text, old jsonb, new jsonb)
               CROSS JOIN unnest(r.users, r.ids, r.undoes) AS o(user_id, id, undoes)
           ORDER BY o.id""",
        {
            "bot": bot_id,
            "now": now,
            "source": actor.source,
            "actor_id": actor.id,
            "actor": actor.name,
            "job": job_id,
            "rows": json_text(rows),
        },
    )


async def remember_one(
    connection: Connection,
    bot_id: UUID,
    user_id: UUID,
    change: e.Change,
    actor: e.Actor,
    now: datetime,
    undoes: UUID | None = None,
) -> None:
    """Keep one change of one user."""
    alone = Alike(Profile(), Profile(), (change,), [user_id], [(undoes,)])
    await remember(connection, bot_id, [alone], actor, now)


class _Remembered(Struct):
    users: Sequence[UUID]
    ids: Sequence[str]
    undoes: Sequence[UUID | None]
    field: str
    old: object
    new: object
