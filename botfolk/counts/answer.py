"""What an index answers: who is in a filter, by the same reading of conditions as everywhere."""

from datetime import datetime
from functools import reduce
from operator import and_, or_

import numpy as np

from botfolk.counts.contract import Named, Walk
from botfolk.counts.index import Index
from botfolk.counts.reading import PAUSED_UNTIL
from botfolk.counts.stored import Dates, Mask, Stored, Unanswered
from botfolk.counts.walking import along
from botfolk.db.parameters import ids_text
from botfolk.filters.columns import Catalogue
from botfolk.filters.compared import arguments, read
from botfolk.filters.functions import FUNCTIONS
from botfolk.filters.tree import All, Condition, Filter, Node, Not
from botfolk.filters.tree import Any as AnyOf

_SETS = {"tag": "tags", "channel": "channels", "channel_name": "channels"}
_OF_STATUS = FUNCTIONS["text"]["is"]


FEW = 5_000
"""So many people are looked up one by one sooner than a filter is asked of everybody."""


def named(
    index: Index, filter: Filter, status: str | None, catalogue: Catalogue, now: datetime, walk: Walk
) -> Named | None:
    """Return who of a status (None: any) and in a filter is in a stretch of the list; in an order that the index does
    not know yet, everybody who is in the filter. None for more than FEW of these, and where the index cannot tell.
    Raises FilterError."""
    try:
        found = who(index, filter, status, catalogue, now)
    except Unanswered:
        return None
    try:
        return along(index, found, walk, catalogue.attributes)
    except Unanswered:
        return Named(ids_text(index.ids(found)), True) if np.count_nonzero(found) <= FEW else None


def count(index: Index, filter: Filter, status: str | None, catalogue: Catalogue, now: datetime) -> int | None:
    """Return how many users of a status (None: any) are in a filter; None where the index cannot tell. Raises
    FilterError."""
    try:
        return int(np.count_nonzero(who(index, filter, status, catalogue, now)))
    except Unanswered:
        return None


def who(index: Index, filter: Filter, status: str | None, catalogue: Catalogue, now: datetime) -> Mask:
    """Say of each row whether its user is of a status (None: any) and in a filter. Raises Unanswered, FilterError."""
    found = index.everyone()
    if status is not None:
        found &= _column(index, "status").holds(_OF_STATUS, [status])
    return found if filter is None else found & _meets(index, filter, catalogue, now)


def _meets(index: Index, node: Node, catalogue: Catalogue, now: datetime) -> Mask:
    match node:
        case Condition():
            return _condition(index, node, catalogue, now)
        case Not():
            return ~_meets(index, node.of, catalogue, now)
        case All() | AnyOf():
            each = (_meets(index, one, catalogue, now) for one in node.of)
            return reduce(and_ if isinstance(node, All) else or_, each)


def _condition(index: Index, condition: Condition, catalogue: Catalogue, now: datetime) -> Mask:
    column, function, opposite = read(condition, catalogue)
    given = arguments(condition, column, function, catalogue, now)
    if column.name == "paused":
        until = _column(index, PAUSED_UNTIL)
        assert isinstance(until, Dates)  # noqa: S101 - it is read as such
        paused: Mask = until.values > until.read(now)
        holds = np.ones_like(paused) if function.name == "is_set" else paused == given[0]
    elif column.name in _SETS:
        sets = index.sets.get("tags" if column.name == "tag" else "channels")
        if sets is None:
            raise Unanswered
        holds = sets.named(function, given, index.names[column.name])
    else:
        if column.attribute is not None and index.attributes.get(column.attribute) != catalogue.attributes.get(
            column.attribute
        ):
            raise Unanswered
        holds = _column(index, column.name).holds(function, given)
    return ~holds if opposite else holds


def _column(index: Index, name: str) -> Stored:
    if name not in index.columns:
        raise Unanswered
    return index.columns[name]
