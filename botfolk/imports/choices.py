"""What a column may be mapped to, as the page offers it, and what a member has chosen."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection

from botfolk.imports.mapping import Plan, read_target
from botfolk.imports.store import Import
from botfolk.pages.catalogue import gettext as _
from botfolk.users.attributes import TYPES
from botfolk.users.fields import FIELDS, BadValue

MOST_OFFERED = 200
"""Attributes offered in each list; another is named as if it were a new one."""

NEW_ATTRIBUTE, ONE_TAG = "attribute", "tag"
"""What is chosen, and named in a field beside it."""

Connection = AsyncConnection[Any]


class Group(Struct, frozen=True):
    """Some of the choices: their heading, and value and label of each."""

    label: str
    choices: list[tuple[str, str]]


class Mapped(Struct, frozen=True):
    """What a column is mapped to, as the form shows it: the choice, and the name and type beside it."""

    choice: str
    name: str = ""
    type: str = "text"


async def targets(connection: Connection, bot_id: UUID, found: Import) -> list[Group]:
    """Return what can be chosen for a column."""
    cursor = await connection.execute(
        "SELECT id, name FROM channels WHERE bot_id = %s ORDER BY created_at LIMIT 50", [bot_id]
    )
    channels = [(f"identity:{channel}", _("Id on %s") % name) for channel, name in await cursor.fetchall()]
    cursor = await connection.execute(
        "SELECT label, type FROM attributes WHERE bot_id = %s ORDER BY name LIMIT %s", [bot_id, MOST_OFFERED]
    )
    attributes = [(f"attribute:{label}:{kind}", label) for label, kind in await cursor.fetchall()]
    known = {value for value, _label in attributes}
    for text in found.mapping.columns:
        # A mapped one is always among them, or it would be lost.
        if text.startswith("attribute:") and text not in known and _is_kept(text, attributes):
            attributes.append((text, text.split(":")[1]))
    groups = [
        Group("", [("skip", _("Leave out"))]),
        Group(_("Fields"), [("name", _("Name (first and last)")), *((name, _(FIELDS[name].label)) for name in FIELDS)]),
        Group(_("Tags"), [("tags", _("Tags, several in a cell")), (ONE_TAG, _("One tag: yes or no…"))]),
        Group(_("Attributes"), [(NEW_ATTRIBUTE, _("New attribute…")), *attributes]),
        Group(
            _("More"), [("note", _("Note")), ("status", _("Archived or blocked")), ("id", _("Botfolk id")), *channels]
        ),
    ]
    return [group for group in groups if group.choices]


def _is_kept(text: str, attributes: list[tuple[str, str]]) -> bool:
    name = text.split(":")[1].lower()
    return any(label.lower() == name for _value, label in attributes)


def mapped(found: Import, typed: Mapping[str, str] | None) -> list[Mapped]:
    """Return what each column is mapped to, or was just chosen to be."""
    if typed is not None:
        return [
            Mapped(typed.get(f"t{number}", "skip"), typed.get(f"n{number}", ""), typed.get(f"k{number}", "text"))
            for number in range(len(found.columns))
        ]
    return [_mapped(text) for text in found.mapping.columns]


def _mapped(text: str) -> Mapped:
    try:
        target = read_target(text)
    except BadValue:
        return Mapped("skip")
    match target.kind:
        case "attribute":
            return Mapped(text, target.name, target.type)
        case "tag":
            return Mapped(ONE_TAG, target.name)
    return Mapped(text)


def read_columns(names: list[str], data: Mapping[str, str]) -> dict[str, str]:
    """Return the targets by column that a form asks for."""
    chosen: dict[str, str] = {}
    for number, column in enumerate(names):
        choice, name = data.get(f"t{number}", "skip"), data.get(f"n{number}", "").strip()
        if choice == NEW_ATTRIBUTE:
            kind = data.get(f"k{number}", "text")
            chosen[column] = f"attribute:{name}:{kind if kind in TYPES else 'text'}"
        else:
            chosen[column] = f"tag:{name}" if choice == ONE_TAG else choice
    return chosen


def settings(mapping: Plan, typed: Mapping[str, str] | None) -> dict[str, str]:
    """Return the settings of a mapping, or those just chosen."""
    stands = {"clear": mapping.clear, "country": mapping.country, "only": mapping.only}
    return stands if typed is None else {name: typed.get(name, "") for name in stands}
