"""The people of one batch: found, or made."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct, field

from botfolk.channels.contract import Channel
from botfolk.channels.events import AnyEvent, Group, Profile
from botfolk.channels.registry import KINDS
from botfolk.conversations.statistics import Statistics
from botfolk.ids import new_id
from botfolk.ingest.rows import ChangeRow, IdentityRow, Json, UserRow
from botfolk.users import edits as e
from botfolk.users.fields import BadValue, clean
from botfolk.users.plan import Context, plan
from botfolk.users.plan import Profile as Planned
from botfolk.users.said import edits_of

Key = tuple[UUID, str]
"""(channel id, external id)"""


class Person(Struct, kw_only=True):
    """A user in a batch, by one of their identities."""

    identity_id: UUID
    external_id: str
    channel_id: UUID
    stats: Statistics
    status: str = "active"
    said: Json | None = None
    """what the channel last said of the person"""
    state: str = "active"
    state_at: datetime | None = None
    is_new: bool = False
    has_more_to_tell: bool = False
    """of a new one: whether their service says more of them when it is asked"""
    one_name: bool = True
    """whether this is the only name the service has given them"""
    erased_at: datetime | None = None
    """when whoever had this name was erased: what is older is not theirs"""
    user: UserRow | None = None
    """the row to insert, of a new user"""
    said_now: Json | None = None
    changes: list[ChangeRow] = field(default_factory=list)


class _Found(Struct, kw_only=True):
    """One of the answers to statements.PEOPLE."""

    channel_id: UUID
    external_id: str
    identity_id: UUID
    said: Json | None
    state: str
    state_at: datetime | None
    stats: Statistics
    one_name: bool
    erased_at: datetime | None


_read_found = msgspec.json.Decoder(list[_Found] | None).decode


def as_people(document: str) -> dict[Key, Person]:
    """Read the answer to statements.PEOPLE."""
    stats_of: dict[UUID, Statistics] = {}
    people: dict[UUID, Person] = {}
    named: dict[Key, Person] = {}
    for found in _read_found(document) or ():
        person = people.setdefault(
            found.identity_id,
            Person(
                identity_id=found.identity_id,
                external_id=found.external_id,
                channel_id=found.channel_id,
                # Two identities of one user share their statistics.
                stats=stats_of.setdefault(found.stats.user_id, found.stats),
                said=found.said,
                state=found.state,
                state_at=found.state_at,
                one_name=found.one_name,
                erased_at=found.erased_at,
            ),
        )
        named[(found.channel_id, found.external_id)] = person
    return named


def make(channel: Channel, external_id: str, now: datetime, erased_at: datetime | None = None) -> Person:
    """Make a user nobody has met, or whom nobody has met since they were erased."""
    user_id = new_id()
    return Person(
        identity_id=new_id(),
        external_id=external_id,
        channel_id=channel.id,
        stats=Statistics(user_id=user_id, created_at=now),
        is_new=True,
        has_more_to_tell=KINDS[channel.kind].fetches_profile,
        user=UserRow(bot_id=channel.bot_id, id=user_id, added_at=now),
        erased_at=erased_at,
    )


def said_by(event: AnyEvent) -> Json | None:
    """Return what an event says of the person or group, in the form it is remembered; None when it says nothing."""
    said: Json = {}
    profile: Profile | None = getattr(event, "profile", None)
    group: Group | None = getattr(event, "group", None)
    if profile is not None:
        said = {"fields": profile.fields, "username": profile.username, "full": profile.full}
        if profile.attributes:
            said["attributes"] = profile.attributes
    if group is not None:
        said["group"] = group.title
    if event.address:
        said["address"] = {name: value for name, value in event.address.items() if value}
    return said or None


def is_news(person: Person, said: Json) -> bool:
    """Say whether the channel says something else of the person than it last did; nothing is as good as not said."""
    known = person.said_now or person.said or {}
    return any((value or None) != (known.get(name) or None) for name, value in said.items())


def remember(person: Person, said: Json) -> None:
    """Remember what the channel now says; what it does not speak of stays as it was last said."""
    person.said_now = {**(person.said_now or person.said or {}), **said}


def edits_for(said: Mapping[str, Any]) -> list[e.Edit]:
    """Return the edits that what a channel says amounts to. A value it does not give erases nothing (unless full)."""
    edits: list[e.Edit] = []
    fields = said.get("fields")
    if fields is not None:
        attributes = said.get("attributes") or {}
        edits += edits_of(Profile(fields=fields, full=bool(said.get("full")), attributes=attributes))
    if "group" in said:
        edits.append(e.SetGroup(said["group"]))
    return edits


THEMSELVES = e.Actor("user", "Said by the user")
"""The actor of what a person says of themselves when asked."""


def answer_edits(answers: Mapping[str, str]) -> list[e.Edit]:
    """Return the edits that a person's answers amount to; what is no value of its field is left out."""
    edits: list[e.Edit] = []
    for name, given in answers.items():
        with suppress(BadValue):
            edits.append(e.SetField(name, clean(name, given)))
    return edits


def channel_actor(channel: Channel) -> e.Actor:
    """Return the actor of what a channel says."""
    return e.Actor("channel", KINDS[channel.kind].label, channel.id)


def introduce(person: Person, said: Json, channel: Channel, now: datetime) -> None:
    """Fill a new user's row with what the channel says, by the same rules as any later edit."""
    user = person.user
    if user is None:
        raise ValueError("only a new user is introduced")
    # Attributes wait until the user's row stands: their names are the bot's.
    fields_only = {name: value for name, value in said.items() if name != "attributes"}
    before = Planned(
        fields={name: getattr(user, name) for name in _FIELDS},
        is_group=user.is_group,
        group_title=user.group_title,
        sources=dict(user.field_sources),
        version=user.version,
    )
    planned = plan(before, edits_for(fields_only), Context(actor=channel_actor(channel), now=now))
    for name in _FIELDS:
        setattr(user, name, planned.profile.fields.get(name))
    user.is_group, user.group_title = planned.profile.is_group, planned.profile.group_title
    user.field_sources = planned.profile.sources
    person.changes += [
        ChangeRow(
            bot_id=channel.bot_id,
            id=new_id(),
            user_id=user.id,
            at=now,
            source="channel",
            actor_id=channel.id,
            actor=KINDS[channel.kind].label,
            field=change.field,
            old=change.old,
            new=change.new,
        )
        for change in planned.changes
    ]
    remember(person, said)


_FIELDS = ("first_name", "last_name", "email", "phone", "timezone", "language")


def identity_row(person: Person, bot_id: UUID, now: datetime) -> IdentityRow:
    """Return the identity of a new user."""
    said = person.said_now or {}
    return IdentityRow(
        bot_id=bot_id,
        id=person.identity_id,
        user_id=person.stats.user_id,
        channel_id=person.channel_id,
        external_id=person.external_id,
        username=said.get("username"),
        profile=person.said_now,
        erased_at=person.erased_at,
        created_at=now,
    )


def by_user(people: Iterable[Person]) -> list[Statistics]:
    """Return each user's statistics once, in user id order."""
    return sorted({p.stats.user_id: p.stats for p in people}.values(), key=lambda stats: stats.user_id)
