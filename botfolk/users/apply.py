"""The one way users are changed, whoever asks and however many: lock, read, plan, write, remember, tell the pages."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection

from botfolk.live.notify import users_changed
from botfolk.users import edits as e
from botfolk.users import reading, store
from botfolk.users.attributes import AttributeType
from botfolk.users.fields import FIELDS
from botfolk.users.needed import Part, attributes_of, parts_of
from botfolk.users.plan import Context, Profile, pause_of, plan
from botfolk.users.store import Alike, Changed, Undoes

Connection = AsyncConnection[Any]


class Asked(Struct, frozen=True, kw_only=True, gc=False):
    """What is asked of one user, all or none of it.

    `expected_version` is the profile's version the asker saw, `undoes` the change that the edits take back.
    """

    user_id: UUID
    edits: Sequence[e.Edit]
    expected_version: int | None = None
    undoes: UUID | None = None


Outcome = e.Applied | e.UserNotFound | e.InvalidEdit | e.Clash
"""What became of what was asked: done, or why not."""


async def apply(
    connection: Connection,
    bot_id: UUID,
    user_id: UUID,
    edits: Sequence[e.Edit],
    actor: e.Actor,
    *,
    now: datetime,
    expected_version: int | None = None,
    job_id: UUID | None = None,
) -> e.Applied:
    """Carry out edits on one user, all or none, in the caller's transaction.

    `expected_version` is the profile's version the asker saw, `job_id` the job whose work it is. Raises UserNotFound,
    InvalidEdit, Clash.
    """
    asked = Asked(user_id=user_id, edits=edits, expected_version=expected_version)
    [outcome] = await apply_to_many(connection, bot_id, [asked], actor, now=now, job_id=job_id)
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


async def apply_to_many(
    connection: Connection,
    bot_id: UUID,
    asked: Sequence[Asked],
    actor: e.Actor,
    *,
    now: datetime,
    job_id: UUID | None = None,
) -> list[Outcome]:
    """Carry out what is asked of users in the caller's transaction; return what became of each, in the same order.

    One that cannot be done keeps no other from being done. What is asked of the same user comes in the order given,
    each on what the one before made. `job_id`: the job whose work this is; versions are not told to one. Raises
    InvalidEdit only when another transaction has just made a new attribute with another type; then nothing was written.
    """
    every = {id(one.edits): one.edits for one in asked}
    edits = [edit for each in every.values() for edit in each]
    parts = parts_of(edits)
    # A job asks for no version, and so users who differ in nothing else are alike.
    versions = job_id is None or any(one.expected_version is not None for one in asked)
    ids = [one.user_id for one in asked]
    profiles = await reading.lock(connection, bot_id, ids, parts, attributes_of(edits), versions=versions)
    pause_seconds, types = await reading.settings(connection, bot_id, _attribute_names(edits))
    context = Context(actor=actor, now=now, pause_seconds=pause_seconds, attribute_types=types)
    known, deciding = set(types), _Deciding(profiles, types, context, shares="notes" not in parts)
    outcomes = [deciding.decide(one) for one in asked]
    if deciding.changed:
        await store.add_attributes(connection, bot_id, {name: types[name] for name in types.keys() - known})
        await _write(connection, bot_id, store.alike(deciding.changed), parts, context, job_id)
        await users_changed(connection, bot_id, deciding.changed)
    return outcomes


_Planned = tuple[Outcome, Changed | None]


class _Deciding:
    """Plans what is asked of users: once for all who are alike and of whom the same is asked, but for notes, of which
    each is one of its own (`shares`)."""

    def __init__(
        self,
        profiles: dict[UUID, Profile],
        types: dict[str, tuple[str, AttributeType]],
        context: Context,
        *,
        shares: bool,
    ) -> None:
        self.changed: dict[UUID, tuple[Changed, Undoes]] = {}
        self._profiles = profiles
        self._types = types
        self._context = context
        self._shares = shares
        # By whom and what it is; these are held, so that nothing else comes to be known by the same.
        self._planned: dict[tuple[int, int], tuple[_Planned, Profile, Sequence[e.Edit]]] = {}

    def decide(self, asked: Asked) -> Outcome:
        """Plan what is asked of one user. The profile it makes, and new attributes, are what the next starts from."""
        before = self.changed.get(asked.user_id)
        profile = self._profiles.get(asked.user_id) if before is None else before[0].new
        if profile is None:
            return e.UserNotFound(str(asked.user_id))
        if asked.expected_version is not None and asked.expected_version != profile.version:
            return e.Clash(profile.version, _asked(profile, asked.edits, self._context.now))
        if before is not None:
            return self._decide_on(asked, *before)
        outcome, change = self._plan_once(profile, asked.edits)
        if change is not None:
            self.changed[asked.user_id] = change, (asked.undoes,) * len(change.changes)
        return outcome

    def _decide_on(self, asked: Asked, before: Changed, undone: Undoes) -> Outcome:
        """Plan what is asked of a user who has been changed: however much it is, the user is written once."""
        outcome, change = self._plan(before.new, asked.edits)
        if change is not None:
            outcome = e.Applied(before.new.version, change.changes)
            change.new.version = before.new.version
            both = Changed(before.old, change.new, (*before.changes, *change.changes))
            self.changed[asked.user_id] = both, (*undone, *(asked.undoes,) * len(change.changes))
        return outcome

    def _plan_once(self, profile: Profile, edits: Sequence[e.Edit]) -> _Planned:
        key = (id(profile), id(edits))
        found = self._planned.get(key)
        if found is not None:
            return found[0]
        planned = self._plan(profile, edits)
        if self._shares:
            self._planned[key] = planned, profile, edits
        return planned

    def _plan(self, profile: Profile, edits: Sequence[e.Edit]) -> _Planned:
        try:
            planned = plan(profile, edits, self._context)
        except (e.InvalidEdit, e.Clash) as error:
            return error, None
        if planned.changes and planned.new_attributes:
            # What has been planned without knowing of them is planned anew.
            self._types.update(planned.new_attributes)
            self._planned.clear()
        changes = tuple(planned.changes)
        applied = e.Applied(planned.profile.version, changes)
        return applied, Changed(profile, planned.profile, changes) if changes else None


async def _write(
    connection: Connection,
    bot_id: UUID,
    users: Sequence[Alike],
    parts: frozenset[Part],
    context: Context,
    job_id: UUID | None,
) -> None:
    await store.write_profiles(connection, bot_id, users, parts)
    if "tags" in parts:
        await store.write_tags(connection, bot_id, users)
    if "notes" in parts:
        await store.write_notes(connection, bot_id, users, context.now)
    if "pause_bot" in parts:
        await store.write_pauses(connection, bot_id, users)
    if "infinite_session" in parts:
        await store.write_infinite_sessions(connection, bot_id, users, context.now)
    if context.actor.source != "channel":
        cleared = [user_id for each in users if any(map(_is_cleared, each.changes)) for user_id in each.user_ids]
        if cleared:
            await store.let_channel_fill(connection, bot_id, cleared)
    await store.remember(connection, bot_id, users, context.actor, context.now, job_id)


def _is_cleared(change: e.Change) -> bool:
    return change.new is None and (change.field in FIELDS or change.field.startswith("attributes."))


def _attribute_names(edits: Iterable[e.Edit]) -> list[str]:
    names = {edit.name.strip().lower() for edit in edits if isinstance(edit, e.SetAttribute)}
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
