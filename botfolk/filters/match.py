"""A filter on one person in memory: whether it holds, and why, row by row."""

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from botfolk.db.folding import fold
from botfolk.filters.columns import Catalogue, Column
from botfolk.filters.compared import arguments, read
from botfolk.filters.person import Person
from botfolk.filters.tree import All, Condition, Filter, Node, Not
from botfolk.filters.tree import Any as AnyOf
from botfolk.filters.write import write


class Why(Struct, frozen=True, kw_only=True):
    """Why a filter holds for a person or not: a node of it as text, whether it `holds`, what the person `has` in the
    column of a condition (a moment in ISO 8601), and the same of what it joins."""

    kind: Literal["everyone", "condition", "all", "any", "not"]
    text: str
    holds: bool
    has: str | float | bool | list[str] | None = None
    of: list["Why"] = []


def match(filter: Filter, person: Person, now: datetime, catalogue: Catalogue) -> bool:
    """Say whether a filter holds for a person. Raises FilterError."""
    match filter:
        case None:
            return True
        case Condition():
            return _holds(filter, person, now, catalogue)
        case Not():
            return not match(filter.of, person, now, catalogue)
        case All():
            return all(match(each, person, now, catalogue) for each in filter.of)
        case AnyOf():
            return any(match(each, person, now, catalogue) for each in filter.of)


def _holds(condition: Condition, person: Person, now: datetime, catalogue: Catalogue) -> bool:
    column, function, opposite = read(condition, catalogue)
    given = arguments(condition, column, function, catalogue, now)
    return opposite != any(function.test(value, given) for value in _values(column, person, now))


def _values(column: Column, person: Person, now: datetime) -> list[Any]:
    """Return what of a person is compared: nothing where there is no value."""
    value = column.value(person, now)
    if column.kind == "texts":
        return [fold(each) for each in value]
    if column.kind == "text":
        return [fold(value)] if value else []
    return [] if value is None else [value]


def why(filter: Filter, person: Person, now: datetime, catalogue: Catalogue) -> Why:
    """Return why a filter holds for a person, or not, row by row. Raises FilterError."""
    if filter is None:
        return Why(kind="everyone", text="", holds=True)
    of = [why(each, person, now, catalogue) for each in _joined(filter)]
    text = write(filter)
    match filter:
        case Condition():
            column = catalogue.column(filter.column)
            holds = _holds(filter, person, now, catalogue)
            return Why(kind="condition", text=text, holds=holds, has=_has(column, person, now))
        case Not():
            return Why(kind="not", text=text, holds=not of[0].holds, of=of)
        case All():
            return Why(kind="all", text=text, holds=all(each.holds for each in of), of=of)
        case AnyOf():
            return Why(kind="any", text=text, holds=any(each.holds for each in of), of=of)


def _joined(node: Node) -> tuple[Node, ...]:
    match node:
        case Condition():
            return ()
        case Not():
            return (node.of,)
        case All() | AnyOf():
            return node.of


def _has(column: Column, person: Person, now: datetime) -> Any:
    """Return a person's value as it is shown."""
    if column.attribute is not None:
        return person.attributes.get(column.attribute)
    value = column.value(person, now)
    if column.name == "average_sentiment" and value is not None:
        return value / 1000
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return list(value) if column.kind == "texts" else value
