"""What the columns of a file become: pure values, written as short texts the page, the API and the command share."""

from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import Literal
from uuid import UUID

import msgspec
import phonenumbers
from msgspec import Struct

from botfolk.users import attributes as attribute_rules
from botfolk.users.attributes import AttributeType
from botfolk.users.fields import FIELDS, BadValue
from botfolk.users.plan import MAX_TAG

Kind = Literal["skip", "id", "name", "field", "attribute", "tags", "tag", "identity", "note", "status"]

WORDS = ("skip", "id", "name", "tags", "note", "status")
"""Targets without a name."""

CLEAR = "--"
"""What clears a value unless another word is chosen, as in TextIt; a cell that is blank leaves it as it is."""


_MOST_CLEAR = 40


class BadMapping(Exception):
    """A mapping that cannot be used. `errors`: the column's name, or a setting's → what is wrong with it."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(f"{column}: {error}" for column, error in errors.items()))
        self.errors = errors


class Target(Struct, frozen=True):
    """What a column becomes. `name`: of the field, attribute or tag, or the channel's id; `type`: a new attribute's."""

    kind: Kind = "skip"
    name: str = ""
    type: AttributeType = "text"

    def __str__(self) -> str:
        match self.kind:
            case "field":
                return self.name
            case "attribute":
                return f"attribute:{self.name}:{self.type}"
            case "tag" | "identity":
                return f"{self.kind}:{self.name}"
        return self.kind


class Plan(Struct, frozen=True, kw_only=True):
    """How a file is imported. `columns`: a target a column, in the file's order.

    `clear`: the text of a cell that clears. `country`: of phone numbers written without a country code ("MY"), or "".
    `only`: "create" passes over those who are users already, "update" over those who are not.
    """

    columns: list[str]
    clear: str = CLEAR
    country: str = ""
    only: Literal["", "create", "update"] = ""


def read_target(text: str) -> Target:
    """Read a target: "email", "attribute:plan:text", "tags", "tag:vip", "identity:<channel id>"… Raises BadValue."""
    kind, _, rest = text.strip().partition(":")
    match kind:
        case "":
            return Target()
        case _ if kind in FIELDS and not rest:
            return Target("field", kind)
        case "skip" | "id" | "name" | "tags" | "note" | "status" if not rest:
            return Target(kind)
        case "attribute":
            return _attribute(rest)
        case "tag":
            name = " ".join(rest.split())
            if not 0 < len(name) <= MAX_TAG:
                raise BadValue(f"a tag has 1 to {MAX_TAG} characters")
            return Target("tag", name)
        case "identity":
            try:
                return Target("identity", str(UUID(rest)))
            except ValueError:
                raise BadValue("name the channel by its id") from None
    known = ", ".join([*FIELDS, *WORDS, "attribute:<name>", "tag:<name>", "identity:<channel id>"])
    raise BadValue(f"“{text[:80]}” is nothing a column can become; there are: {known}")


def _attribute(rest: str) -> Target:
    name, _, kind = rest.partition(":")
    if kind and kind not in attribute_rules.TYPES:
        raise BadValue(f"“{kind[:40]}” is no type of attribute; there are: {', '.join(attribute_rules.TYPES)}")
    return Target("attribute", attribute_rules.clean_name(name), msgspec.convert(kind or "text", AttributeType))


def check(
    mapping: Plan, names: list[str], channels: Collection[UUID], types: Mapping[str, tuple[str, AttributeType]]
) -> list[Target]:
    """Return the target of each column. `types`: the bot's attributes, by lower-case name. Raises BadMapping."""
    if len(mapping.columns) != len(names):
        raise BadMapping({"columns": f"the file has {len(names)} columns, and {len(mapping.columns)} are mapped"})
    errors: dict[str, str] = {}
    targets: list[Target] = []
    for name, text in zip(names, mapping.columns, strict=True):
        try:
            targets.append(_known(read_target(text), channels, types))
        except BadValue as error:
            errors[name] = str(error)
    if not errors:
        errors |= _together(names, targets)
    if mapping.country and mapping.country.upper() not in phonenumbers.SUPPORTED_REGIONS:
        errors["country"] = "write the country as two letters, like MY or DE"
    if len(mapping.clear) > _MOST_CLEAR:
        errors["clear"] = f"at most {_MOST_CLEAR} characters"
    if errors:
        raise BadMapping(errors)
    return targets


def _together(names: list[str], targets: list[Target]) -> dict[str, str]:
    """Return what is wrong with targets beside each other, by column."""
    errors: dict[str, str] = {}
    taken: dict[tuple[str, str], str] = {}
    for name, target in zip(names, targets, strict=True):
        key = (target.kind, target.name.lower())
        if target.kind not in ("skip", "tags", "note", "identity") and key in taken:
            errors[name] = f"“{taken[key]}” becomes the same already; skip one of the two"
        taken[key] = name
    halves = taken.get(("field", "first_name")) or taken.get(("field", "last_name"))
    if halves and ("name", "") in taken:
        errors[taken["name", ""]] = f"“{halves}” becomes a part of the name already; skip one of the two"
    if not any(target.kind in ("id", "identity") or str(target) in ("email", "phone") for target in targets):
        errors["columns"] = (
            "no column says who a row is: map one to the email, the phone, the id or to an identity of a channel,"
            " or everybody would come anew with each import"
        )
    return errors


def _known(target: Target, channels: Collection[UUID], types: Mapping[str, tuple[str, AttributeType]]) -> Target:
    """Return a target with the name and type its attribute has already. Raises BadValue."""
    if target.kind == "identity" and UUID(target.name) not in channels:
        raise BadValue("there is no such channel")
    if target.kind != "attribute" or target.name.lower() not in types:
        return target
    label, kind = types[target.name.lower()]
    return Target("attribute", label, kind)


def signature(names: list[str]) -> str:
    """Return what a file's columns are remembered by: their names, whatever the case and spaces around."""
    return sha256("\x1f".join(name.strip().lower() for name in names).encode()).hexdigest()
