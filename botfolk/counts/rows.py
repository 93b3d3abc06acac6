"""Which row of the index a user has: by the 16 bytes of their id, in an order that never changes."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.bytes_]
"""Ids of users, 16 bytes each."""
Places = npt.NDArray[np.int64]
"""Rows of the index."""

_KIND = "S16"
_MOST_LOOSE = 20_000


def ids_of(joined: bytes) -> Ids:
    """Return ids that stand one behind another."""
    return np.frombuffer(joined, _KIND)


class Rows:
    """The rows there are. Ids are kept in order, and those of late in a table beside, until there are many."""

    def __init__(self) -> None:
        self._sorted: Ids = np.empty(0, _KIND)
        self._places: Places = np.empty(0, np.int64)
        self._count = 0
        self._loose: dict[bytes, int] = {}
        self._in_order: tuple[Ids, Places] = (self._sorted, self._places)

    def __len__(self) -> int:
        return self._count + len(self._loose)

    @property
    def size(self) -> int:
        """The bytes of memory it takes, about."""
        both = self._in_order if self._loose else ()
        return self._sorted.nbytes + self._places.nbytes + 150 * len(self._loose) + sum(each.nbytes for each in both)

    def grow(self, rows: int) -> None:
        """Make room for so many rows."""
        more = max(0, rows - len(self._sorted))
        self._sorted = np.concatenate([self._sorted, np.empty(more, _KIND)])
        self._places = np.concatenate([self._places, np.empty(more, np.int64)])

    def find(self, ids: Ids) -> Places:
        """Return the row of each id; -1 for one that is not there."""
        found = np.full(len(ids), -1, np.int64)
        if self._count:
            ordered = self._sorted[: self._count]
            at = np.minimum(np.searchsorted(ordered, ids), self._count - 1)
            there = ordered[at] == ids
            found[there] = self._places[at[there]]
        if self._loose:
            for number in np.flatnonzero(found < 0):
                found[number] = self._loose.get(bytes(ids[number]), -1)
        return found

    def in_order(self) -> tuple[Ids, Places]:
        """Return all ids in order, and the row of each."""
        if not self._loose:
            return self._sorted[: self._count], self._places[: self._count]
        if len(self._in_order[0]) != len(self):
            loose = sorted(self._loose.items())
            ids, places = np.array([user_id for user_id, _ in loose], _KIND), [place for _, place in loose]
            at = np.searchsorted(self._sorted[: self._count], ids)
            self._in_order = (
                np.insert(self._sorted[: self._count], at, ids),
                np.insert(self._places[: self._count], at, places),
            )
        return self._in_order

    def add(self, ids: Ids) -> Places:
        """Return the row of each id, a new one for each that was not there. No id comes twice."""
        found = self.find(ids)
        new = found < 0
        count = int(np.count_nonzero(new))
        found[new] = np.arange(len(self), len(self) + count)
        self._keep(ids[new], found[new])
        return found

    def _keep(self, ids: Ids, places: Places) -> None:
        if (
            not self._loose
            and len(ids)
            and _ascend(ids)
            and (not self._count or ids[0] > self._sorted[self._count - 1])
        ):
            end = self._count + len(ids)
            if end > len(self._sorted):
                self.grow(end + end // 16)
            self._sorted[self._count : end], self._places[self._count : end] = ids, places
            self._count = end
            return
        self._loose.update(zip(map(bytes, ids), places.tolist(), strict=True))
        if len(self._loose) > _MOST_LOOSE:
            self._sort(list(self._loose), list(self._loose.values()))
            self._loose = {}

    def _sort(self, ids: Sequence[bytes], places: Sequence[int]) -> None:
        whole = np.concatenate([self._sorted[: self._count], np.array(ids, _KIND)])
        order = np.argsort(whole, kind="stable")
        self._sorted = whole[order]
        self._places = np.concatenate([self._places[: self._count], np.array(places, np.int64)])[order]
        self._count = len(whole)


def _ascend(ids: Ids) -> bool:
    return bool(np.all(ids[:-1] < ids[1:]))
