"""The standard fields of a profile: one row each. Adding a field is a row here and a column in the schema."""

import re
from collections.abc import Callable
from functools import lru_cache
from zoneinfo import available_timezones

import phonenumbers
from babel import Locale, UnknownLocaleError
from msgspec import Struct

from botfolk.users.remembered import remembered

MAX_NAME = 255
_REMEMBERED = 16_384
"""Values whose stored form is remembered: those of a portion of a file, each of which is looked at twice, when it is
read and when it is planned."""
_SHORT = 100
"""Characters of a value that is remembered."""
_EMAIL = re.compile(r"[^\s@<>(),;:\"\[\]\\]+@[^\s@<>(),;:\"\[\]\\.]+(\.[^\s@<>(),;:\"\[\]\\.]+)+")
_OFFSET = re.compile(r"(?:UTC|GMT)? ?([+\N{MINUS SIGN}-]) ?(\d{1,2})(?::?([0-5]\d))?", re.IGNORECASE)
_E164 = re.compile(r"\+[1-9][0-9]{7,14}")
_MOST_MINUTES = {"+": 14 * 60, "-": 12 * 60}


class BadValue(Exception):
    """A value that cannot be stored; the text says what is wrong and how to mend it."""


class Field(Struct, frozen=True):
    """A standard field: its name in code and API, its label, and how a given text becomes the stored one."""

    name: str
    label: str
    clean: Callable[[str], str]


def _name(value: str) -> str:
    if len(value) > MAX_NAME:
        raise BadValue(f"at most {MAX_NAME} characters, this has {len(value)}")
    return value


def _email(value: str) -> str:
    if len(value) > 254 or not _EMAIL.fullmatch(value):
        raise BadValue("not an email address; it should look like name@example.com")
    return value


def _phone(value: str) -> str:
    if _is_stored_form(value):
        return value
    try:
        number = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException:
        raise BadValue("not a phone number; write it with its country code, like +60 12 345 6789") from None
    if not phonenumbers.is_possible_number(number):
        raise BadValue("no phone number of that country has this many digits; write it like +60 12 345 6789")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _is_stored_form(value: str) -> bool:
    """Say whether a number stands as it is stored (E.164), where that can be seen without reading it: files are full of
    such, and reading one takes longer than all else of a row. What is not sure is read."""
    if not _E164.fullmatch(value):
        return False
    for length in (2, 3, 4):
        plan = _numbering(int(value[1:length]))
        if plan is not None:
            lengths, trunk = plan
            national = value[length:]
            return len(national) in lengths and national[0] != "0" and not (trunk and trunk.match(national))
    return False


@lru_cache(1000)
def _numbering(code: int) -> tuple[frozenset[int], re.Pattern[str] | None] | None:
    """Return how many digits the numbers of a country code have, and what may stand before them and is no part."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(code)
    metadata = regions and phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(code, regions[0])
    if not metadata or metadata.general_desc is None:
        return None
    trunk = metadata.national_prefix_for_parsing
    return frozenset(metadata.general_desc.possible_length), re.compile(trunk) if trunk else None


_zones: dict[str, str] = {}


@lru_cache(2048)
def clean_timezone(value: str) -> str:
    """Return a timezone's canonical spelling ("Asia/Kuala_Lumpur" or "UTC+03:00"). Raises BadValue."""
    if not _zones:
        _zones.update({zone.lower(): zone for zone in available_timezones()})
    found = _zones.get(value.replace(" ", "_").lower())
    if found:
        return found
    offset = _OFFSET.fullmatch(value)
    if offset is not None:
        sign = "+" if offset[1] == "+" else "-"
        hours, minutes = int(offset[2]), int(offset[3] or 0)
        if hours * 60 + minutes <= _MOST_MINUTES[sign]:
            return f"UTC{sign}{hours:02}:{minutes:02}"
    raise BadValue("not a timezone; choose one like Asia/Kuala_Lumpur or UTC+03:00")


@lru_cache(2048)
def clean_language(value: str) -> str:
    """Return a language tag in its usual spelling ("pt-BR", BCP 47). Raises BadValue."""
    try:
        locale = Locale.parse(value.replace("_", "-"), sep="-")
    except (UnknownLocaleError, ValueError, TypeError):
        raise BadValue("not a language; write its code, like en, ms or pt-BR") from None
    return str(locale).replace("_", "-")


FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Field("first_name", "First name", _name),
        Field("last_name", "Last name", _name),
        Field("email", "Email", _email),
        Field("phone", "Phone", _phone),
        Field("timezone", "Timezone", clean_timezone),
        Field("language", "Language", clean_language),
    )
}


def clean(name: str, value: str | None) -> str | None:
    """Return the stored form of a field's value; blank means cleared (None). Raises BadValue, KeyError."""
    return None if value is None else _clean(name, value)


@remembered(_REMEMBERED, _SHORT)
def _clean(name: str, value: str) -> str | None:
    field = FIELDS[name]
    text = " ".join(value.replace("\x00", "").split())
    return field.clean(text) if text else None
