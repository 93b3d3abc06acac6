"""Attributes: a user's custom fields. Names are case-insensitive; a bot's attribute has one type."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal

from botfolk.users.fields import FIELDS, BadValue

AttributeType = Literal["text", "number", "datetime", "yes_no", "list"]
AttributeValue = str | int | float | bool | list[str]
TYPES: dict[AttributeType, str] = {
    "text": "Text",
    "number": "Number",
    "datetime": "Date and time",
    "yes_no": "Yes/no",
    "list": "List",
}
MAX_VALUE = 4000
MAX_ATTRIBUTES = 2000
_WHOLE = re.compile(r"[+-]?\d{1,18}")
_NAME = re.compile(r"\w{1,64}")
_STATISTICS = {"sessions", "messages", "clicks", "time_spent", "average_sentiment", "last_message", "last_message_at"}
_TOGGLES = {"pause_bot", "infinite_session", "status"}
_OTHERS = {"id", "name", "picture", "channel", "group", "created_at", "tag", "tags", "note", "notes"}
_STANDARD = FIELDS.keys() | _STATISTICS | _TOGGLES | _OTHERS


@lru_cache(4096)
def clean_name(name: str) -> str:
    """Return an attribute's name as its bot spells it, checked. Raises BadValue."""
    name = name.strip()
    if not _NAME.fullmatch(name):
        raise BadValue(f"“{name[:80]}” is not a name for an attribute: letters, digits and _ only, at most 64")
    standard = name.lower()
    if standard in _STANDARD:
        hint = FIELDS[standard].label if standard in FIELDS else standard.replace("_", " ")
        raise BadValue(f"“{name}” is a standard field: use {hint} instead of an attribute")
    return name


def type_of(value: AttributeValue) -> AttributeType:
    """Guess the type a new attribute gets from its first value."""
    if isinstance(value, bool):
        return "yes_no"
    if isinstance(value, int | float):
        return "number"
    return "list" if isinstance(value, list) else "text"


def clean_value(value: AttributeValue, kind: AttributeType) -> AttributeValue:
    """Return the stored form of a value of a type (date-times in ISO 8601, UTC). Raises BadValue."""
    return _CLEAN[kind](value)


def _text(value: AttributeValue) -> str:
    if isinstance(value, list):
        raise BadValue("this attribute is a text; give one text")
    if isinstance(value, bool):
        value = "yes" if value else "no"
    text = str(value).replace("\x00", "")
    if len(text) > MAX_VALUE:
        raise BadValue(f"at most {MAX_VALUE} characters, this has {len(text)}")
    return text


def _number(value: AttributeValue) -> int | float:
    if isinstance(value, bool | list):
        raise BadValue("this attribute is a number; give a number such as 12 or 3.5")
    if isinstance(value, str):
        try:
            value = int(value.strip()) if _WHOLE.fullmatch(value.strip()) else float(value)
        except ValueError:
            raise BadValue("this attribute is a number; give a number such as 12 or 3.5") from None
    if not -1e300 < value < 1e300:
        raise BadValue("that number is too large")
    return value


def _yes_no(value: AttributeValue) -> bool:
    if isinstance(value, bool):
        return value
    known = {"yes": True, "true": True, "1": True, "on": True, "no": False, "false": False, "0": False, "off": False}
    found = known.get(str(value).strip().lower())
    if found is None:
        raise BadValue("this attribute is yes or no")
    return found


def _datetime(value: AttributeValue) -> str:
    return _moment(str(value).strip())


@lru_cache(4096)
def _moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadValue("this attribute is a date and time; write it like 2026-01-31T14:30Z") from None
    return moment.isoformat().replace("+00:00", "Z")


def _list(value: AttributeValue) -> list[str]:
    items = value if isinstance(value, list) else str(value).split(",")
    cleaned = [str(item).replace("\x00", "").strip() for item in items]
    cleaned = [item for item in dict.fromkeys(cleaned) if item]
    if sum(map(len, cleaned)) > MAX_VALUE:
        raise BadValue(f"at most {MAX_VALUE} characters in all")
    return cleaned


_CLEAN: Mapping[AttributeType, Callable[[AttributeValue], AttributeValue]] = {
    "text": _text,
    "number": _number,
    "yes_no": _yes_no,
    "datetime": _datetime,
    "list": _list,
}
