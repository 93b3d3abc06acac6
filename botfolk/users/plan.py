"""Decide what edits change: a pure function of the profile as it is, what is asked, and who asks.

Page, API, channel, bot and import all go through `plan`; only the writing differs (`apply.py` one user at a time,
`ingest` in batches).
"""

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct, field

from botfolk.ids import new_id
from botfolk.users import attributes as attribute_rules
from botfolk.users import edits as e
from botfolk.users.attributes import AttributeType, AttributeValue
from botfolk.users.fields import FIELDS, BadValue, clean
from botfolk.users.remembered import remembered

MAX_TAG = 64
MAX_NOTE = 10_000
LONGEST_PAUSE = timedelta(days=366)


class Profile(Struct, kw_only=True, gc=False):
    """What a decision needs to know of a user. `attributes` by lower-case name; `tags` lower-case name → name.

    `other_attributes`: at least so many more than `attributes` holds, where only some were read.
    """

    fields: dict[str, str | None] = field(default_factory=dict)
    picture_id: UUID | None = None
    is_group: bool = False
    group_title: str | None = None
    status: e.Status = "active"
    attributes: dict[str, AttributeValue] = field(default_factory=dict)
    other_attributes: int = 0
    sources: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    notes: dict[UUID, e.Note] = field(default_factory=dict)
    infinite_session: bool = False
    paused_until: datetime | None = None
    pause_reason: str | None = None
    version: int = 0


class Context(Struct, frozen=True, kw_only=True):
    """What a decision needs beside the profile. `attribute_types`: lower-case name → (spelling, type)."""

    actor: e.Actor
    now: datetime
    pause_seconds: float = 600
    attribute_types: Mapping[str, tuple[str, AttributeType]] = field(default_factory=dict)


