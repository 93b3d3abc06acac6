"""Slow down guessing: so many tries of a key in a while, per process."""

from collections import OrderedDict

MOST_TRIES = 8
WITHIN_SECONDS = 300.0
_MOST_KEYS = 10_000


class Attempts:
    """Counts tries by key (an email and an address) in memory."""

    def __init__(self) -> None:
        self._tries: OrderedDict[str, list[float]] = OrderedDict()

    def allow(self, key: str, now: float) -> bool:
        """Note a try at a moment (seconds of any steady clock); say whether it may be made."""
        recent = [at for at in self._tries.pop(key, []) if now - at < WITHIN_SECONDS]
        allowed = len(recent) < MOST_TRIES
        if allowed:
            recent.append(now)
        self._tries[key] = recent
        while len(self._tries) > _MOST_KEYS:
            self._tries.popitem(last=False)
        return allowed

    def forget(self, key: str) -> None:
        """A try succeeded: what failed before is forgiven."""
        self._tries.pop(key, None)
