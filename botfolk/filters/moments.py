"""Dates in filters: a written one stands for the stretch it names, in the bot's timezone.

"2026-01-31" is that whole day, "2026-01-31T14:30" that minute, "2026-01-31T14:30Z" that minute of UTC. "7 days ago" is
the moment at this time of the day seven days ago, and with = or ≠ that whole day; "today" and "yesterday" are days.
Minutes and hours are counted as they pass; days, weeks and months by the calendar, so that summer time moves
nothing.
"""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from botfolk.filters.errors import FilterError
from botfolk.pages.catalogue import gettext as _

UNITS = ("minute", "hour", "day", "week", "month")
MOST = 100_000
FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)

_LENGTH = re.compile(rf"(\d{{1,6}})\s+({'|'.join(UNITS)})s?", re.IGNORECASE)
_AGO = re.compile(rf"({_LENGTH.pattern})\s+ago", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(?:\.(\d{1,6}))?\s*(Z|[+-]\d\d:\d\d)?", re.IGNORECASE)
_NAMED = {"today": 0, "yesterday": 1}


class Stretch(NamedTuple):
    """From a moment up to another, which is not of it. Of a single moment both are the same."""

    start: datetime
    end: datetime


def length(text: str) -> str:
    """Return a length of time as it is kept: "7 days". Raises FilterError."""
    found = _LENGTH.fullmatch(text.strip())
    if found is None or not 0 < int(found[1]) <= MOST:
        raise FilterError(
            _("“%s” is not a length of time.") % text[:40],
            hint=_("Write a number and minutes, hours, days, weeks or months: 7 days."),
        )
    number, unit = int(found[1]), found[2].lower()
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def written(text: str) -> str:
    """Return a date as it is kept: "2026-01-31", "2026-01-31T14:30", "7 days ago", "today". Raises FilterError."""
    text = " ".join(text.split())
    if ago := _AGO.fullmatch(text):
        return f"{length(ago[1])} ago"
    if text.lower() in _NAMED:
        return text.lower()
    if _DAY.fullmatch(text):
        kept = text
    elif at := _TIME.fullmatch(text):
        fraction = f".{at[4].ljust(6, '0')}" if at[4] else ""
        kept = f"{at[1]}T{at[2]}{at[3] or (':00' if fraction else '')}{fraction}{(at[5] or '').upper()}"
    else:
        raise _no_date(text)
    try:
        datetime.fromisoformat(kept)
    except ValueError:
        raise _no_date(text) from None
    return kept


def _no_date(text: str) -> FilterError:
    return FilterError(
        _("“%s” is not a date.") % text[:40],
        hint=_("Write it like 2026-01-31, 2026-01-31T14:30, 7 days ago, today or yesterday."),
    )


def stretch(text: str, now: datetime, where: tzinfo, *, whole_days: bool) -> Stretch:
    """Return the time a kept date stands for. `whole_days`: "7 days ago" is that day. Raises FilterError."""
    if text in _NAMED:
        return _day(_local(now, where).date() - timedelta(days=_NAMED[text]), where)
    if ago := _AGO.fullmatch(text):
        moment = since(ago[1], now, where)
        if not whole_days:
            return Stretch(moment, moment)
        check_day(text)
        return _day(_local(moment, where).date(), where)
    if _DAY.fullmatch(text):
        return _day(date.fromisoformat(text), where)
    return _span(text, where)


def check_day(text: str) -> None:
    """Raise FilterError for a kept date that no moment can be equal to: "3 hours ago"."""
    ago = _AGO.fullmatch(text)
    if ago and ago[3] in ("minute", "hour"):
        raise FilterError(
            _("“%s” is a moment, and hardly anything is of just that moment.") % text,
            hint=_("Use >, < or in the last."),
        )


def _span(text: str, where: tzinfo) -> Stretch:
    at = _TIME.fullmatch(text)
    if at is None:
        raise _no_date(text)
    start = datetime.fromisoformat(text)
    start = _utc(start if start.tzinfo else start.replace(tzinfo=where))
    size = timedelta(microseconds=1) if at[4] else timedelta(seconds=1) if at[3] else timedelta(minutes=1)
    return Stretch(start, start + size if start < LAST - size else LAST)


def since(text: str, now: datetime, where: tzinfo) -> datetime:
    """Return when a kept length of time that ends now began."""
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise FilterError(_("“%s” is not a length of time.") % text[:40])
    number, unit = int(found[1]), found[2].lower()
    try:
        if unit in ("minute", "hour"):
            return now.astimezone(UTC) - timedelta(minutes=number * (60 if unit == "hour" else 1))
        local = _local(now, where)
        if unit == "month":
            return _utc(_months_before(local, number))
        return _utc(local - timedelta(days=number * (7 if unit == "week" else 1)))
    except (OverflowError, ValueError):
        return FIRST


def _months_before(moment: datetime, number: int) -> datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 - number, 12)
    if year < 1:
        raise OverflowError
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))


def _day(day: date, where: tzinfo) -> Stretch:
    start = _utc(datetime.combine(day, time(), where))
    try:
        return Stretch(start, _utc(datetime.combine(day + timedelta(days=1), time(), where)))
    except OverflowError:
        return Stretch(start, LAST)


def _local(moment: datetime, where: tzinfo) -> datetime:
    return moment.astimezone(where)


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return FIRST if moment.year < 5000 else LAST
