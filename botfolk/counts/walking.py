"""Goes along a list in memory: the next users in an order, of those who are meant, beyond any of them.

The order is the database's (`users/ordering.py`): by a column, equals by their id, who has no value at the end either
way. Of numbers, dates and yes or no the index has it by itself; of texts it asks the database for everybody's place.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt

from botfolk.counts.contract import Named, Walk
from botfolk.counts.index import Index
from botfolk.counts.ranks import Rank
from botfolk.counts.reading import EXACT, PAUSED_UNTIL
from botfolk.counts.stored import Array, Mask, Unanswered
from botfolk.db.parameters import ids_text
from botfolk.users.attributes import AttributeType
from botfolk.users.ordering import ATTRIBUTE, order_of

MOST_CHANGED = 1000
"""So many who have changed since an order of texts was asked for are named besides."""
_COLUMNS = {"pause_bot": PAUSED_UNTIL, **{name: EXACT + name for name in ("time_spent", "average_sentiment")}}

Positions = npt.NDArray[np.int64]
"""Places in the order of ids."""


def along(index: Index, found: Mask, walk: Walk, attributes: Mapping[str, AttributeType]) -> Named:
    """Name who of those found comes next, in no order. Raises Unanswered where the index does not know the order.
    `attributes`: the bot's, by lower-case name."""
    column = _column(index, walk.sort, attributes)
    there = np.flatnonzero(found[index.in_order()[1]])
    besides, is_behind = there[:0], False
    if isinstance(column, Rank):
        changed = column.has_changed(index.in_order()[1][there])
        besides, there = there[changed], there[~changed]
        if len(besides) > MOST_CHANGED:
            raise Unanswered
        is_behind = walk.key is not None and walk.key[0] is not None
    next_ones = _stretch(index, column, there, walk)
    return Named(ids_text(index.written(np.concatenate([next_ones, besides]))), len(next_ones) < walk.most, is_behind)


def _stretch(index: Index, column: Array, there: Positions, walk: Walk) -> Positions:
    """Return who of those there is in a stretch: of the two parts of a list, with a value and (at the end) without."""
    ids, rows = index.in_order()
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
        positions = there[part]
        worth = np.zeros(len(positions)) if is_end else values[part]
        if walk.key is not None and of_key == is_end:
            at = np.searchsorted(ids, np.bytes_(walk.key[1].bytes), "left" if downwards else "right")
            after = positions < at if downwards else positions >= at
            if not is_end:
                key = _key(index, column, *walk.key)
                after = (worth < key if downwards else worth > key) | ((worth == key) & after)
            positions, worth = positions[after], worth[after]
        stretch.append(_first(positions, worth, left, downwards=downwards))
        left -= len(stretch[-1])
    return np.concatenate(stretch)


def _key(index: Index, column: Array, value: Any, user_id: UUID) -> Any:
    """Return where a stretch begins, as the column has it. Raises Unanswered."""
    if not isinstance(column, Rank):
        return column.key(value)
    row = index.row(user_id)
    if row < 0 or column.has_changed(np.array([row]))[0] or not column.values[row]:
        raise Unanswered
    return column.values[row]


def _column(index: Index, sort: str, attributes: Mapping[str, AttributeType]) -> Array:
    if sort.startswith(ATTRIBUTE):
        name = sort.removeprefix(ATTRIBUTE)
        if index.attributes.get(name) != attributes.get(name):
            raise Unanswered
    column = index.columns.get(_COLUMNS.get(sort, sort))
    return column if isinstance(column, Array) else index.rank(sort, order_of(sort, attributes))


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
