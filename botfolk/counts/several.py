"""Columns of several texts, such as tags: of each text, the set of rows that have it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from pyroaring import BitMap

from botfolk.counts.rows import Places
from botfolk.counts.stored import Mask, Unanswered
from botfolk.db.folding import fold
from botfolk.filters.functions import Function

_MOST = 20_000
"""So many different texts are kept at most."""
_read_list = msgspec.json.Decoder(list[str]).decode


class Several:
    """Sets of rows, by a key that a text goes by (the text itself, or the id of a tag)."""

    def __init__(self) -> None:
        self._rows = 0
        self._sets: dict[Any, BitMap] = {}
        self._size = 0

    @property
    def size(self) -> int:
        """The bytes of memory it takes, about."""
        return self._size

    def grow(self, rows: int) -> None:
        self._rows = max(rows, self._rows)
        self._size = sum(200 + 2 * min(len(one), self._rows // 16) for one in self._sets.values())

    def put(self, places: Places, values: Mapping[Any, Places]) -> None:
        """Set what rows have: of each key, which of them have it. Raises Unanswered when there are too many keys."""
        asked = BitMap(places.astype(np.uint32))
        for one in self._sets.values():
            one -= asked
        for key, having in values.items():
            self._sets.setdefault(key, BitMap()).update(having.astype(np.uint32))
        if len(self._sets) > _MOST:
            raise Unanswered

    def with_keys(self, keys: Iterable[Any]) -> Mask:
        """Say of each row whether it has one of the keys."""
        sets = [self._sets[key] for key in keys if key in self._sets]
        found = sets[0] if len(sets) == 1 else BitMap.union(*sets) if sets else BitMap()
        most = len(found) > self._rows // 2
        mask = np.full(self._rows, most)
        mask[np.frombuffer((found.flip(0, self._rows) if most else found).to_array(), np.uint32)] = not most
        return mask

    def named(self, function: Function, given: Sequence[Any], names: Mapping[Any, str]) -> Mask:
        """Say of each row whether a function holds for one of its texts, which are called so (folded) by key."""
        return self.with_keys(key for key in self._sets if key in names and function.test(names[key], given))


class Lists:
    """A list attribute: its texts come as JSON."""

    def __init__(self) -> None:
        self._sets = Several()
        self._names: dict[str, str] = {}

    @property
    def size(self) -> int:
        """The bytes of memory it takes, about."""
        return self._sets.size + 200 * len(self._names)

    def grow(self, rows: int) -> None:
        self._sets.grow(rows)

    def put(self, places: Places, values: Sequence[str | None]) -> None:
        known: dict[str, list[int]] = {}
        for number, text in enumerate(values):
            if text is not None:
                known.setdefault(text, []).append(number)
        keyed: dict[str, list[int]] = {}
        try:
            for text, numbers in known.items():
                for name in set(_read_list(text)):
                    keyed.setdefault(name, []).extend(numbers)
        except msgspec.ValidationError:
            raise Unanswered from None
        self._names.update((name, fold(name)) for name in keyed.keys() - self._names.keys())
        self._sets.put(places, {name: places[np.array(numbers)] for name, numbers in keyed.items()})

    def holds(self, function: Function, given: Sequence[Any]) -> Mask:
        return self._sets.named(function, given, self._names)
