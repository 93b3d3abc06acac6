"""Goes along a list in memory: the next users in an order, of those who are meant, beyond any of them.

The order is the database's (`users/ordering.py`): by a column, equals by their id, who has no value at the end either
way. It is known for columns of numbers, dates and yes or no.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from botfolk.counts.contract import Walk
from botfolk.counts.index import Index
from botfolk.counts.reading import EXACT, PAUSED_UNTIL
from botfolk.counts.stored import Array, Mask, Unanswered
from botfolk.users.attributes import AttributeType
from botfolk.users.ordering import ATTRIBUTE

_COLUMNS = {"pause_bot": PAUSED_UNTIL, **{name: EXACT + name for name in ("time_spent", "average_sentiment")}}

Positions = npt.NDArray[np.int64]
"""Places in the order of ids."""


def along(index: Index, found: Mask, walk: Walk, attributes: Mapping[str, AttributeType]) -> list[str]:
    """Return who comes next of those found, as ids in hexadecimal digits, in no order. Raises Unanswered where the
    index does not know the list's order; `attributes`: the bot's, by lower-case name."""
    column = _column(index, walk.sort, attributes)
    ids, rows = index.in_order()
    there = np.flatnonzero(found[rows])
    values = column.values[rows[there]]
    without = column.is_missing(values)
    downwards = walk.descending != walk.is_back
    stretch: list[Positions] = []
    left = walk.most
    for is_end in (True, False) if walk.is_back else (False, True):
        of_key = None if walk.key is None else walk.key[0] is None
        if left == 0 or (of_key is not None and of_key != is_end and of_key != walk.is_back):
            continue
        part = without if is_end else ~without
        positions, worth = there[part], values[part]
        if is_end:
            worth = np.zeros(len(positions))
        if walk.key is not None and of_key == is_end:
            at = np.searchsorted(ids, np.bytes_(walk.key[1].bytes), "left" if downwards else "right")
            after = positions < at if downwards else positions >= at
            if not is_end:
                key = column.key(walk.key[0])
                after = (worth < key if downwards else worth > key) | ((worth == key) & after)
            positions, worth = positions[after], worth[after]
        next_ones = _first(positions, worth, left, downwards=downwards)
        stretch.append(next_ones)
        left -= len(next_ones)
    return index.written(np.concatenate(stretch)) if stretch else []


def _column(index: Index, sort: str, attributes: Mapping[str, AttributeType]) -> Array:
    if sort.startswith(ATTRIBUTE):
        name = sort.removeprefix(ATTRIBUTE)
        if index.attributes.get(name) != attributes.get(name):
            raise Unanswered
    column = index.columns.get(_COLUMNS.get(sort, sort))
    if not isinstance(column, Array):
        raise Unanswered
    return column


def _first(positions: Positions, worth: npt.NDArray[np.generic], most: int, *, downwards: bool) -> Positions:
    """Return the first so many by their worth, equals by their position; the last so many, downwards."""
    if len(positions) <= most:
        return positions
    at = len(positions) - most if downwards else most - 1
    border = np.partition(worth, at)[at]
    sure = positions[worth > border if downwards else worth < border]
    equal = positions[worth == border]
    some = most - len(sure)
    return np.concatenate([sure, equal[-some:] if downwards else equal[:some]])
