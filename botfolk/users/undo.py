"""Take changes back, leaving alone what has been changed again since."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from botfolk.users import edits as e
from botfolk.users import reading
from botfolk.users.apply import Asked, Outcome, apply_to_many
from botfolk.users.needed import Part, part_of
from botfolk.users.plan import Pause, Profile
from botfolk.users.reading import Kept

Connection = AsyncConnection[Any]

_LOOKED_AT: frozenset[Part] = frozenset({"notes", "picture", "status", "infinite_session", "pause_bot"})
"""Whether these have been changed since is seen here; fields, attributes and tags say it by themselves."""


class NoSuchChange(Exception):
    """The user has no such change, or it cannot be taken back; the text says which."""


async def undo(
    connection: Connection, bot_id: UUID, change_id: UUID, actor: e.Actor, *, now: datetime
) -> tuple[UUID, e.Applied]:
    """Take one change back, leaving later ones alone; return the user and what was done.

    Raises NoSuchChange, and Clash when the value has been changed again since.
    """
    kept = await reading.change(connection, bot_id, change_id)
    if kept is None:
        raise NoSuchChange("there is no such change")
    if kept.field in ("created", "identity"):
        raise NoSuchChange("this came with an import: undo the import, or change the user")
    if part_of(kept.field) in (None, "group"):
        raise NoSuchChange("what the channel says of a group cannot be taken back")
    [outcome] = await undo_many(connection, bot_id, [kept], actor, now=now)
    if isinstance(outcome, Exception):
        raise outcome
    return kept.user_id, outcome


async def undo_many(
    connection: Connection,
    bot_id: UUID,
    changes: Sequence[Kept],
    actor: e.Actor,
    *,
    now: datetime,
    job_id: UUID | None = None,
) -> list[Outcome]:
    """Take changes back in the order given; return what became of each: Clash when it has been changed again since."""
    parts = {part for kept in changes if (part := part_of(kept.field)) in _LOOKED_AT}
    profiles: dict[UUID, Profile] = {}
    if parts:
        ids = [kept.user_id for kept in changes]
        profiles = await reading.lock(connection, bot_id, ids, parts, versions=job_id is None)
    asked: list[Asked] = []
    clashes: dict[int, e.Clash] = {}
    # What was changed alike is taken back alike, by the very same edits.
    alike: dict[tuple[str, int, int], list[e.Edit]] = {}
    same: dict[str, list[e.Edit]] = {}
    for number, kept in enumerate(changes):
        profile = profiles.get(kept.user_id)
        if profile is not None and _is_changed_since(profile, kept.field, kept.new):
            clashes[number] = e.Clash(profile.version, {})
            continue
        key = (kept.field, id(kept.old), id(kept.new))
        edits = alike.get(key)
        if edits is None:
            inverse = _inverse(kept.field, kept.old, kept.new, now)
            edits = alike[key] = same.setdefault(repr(inverse), inverse)
        asked.append(Asked(user_id=kept.user_id, edits=edits, undoes=kept.id))
    undoing = e.Actor(actor.source, actor.name, actor.id, undoing=True)
    done = iter(await apply_to_many(connection, bot_id, asked, undoing, now=now, job_id=job_id))
    return [clashes[number] if number in clashes else next(done) for number in range(len(changes))]


def _is_changed_since(profile: Profile, name: str, new: Any) -> bool:
    """Say whether what a change made of a field is no longer so."""
    if name.startswith("notes."):
        note = profile.notes.get(UUID(name[6:]))
        return note != (None if new is None else msgspec.convert(new, e.Note))
    match name:
        case "picture":
            return profile.picture_id != (None if new is None else UUID(new))
        case "status":
            return bool(profile.status != new)
        case "infinite_session":
            return bool(profile.infinite_session != new)
        case "pause_bot":
            stands = Pause(profile.paused_until is not None, profile.paused_until, profile.pause_reason)
            return stands != msgspec.convert(new, Pause)
        case _:
            return False


def _inverse(name: str, old: Any, new: Any, now: datetime) -> list[e.Edit]:
    if name.startswith("attributes."):
        key = name.removeprefix("attributes.")
        return [e.RemoveAttribute(key, new) if old is None else e.SetAttribute(key, old, expected=new)]
    if name.startswith("notes."):
        return [e.DeleteNote(UUID(name[6:]))] if old is None else [e.RestoreNote(msgspec.convert(old, e.Note))]
    match name:
        case "tags":
            # By their names: nothing changes how a tag is called, and one that nobody has is there still.
            gone, added = set(old) - set(new), set(new) - set(old)
            return [*map(e.AddTag, sorted(gone)), *map(e.RemoveTag, sorted(added))]
        case "pause_bot":
            pause = msgspec.convert(old, Pause)
            if not pause.paused or pause.until is None or pause.until <= now:
                return [e.ResumeBot()]
            forever = pause.until >= e.FOREVER
            return [e.PauseBot((pause.until - now).total_seconds(), forever=forever, reason=pause.reason)]
        case "infinite_session":
            return [e.SetInfiniteSession(bool(old))]
        case "status":
            return [e.SetStatus(old)]
        case "picture":
            return [e.SetPicture(None if old is None else UUID(old))]
        case _:
            return [e.SetField(name, old, expected=new)]
