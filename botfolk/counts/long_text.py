"""Texts of which nearly every row has another: one behind another in memory, and looked through as one."""

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from botfolk.counts.rows import Places
from botfolk.counts.stored import Mask, Unanswered, grown
from botfolk.filters.functions import Function

_AT_ONCE = 1 << 17
"""So many bytes are looked through at once: they stay in the processor's own memory."""
_MOST_BYTES = (1 << 32) - (1 << 26)
_FEWEST_OLD = 50_000

Positions = npt.NDArray[np.int64]


class LongText:
    """A NUL, and then each text (UTF-8, as it is compared) with a NUL behind it, in the order in which they came.

    A row knows where its text begins (0: it has none); each place knows whose it was, and is old when the row's text
    begins elsewhere by now.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._bytes = np.zeros(1, np.uint8)
        self._used = 1
        self._begins = np.zeros(0, np.uint32)
        self._sums = np.zeros(0, np.uint32)
        self._places = np.zeros(0, np.uint32)
        self._owners = np.zeros(0, np.uint32)
        self._count = 0
        self.grow(len(texts))
        self.put(np.arange(len(texts)), texts)

    @property
    def size(self) -> int:
        """The bytes of memory it takes, about."""
        arrays = (self._bytes, self._begins, self._sums, self._places, self._owners)
        return sum(array.nbytes for array in arrays)

    def grow(self, rows: int) -> None:
        self._begins, self._sums = grown(self._begins, rows, 0), grown(self._sums, rows, 0)

    def put(self, places: Places, values: Sequence[str]) -> None:
        """Set the texts of rows, as they are compared. Raises Unanswered where they are too long."""
        self._begins[places] = 0
        encoded = [value.encode() for value in values]
        there = np.array([number for number, value in enumerate(encoded) if value], np.int64)
        joined = b"".join(value + b"\x00" for value in encoded if value)
        if self._used + len(joined) > _MOST_BYTES:
            raise Unanswered
        lengths = np.array([len(encoded[number]) + 1 for number in there], np.int64)
        begins = self._used + np.cumsum(lengths) - lengths
        owners = places[there]
        self._bytes = _with_room(self._bytes, self._used + len(joined))
        self._bytes[self._used : self._used + len(joined)] = np.frombuffer(joined, np.uint8)
        self._used += len(joined)
        end = self._count + len(there)
        self._places, self._owners = _with_room(self._places, end), _with_room(self._owners, end)
        self._places[self._count : end], self._owners[self._count : end] = begins, owners
        self._begins[owners] = begins
        self._sums[places] = np.fromiter(map(crc32, encoded), np.uint32, len(encoded))
        self._count = end
        if end > _FEWEST_OLD + 2 * int(np.count_nonzero(self._begins)):
            self._tidy()

    def _tidy(self) -> None:
        """Leave out what is old."""
        places, owners = self._places[: self._count], self._owners[: self._count]
        lengths = np.diff(places, append=np.uint32(self._used)).astype(np.int64)
        kept = self._begins[owners] == places
        self._bytes = np.concatenate([self._bytes[:1], self._bytes[1 : self._used][np.repeat(kept, lengths)]])
        self._used = len(self._bytes)
        self._owners, lengths = owners[kept], lengths[kept]
        self._places = (1 + np.cumsum(lengths) - lengths).astype(np.uint32)
        self._begins[self._owners] = self._places
        self._count = len(self._places)

    def holds(self, function: Function, given: Sequence[Any]) -> Mask:
        match function.name:
            case "is_set":
                return np.not_equal(self._begins, 0)
            case "contains":
                return self._containing(given[0].encode())
            case "starts_with":
                return self._beginning(given[0].encode(), np.flatnonzero(self._begins))
            case "is":
                return self._equal(given)
            case "is_one_of":
                return self._equal(given[0])
        raise Unanswered

    def _equal(self, texts: Sequence[str]) -> Mask:
        """Say of each row whether its text is one of some: first by the checksum, then letter by letter."""
        encoded = [text.encode() for text in texts]
        sums = np.array([crc32(text) for text in encoded], np.uint32)
        alike = self._sums == sums[0] if len(sums) == 1 else np.isin(self._sums, sums)
        rows = np.flatnonzero(alike)
        return reduce(or_, (self._beginning(text + b"\x00", rows) for text in encoded))

    def _beginning(self, start: bytes, rows: Positions) -> Mask:
        """Say of each row whether it is one of some, and its text, with the NUL behind it, starts so."""
        # From the last letter on: people's texts differ at their ends.
        last = np.uint32(self._used - 1)
        for number in reversed(range(len(start))):
            at = np.minimum(self._begins[rows] + np.uint32(number), last)
            rows = rows[self._bytes[at] == start[number]]
        mask = np.zeros(len(self._begins), np.bool_)
        mask[rows] = True
        return mask

    def _containing(self, part: bytes) -> Mask:
        """Say of each row whether the bytes stand in its text."""
        mask = np.zeros(len(self._begins), np.bool_)
        places = self._places[: self._count]
        for start, found in self._find(part):
            # Those that begin before the end of what was looked through; the last of them that begin before it, too.
            # Of the same type as they are: of another, all of them would be copied.
            first, end = np.searchsorted(places, np.array([start, start + _AT_ONCE], np.uint32))
            first = max(first - 1, 0)
            at = first + np.searchsorted(places[first:end], (found + start).astype(np.uint32), "right") - 1
            owners = self._owners[at]
            mask[owners[self._begins[owners] == places[at]]] = True
        return mask

    def _find(self, part: bytes) -> Iterator[tuple[int, Positions]]:
        """Yield where the bytes stand, counted from each start."""
        used = self._bytes[: self._used]
        for start in range(0, self._used, _AT_ONCE):
            some = used[start : start + _AT_ONCE + len(part) - 1]
            last = len(some) - len(part) + 1
            if last <= 0:
                return
            here = some[:last] == part[0]
            if len(part) > 1:
                here &= some[1 : last + 1] == part[1]
            found = np.flatnonzero(here)
            for number, byte in enumerate(part[2:], 2):
                found = found[some[found + number] == byte]
            if len(found):
                yield start, found


def _with_room(values: npt.NDArray[Any], count: int) -> npt.NDArray[Any]:
    return values if count <= len(values) else grown(values, count + count // 4, 0)
