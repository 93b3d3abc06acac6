"""What was typed into the composer, read from its form."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from msgspec import Struct, field

from botfolk.channels.contract import Button
from botfolk.conversations.api import LONGEST_TEXT, NewButton
from botfolk.conversations.attaching import MOST_FILES
from botfolk.conversations.composing import MOST_ROWS
from botfolk.users.edits import InvalidEdit

Form = Mapping[str, Any]


class TypedButton(Struct, frozen=True):
    """A row of the buttons, as typed."""

    title: str = ""
    url: str = ""


class Typed(Struct, frozen=True, kw_only=True):
    """A reply; `then` is "pause" to keep the bot silent, "once" to leave it as it is; "note" writes a note instead.

    `plain_links`: the addresses go as they are, without tracking who opens them.
    """

    text: str = ""
    then: str = "pause"
    channel: UUID | None = None
    files: list[UUID] = []
    plain_links: bool = False
    rows: list[TypedButton] = field(default_factory=lambda: [TypedButton()] * MOST_ROWS)

    def check(self) -> None:
        """Raise InvalidEdit for a text that is longer than any service takes."""
        if len(self.text) > LONGEST_TEXT:
            raise InvalidEdit({"text": f"At most {LONGEST_TEXT} characters, this has {len(self.text)}"})

    def buttons(self) -> list[Button]:
        """Return the buttons. Raises InvalidEdit in words for whoever typed them."""
        made: list[Button] = []
        for number, row in enumerate(self.rows, 1):
            if not row.title.strip() and not row.url.strip():
                continue
            button = NewButton(title=row.title.strip(), url=row.url.strip() or None)
            if wrong := next(button.problems(), None):
                raise InvalidEdit({"buttons": f"Button {number}: {wrong[1]}"})
            made.append(Button(title=button.title, url=button.url))
        return made


def typed(form: Form) -> Typed:
    """Read the composer's form."""
    files = form.get("file") or []
    return Typed(
        text=_one(form, "text").replace("\r\n", "\n"),
        then=_one(form, "then") or "pause",
        plain_links=_one(form, "links") == "plain",
        channel=read_id(_one(form, "channel")),
        files=[found for each in ([files] if isinstance(files, str) else files) if (found := read_id(each))][
            :MOST_FILES
        ],
        rows=[TypedButton(_one(form, f"title_{n}"), _one(form, f"url_{n}")) for n in range(1, MOST_ROWS + 1)],
    )


def _one(form: Form, name: str) -> str:
    value = form.get(name) or ""
    return value if isinstance(value, str) else str(value[-1])


def read_id(text: str) -> UUID | None:
    """Return an id written as text; None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None
