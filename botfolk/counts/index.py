"""A bot's users in memory, column by column: what the database sent is put in, and counted."""

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

import numpy as np
import numpy.typing as npt

from botfolk.counts.ranks import Rank
from botfolk.counts.reading import PAUSED_UNTIL, Part, Portion, Source, standard
from botfolk.counts.rows import Ids, Places, Rows, ids_of
from botfolk.counts.several import Several
from botfolk.counts.stored import Kept, Mask, Stored, There, Unanswered
from botfolk.db.folding import fold
from botfolk.users.ordering import Order

_ROOM = 4096
"""So many rows there is room for beyond those there are, and a sixteenth."""
_LEAST = frozenset({"status", PAUSED_UNTIL})


class Index:
    """The columns of a bot's users. What cannot be kept, exactly or in the memory there is, is left out for good.

    `sources`: where its columns come from, by name. `attributes`: the type each was read with. `ranks`: orders of
    lists, by their words; `wanted`: those that were asked for.
    """

    def __init__(self) -> None:
        self._rows = Rows()
        self._room = 0
        self._there = There()
        self.sources: dict[str, Source] = {}
        self.columns: dict[str, Stored] = {}
        self.sets: dict[Literal["tags", "channels"], Several] = {"tags": Several(), "channels": Several()}
        self.names: dict[str, dict[UUID, str]] = {"tag": {}, "channel": {}, "channel_name": {}}
        self.attributes: dict[str, str] = {}
        self.left_out: set[str] = set()
        self.ranks: dict[str, Rank] = {}
        self.wanted: dict[str, Order] = {}
        for source in standard():
            self.add(source)

    @property
    def users(self) -> int:
        """How many rows there are, with those of users who are gone."""
        return len(self._rows)

    @property
    def room(self) -> int:
        """How many rows there is room for."""
        return self._room

    @property
    def size(self) -> int:
        """The bytes of memory it takes, about."""
        return self._rows.size + sum(each.size for each in self._kept())

    def add(self, source: Source) -> None:
        """Keep a column from now on, in which nobody has a value yet."""
        self.sources[source.name] = source
        self.columns[source.name] = column = source.make()
        column.grow(self._room)

    def leave_out(self, name: str) -> None:
        """Keep a column no longer."""
        self.left_out.add(name)
        self.sources.pop(name, None)
        self.columns.pop(name, None)

    def shrink_to(self, size: int) -> bool:
        """Leave out orders, and then the largest columns, until it is no larger than so many bytes; False where that is
        not enough."""
        while self.size > size:
            if self.ranks:
                self.ranks.popitem()
                continue
            sizes = {name: column.size for name, column in self.columns.items() if name not in _LEAST}
            if not sizes:
                return False
            self.leave_out(max(sizes, key=sizes.__getitem__))
        return True

    def grow(self, rows: int) -> None:
        """Make room for so many rows, and some more. Done once before many come, it spares as much memory again."""
        self._room = rows + rows // 16 + _ROOM
        self._rows.grow(self._room)
        for each in self._kept():
            each.grow(self._room)

    def put_profiles(self, portion: Portion, asked: Ids) -> None:
        """Set the profiles of those who are there of who was asked for; who is not, is gone."""
        gone = self._rows.find(asked)
        self._there.put(gone[gone >= 0], bytes(int(np.count_nonzero(gone >= 0))))
        places = self._rows.add(portion.ids)
        if len(self._rows) > self._room:
            self.grow(len(self._rows))
        self._there.put(places, b"\x01" * len(places))
        self._put(places, portion.values)
        self.note_changed("profile", portion.ids)

    def put_statistics(self, portion: Portion) -> None:
        """Set the statistics of users."""
        places = self._rows.find(portion.ids)
        if np.any(places < 0):
            raise LookupError("statistics of a user whose profile was not read")
        self._put(places, portion.values)
        self.note_changed("statistics", portion.ids)

    def put_sets(self, what: Literal["tags", "channels"], asked: Ids, having: Mapping[UUID, Ids]) -> None:
        """Set which tags or channels users have."""
        places = self._known(asked)
        self.note_changed(what, asked)
        if what in self.sets:
            try:
                self.sets[what].put(places, {key: self._known(ids) for key, ids in having.items()})
            except Unanswered:
                del self.sets[what]

    def put_names(self, what: Literal["tags", "channels"], names: Mapping[UUID, tuple[str, str]]) -> None:
        """Set how tags or channels are called; who is sorted by them may stand elsewhere."""
        self.ranks = {sort: rank for sort, rank in self.ranks.items() if rank.order.several != what}
        by_name = {key: fold(name) for key, (name, _kind) in names.items()}
        if what == "tags":
            self.names["tag"] = by_name
        else:
            self.names["channel_name"] = by_name
            self.names["channel"] = {key: fold(kind) for key, (_name, kind) in names.items()}

    def rank(self, sort: str, order: Order) -> Rank:
        """Return the order of a word. Raises Unanswered where it is not known: it is wanted then, as an old one is."""
        rank = self.ranks.get(sort)
        if rank is None or rank.order != order or rank.is_old:
            self.wanted[sort] = order
        if rank is None or rank.order != order:
            raise Unanswered
        rank.is_used = True
        return rank

    def put_in_order(self, rank: Rank, ids: Ids) -> None:
        """Let users come next in an order."""
        rank.add(self._rows.find(ids))

    def note_changed(self, part: Part, ids: Ids) -> None:
        """Note that users have changed in a part by which they may be sorted."""
        for rank in self.ranks.values():
            if rank.order.goes_by == part:
                rank.change(self._known(ids))

    def row(self, user_id: UUID) -> int:
        """Return the row of a user; -1 for one who is not there."""
        return int(self._rows.find(ids_of(user_id.bytes))[0])

    def everyone(self) -> Mask:
        """Say of each row whether its user is there."""
        there: Mask = self._there.values == 1
        return there

    def ids(self, mask: Mask) -> list[str]:
        """Return the ids of rows, in hexadecimal digits."""
        return self.written(np.flatnonzero(mask[self.in_order()[1]]))

    def in_order(self) -> tuple[Ids, Places]:
        """Return all ids there have been in order, and the row of each."""
        return self._rows.in_order()

    def written(self, positions: npt.NDArray[np.int64]) -> list[str]:
        """Return the ids at places of that order, in hexadecimal digits."""
        digits = self.in_order()[0][positions].tobytes().hex()
        return [digits[start : start + 32] for start in range(0, len(digits), 32)]

    def _known(self, ids: Ids) -> Places:
        places = self._rows.find(ids)
        return places[places >= 0]

    def _kept(self) -> list[Kept]:
        return [self._there, *self.sets.values(), *self.columns.values(), *self.ranks.values()]

    def _put(self, places: Places, values: Mapping[str, Any]) -> None:
        for name, given in values.items():
            if name in self.columns:
                try:
                    self.columns[name].put(places, given)
                except Unanswered:
                    self.leave_out(name)
