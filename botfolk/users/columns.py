"""The columns of the list of users: what there is to show, and what a member has chosen, in their order and widths."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal
from unicodedata import east_asian_width
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection

from botfolk.pages.catalogue import gettext as _
from botfolk.team import preferences
from botfolk.users.attributes import AttributeType
from botfolk.users.edits import InvalidEdit
from botfolk.users.fields import FIELDS
from botfolk.users.ordering import ATTRIBUTE

Connection = AsyncConnection[Any]
Drawn = Literal[
    "person", "channels", "tags", "face", "number", "words", "text", "ago", "moment", "length", "yes_no", "list",
    "language", "timezone", "pause",
]  # fmt: skip
"""How a cell is drawn: a macro of users/cells.html for each."""

PREFERENCE = "users.columns"
NARROWEST, WIDEST = 64, 960
STEP = 16
"""Widths in CSS pixels; a key press changes one by the step."""
_LETTER, _WIDE_LETTER, _AROUND_TAG, _MORE, _AROUND_CELL = 7, 13, 20, 36, 24
"""About so wide are a letter of a tag's name, one of a wide script, what is around it, the “+3” after it, and what is
around all of them."""


class Column(Struct, frozen=True, kw_only=True):
    """A column. `width` is what it has until a member changes it; the words of the last message take what is left."""

    name: str
    label: str
    drawn: Drawn
    width: int
    is_sortable: bool = True

    @property
    def is_number(self) -> bool:
        """Say whether its cells stand at the end of the line, so that digits stand under digits."""
        return self.drawn in ("number", "length", "ago")

    @property
    def first_way(self) -> str:
        """Return which way a first click sorts: words from A, numbers and times from the largest."""
        return "asc" if self.drawn in ("person", "text", "list", "tags", "channels", "language", "timezone") else "desc"


class Chosen(Struct, frozen=True):
    """A column as a member has it. `width` 0: as usual."""

    name: str
    width: int = 0


USUAL = tuple(
    Chosen(name)
    for name in (
        "name", "channel", "tags", "average_sentiment", "messages", "sessions", "last_message", "last_message_at",
    )
)  # fmt: skip


def _standard() -> list[Column]:
    fields = [
        Column(name=name, label=_(field.label), drawn="text", width=176)
        for name, field in FIELDS.items()
        if name not in ("timezone", "language")
    ]
    return [
        Column(name="name", label=_("Name"), drawn="person", width=224),
        Column(name="channel", label=_("Channel"), drawn="channels", width=88),
        Column(name="tags", label=_("Tags"), drawn="tags", width=160),
        Column(name="average_sentiment", label=_("Sentiment"), drawn="face", width=100),
        Column(name="messages", label=_("Messages"), drawn="number", width=100),
        Column(name="sessions", label=_("Sessions"), drawn="number", width=96),
        Column(name="last_message", label=_("Last message"), drawn="words", width=112),
        Column(name="last_message_at", label=_("When"), drawn="ago", width=100),
        *fields,
        Column(name="timezone", label=_("Timezone"), drawn="timezone", width=176),
        Column(name="language", label=_("Language"), drawn="language", width=128),
        Column(name="created_at", label=_("Created at"), drawn="moment", width=144),
        Column(name="clicks", label=_("Clicks"), drawn="number", width=96),
        Column(name="time_spent", label=_("Time spent"), drawn="length", width=120),
        Column(name="group", label=_("Group"), drawn="yes_no", width=96),
        Column(name="pause_bot", label=_("Pause bot"), drawn="pause", width=144),
        Column(name="infinite_session", label=_("Infinite session"), drawn="yes_no", width=144),
    ]


_OF_TYPE: dict[AttributeType, tuple[Drawn, int]] = {
    "text": ("text", 176),
    "number": ("number", 112),
    "datetime": ("moment", 144),
    "yes_no": ("yes_no", 96),
    "list": ("list", 176),
}


def columns_of(attributes: Mapping[str, tuple[str, AttributeType]]) -> dict[str, Column]:
    """Return every column there is, by name; `attributes` are the bot's: lower-case name → (spelling, type)."""
    of_attributes = [
        Column(name=f"{ATTRIBUTE}{name}", label=label, drawn=_OF_TYPE[kind][0], width=_OF_TYPE[kind][1])
        for name, (label, kind) in attributes.items()
    ]
    return {column.name: column for column in (*_standard(), *of_attributes)}