class Plan(Struct, gc=False):
    """The profile as it will be, what changed, and attributes the bot has not had before: name → (spelling, type)."""

    profile: Profile
    changes: list[e.Change] = field(default_factory=list)
    new_attributes: dict[str, tuple[str, AttributeType]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    clashes: dict[str, tuple[e.FieldValue, e.FieldValue]] = field(default_factory=dict)


def may_set(name: str, is_empty: bool, sources: Mapping[str, str], source: e.Source) -> bool:
    """Say whether a source may set a field: a channel only one that is empty or that a channel set."""
    return source != "channel" or is_empty or sources.get(name, "channel") == "channel"


def plan(profile: Profile, edits: Iterable[e.Edit], context: Context) -> Plan:
    """Decide the edits in order. Raises InvalidEdit (all errors at once), Clash. `profile` is left as it is."""
    planned = Plan(profile=_copy(profile))
    decide(planned, edits, context)
    return settled(planned)


def decide(planned: Plan, edits: Iterable[e.Edit], context: Context) -> None:
    """Go on with a plan: decide edits on what it makes so far."""
    for edit in edits:
        _DECIDE[type(edit)](planned, edit, context)


def settled(planned: Plan) -> Plan:
    """Return a plan that is whole. Raises InvalidEdit (all errors at once), Clash."""
    if planned.errors:
        raise e.InvalidEdit(planned.errors)
    if planned.clashes:
        raise e.Clash(planned.profile.version, planned.clashes)
    if planned.changes:
        planned.profile.version += 1
    return planned


def _copy(profile: Profile) -> Profile:
    copied = copy(profile)
    copied.fields, copied.sources, copied.tags = dict(profile.fields), dict(profile.sources), dict(profile.tags)
    copied.attributes, copied.notes = dict(profile.attributes), dict(profile.notes)
    return copied


def _set_state(planned: Plan, edit: e.SetInfiniteSession | e.SetStatus | e.SetGroup, _context: Context) -> None:
    match edit:
        case e.SetInfiniteSession():
            _simple(planned, "infinite_session", edit.on)
        case e.SetStatus() if not edit.of or planned.profile.status in edit.of:
            _simple(planned, "status", edit.status)
        case e.SetGroup():
            _simple(planned, "is_group", True)
            _simple(planned, "group_title", edit.title or planned.profile.group_title)


def _simple(planned: Plan, name: str, value: object) -> None:
    old = getattr(planned.profile, name)
    if old != value:
        setattr(planned.profile, name, value)
        planned.changes.append(e.Change(name, old, value))


def _set_field(planned: Plan, edit: e.SetField, context: Context) -> None:
    profile, name = planned.profile, edit.field
    if name not in FIELDS:
        planned.errors[name] = f"there is no field “{name}”"
        return
    old, source = profile.fields.get(name), context.actor.source
    try:
        value = clean(name, edit.value)
    except BadValue as error:
        # What a channel says of a person is taken or left, never an error of anybody's.
        if source != "channel":
            planned.errors[name] = str(error)
        return
    if not may_set(name, old is None, profile.sources, source):
        return
    if edit.expected is not UNSET and (edit.expected or None) != old and value != old:
        planned.clashes[name] = (old, value)
        return
    if value == old:
        return
    profile.fields[name] = value
    if value is None:
        profile.sources.pop(name, None)
    else:
        profile.sources[name] = source
    planned.changes.append(e.Change(name, old, value))


def _set_attribute(planned: Plan, edit: e.SetAttribute, context: Context) -> None:
    profile, source = planned.profile, context.actor.source
    try:
        label = attribute_rules.clean_name(edit.name)
        key = label.lower()
        known = context.attribute_types.get(key) or planned.new_attributes.get(key)
        kind = known[1] if known else edit.type or attribute_rules.type_of(edit.value)
        if known and edit.type and edit.type != known[1]:
            raise BadValue(f"“{known[0]}” already is of type {attribute_rules.TYPES[known[1]]}")
        value = attribute_rules.clean_value(edit.value, kind)
        held = len(profile.attributes) + profile.other_attributes
        if key not in profile.attributes and held >= attribute_rules.MAX_ATTRIBUTES:
            raise BadValue(f"a user can have at most {attribute_rules.MAX_ATTRIBUTES} attributes")
    except BadValue as error:
        if source != "channel":
            planned.errors[f"attributes.{edit.name[:80]}"] = str(error)
        return
    old, name = profile.attributes.get(key), f"attributes.{key}"
    if not may_set(name, old is None, profile.sources, source):
        return
    if not known:
        planned.new_attributes[key] = (label, kind)
    if edit.expected is not UNSET and edit.expected != old and value != old:
        planned.clashes[name] = (old, value)
    elif type(old) is not type(value) or old != value:
        profile.attributes[key] = value
        profile.sources[name] = source
        planned.changes.append(e.Change(name, old, value))


def _remove_attribute(planned: Plan, edit: e.RemoveAttribute, _context: Context) -> None:
    key = edit.name.strip().lower()
    if key in planned.profile.attributes:
        old = planned.profile.attributes[key]
        if edit.expected is not UNSET and edit.expected != old:
            planned.clashes[f"attributes.{key}"] = (old, None)
            return
        del planned.profile.attributes[key]
        planned.profile.sources.pop(f"attributes.{key}", None)
        planned.changes.append(e.Change(f"attributes.{key}", old, None))


def _set_tags(planned: Plan, edit: e.SetTags | e.AddTag | e.RemoveTag, _context: Context) -> None:
    profile = planned.profile
    before = profile.tags
    names: dict[str, str] = {}
    for raw in edit.names if isinstance(edit, e.SetTags) else (edit.name,):
        name = clean_tag(raw)
        if name is None:
            planned.errors["tags"] = f"a tag has 1 to {MAX_TAG} characters"
            return
        key = name.lower()
        names[key] = before.get(key, name)
    match edit:
        case e.SetTags():
            after = names
        case e.AddTag():
            after = before | names
        case e.RemoveTag():
            after = {key: name for key, name in before.items() if key not in names}
    if after.keys() != before.keys():
        profile.tags = after
        planned.changes.append(e.Change("tags", sorted(before.values()), sorted(after.values())))


@remembered(4096, 2 * MAX_TAG)
def clean_tag(raw: str) -> str | None:
    """Return a tag's name as it is stored; None for what can be none."""
    name = " ".join(raw.replace("\x00", "").split())
    return name if 0 < len(name) <= MAX_TAG else None


def _note(planned: Plan, edit: e.AddNote | e.EditNote | e.DeleteNote | e.RestoreNote, context: Context) -> None:
    actor = context.actor
    match edit:
        case e.RestoreNote():
            _write_note(planned, edit.note)
        case e.AddNote():
            if text := _note_text(planned, edit.text):
                _write_note(planned, e.Note(new_id(), text, actor.name, actor.id, context.now))
        case e.EditNote():
            note, text = _own_note(planned, edit.note_id, actor), _note_text(planned, edit.text)
            if note and text and text != note.text:
                _write_note(planned, e.Note(note.id, text, note.author, note.author_id, note.at))
        case e.DeleteNote():
            if note := _own_note(planned, edit.note_id, actor):
                del planned.profile.notes[note.id]
                planned.changes.append(e.Change(f"notes.{note.id}", note, None))


def _note_text(planned: Plan, raw: str) -> str | None:
    text = raw.replace("\x00", "").strip()
    if 0 < len(text) <= MAX_NOTE:
        return text
    planned.errors["notes"] = f"a note has 1 to {MAX_NOTE} characters"
    return None


def _own_note(planned: Plan, note_id: UUID, actor: e.Actor) -> e.Note | None:
    note = planned.profile.notes.get(note_id)
    if note and (actor.undoing or note.author_id == actor.id):
        return note
    planned.errors["notes"] = "only its author can change a note" if note else "there is no such note any more"
    return None


def _write_note(planned: Plan, note: e.Note) -> None:
    planned.changes.append(e.Change(f"notes.{note.id}", planned.profile.notes.get(note.id), note))
    planned.profile.notes[note.id] = note


class Pause(Struct, frozen=True):
    """A pause as the history keeps it."""

    paused: bool
    until: datetime | None = None
    reason: str | None = None


def pause_of(profile: Profile, now: datetime) -> Pause:
    """Return the pause in force at a time: one that has ended is none."""
    if profile.paused_until is None or profile.paused_until <= now:
        return Pause(False)
    return Pause(True, profile.paused_until, profile.pause_reason)


def _pause(planned: Plan, edit: e.PauseBot | e.ResumeBot, context: Context) -> None:
    profile, old = planned.profile, pause_of(planned.profile, context.now)
    if isinstance(edit, e.ResumeBot):
        new = Pause(False)
    else:
        seconds = context.pause_seconds if edit.seconds is None else edit.seconds
        if edit.until is not None:
            seconds = (edit.until - context.now).total_seconds()
        if not edit.forever and not 0 < seconds <= LONGEST_PAUSE.total_seconds():
            planned.errors["pause_bot"] = (
                "this time has passed: choose a later one"
                if edit.until is not None and seconds <= 0
                else "a pause lasts more than 0 minutes and at most 366 days, or until resumed"
            )
            return
        until = e.FOREVER if edit.forever else edit.until or context.now + timedelta(seconds=seconds)
        if edit.at_least and old.until and old.until >= until:
            return
        reason = (edit.reason or "").replace("\x00", "").strip()[:500] or (old.reason if edit.at_least else None)
        new = Pause(True, until, reason)
    if new != old:
        profile.paused_until, profile.pause_reason = new.until, new.reason
        planned.changes.append(e.Change("pause_bot", old, new))


def _picture(planned: Plan, edit: e.SetPicture, context: Context) -> None:
    profile = planned.profile
    # Unlike a cleared field, a picture that was taken away stays away: who removes it does not want to see it.
    if not may_set("picture", False, profile.sources, context.actor.source):
        return
    if edit.media_id == profile.picture_id:
        return
    planned.changes.append(e.Change("picture", profile.picture_id, edit.media_id))
    profile.picture_id = edit.media_id
    profile.sources["picture"] = context.actor.source


_DECIDE: Mapping[type[e.Edit], Callable[[Plan, Any, Context], None]] = {
    e.SetField: _set_field,
    e.SetAttribute: _set_attribute,
    e.RemoveAttribute: _remove_attribute,
    **dict.fromkeys((e.SetTags, e.AddTag, e.RemoveTag), _set_tags),
    **dict.fromkeys((e.AddNote, e.EditNote, e.DeleteNote, e.RestoreNote), _note),
    **dict.fromkeys((e.PauseBot, e.ResumeBot), _pause),
    e.SetPicture: _picture,
    **dict.fromkeys((e.SetInfiniteSession, e.SetStatus, e.SetGroup), _set_state),
}
