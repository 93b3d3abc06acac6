"""Columns of texts: numbered where there are few different ones, else one behind another in one long text."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from botfolk.counts.long_text import LongText
from botfolk.counts.rows import Places
from botfolk.counts.stored import Mask, Unanswered, grown
from botfolk.db.folding import fold
from botfolk.filters.functions import Function

_MOST = 10_000
"""So many different spellings are numbered at most."""
_FEW = 8


class Numbered:
    """Each row holds the number of its text as it is compared; 0 where there is none."""

    def __init__(self) -> None:
        self._numbers = np.zeros(0, np.uint16)
        self._spellings: dict[str | None, int] = {None: 0, "": 0}
        self._texts: dict[str, int] = {"": 0}

    @property
    def size(self) -> int:
        """The bytes of memory it takes, about."""
        return self._numbers.nbytes + 200 * len(self._spellings)

    def grow(self, rows: int) -> None:
        self._numbers = grown(self._numbers, rows, 0)

    def put(self, places: Places, values: Sequence[str | None]) -> bool:
        """Set the texts of rows; False, and nothing is set, where there are too many different ones."""
        for spelling in set(values) - self._spellings.keys():
            if len(self._spellings) >= _MOST:
                return False
            folded = fold(spelling or "")
            self._spellings[spelling] = self._texts.setdefault(folded, len(self._texts))
        self._numbers[places] = np.fromiter(map(self._spellings.__getitem__, values), np.uint16, len(values))
        return True

    def holds(self, function: Function, given: Sequence[Any]) -> Mask:
        match function.name:
            case "is_set":
                return np.not_equal(self._numbers, 0)
            case "is":
                found = [self._texts.get(given[0], 0)]
            case "is_one_of":
                found = [self._texts.get(text, 0) for text in given[0]]
            case _:
                found = [number for text, number in self._texts.items() if number and function.test(text, given)]
        return self._with(sorted(set(found) - {0}))

    def _with(self, numbers: Sequence[int]) -> Mask:
        if len(numbers) > _FEW:
            table = np.zeros(len(self._texts), np.bool_)
            table[list(numbers)] = True
            return table.take(self._numbers)
        mask = np.zeros(len(self._numbers), np.bool_)
        for number in numbers:
            mask |= self._numbers == number
        return mask

    def all(self) -> list[str]:
        """Return the text of each row, as it is compared."""
        texts = list(self._texts)
        return [texts[number] for number in self._numbers.tolist()]


class Texts:
    """A column of texts, in the way that suits it."""

    def __init__(self) -> None:
        self._kept: Numbered | LongText = Numbered()

    @property
    def size(self) -> int:
        """The bytes of memory it takes, about."""
        return self._kept.size

    def grow(self, rows: int) -> None:
        self._kept.grow(rows)

    def put(self, places: Places, values: Sequence[str | None]) -> None:
        if isinstance(self._kept, Numbered):
            if self._kept.put(places, values):
                return
            self._kept = LongText(self._kept.all())
        self._kept.put(places, [fold(value or "") for value in values])

    def holds(self, function: Function, given: Sequence[Any]) -> Mask:
        if any("\x00" in text for each in given for text in ([each] if isinstance(each, str) else each)):
            raise Unanswered
        return self._kept.holds(function, given)
