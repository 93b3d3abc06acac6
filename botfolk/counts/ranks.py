"""Orders that only the database knows, such as those of texts: each user's place among all, as it was at a time.

Whoever has changed since is noted. Those who have not still stand in that order among themselves, and those who have
are few, and named besides: the database sorts all who are named.
"""

import numpy as np

from botfolk.counts.rows import Places
from botfolk.counts.stored import Array, Mask, grown
from botfolk.users.ordering import Order

MANY_CHANGED = 500
"""So many have changed that the order had better be asked for anew."""


class Rank(Array):
    """Each user's place in an order from 1 on, 0 for one without a value. `ranked`: how many have one."""

    kind, missing, functions = "i4", 0, {}

    def __init__(self, order: Order) -> None:
        super().__init__()
        self.order = order
        self.is_used = True
        self.ranked = 0
        self._changed = np.zeros(0, np.bool_)

    @property
    def size(self) -> int:
        return super().size + self._changed.nbytes

    @property
    def is_old(self) -> bool:
        """Say whether many have changed since."""
        return int(np.count_nonzero(self._changed)) > MANY_CHANGED

    def grow(self, rows: int) -> None:
        super().grow(rows)
        self._changed = grown(self._changed, rows, False)

    def add(self, rows: Places) -> None:
        """Let users come next in the order; -1 for one whom the index does not know yet."""
        numbers = np.arange(self.ranked + 1, self.ranked + 1 + len(rows))
        self.values[rows[rows >= 0]] = numbers[rows >= 0]
        self.ranked += len(rows)

    def change(self, rows: Places) -> None:
        """Note who has changed."""
        self._changed[rows] = True

    def has_changed(self, rows: Places) -> Mask:
        """Say of rows whether their users have changed."""
        changed: Mask = self._changed[rows]
        return changed
