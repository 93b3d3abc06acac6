"""What the pages show of merging: who looks like the same person, and two users beside each other."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection

from botfolk.pages.catalogue import gettext as _
from botfolk.pages.formats import clock, day
from botfolk.team.principal import Principal
from botfolk.users import in_use
from botfolk.users.attributes import AttributeType
from botfolk.users.describe import value_text
from botfolk.users.fields import FIELDS
from botfolk.users.merge_rules import Held, Pair, Side
from botfolk.users.names import shown_name
from botfolk.users.origins import SOURCES
from botfolk.users.read import User, get_users, picture_address
from botfolk.users.same_person import Suggestion

Connection = AsyncConnection[Any]
Known = Mapping[str, tuple[str, AttributeType]]


class Likeness(Struct, frozen=True):
    """Another user who looks like the same person, and why; `apart`: a member said that they are two."""

    user: User
    name: str
    reason: str
    apart: bool


class Option(Struct, frozen=True):
    """One of two values: `picture` is where a picture is served, `about` who set it and when."""

    side: Side
    text: str
    picture: str | None
    about: str
    chosen: bool


class Asked(Struct, frozen=True):
    """A field in which two users differ."""

    field: str
    label: str
    options: list[Option]


class Beside(Struct, frozen=True):
    """Two users before they are merged. `gained`: (label, value) of what only the other has; `tags` likewise."""

    this: User
    other: User
    this_name: str
    other_name: str
    asked: list[Asked]
    gained: list[tuple[str, str]]
    tags: list[str]
    versions: tuple[int, int]


def name_of(user: User) -> str:
    """Return how a user is called."""
    kind = user.identities[0].kind if user.identities else None
    return shown_name(user.id, user.first_name, user.last_name, group_title=user.group.title, kind=kind)


async def likenesses(
    connection: Connection, bot_id: UUID, found: Sequence[Suggestion], now: datetime
) -> list[Likeness]:
    """Return who may be the same person as a user as they are now, those first of whom nobody has said otherwise."""
    if not found:
        return []
    users = await get_users(connection, bot_id, [each.user_id for each in found], now)
    reasons = {"phone": _("same phone %s"), "email": _("same email %s")}
    return [
        Likeness(users[each.user_id], name_of(users[each.user_id]), reasons[each.reason] % each.value, each.apart)
        for each in sorted(found, key=lambda each: each.apart)
        if each.user_id in users
    ]


async def beside(
    connection: Connection, me: Principal, this: UUID, other: UUID, pair: Pair, chosen: Mapping[str, str], now: datetime
) -> Beside:
    """Return what the page of two users shows; `chosen`: what was chosen before."""
    users = await get_users(connection, me.bot_id, [this, other], now)
    known = await in_use.attributes(connection, me.bot_id)
    questions = pair.questions()
    asked = [
        Asked(
            question.field,
            _label(question.field, known),
            [
                _option(side, held, question.field, chosen.get(question.field, question.default) == side, me, now)
                for side, held in _sides(question.this, question.other)
            ],
        )
        for question in questions
    ]
    gained = [
        (_label(field, known), _("a picture") if field == "picture" else value_text(theirs))
        for field in pair.fields()
        for ours, theirs in [pair.values(field)]
        if ours is None and theirs is not None
    ]
    tags = [name for key, name in sorted(pair.other.tags.items()) if key not in pair.this.tags]
    return Beside(
        users[this],
        users[other],
        name_of(users[this]),
        name_of(users[other]),
        asked,
        gained,
        tags,
        (pair.this.version, pair.other.version),
    )


def _sides(this: Held, other: Held) -> list[tuple[Side, Held]]:
    return [("this", this), ("other", other)]


def _label(field: str, known: Known) -> str:
    if field in FIELDS:
        return FIELDS[field].label
    if field.startswith("attributes."):
        name = field.removeprefix("attributes.")
        return known[name][0] if name in known else name
    return _("Picture") if field == "picture" else _("Infinite session")


def _option(side: Side, held: Held, field: str, chosen: bool, me: Principal, now: datetime) -> Option:
    picture = picture_address(held.value) if isinstance(held.value, UUID) else None
    about = _(SOURCES[held.source]) if held.source in SOURCES else ""
    if held.at is not None:
        about = f"{about} · {day(held.at, me.timezone, now)}, {clock(held.at, me.timezone)}".removeprefix(" · ")
    if field == "infinite_session":
        return Option(side, _("On") if held.value else _("Off"), None, about, chosen)
    return Option(side, "" if picture else value_text(held.value), picture, about, chosen)
