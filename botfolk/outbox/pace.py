"""How fast: one number per channel or person says when the next call may leave."""

from collections.abc import Iterable
from math import floor
from uuid import UUID

_PERSON_BURST = 3
"""Calls to one person that may follow each other at once; services bear short bursts."""


class Pace:
    """One call every `interval` seconds on average, and up to `burst` at once after a rest.

    `now` is any clock's seconds, as long as it is always the same clock and never runs backwards.
    """

    def __init__(self, interval: float, burst: float) -> None:
        self._interval = interval
        self._burst = max(1.0, burst)
        # when all that was taken would have left at the even pace
        self._paid_until = float("-inf")

    def available(self, now: float) -> int:
        """Return how many calls may leave now."""
        if self._interval <= 0:
            return 1_000_000
        debt = max(0.0, self._paid_until - now) / self._interval
        # a thousandth forgives the rounding of floats
        return max(0, floor(self._burst - debt + 0.001))

    def wait(self, now: float, calls: int = 1) -> float:
        """Return the seconds until so many may leave, or as many as ever may at once."""
        calls = min(calls, floor(self._burst))
        if self.available(now) >= calls:
            return 0.0
        return max(0.0, self._paid_until - now - (self._burst - calls) * self._interval)

    def take(self, now: float) -> None:
        """Count one call that leaves now."""
        self._paid_until = max(self._paid_until, now) + self._interval

    def rested(self, now: float) -> bool:
        """Say whether it is as if nothing had ever been taken."""
        return self._paid_until <= now


class People:
    """The pace of every person and group that was just sent to; those who rested are forgotten."""

    def __init__(self, *, person_seconds: float, group_seconds: float) -> None:
        self._person_seconds = person_seconds
        self._group_seconds = group_seconds
        self._paces: dict[UUID, Pace] = {}

    def take(self, identity_id: UUID, *, is_group: bool, now: float) -> None:
        """Count one call to a person or group."""
        pace = self._paces.get(identity_id)
        if pace is None:
            seconds = self._group_seconds if is_group else self._person_seconds
            pace = self._paces[identity_id] = Pace(seconds, _PERSON_BURST)
        pace.take(now)

    def busy(self, now: float) -> dict[UUID, float]:
        """Return who may not be sent to yet, with the seconds to wait."""
        self._paces = {identity_id: pace for identity_id, pace in self._paces.items() if not pace.rested(now)}
        waits = {identity_id: pace.wait(now) for identity_id, pace in self._paces.items()}
        return {identity_id: wait for identity_id, wait in waits.items() if wait > 0}


def shortest(waits: Iterable[float | None]) -> float | None:
    """Return the shortest of the waits that are known; None when none is."""
    return min((wait for wait in waits if wait is not None), default=None)
