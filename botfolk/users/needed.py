"""What of a profile some edits need to know and may change; the rest is neither read nor written."""

from collections.abc import Iterable, Mapping
from typing import Literal

from botfolk.users import edits as e

Part = Literal[
    "fields", "attributes", "picture", "group", "status", "tags", "notes", "infinite_session", "pause_bot"
]  # fmt: skip

_PARTS: Mapping[type[e.Edit], Part] = {
    e.SetField: "fields",
    e.SetAttribute: "attributes",
    e.RemoveAttribute: "attributes",
    e.SetTags: "tags",
    e.AddTag: "tags",
    e.RemoveTag: "tags",
    e.AddNote: "notes",
    e.EditNote: "notes",
    e.DeleteNote: "notes",
    e.RestoreNote: "notes",
    e.PauseBot: "pause_bot",
    e.ResumeBot: "pause_bot",
    e.SetInfiniteSession: "infinite_session",
    e.SetPicture: "picture",
    e.SetGroup: "group",
    e.SetStatus: "status",
}

EVERYTHING: frozenset[Part] = frozenset(_PARTS.values())

COLUMNS: Mapping[Part, tuple[tuple[str, str], ...]] = {
    "fields": tuple(
        (name, "text") for name in ("first_name", "last_name", "email", "phone", "timezone", "language")
    ),
    "attributes": (("attributes", "jsonb"),),
    "picture": (("picture_id", "uuid"),),
    "group": (("is_group", "boolean"), ("group_title", "text")),
    "status": (("status", "text"),),
}  # fmt: skip
"""The columns of `users`, with their types, by the part that they hold; the other parts stand elsewhere."""

SOURCED: frozenset[Part] = frozenset({"fields", "attributes", "picture"})
"""Who set them is kept in `users.field_sources`."""


def parts_of(edits: Iterable[e.Edit]) -> frozenset[Part]:
    """Return the parts that edits are about."""
    return frozenset(_PARTS[kind] for kind in {type(edit) for edit in edits})


MOST_NAMED = 30
"""Attributes that are read one by one; of more the whole document is."""


def attributes_of(edits: Iterable[e.Edit]) -> frozenset[str] | None:
    """Return the lower-case names of the attributes that edits are about; None for more than are read one by one."""
    found = {edit.name.strip().lower() for edit in edits if isinstance(edit, e.SetAttribute | e.RemoveAttribute)}
    named = frozenset(name for name in found if "\x00" not in name)
    return named if len(named) <= MOST_NAMED else None


def part_of(field: str) -> Part | None:
    """Return the part that a change's field belongs to; None for a field of no profile, such as "merged"."""
    name = field.partition(".")[0]
    match name:
        case "attributes" | "notes" | "tags" | "picture" | "status" | "infinite_session" | "pause_bot":
            return name
        case "is_group" | "group_title":
            return "group"
        case "first_name" | "last_name" | "email" | "phone" | "timezone" | "language":
            return "fields"
        case _:
            return None


def is_cold(field: str) -> bool:
    """Say whether a change of a field is written to `users`, the cold row."""
    return part_of(field) in COLUMNS
