"""Times as the Messenger Platform writes them: milliseconds, but seconds, strings and ISO texts have been seen too."""

from datetime import UTC, datetime, timedelta
from typing import Any

_FIRST = datetime(2004, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)
_MILLISECONDS_FROM = 10**12
"""A number below is of seconds: in milliseconds it would be before September 2001."""


def moment(value: Any, received_at: datetime) -> datetime | None:
    """Return the time that a value means; None for none, and for one that cannot be."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip()
        if not (text.isascii() and text.isdecimal()):
            return _possible(_iso(text), received_at)
        value = int(text) if len(text) <= 18 else None
    if not isinstance(value, int | float):
        return None
    try:
        seconds = value / 1000 if value >= _MILLISECONDS_FROM else value
        return _possible(datetime.fromtimestamp(seconds, UTC), received_at)
    except (OverflowError, ValueError, OSError):
        return None


def _iso(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _possible(at: datetime | None, received_at: datetime) -> datetime | None:
    return at if at is not None and _FIRST <= at <= received_at + _AHEAD else None
