"""The words in which everybody asks for a change of a user: page, API, channel, bot, import. `apply.py` carries out."""

from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from botfolk.users.attributes import AttributeType, AttributeValue

Source = Literal["channel", "user", "bot", "api", "import", "member"]
Status = Literal["active", "archived", "blocked"]
FieldValue = str | int | float | bool | list[str] | None

FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
"""`paused_until` of a pause without an end."""


class Actor(Struct, frozen=True):
    """Who asks: the source, and the member, token or channel behind it."""

    source: Source
    name: str
    id: UUID | None = None
    undoing: bool = False
    """Takes back a change of anybody's: the rule that a note is its author's does not apply."""


class SetField(Struct, frozen=True, gc=False):
    """Set a standard field; None or blank clears it (the channel may then fill it again).

    `expected`: what the asker saw; when it is something else by now, the edit is a clash.
    """

    field: str
    value: str | None
    expected: str | None | UnsetType = UNSET


class SetAttribute(Struct, frozen=True, gc=False):
    """Set an attribute; a new one gets `type`, or the type its value shows."""

    name: str
    value: AttributeValue
    type: AttributeType | None = None
    expected: FieldValue | UnsetType = UNSET


class RemoveAttribute(Struct, frozen=True, gc=False):
    """Remove an attribute."""

    name: str
    expected: FieldValue | UnsetType = UNSET


class SetTags(Struct, frozen=True, gc=False):
    """Make these the user's tags."""

    names: list[str]


class AddTag(Struct, frozen=True, gc=False):
    """Add a tag."""

    name: str


class RemoveTag(Struct, frozen=True, gc=False):
    """Remove a tag."""

    name: str


class AddNote(Struct, frozen=True):
    """Write a note."""

    text: str


class EditNote(Struct, frozen=True):
    """Rewrite a note of one's own."""

    note_id: UUID
    text: str


class Note(Struct, frozen=True):
    """A note as stored."""

    id: UUID
    text: str
    author: str
    author_id: UUID | None
    at: datetime


class RestoreNote(Struct, frozen=True):
    """Bring a deleted note back as it was."""

    note: Note


class DeleteNote(Struct, frozen=True):
    """Delete a note of one's own."""

    note_id: UUID


class PauseBot(Struct, frozen=True):
    """Pause the bot for a length (seconds; None: the bot's own pause time), until a time, or until resumed.

    `at_least` only ever lengthens a pause that runs.
    """

    seconds: float | None = None
    forever: bool = False
    reason: str | None = None
    at_least: bool = False
    until: datetime | None = None


class ResumeBot(Struct, frozen=True):
    """End a pause."""


class SetInfiniteSession(Struct, frozen=True):
    """Turn the infinite session on or off."""

    on: bool


class SetPicture(Struct, frozen=True):
    """Use a stored picture, or none."""

    media_id: UUID | None


class SetGroup(Struct, frozen=True):
    """A channel's word that this user is a group chat, and its title."""

    title: str | None


class SetStatus(Struct, frozen=True):
    """Archive, block, or make active again. `of`: only a user whose status is one of these; nothing: whoever."""

    status: Status
    of: tuple[Status, ...] = ()


Edit = (
    SetField
    | SetAttribute
    | RemoveAttribute
    | SetTags
    | AddTag
    | RemoveTag
    | AddNote
    | EditNote
    | DeleteNote
    | RestoreNote
    | PauseBot
    | ResumeBot
    | SetInfiniteSession
    | SetPicture
    | SetGroup
    | SetStatus
)


class InvalidEdit(Exception):
    """Edits that cannot be carried out; nothing was. `errors` maps a field to what is wrong with it."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {error}" for field, error in errors.items()))
        self.errors = errors


class UserNotFound(Exception):
    """This bot has no such user."""


class Clash(Exception):
    """Somebody changed what the asker edits. `fields` maps a field to (the value now, the value asked for)."""

    def __init__(self, version: int, fields: dict[str, tuple[FieldValue, FieldValue]]) -> None:
        super().__init__("changed by somebody else meanwhile: " + ", ".join(fields))
        self.version = version
        self.fields = fields


class Change(Struct, frozen=True, gc=False):
    """One thing that changed: the field ("first_name", "attributes.plan", "tags", "pause_bot"…), from what, to what."""

    field: str
    old: object
    new: object


class Applied(Struct, frozen=True, gc=False):
    """What an application did: the profile's version now, and the changes (none when all was so already)."""

    version: int
    changes: tuple[Change, ...]
