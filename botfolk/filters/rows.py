"""A filter as the rows of a builder: Column · Function · Value, in groups of which all or any hold."""

from typing import Any, Literal

import msgspec
from msgspec import Struct, field

from botfolk.filters import tree
from botfolk.filters.checked import condition
from botfolk.filters.columns import Catalogue
from botfolk.filters.errors import FilterError
from botfolk.filters.parse import DEEPEST, MOST_CONDITIONS
from botfolk.pages.catalogue import gettext as _


class Row(Struct, frozen=True, tag="row", forbid_unknown_fields=True):
    """A row. `negated`: for who does not meet it."""

    column: str
    function: str
    values: list[str] = []
    negated: bool = False


class Group(Struct, frozen=True, tag="group", forbid_unknown_fields=True):
    """Rows and groups of which all or any hold; `negated`: of which that is not so."""

    match: Literal["all", "any"]
    rows: list["Row | Group"] = field(default_factory=list)
    negated: bool = False


def to_rows(filter: tree.Filter) -> dict[str, Any]:
    """Return the group a builder shows; one without rows for everyone."""
    found = Group("all") if filter is None else _shown(filter, negated=False)
    whole = found if isinstance(found, Group) else Group("all", [found])
    built: dict[str, Any] = msgspec.to_builtins(whole)
    return built


def _shown(node: tree.Node, *, negated: bool) -> Row | Group:
    match node:
        case tree.Condition():
            return Row(node.column, node.function, list(node.values), negated)
        case tree.Not():
            return _shown(node.of, negated=not negated)
        case tree.All() | tree.Any():
            rows = [_shown(each, negated=False) for each in node.of]
            return Group("all" if isinstance(node, tree.All) else "any", rows, negated)


def from_rows(rows: object, catalogue: Catalogue) -> tree.Filter:
    """Return the filter of a builder's rows; None, everyone, for a group without any.

    Raises FilterError, whose `path` leads to the row: a group inside must not be empty, as nobody could say whom it
    means.
    """
    try:
        group = msgspec.convert(rows, Group)
    except (msgspec.ValidationError, RecursionError):
        raise FilterError(_("These rows cannot be read.")) from None
    if not group.rows:
        return None
    count = _count(group, 1)
    if count > MOST_CONDITIONS:
        raise FilterError(_("A filter has at most %s conditions.") % MOST_CONDITIONS)
    return _node(group, catalogue, ())


def _count(group: Group, depth: int) -> int:
    if depth >= DEEPEST:
        raise FilterError(_("This is nested too deeply."), hint=_("At most %s levels.") % DEEPEST)
    return sum(_count(row, depth + 1) if isinstance(row, Group) else 1 for row in group.rows)


def _node(row: Row | Group, catalogue: Catalogue, path: tuple[int, ...]) -> tree.Node:
    if isinstance(row, Row):
        try:
            made: tree.Node = condition(catalogue, catalogue.column(row.column), row.function, row.values)
        except FilterError as error:
            raise error.in_row(path) from None
        return tree.negated(made) if row.negated else made
    if not row.rows:
        raise FilterError(_("This group is empty."), hint=_("Add a row, or remove the group."), path=path)
    of = [_node(each, catalogue, (*path, number)) for number, each in enumerate(row.rows)]
    joined = tree.all_of(of) if row.match == "all" else tree.any_of(of)
    return tree.negated(joined) if row.negated else joined
