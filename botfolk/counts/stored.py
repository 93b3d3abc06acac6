"""What every column of the index can do, and the columns of numbers, dates and yes or no: an array each."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from botfolk.counts.rows import Places
from botfolk.filters.functions import Function

Mask = npt.NDArray[np.bool_]
"""Of each row of the index, whether something holds."""


class Unanswered(Exception):
    """The index cannot answer this: the database is asked."""


class Kept(Protocol):
    """Something of every row of the index. `size`: the bytes of memory it takes, about."""

    @property
    def size(self) -> int: ...

    def grow(self, rows: int) -> None:
        """Make room for so many rows, without a value."""


class Stored(Kept, Protocol):
    """A column of the index."""

    def put(self, places: Places, values: Any) -> None:
        """Set the values of rows, as the database sent them. Raises Unanswered for what cannot be kept exactly."""

    def holds(self, function: Function, given: Sequence[Any]) -> Mask:
        """Say of each row there is room for whether a function holds. Raises Unanswered."""


_MOST_DIGITS = 15
"""Decimal numbers of so many digits are told apart, and stand in the same order, as floats."""
_START = datetime(2000, 1, 1, tzinfo=UTC)
_NEVER = np.iinfo(np.int64).min
_NUMBER: dict[str, Callable[[Any, Sequence[Any]], Mask]] = {
    "is": lambda x, a: x == a[0],
    "more": lambda x, a: x > a[0],
    "at_least": lambda x, a: x >= a[0],
    "less": lambda x, a: x < a[0],
    "at_most": lambda x, a: x <= a[0],
    "between": lambda x, a: (x >= a[0]) & (x <= a[1]),
    "is_set": lambda x, _a: ~np.isnan(x),
}
_DATE: dict[str, Callable[[Any, Sequence[Any]], Mask]] = {
    "is": lambda x, a: (x >= a[0]) & (x < a[1]),
    "more": lambda x, a: x >= a[1],
    "at_least": lambda x, a: x >= a[0],
    "less": lambda x, a: (x < a[0]) & (x != _NEVER),
    "at_most": lambda x, a: (x < a[1]) & (x != _NEVER),
    "between": lambda x, a: (x >= a[0]) & (x < a[3]),
    "in_the_last": lambda x, a: (x >= a[0]) & (x <= a[1]),
    "is_set": lambda x, _a: x != _NEVER,
}
_YES_NO: dict[str, Callable[[Any, Sequence[Any]], Mask]] = {
    "is": lambda x, a: x == int(a[0]),
    "is_set": lambda x, _a: x != 2,
}
_THERE: dict[str, Callable[[Any, Sequence[Any]], Mask]] = {"is_set": lambda x, _a: x == 1}


class Array:
    """A column that is an array. `missing` stands where there is no value."""

    kind: str
    missing: Any
    functions: dict[str, Callable[[Any, Sequence[Any]], Mask]]

    def __init__(self) -> None:
        self.values = np.full(0, self.missing, self.kind)

    @property
    def size(self) -> int:
        return self.values.nbytes

    def grow(self, rows: int) -> None:
        self.values = grown(self.values, rows, self.missing)

    def put(self, places: Places, values: Any) -> None:
        self.values[places] = np.frombuffer(values, np.dtype(self.kind).newbyteorder(">"))

    def holds(self, function: Function, given: Sequence[Any]) -> Mask:
        if function.name not in self.functions:
            raise Unanswered
        return self.functions[function.name](self.values, [self.read(value) for value in given])

    def read(self, value: Any) -> Any:
        """Return what a filter compares with as it is kept here. Raises Unanswered."""
        return value

    def is_missing(self, values: Any) -> Mask:
        """Say of values as they are kept here where there is none."""
        missing: Mask = values == self.missing
        return missing

    def key(self, value: Any) -> Any:
        """Return the value a stretch of a list begins at as it is kept here. Raises Unanswered."""
        return self.read(value)


class Numbers(Array):
    """Numbers as floats; none is kept that a float cannot tell from every other."""

    kind, missing, functions = "f8", np.nan, _NUMBER

    def read(self, value: Decimal | int) -> float:
        number = Decimal(value)
        if len(number.normalize().as_tuple().digits) > _MOST_DIGITS:
            raise Unanswered
        return float(number)

    def is_missing(self, values: Any) -> Mask:
        missing: Mask = np.isnan(values)
        return missing

    def key(self, value: float) -> float:
        return float(value)


class ExactNumbers(Numbers):
    """Numbers of an attribute, which may have any number of digits: they come with whether all are exact as floats."""

    def put(self, places: Places, values: Any) -> None:
        joined, exact = values
        if not exact:
            raise Unanswered
        super().put(places, joined)


class Dates(Array):
    """Moments, in microseconds from the start of 2000, as the database has them."""

    kind, missing, functions = "i8", _NEVER, _DATE

    def read(self, value: datetime | str) -> int:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _START
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


class WrittenDates(Dates):
    """Dates of an attribute, which are kept as texts: "2026-01-31T14:30:00", or with six digits behind the second."""

    def put(self, places: Places, values: Any) -> None:
        if any(value is not None and len(value) not in (19, 26) for value in values):
            raise Unanswered
        try:
            read = np.array(["NaT" if value is None else value for value in values], "M8[us]")
        except ValueError:
            raise Unanswered from None
        since = (read - np.datetime64("2000-01-01", "us")).astype(np.int64)
        since[np.isnat(read)] = _NEVER
        self.values[places] = since

    def key(self, value: str) -> int:
        try:
            return self.read(value)
        except ValueError:
            raise Unanswered from None


class YesNo(Array):
    """1 for yes, 0 for no, 2 for neither."""

    kind, missing, functions = "u1", 2, _YES_NO

    def key(self, value: bool) -> int:
        return int(value)


class There(Array):
    """1 where something is there."""

    kind, missing, functions = "u1", 0, _THERE


def grown(values: npt.NDArray[Any], rows: int, missing: Any) -> npt.NDArray[Any]:
    """Return an array of so many values at least, filled up with the missing one."""
    if rows <= len(values):
        return values
    return np.concatenate([values, np.full(rows - len(values), missing, values.dtype)])
