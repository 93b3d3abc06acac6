"""How often a visitor, and an address, may do what costs us something. Counted by each process for itself."""

import asyncio
from collections import OrderedDict
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


class Limits:
    """The limits of one process."""

    def __init__(self) -> None:
        self.starts = Limit(2.0, 60)
        """by address: many may share one"""
        self.messages = Limit(1.0, 20)
        """by visitor"""
        self.messages_of_address = Limit(0.1, 200)
        self.files = Limit(5.0, 10)
        """by visitor"""
        self.files_of_address = Limit(1.0, 60)
