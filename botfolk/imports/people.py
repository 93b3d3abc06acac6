"""A row read as what it asks of a person: by what they are known, and which edits. Pure."""

import re
from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

import phonenumbers
from babel import Locale
from babel.core import get_global
from msgspec import Struct, field

from botfolk.imports.delimited import Row
from botfolk.imports.mapping import Plan, Target
from botfolk.imports.table import fitted, too_many
from botfolk.users import edits as e
from botfolk.users.attributes import AttributeValue
from botfolk.users.fields import BadValue, clean
from botfolk.users.founding import Recurring, Wish

MOST_EXTERNAL_ID = 300
_FORMULA = re.compile(r"'(?=[=+\-@\t\r])")
_SEPARATORS = re.compile(r"[,;|\n]")
_YES_NO = {
    "yes": True, "true": True, "1": True, "y": True, "x": True, "on": True, "✓": True, "✔": True,
    "no": False, "false": False, "0": False, "n": False, "off": False,
}  # fmt: skip
# Words for what other services call it; whatever else stands there changes nothing.
_STATUS: dict[str, e.Status] = {
    "archived": "archived", "stopped": "archived", "unsubscribed": "archived", "opted out": "archived",
    "opted_out": "archived", "blocked": "blocked", "deleted": "archived",
}  # fmt: skip


class Asked(Struct, gc=False):
    """What a row asks: of whom (`id`, `identities` by channel, `email`, `phone`), and what of them.

    `problem`: why nothing of it is done; `status`: what is set only if it is stricter than what stands.
    """

    line: int
    cells: list[str]
    id: UUID | None = None
    identities: list[tuple[UUID, str]] = field(default_factory=list)
    email: str | None = None
    phone: str | None = None
    wishes: list[Wish] = field(default_factory=list)
    note: str | None = None
    status: e.Status | None = None
    problem: str = ""

    @property
    def edits(self) -> list[e.Edit]:
        """Return all edits it asks for, in the order of its cells."""
        return [edit for wish in self.wishes for edit in wish]

    @property
    def is_nobody(self) -> bool:
        """Say whether nothing tells who it is."""
        return not (self.id or self.identities or self.email or self.phone)


_MOST_REMEMBERED = 1000
_SHORT = 64
"""Cells that are remembered are at most so many of a column, of at most so many characters."""


class _Column(Struct):
    """A column that becomes something. `remembers`: what cells ask, if by themselves: of a table many are the same."""

    number: int
    name: str
    target: Target
    stands_alone: bool
    remembers: dict[str, Recurring] = field(default_factory=dict)


class Reader:
    """Reads rows under a mapping."""

    def __init__(self, names: Sequence[str], targets: Sequence[Target], mapping: Plan) -> None:
        self._columns = [
            _Column(number, names[number], target, _stands_alone(target))
            for number, target in enumerate(targets)
            if target.kind != "skip"
        ]
        self._width = len(names)
        self._clear = mapping.clear.strip().lower()
        self._country = mapping.country.upper() or None

    def read(self, row: Row) -> Asked:
        """Read a row. What cannot be read is said in `problem`, with the line, the column and how to mend it."""
        asked = Asked(row.line, self._cells(row))
        problems = [problem] if (problem := row.problem or too_many(row, self._width)) else []
        cells, wishes = asked.cells, asked.wishes
        for column in self._columns:
            cell = cells[column.number]
            if (known := column.remembers.get(cell)) is not None:
                wishes.append(known)
                continue
            cell = cell.strip()
            if not cell:
                continue
            try:
                self._read_cell(asked, column, cell)
            except BadValue as error:
                problems.append(f"line {row.line}, “{column.name}” (“{cell[:40]}”): {error}")
        asked.problem = "; ".join(problems)
        if not asked.problem and asked.is_nobody:
            asked.problem = f"line {row.line}: nothing says who this is; give an email, a phone number or an id"
        return asked

    def _cells(self, row: Row) -> list[str]:
        """Return as many cells as there are columns; what is too much stays too, for the file of errors."""
        if len(row.cells) == self._width:
            return row.cells
        return fitted(row, max(self._width, len(row.cells) if row.cells[self._width :] else 0))

    def _read_cell(self, asked: Asked, column: _Column, cell: str) -> None:
        target, remembers = column.target, column.remembers
        if self._clear and cell.lower() == self._clear:
            edits = _cleared(target)
        else:
            edits = self._take(asked, target, _FORMULA.sub("", cell, count=1) if cell[0] == "'" else cell)
        if column.stands_alone and len(remembers) < _MOST_REMEMBERED and len(cell) <= _SHORT:
            asked.wishes.append(remembers.setdefault(cell, Recurring(edits)))
        elif edits:
            asked.wishes.append(tuple(edits))

    def _take(self, asked: Asked, target: Target, cell: str) -> Sequence[e.Edit]:
        """Return the edits that a cell asks for; whom it names is noted."""
        match target.kind:
            case "field":
                return [self._field(asked, target.name, cell)]
            case "attribute":
                return [e.SetAttribute(target.name, attribute_value(cell, target), target.type)]
            case "name":
                halves = zip(("first_name", "last_name"), split_name(cell), strict=True)
                return [self._field(asked, name, value) for name, value in halves if value]
            case "tags":
                names = [" ".join(name.split()) for name in _SEPARATORS.split(cell)]
                return [e.AddTag(name) for name in dict.fromkeys(names) if name]
            case "tag":
                return [e.AddTag(target.name) if _yes(cell) else e.RemoveTag(target.name)]
        self._about(asked, target, cell)
        return ()

    def _about(self, asked: Asked, target: Target, cell: str) -> None:
        match target.kind:
            case "id":
                try:
                    asked.id = UUID(cell)
                except ValueError:
                    raise BadValue("not a user's id; leave it empty for who is new") from None
            case "identity":
                if len(cell) > MOST_EXTERNAL_ID:
                    raise BadValue(f"an id on a channel has at most {MOST_EXTERNAL_ID} characters")
                asked.identities.append((UUID(target.name), cell))
            case "note":
                asked.note = cell if asked.note is None else f"{asked.note}\n{cell}"
            case "status":
                asked.status = _STATUS.get(cell.lower(), asked.status)

    def _field(self, asked: Asked, name: str, cell: str) -> e.SetField:
        value = self._value(name, cell)
        if name == "email":
            asked.email = value
        elif name == "phone":
            asked.phone = value
        return e.SetField(name, value)

    def _value(self, name: str, cell: str) -> str | None:
        match name:
            case "phone":
                return self._phone(cell)
            case "language":
                return clean(name, language_code(cell))
        return clean(name, cell)

    def _phone(self, cell: str) -> str | None:
        try:
            return clean("phone", international(cell, self._country))
        except BadValue as error:
            if self._country is None and "+" not in cell:
                raise BadValue(f"{error}, or say which country such numbers are of") from None
            raise


