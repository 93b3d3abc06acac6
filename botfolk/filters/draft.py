"""A filter's rows while somebody builds them: read from a form, changed by a button, with rows not finished yet."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from botfolk.filters.columns import Catalogue, Column
from botfolk.filters.errors import FilterError
from botfolk.filters.functions import FUNCTIONS
from botfolk.filters.labels import NOT, named, usual_function
from botfolk.filters.parse import DEEPEST
from botfolk.filters.rows import Group, Row
from botfolk.pages.catalogue import gettext as _

Path = tuple[int, ...]
Part = Row | Group

EMPTY = Row("", "")


class _Open(Struct):
    """A group whose end has not been read yet, and the row that is being read in it."""

    match: str
    rows: list[Part]
    was: str = ""
    column: str | None = None
    function: str = ""
    values: list[str] = []


def read(fields: Iterable[tuple[str, str]], labels: Mapping[str, str], catalogue: Catalogue) -> Group:
    """Return the rows of a form, whose fields stand in the order of the page. Raises FilterError for too deep a nest.

    "group" begins a group and "end" ends it; a row is "was" (its column and function as they were shown), "column",
    "function" and each "value".
    """
    stack = [_Open("all", [])]

    def finish() -> None:
        here = stack[-1]
        if here.column is not None:
            here.rows.append(_row(here, labels, catalogue))
            here.column = None

    for name, value in fields:
        here = stack[-1]
        match name:
            case "group":
                finish()
                stack.append(_Open(value, []))
                if len(stack) > DEEPEST:
                    raise FilterError(_("This is nested too deeply."), hint=_("At most %s levels.") % DEEPEST)
            case "end" if len(stack) > 1:
                finish()
                stack.pop()
                stack[-1].rows.append(_group(here))
            case "was":
                finish()
                here.was, here.column, here.function, here.values = value, "", "", []
            case "column" | "function":
                setattr(here, name, value)
            case "value":
                here.values.append(value)
    whole = stack[0].rows
    return whole[0] if len(whole) == 1 and isinstance(whole[0], Group) else Group("all", whole)


def _group(read_one: _Open) -> Group:
    return Group("any" if read_one.match.endswith("any") else "all", read_one.rows, read_one.match.startswith(NOT))


def _row(given: _Open, labels: Mapping[str, str], catalogue: Catalogue) -> Row:
    """Return a row as it was given; what does not fit a column that was changed is left out."""
    text = given.column or ""
    column = named(text, labels, catalogue)
    if column is None:
        return Row(text.strip(), given.function, given.values)
    name = given.function.removeprefix(NOT)
    was_column, _space, was_function = given.was.partition(" ")
    if name not in FUNCTIONS[column.kind]:
        first = usual_function(column)
        return Row(column.name, first)
    fits = column.name == was_column and _is_length(column, name) == _is_length(column, was_function)
    return Row(column.name, name, given.values if fits else [], given.function.startswith(NOT))


def _is_length(column: Column, function: str) -> bool:
    found = FUNCTIONS[column.kind].get(function.removeprefix(NOT))
    return found is not None and found.takes == "length"


def changed(group: Group, what: str, path: Path) -> Group:
    """Return rows after a button: "add" (a row) or "nest" (a group) at the end of the group at a path, "remove" what is
    there, "clear" all. What leads nowhere changes nothing."""
    match what:
        case "clear":
            return Group("all")
        case "add":
            return _at(group, path, lambda found: _with(found, EMPTY))
        case "nest":
            return _at(group, path, lambda found: _with(found, Group("any", [EMPTY, EMPTY])))
        case "remove" if path:
            return _at(group, path[:-1], lambda found: _without(found, path[-1]))
    return group


def _at(group: Group, path: Path, change: Callable[[Group], Group]) -> Group:
    if not path:
        return change(group)
    if path[0] >= len(group.rows) or not isinstance(inner := group.rows[path[0]], Group):
        return group
    rows = list(group.rows)
    rows[path[0]] = _at(inner, path[1:], change)
    # A group from which the last row was taken goes with it.
    return replace(group, rows=[row for row in rows if not isinstance(row, Group) or row.rows])


def _with(group: Group, part: Part) -> Group:
    return replace(group, rows=[*group.rows, part])


def _without(group: Group, number: int) -> Group:
    return replace(group, rows=[row for at, row in enumerate(group.rows) if at != number])


class Finished(NamedTuple):
    """What of the rows is finished, and where each part of it stands among all: path there → path here."""

    group: Group
    places: dict[Path, Path]


def finished(draft: Group, catalogue: Catalogue) -> Finished:
    """Return the rows without those that still lack a column or a value, and groups that have no other."""
    places: dict[Path, Path] = {(): ()}

    def kept(group: Group, here: Path, there: Path) -> Group:
        rows: list[Part] = []
        for number, part in enumerate(group.rows):
            found, to = (*here, number), (*there, len(rows))
            if isinstance(part, Group):
                inner = kept(part, found, to)
                if not inner.rows:
                    continue
                rows.append(inner)
            elif is_finished(part, catalogue):
                rows.append(replace(part, values=[value for value in part.values if value.strip()]))
            else:
                continue
            places[to] = found
        return replace(group, rows=rows)

    return Finished(kept(draft, (), ()), places)


def is_finished(row: Row, catalogue: Catalogue) -> bool:
    """Say whether a row has all it needs; what cannot be understood counts as finished, and wrong."""
    if not row.column:
        return False
    try:
        function = FUNCTIONS[catalogue.column(row.column).kind].get(row.function)
    except FilterError:
        return True
    given = sum(1 for value in row.values if value.strip())
    takes = "nothing" if function is None else function.takes
    return given >= {"nothing": 0, "one": 1, "length": 1, "two": 2, "many": 1}[takes]
