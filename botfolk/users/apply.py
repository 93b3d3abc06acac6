"""The one way a user is changed, whoever asks: lock, read, plan, write, remember who and when, tell the pages."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from botfolk.live.notify import users_changed
from botfolk.users import edits as e
from botfolk.users import store
from botfolk.users.fields import FIELDS
from botfolk.users.plan import Context, Pause, Plan, Profile, pause_of, plan

Connection = AsyncConnection[Any]


async def apply(
    connection: Connection,
    bot_id: UUID,
    user_id: UUID,
    edits: Sequence[e.Edit],
    actor: e.Actor,
    *,
    now: datetime,
    expected_version: int | None = None,
    undoes: UUID | None = None,
) -> e.Applied:
    """Carry out edits on one user, all or none, in the caller's transaction.

    `expected_version` is the profile's version the asker saw. Raises UserNotFound, InvalidEdit, Clash.
    """
    profile = await store.lock(connection, bot_id, user_id)
    if profile is None:
        raise e.UserNotFound(str(user_id))
    if expected_version is not None and expected_version != profile.version:
        raise e.Clash(profile.version, _asked(profile, edits, now))
    pause_seconds, types = await store.settings(connection, bot_id, _attribute_names(edits))
    context = Context(actor=actor, now=now, pause_seconds=pause_seconds, attribute_types=types)
    planned = plan(profile, edits, context)
    if planned.changes:
        await _write(connection, bot_id, user_id, profile, planned, context, undoes)
        await users_changed(connection, bot_id, [user_id])
    return e.Applied(planned.profile.version, tuple(planned.changes))


async def _write(
    connection: Connection,
    bot_id: UUID,
    user_id: UUID,
    old: Profile,
    planned: Plan,
    context: Context,
    undoes: UUID | None,
) -> None:
    new = planned.profile
    changed = {change.field for change in planned.changes}
    if planned.new_attributes:
        await store.add_attributes(connection, bot_id, planned.new_attributes)
    await store.write_profile(connection, bot_id, user_id, new)
    if old.tags != new.tags:
        await store.write_tags(connection, bot_id, user_id, old.tags, new.tags)
    for change in planned.changes:
        if change.field.startswith("notes."):
            await store.write_note(connection, bot_id, user_id, UUID(change.field[6:]), change.new, context.now)
    if "pause_bot" in changed:
        await store.write_pause(connection, bot_id, user_id, new.paused_until, new.pause_reason)
    if "infinite_session" in changed:
        await store.write_infinite_session(connection, bot_id, user_id, new.infinite_session, context.now)
    if context.actor.source != "channel" and any(map(_is_cleared, planned.changes)):
        await store.let_channel_fill(connection, bot_id, user_id)
    await store.remember(connection, bot_id, user_id, planned.changes, context.actor, context.now, undoes)


def _is_cleared(change: e.Change) -> bool:
    return change.new is None and (change.field in FIELDS or change.field.startswith("attributes."))


def _attribute_names(edits: Iterable[e.Edit]) -> list[str]:
    names = [edit.name.strip().lower() for edit in edits if isinstance(edit, e.SetAttribute)]
    return [name for name in names if "\x00" not in name]


def _asked(profile: Profile, edits: Iterable[e.Edit], now: datetime) -> dict[str, tuple[e.FieldValue, e.FieldValue]]:
    """Return, for each value asked for, the one that stands."""
    asked: dict[str, tuple[e.FieldValue, e.FieldValue]] = {}
    for edit in edits:
        match edit:
            case e.SetField():
                asked[edit.field] = (profile.fields.get(edit.field), edit.value)
            case e.SetAttribute():
                asked[f"attributes.{edit.name}"] = (profile.attributes.get(edit.name.lower()), edit.value)
            case e.RemoveAttribute():
                asked[f"attributes.{edit.name}"] = (profile.attributes.get(edit.name.lower()), None)
            case e.SetTags():
                asked["tags"] = (sorted(profile.tags.values()), edit.names)
            case e.SetInfiniteSession():
                asked["infinite_session"] = (profile.infinite_session, edit.on)
            case e.SetStatus():
                asked["status"] = (profile.status, edit.status)
            case e.PauseBot() | e.ResumeBot():
                asked["pause_bot"] = (pause_of(profile, now).paused, isinstance(edit, e.PauseBot))
            case _:
                pass
    return asked


class NoSuchChange(Exception):
    """The user has no such change, or it cannot be taken back; the text says which."""


async def undo(
    connection: Connection, bot_id: UUID, change_id: UUID, actor: e.Actor, *, now: datetime
) -> tuple[UUID, e.Applied]:
    """Take one change back, leaving later ones alone; return the user and what was done.

    Raises NoSuchChange, and Clash when the value has been changed again since.
    """
    row = await store.change(connection, bot_id, change_id)
    if row is None:
        raise NoSuchChange("there is no such change")
    user_id, name, old, new = row
    profile = await store.lock(connection, bot_id, user_id)
    if profile is not None and _is_changed_since(profile, name, new):
        raise e.Clash(profile.version, {})
    undoing = e.Actor(actor.source, actor.name, actor.id, undoing=True)
    edits = _inverse(name, old, new, now)
    return user_id, await apply(connection, bot_id, user_id, edits, undoing, now=now, undoes=change_id)


def _is_changed_since(profile: Profile, name: str, new: Any) -> bool:
    """Say whether what a change made of a field is no longer so; fields, attributes and tags say it by themselves."""
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
        case "is_group" | "group_title" | "identity":
            raise NoSuchChange("what the channel says of a group cannot be taken back")
        case _:
            return [e.SetField(name, old, expected=new)]
