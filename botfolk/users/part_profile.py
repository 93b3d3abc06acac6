"""Undo what a merge changed of the profile of the one who stayed; what was edited since stays as it was edited."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import convert
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from botfolk.users import edits as e
from botfolk.users import reading, store
from botfolk.users.apply import apply
from botfolk.users.fields import FIELDS
from botfolk.users.merge_rows import Snapshot
from botfolk.users.merge_rules import pause_until, value_of
from botfolk.users.plan import Pause, Profile

Connection = AsyncConnection[Any]


async def restore(
    connection: Connection,
    bot_id: UUID,
    stays: UUID,
    gone: UUID,
    snapshot: Snapshot,
    actor: e.Actor,
    now: datetime,
) -> None:
    """Give the one who stayed back what they had. Both are locked, and each has their identities again."""
    profile = await reading.lock_one(connection, bot_id, stays)
    if profile is None:
        raise e.UserNotFound(str(stays))
    toggled_again = await _toggled_again(connection, bot_id, stays, snapshot)
    edits: dict[str, list[e.Edit]] = {}
    for name, before, after in snapshot.set:
        if not (name == "infinite_session" and toggled_again):
            # Of tags there is a change for each that was added.
            edits.setdefault(name, []).extend(edits_back(profile, name, before, after, now))
    said = await _said(connection, bot_id, stays)
    undoing = e.Actor(actor.source, actor.name, actor.id, undoing=True)
    await apply(connection, bot_id, stays, [edit for each in edits.values() for edit in each], undoing, now=now)
    restored = {name for name, each in edits.items() if each}
    await _as_it_was(connection, bot_id, stays, snapshot, restored)
    await _remember_said(connection, bot_id, said)
    for user_id, before in ((stays, snapshot.stays_said), (gone, snapshot.said)):
        since = await _said(connection, bot_id, user_id)
        if any(name in before and before[name] != word for name, word in since.items()):
            # What the channel said of one meanwhile may have gone to the other: its next word counts.
            await store.let_channel_fill(connection, bot_id, [user_id])


def edits_back(profile: Profile, name: str, before: Any, after: Any, now: datetime) -> list[e.Edit]:
    """Return what brings one field back to what it was before the merge; nothing when it has been edited since."""
    match name:
        case "tags":
            added = {tag.lower() for tag in after} - {tag.lower() for tag in before}
            return [e.RemoveTag(profile.tags[key]) for key in sorted(added) if key in profile.tags]
        case "pause_bot":
            stands = Pause(profile.paused_until is not None, profile.paused_until, profile.pause_reason)
            was = convert(before, Pause)
            if stands != convert(after, Pause):
                return []
            still = was.until is not None and was.until > now
            return [pause_until(was.until, was.reason, now) if still and was.until else e.ResumeBot()]
        case "infinite_session":
            return [e.SetInfiniteSession(bool(before))] if profile.infinite_session == after else []
        case "picture":
            same = profile.picture_id == (None if after is None else UUID(after))
            return [e.SetPicture(None if before is None else UUID(before))] if same else []
        case _:
            return _value_back(profile, name, before, after)


def _value_back(profile: Profile, name: str, before: Any, after: Any) -> list[e.Edit]:
    stands = value_of(profile, name)
    if stands != after or type(stands) is not type(after):
        return []
    if name in FIELDS:
        return [e.SetField(name, before)]
    key = name.removeprefix("attributes.")
    return [e.RemoveAttribute(key) if before is None else e.SetAttribute(key, before)]


async def _toggled_again(connection: Connection, bot_id: UUID, stays: UUID, snapshot: Snapshot) -> bool:
    cursor = await connection.execute(
        "SELECT max(effective_at) > %s FROM infinite_toggles WHERE bot_id = %s AND user_id = %s",
        [snapshot.toggled_at, bot_id, stays],
    )
    row = await cursor.fetchone()
    return bool(row and row[0])


async def _as_it_was(connection: Connection, bot_id: UUID, stays: UUID, snapshot: Snapshot, restored: set[str]) -> None:
    """Write what an edit leaves its own trace in: who set a value, the toggle's history, the pause to the moment."""
    sources: dict[str, str] = snapshot.stays["users"]["field_sources"]
    await connection.execute(
        "UPDATE users SET field_sources = (field_sources - %s::text[]) || %s WHERE bot_id = %s AND id = %s",
        [list(restored), Jsonb({name: sources[name] for name in restored if name in sources}), bot_id, stays],
    )
    if "infinite_session" in restored and snapshot.toggled_at is not None:
        await connection.execute(
            "DELETE FROM infinite_toggles WHERE bot_id = %s AND user_id = %s AND effective_at >= %s",
            [bot_id, stays, snapshot.toggled_at],
        )
    if "pause_bot" in restored:
        was = snapshot.stays["user_stats"]
        await connection.execute(
            "UPDATE user_stats SET paused_until = %s, pause_reason = %s WHERE bot_id = %s AND user_id = %s",
            [was["paused_until"], was["pause_reason"], bot_id, stays],
        )


async def _said(connection: Connection, bot_id: UUID, user_id: UUID) -> dict[UUID, Any]:
    cursor = await connection.execute(
        "SELECT id, profile FROM identities WHERE bot_id = %s AND user_id = %s", [bot_id, user_id]
    )
    return dict(await cursor.fetchall())


async def _remember_said(connection: Connection, bot_id: UUID, said: dict[UUID, Any]) -> None:
    """A field that is empty again was so while the channel's word stood: it is not the channel's to fill anew."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "UPDATE identities SET profile = %s WHERE bot_id = %s AND id = %s AND profile IS DISTINCT FROM %s",
            [
                (document, bot_id, identity, document)
                for identity, profile in said.items()
                for document in [None if profile is None else Jsonb(profile)]
            ],
        )
