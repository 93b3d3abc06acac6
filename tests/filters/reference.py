"""What a filter means, said a second time and as plainly as can be: what both evaluators are held to."""

import unicodedata
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from botfolk.filters import tree
from tests.filters.people import Someone

FORMS = {"is_not": "is", "does_not_contain": "contains", "is_not_set": "is_set", "not_in_the_last": "in_the_last"}


def meets(node: tree.Filter, someone: Someone, now: datetime, zone: ZoneInfo) -> bool:
    """Say whether somebody meets a filter."""
    if node is None:
        return True
    if isinstance(node, tree.Not):
        return not meets(node.of, someone, now, zone)
    if isinstance(node, tree.All):
        return all(meets(each, someone, now, zone) for each in node.of)
    if isinstance(node, tree.Any):
        return any(meets(each, someone, now, zone) for each in node.of)
    if node.function in FORMS:
        return not _condition(tree.Condition(node.column, FORMS[node.function], node.values), someone, now, zone)
    return _condition(node, someone, now, zone)


def _condition(condition: tree.Condition, someone: Someone, now: datetime, zone: ZoneInfo) -> bool:
    value = someone.value(condition.column, now)
    several = value if isinstance(value, list) else [] if value is None or value == "" else [value]
    if condition.column == "picture":
        return bool(value)
    if condition.function == "is_set":
        return any(each != "" for each in several)
    return any(_one(condition, each, now, zone) for each in several)


def _one(condition: tree.Condition, value: Any, now: datetime, zone: ZoneInfo) -> bool:
    function, given = condition.function, list(condition.values)
    if isinstance(value, bool):
        return value == (given[0] == "yes")
    if isinstance(value, int | float | Decimal):
        return _number(function, Decimal(str(value)), [Decimal(each) for each in given])
    if isinstance(value, datetime):
        return _date(function, value, given, now, zone)
    if condition.column == "phone":
        given = ["".join(letter for letter in each if letter not in " ()./-\t") or each for each in given]
    return _text(function, plain(value), [plain(each) for each in given])


def plain(text: str) -> str:
    """Return a text without what makes no difference."""
    folded = text.casefold()
    for dotted in ("i\u0307", "\u0131"):
        folded = folded.replace(dotted, "i")
    return unicodedata.normalize("NFC", folded)


def _text(function: str, value: str, given: list[str]) -> bool:
    if function == "contains":
        return value.find(given[0]) >= 0
    if function == "starts_with":
        return value[: len(given[0])] == given[0]
    return value in given  # is, is_one_of


def _number(function: str, value: Decimal, given: list[Decimal]) -> bool:
    difference = value - given[0]
    if function == "between":
        return difference >= 0 and value - given[1] <= 0
    return {
        "is": difference == 0,
        "more": difference > 0,
        "at_least": difference >= 0,
        "less": difference < 0,
        "at_most": difference <= 0,
    }[function]


def _date(function: str, value: datetime, given: list[str], now: datetime, zone: ZoneInfo) -> bool:
    if function == "in_the_last":
        return ago(given[0], now, zone) <= value <= now
    start, end = _stretch(given[0], now, zone, of_day=function == "is")
    if function == "between":
        return start <= value < _stretch(given[1], now, zone, of_day=False)[1]
    return {
        "is": start <= value < end,
        "more": value >= end,
        "at_least": value >= start,
        "less": value < start,
        "at_most": value < end,
    }[function]


def _stretch(text: str, now: datetime, zone: ZoneInfo, *, of_day: bool) -> tuple[datetime, datetime]:
    today = now.astimezone(zone).date()
    if text.endswith(" ago"):
        moment = ago(text[:-4], now, zone)
        return _day(moment.astimezone(zone).date(), zone) if of_day else (moment, moment)
    if text in ("today", "yesterday"):
        return _day(today - timedelta(days=text == "yesterday"), zone)
    if len(text) == 10:
        return _day(date.fromisoformat(text), zone)
    moment = datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    clock = text[11:].rstrip("Z")
    size = timedelta(microseconds=1) if "." in clock else timedelta(seconds=1 if clock.count(":") == 2 else 60)
    return moment.astimezone(UTC), moment.astimezone(UTC) + size


def _day(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    first, after = (datetime(each.year, each.month, each.day, tzinfo=zone) for each in (day, day + timedelta(days=1)))
    return first.astimezone(UTC), after.astimezone(UTC)


def ago(length: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment a length of time before now."""
    number, unit = length.split()
    unit = unit.rstrip("s")
    if unit in ("minute", "hour"):
        return now - int(number) * timedelta(**{f"{unit}s": 1})
    local = now.astimezone(zone).replace(tzinfo=None)
    if unit == "month":
        for _ in range(int(number)):
            first = local.replace(day=1) - timedelta(days=1)
            local = local.replace(year=first.year, month=first.month, day=min(local.day, first.day))
        day = now.astimezone(zone).day
        while local.day < day:
            try:
                local = local.replace(day=local.day + 1)
            except ValueError:
                break
    else:
        local -= timedelta(days=int(number) * (7 if unit == "week" else 1))
    return local.replace(tzinfo=zone).astimezone(UTC)
