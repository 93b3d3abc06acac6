"""Suggest what each column becomes: by its header, or by what stands in it."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from botfolk.imports.headers import attribute_name, known, plain
from botfolk.imports.mapping import Target, read_target
from botfolk.imports.presets import Preset
from botfolk.users import attributes as attribute_rules
from botfolk.users.attributes import AttributeType
from botfolk.users.fields import BadValue, clean

Types = Mapping[str, tuple[str, AttributeType]]
Channels = Mapping[UUID, str]
"""The bot's channels: id → kind."""

_YES_NO = {"yes", "no", "true", "false"}
_NUMBER = re.compile(r"[+-]?(0|[1-9]\d{0,14})(\.\d+)?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?(Z|UTC|[+-]\d\d:?\d\d))?)?")
_HALVES = {("field", "first_name"), ("field", "last_name")}
_ONCE = frozenset({"id", "name", "field", "status"})


def suggest(
    names: Sequence[str],
    rows: Sequence[Sequence[str]],
    types: Types,
    channels: Channels,
    preset: Preset | None = None,
) -> list[Target]:
    """Return a target for each column, by its name and the first rows; what can be only once is suggested once."""
    found: list[Target] = []
    taken: set[tuple[str, str]] = set()
    for number, name in enumerate(names):
        values = [row[number].strip() for row in rows if row[number].strip()]
        target = _suggest_one(name, values, types, channels, preset)
        key = (target.kind, target.name.lower())
        if key in taken and target.kind in _ONCE | {"attribute", "tag"}:
            target = _as_attribute(name, values, types) if target.kind in _ONCE else Target()
            key = (target.kind, target.name.lower())
            if key in taken:
                target = Target()
        taken.add(key)
        found.append(target)
    return found if taken.isdisjoint(_HALVES) else _without_whole_name(found, names, rows, types)


def _without_whole_name(
    found: list[Target], names: Sequence[str], rows: Sequence[Sequence[str]], types: Types
) -> list[Target]:
    """Where the first or last name has a column of its own, a whole name beside it is only one more attribute."""
    return [
        _as_attribute(name, [row[number] for row in rows if row[number].strip()], types)
        if target.kind == "name"
        else target
        for number, (name, target) in enumerate(zip(names, found, strict=True))
    ]


def _suggest_one(name: str, values: list[str], types: Types, channels: Channels, preset: Preset | None) -> Target:
    if preset is not None and (ready := _ready(name, values, types, channels, preset)):
        return ready
    if own := own_words(name):
        return own
    if word := known(name):
        return Target("skip") if word == "status" and preset is None else read_target(word)
    if attribute_name(name) not in types and (looks := _by_values(values)):
        return looks
    return _as_attribute(name, values, types) if values or attribute_name(name) in types else Target()


def _ready(name: str, values: list[str], types: Types, channels: Channels, preset: Preset) -> Target | None:
    """Return what a service's export says of a column."""
    if text := preset.columns.get(plain(name)):
        if text.startswith("identity:"):
            return _only_channel(text.removeprefix("identity:"), channels) or _as_attribute(name, values, types)
        return read_target(text)
    for prefix, kind in preset.prefixes.items():
        if name.lower().startswith(prefix):
            rest = name[len(prefix) :].strip()
            return Target("tag", rest) if kind == "tag" and rest else _as_attribute(rest, values, types)
    return None


def _only_channel(kind: str, channels: Channels) -> Target | None:
    found = [channel for channel, its in channels.items() if its == kind]
    return Target("identity", str(found[0])) if len(found) == 1 else None


def own_words(name: str) -> Target | None:
    """Read a header that is itself a target, as in a file of one's own: "email", "attribute:plan:text", "tag:vip"."""
    try:
        return read_target(name) if ":" in name and not name.startswith(":") else None
    except BadValue:
        return None


def _by_values(values: list[str]) -> Target | None:
    """Return what the values look like: email addresses, or phone numbers with their country."""
    if values and all("@" in value and _is(value, "email") for value in values):
        return Target("field", "email")
    if values and all(value.startswith("+") and _is(value, "phone") for value in values):
        return Target("field", "phone")
    return None


def _is(value: str, field: str) -> bool:
    try:
        return clean(field, value) is not None
    except BadValue:
        return False


def _as_attribute(name: str, values: list[str], types: Types) -> Target:
    key = attribute_name(name)
    if key in types:
        label, kind = types[key]
        return Target("attribute", label, kind)
    for possible in (key, f"imported_{key}"[:64]):
        try:
            return Target("attribute", attribute_rules.clean_name(possible), type_of(values))
        except BadValue:
            continue
    return Target()


def type_of(values: Sequence[str]) -> AttributeType:
    """Return the type that all of some values have; text when they differ, or when a number would lose something."""
    if not values:
        return "text"
    if all(value.lower() in _YES_NO for value in values):
        return "yes_no"
    if all(_NUMBER.fullmatch(value) for value in values):
        return "number"
    return "datetime" if all(is_moment(value) for value in values) else "text"


def is_moment(value: str) -> bool:
    """Say whether a text is a date, or a date and time, that can be read in one way only."""
    if not _MOMENT.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value.replace(" UTC", "Z").replace(" +", "+"))
    except ValueError:
        return False
    return True
