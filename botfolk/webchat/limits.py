"""How often a visitor, and an address, may do what costs us something. Counted by each process for itself."""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil

from botfolk.outbox.pace import Pace

_MOST_KNOWN = 50_000


class TooOften(Exception):
    """Wait `after` seconds."""

    def __init__(self, after: int) -> None:
        super().__init__(f"wait {after} seconds")
        self.after = after


class Limit:
    """At most `burst` at once, then one every `seconds`, for each of many; those longest quiet are forgotten."""

    def __init__(self, seconds: float, burst: int) -> None:
        self._seconds = seconds
        self._burst = burst
        self._paces: OrderedDict[str, Pace] = OrderedDict()

    def take(self, who: str) -> None:
        """Count one. Raises TooOften."""
        now = asyncio.get_running_loop().time()
        pace = self._paces.pop(who, None) or Pace(self._seconds, self._burst)
        self._paces[who] = pace
        if len(self._paces) > _MOST_KNOWN:
            self._paces.popitem(last=False)
        if pace.available(now) < 1:
            raise TooOften(max(1, ceil(pace.wait(now))))
        pace.take(now)


class Open:
    """At most `most` open at once, for each of many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._now: Counter[str] = Counter()

    def check(self, who: str) -> None:
        """Raise TooOften when no more may be opened."""
        if self._now[who] >= self._most:
            raise TooOften(10)

    @contextmanager
    def open(self, who: str) -> Iterator[None]:
        """Count one until the block ends."""
        self._now[who] += 1
        try:
            yield
        finally:
            self._now[who] -= 1
            if self._now[who] <= 0:
                del self._now[who]


class Limits:
    """The limits of one process; `pace` 0 is none but those of what is open."""

    def __init__(self, pace: float = 1.0) -> None:
        self.starts = Limit(2.0 * pace, 60)
        """by address: many may share one"""
        self.messages = Limit(1.0 * pace, 20)
        """by visitor"""
        self.messages_of_address = Limit(0.1 * pace, 200)
        self.files = Limit(5.0 * pace, 10)
        """by visitor"""
        self.files_of_address = Limit(3.0 * pace, 40)
        self.typing = Limit(2.0 * pace, 5)
        """by visitor"""
        self.streams = Open(10)
        """by visitor: as many pages may be open"""
        self.streams_of_address = Open(500)