class Shown(Struct, frozen=True):
    """A column as it is shown to a member. `width` in CSS pixels; `takes_rest`: it grows into what is left."""

    column: Column
    width: int
    takes_rest: bool


def tags_that_fit(tags: Sequence[str], width: int) -> int:
    """Return how many of a user's tags can be read beside each other in a cell, the first always."""
    left = width - _AROUND_CELL
    for number, name in enumerate(tags):
        left -= _AROUND_TAG + sum(_WIDE_LETTER if east_asian_width(each) in "WF" else _LETTER for each in name)
        if number > 0 and left < (_MORE if number + 1 < len(tags) else 0):
            return number
    return len(tags)


async def chosen(connection: Connection, bot_id: UUID, member_id: UUID | None) -> Sequence[Chosen]:
    """Return what a member has chosen; the usual columns until they choose."""
    if member_id is None:
        return USUAL
    return await preferences.get(connection, bot_id, member_id, PREFERENCE, list[Chosen]) or USUAL


def shown(chosen: Sequence[Chosen], there_are: Mapping[str, Column]) -> list[Shown]:
    """Return the columns to show: what is chosen of what there is (an attribute may be gone), the name always."""
    found = [each for each in chosen if each.name in there_are]
    if not any(each.name == "name" for each in found):
        found.insert(0, Chosen("name"))
    free = next((each.name for each in found if each.name == "last_message" and not each.width), None)
    return [
        Shown(there_are[each.name], each.width or there_are[each.name].width, takes_rest=each.name == free)
        for each in found
    ]


def with_change(before: Sequence[Chosen], what: str, name: str, value: str) -> list[Chosen]:
    """Return a choice after a change of one column: "show", "hide", "earlier", "later", "before" (the column named by
    `value`, or last), "width" (`value` in CSS pixels; 0: as usual). Raises InvalidEdit."""
    columns = list(before)
    at = next((place for place, each in enumerate(columns) if each.name == name), None)
    if what == "show":
        return columns if at is not None else [*columns, Chosen(name)]
    if at is None:
        raise InvalidEdit({"columns": _("This column is not shown: show it first.")})
    match what:
        case "hide" if name == "name":
            raise InvalidEdit({"columns": _("The name stays: it leads to the user.")})
        case "hide":
            columns.pop(at)
        case "earlier" | "later":
            columns.insert(max(0, at + (1 if what == "later" else -1)), columns.pop(at))
        case "before":
            moved = columns.pop(at)
            to = next((place for place, each in enumerate(columns) if each.name == value), len(columns))
            columns.insert(to, moved)
        case "width":
            columns[at] = Chosen(name, _width(value))
        case _:
            raise InvalidEdit({"columns": _("There is no such change of a column.")})
    return columns


def _width(text: str) -> int:
    try:
        width = round(float(text))
    except (ValueError, OverflowError):
        raise InvalidEdit({"columns": _("A width is a number of pixels.")}) from None
    return 0 if width == 0 else min(WIDEST, max(NARROWEST, width))


async def change(
    connection: Connection,
    bot_id: UUID,
    member_id: UUID,
    there_are: Mapping[str, Column],
    what: str,
    name: str,
    value: str,
) -> None:
    """Change what a member has chosen; "reset" brings back the usual. Raises InvalidEdit."""
    if what == "reset":
        await preferences.forget(connection, bot_id, member_id, PREFERENCE)
        return
    if name not in there_are:
        raise InvalidEdit({"columns": _("There is no such column.")})
    await preferences.lock(connection, bot_id, member_id)
    before = await chosen(connection, bot_id, member_id)
    await preferences.put(connection, bot_id, member_id, PREFERENCE, with_change(before, what, name, value))
