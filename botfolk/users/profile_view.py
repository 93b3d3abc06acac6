"""What the profile's templates show of a user: each field with its source, and what stands in the way of saving it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from msgspec import Struct

from botfolk.bot.form import amount
from botfolk.bot.personality import Personality
from botfolk.pages.formats import anchor, language, language_code, zone
from botfolk.users.attributes import TYPES, AttributeType
from botfolk.users.describe import value_text
from botfolk.users.edits import FOREVER
from botfolk.users.fields import FIELDS
from botfolk.users.origins import Origin
from botfolk.users.read import PauseBot

PAUSE_LENGTHS = (600, 1800, 3600, 14_400, 86_400)
"""Lengths offered beside the bot's own pause time, in seconds."""

_INPUT_TYPES = {"email": "email", "phone": "tel"}
_LISTS = {"timezone": "timezones", "language": "languages"}


class Mark(Struct, frozen=True):
    """Who set a field last: what its small mark says, and in full; what tells it from others in an element's id and in
    an address."""

    anchor: str
    path: str
    name: str
    title: str


class ShownField(Struct, kw_only=True):
    """A standard field. `expected`: the value the member sees or has been shown, by which a clash is found.
    `error`, `theirs`: why what was typed is not saved; `theirs` is the value somebody else saved meanwhile."""

    name: str
    label: str
    value: str
    expected: str
    input_type: str
    list: str | None
    mark: Mark | None
    error: str | None = None
    theirs: str | None = None
    changed_by: str | None = None

    @property
    def is_open(self) -> bool:
        """Say whether it holds something that is not saved."""
        return self.error is not None or self.theirs is not None


class ShownAttribute(Struct, kw_only=True):
    """An attribute, as ShownField; `name` in lower case, `label` as it was first spelled, `text` what its control
    holds."""

    name: str
    label: str
    type: AttributeType
    type_label: str
    text: str
    expected: str
    mark: Mark | None
    error: str | None = None
    theirs: str | None = None
    changed_by: str | None = None

    @property
    def is_open(self) -> bool:
        """Say whether it holds something that is not saved."""
        return self.error is not None or self.theirs is not None


class NewAttribute(Struct):
    """What was typed for a new attribute that could not be added."""

    name: str = ""
    type: str = ""
    value: str = ""
    error: str | None = None


class PauseView(Struct, frozen=True, kw_only=True):
    """The pause: `seconds` that are left, who began it, and the lengths to choose from; `length`, `unit`: the bot's own
    pause time as its form says it."""

    paused: bool
    forever: bool
    until: datetime | None
    seconds: float
    reason: str | None
    by: str | None
    default_seconds: int
    lengths: list[int]
    length: str
    unit: str


class ShownChange(Struct, frozen=True, kw_only=True):
    """A line of the history."""

    id: UUID
    at: datetime
    who: str
    text: str
    undone: bool
    can_undo: bool


def mark(origin: Origin | None, where: str, now: datetime) -> Mark | None:
    """Return the mark of a field; None when nobody ever set it."""
    return (
        Mark(anchor(origin.field), quote(origin.field, safe=""), origin.name, origin.title(where, now))
        if origin
        else None
    )


def field_text(name: str, value: str | None) -> str:
    """Write a standard field's value for its control: a language is called by its name."""
    return language(value) if name == "language" and value else value or ""


def typed_field(name: str, text: str, expected: str) -> str:
    """Return what was typed for a standard field, whose value was `expected`: a language may be called by its name, or
    be its code."""
    if name != "language":
        return text
    return expected if text == field_text(name, expected) else language_code(text) or text


def shown_field(name: str, value: str | None, origin: Origin | None, where: str, now: datetime) -> ShownField:
    """Return a standard field as the page shows it; times in the timezone `where`."""
    return ShownField(
        name=name,
        label=FIELDS[name].label,
        value=field_text(name, value),
        expected=value or "",
        input_type=_INPUT_TYPES.get(name, "text"),
        list=_LISTS.get(name),
        mark=mark(origin, where, now),
    )


def shown_attribute(
    name: str,
    value: Any,
    known: Mapping[str, tuple[str, AttributeType]],
    origin: Origin | None,
    where: str,
    now: datetime,
) -> ShownAttribute:
    """Return an attribute as the page shows it."""
    label, kind = known.get(name.lower(), (name, "text"))
    return ShownAttribute(
        name=name.lower(),
        label=label,
        type=kind,
        type_label=TYPES[kind],
        text=attribute_text(value, kind, where),
        expected=value_text(value),
        mark=mark(origin, where, now),
    )


def attribute_text(value: Any, kind: AttributeType, where: str) -> str:
    """Write an attribute's value for its control; a date-time as the clock shows it in the timezone `where`."""
    if kind == "datetime" and value is not None:
        local = datetime.fromisoformat(str(value)).astimezone(zone(where))
        return local.replace(tzinfo=None).isoformat(timespec="seconds")
    return value_text(value)


def typed_value(text: str, kind: AttributeType, where: str) -> str:
    """Return what was typed for an attribute; a date-time without a timezone is meant in `where`."""
    if kind != "datetime":
        return text
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone(where))).isoformat()
    except ValueError:
        return text


def shown_pause(stored: PauseBot, by: Origin | None, personality: Personality, now: datetime) -> PauseView:
    """Return the pause as it stands at a time."""
    until = stored.until or (FOREVER if stored.paused else None)
    left = (until - now).total_seconds() if until else 0.0
    paused = left > 0
    default = personality.pause_seconds
    lengths = sorted({default, *PAUSE_LENGTHS})
    length, unit = amount(default)
    return PauseView(
        paused=paused,
        forever=paused and until is not None and until >= FOREVER,
        until=until if paused else None,
        seconds=left,
        reason=stored.reason if paused else None,
        by=by.name if by and paused else None,
        default_seconds=default,
        lengths=lengths,
        length=length,
        unit=unit,
    )