def _stands_alone(target: Target) -> bool:
    """Say whether a column's cells ask for edits and nothing else: nothing of who it is."""
    return target.kind in ("attribute", "name", "tags", "tag") or (
        target.kind == "field" and target.name not in ("email", "phone")
    )


def _cleared(target: Target) -> Sequence[e.Edit]:
    match target.kind:
        case "field":
            return [e.SetField(target.name, None)]
        case "name":
            return [e.SetField("first_name", None), e.SetField("last_name", None)]
        case "attribute":
            return [e.RemoveAttribute(target.name)]
        case "tags":
            return [e.SetTags([])]
        case "tag":
            return [e.RemoveTag(target.name)]
    raise BadValue("this cannot be cleared")


def _yes(cell: str) -> bool:
    found = _YES_NO.get(cell.lower())
    if found is None:
        raise BadValue("whether somebody has the tag: write yes or no")
    return found


def split_name(full: str) -> tuple[str, str]:
    """Cut a whole name in two: "Anna Maria Berg" → "Anna", "Maria Berg"; "Berg, Anna" → "Anna", "Berg"."""
    last, comma, first = full.partition(",")
    if comma and first.strip() and "," not in first:
        return " ".join(first.split()), " ".join(last.split())
    words = full.split()
    return words[0], " ".join(words[1:])


def international(cell: str, country: str | None) -> str:
    """Return a phone number with its country code, where it is written without one and the country is known."""
    if country is None or cell.lstrip("( ").startswith("+"):
        return cell
    try:
        number = phonenumbers.parse(cell, country)
    except phonenumbers.NumberParseException:
        return cell
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(maxsize=1)
def _languages() -> dict[str, str]:
    """English and own names of languages, and codes of three letters, by the code we keep."""
    known: dict[str, str] = {}
    for code, name in Locale("en").languages.items():
        known.setdefault(name.lower(), code.replace("_", "-"))
    for code in (
        "en",
        "ms",
        "id",
        "zh",
        "es",
        "pt",
        "fr",
        "de",
        "it",
        "ja",
        "ko",
        "ru",
        "ar",
        "hi",
        "ta",
        "th",
        "vi",
        "tr",
    ):
        own = Locale(code).get_language_name(code)
        if own:
            known.setdefault(own.lower(), code)
    aliases = {old: new for old, new in get_global("language_aliases").items() if len(old) == 3 and len(new) == 2}
    return known | aliases


def language_code(text: str) -> str:
    """Return the code of a language that is named ("English", "eng", "Bahasa Melayu"); what is not known as it is."""
    return _languages().get(text.strip().lower(), text)


def attribute_value(cell: str, target: Target) -> AttributeValue:
    """Return a cell as its attribute's type takes it, where a table writes it in another way than we do."""
    match target.type:
        case "datetime":
            return cell.replace(" UTC", "Z").replace(" +", "+").replace(" -", "-") if len(cell) > 10 else cell
        case "yes_no":
            known = _YES_NO.get(cell.lower())
            return cell if known is None else known
        case "list":
            return [item.strip() for item in _SEPARATORS.split(cell) if item.strip()]
    return cell


def keys_of(asked: Asked) -> list[str]:
    """Return all by which a row names its person, as texts of one kind: two rows with one in common are one person."""
    keys = [f"identity {channel} {external}" for channel, external in asked.identities]
    if asked.id is not None:
        keys.append(f"id {asked.id}")
    if asked.email is not None:
        keys.append(f"email {asked.email.lower()}")
    if asked.phone is not None:
        keys.append(f"phone {asked.phone}")
    return keys
