"""What a builder shows of a filter's rows: labels, choices, fields for values, and what is wrong where."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from botfolk.filters.columns import Catalogue, Column
from botfolk.filters.draft import EMPTY, Path, is_finished
from botfolk.filters.errors import FilterError
from botfolk.filters.functions import FUNCTIONS
from botfolk.filters.labels import NOT, function_labels, label_of_function, value_label
from botfolk.filters.rows import Group, Row
from botfolk.pages.formats import channel_name

Choices = list[tuple[str, str]]
"""Values and what they are called."""


class ShownRow(Struct, frozen=True, kw_only=True):
    """A row. `path` leads to it ("0 1"), `anchor` is what ids on the page end with; `values` hold an empty one where
    more can be given; `choices`: the only values there are; `fills`: what kind of value is to be typed."""

    path: str
    anchor: str
    column: str
    label: str
    function: str
    functions: Choices
    values: list[str]
    choices: Choices
    fills: Literal["text", "number", "date", "length"]
    problem: str
    is_finished: bool
    is_row: bool = True


class ShownGroup(Struct, frozen=True, kw_only=True):
    """A group: of which rows "all", "any", "not:all" or "not:any" hold."""

    path: str
    anchor: str
    match: str
    rows: list["ShownRow | ShownGroup"]
    problem: str
    is_row: bool = False


class _Showing(Struct, frozen=True):
    catalogue: Catalogue
    labels: Mapping[str, str]
    problems: Mapping[Path, str]


def show(
    draft: Group, catalogue: Catalogue, labels: Mapping[str, str], problems: Mapping[Path, str] | None = None
) -> ShownGroup:
    """Return rows as they are shown, an empty one where there is none; `problems` by path."""
    whole = draft if draft.rows else Group("all", [EMPTY])
    return _group(whole, (), _Showing(catalogue, labels, problems or {}))


def _group(group: Group, path: Path, showing: _Showing) -> ShownGroup:
    rows = [
        _group(part, (*path, number), showing) if isinstance(part, Group) else _row(part, (*path, number), showing)
        for number, part in enumerate(group.rows)
    ]
    return ShownGroup(
        path=" ".join(map(str, path)),
        anchor="-".join(map(str, path)) or "all",
        match=(NOT if group.negated else "") + group.match,
        rows=rows,
        problem=showing.problems.get(path, ""),
    )


def _row(row: Row, path: Path, showing: _Showing) -> ShownRow:
    column = _column(row, showing.catalogue)
    function = (NOT if row.negated else "") + row.function
    takes = FUNCTIONS[column.kind][row.function].takes if column and row.function in FUNCTIONS[column.kind] else "one"
    functions = function_labels(column) if column else {}
    if column and row.function and function not in functions:
        functions[function] = label_of_function(column, function)
    return ShownRow(
        path=" ".join(map(str, path)),
        anchor="-".join(map(str, path)),
        column=row.column,
        label=showing.labels.get(row.column, row.column),
        function=function,
        functions=list(functions.items()),
        values=_places(row.values, takes) if column else row.values,
        choices=_choices(column, showing.catalogue) if column else [],
        fills=_fills(column, takes) if column else "text",
        problem=showing.problems.get(path, ""),
        is_finished=is_finished(row, showing.catalogue),
    )


def _column(row: Row, catalogue: Catalogue) -> Column | None:
    if not row.column:
        return None
    try:
        return catalogue.column(row.column)
    except FilterError:
        return None


def _places(values: list[str], takes: str) -> list[str]:
    match takes:
        case "nothing":
            return []
        case "two":
            return [*values, "", ""][:2]
        case "many":
            return [*(value for value in values if value.strip()), ""]
    return [*values, ""][:1]


def _choices(column: Column, catalogue: Catalogue) -> Choices:
    if column.kind == "yes_no":
        return [(word, value_label(column, word)) for word in ("yes", "no")]
    if column.name == "channel":
        return sorted(((kind, channel_name(kind)) for kind in catalogue.channels), key=lambda choice: choice[1])
    return [(word, value_label(column, word)) for word in catalogue.choices(column)]


def _fills(column: Column, takes: str) -> Literal["text", "number", "date", "length"]:
    if takes == "length":
        return "length"
    return "number" if column.kind == "number" else "date" if column.kind == "date" else "text"
