"""What is typed or told of a profile, and how it is stored: timezones by name and by offset."""

from datetime import UTC, datetime

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from botfolk.pages.formats import local_time
from botfolk.users.fields import BadValue, _is_stored_form, clean

NOW = datetime(2026, 1, 6, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "stored", "shown"),
    [
        ("Asia/Kuala_Lumpur", "Asia/Kuala_Lumpur", "Tue 20:00"),
        ("asia/kuala lumpur", "Asia/Kuala_Lumpur", "Tue 20:00"),
        ("UTC", "UTC", "Tue 12:00"),
        ("UTC+03:00", "UTC+03:00", "Tue 15:00"),
        ("UTC-03:30", "UTC-03:30", "Tue 08:30"),
        ("utc+5:45", "UTC+05:45", "Tue 17:45"),
        ("GMT +3", "UTC+03:00", "Tue 15:00"),
        ("+0530", "UTC+05:30", "Tue 17:30"),
        ("UTC−8", "UTC-08:00", "Tue 04:00"),
        ("UTC+14:00", "UTC+14:00", "Wed 02:00"),
        ("UTC-12", "UTC-12:00", "Tue 00:00"),
        ("UTC+00:00", "UTC+00:00", "Tue 12:00"),
    ],
)
def test_a_timezone_is_stored_in_one_spelling_and_tells_the_time_there(given: str, stored: str, shown: str) -> None:
    assert clean("timezone", given) == stored
    assert local_time(stored, NOW) == shown


@pytest.mark.parametrize(
    "given", ["UTC+14:01", "UTC-12:30", "UTC+99", "UTC+03:60", "UTC3", "+", "Mars/Olympus", "UTC+3h"]
)
def test_what_is_no_timezone_is_refused(given: str) -> None:
    with pytest.raises(BadValue, match=r"UTC\+03:00"):
        clean("timezone", given)


@given(st.sampled_from(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)), st.from_regex("[0-9]{4,12}", fullmatch=True))
def test_a_number_that_is_taken_as_it_stands_is_what_reading_it_would_give(code: int, rest: str) -> None:
    value = f"+{code}{rest}"
    if _is_stored_form(value):
        number = phonenumbers.parse(value, None)
        assert phonenumbers.is_possible_number(number)
        assert phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) == value


def test_numbers_as_files_write_them_are_taken_as_they_stand() -> None:
    assert all(map(_is_stored_form, ("+60123456789", "+4915112345678", "+12025550123", "+8613812345678")))
    assert not any(map(_is_stored_form, ("+600123456789", "+60 12 345 6789", "60123456789", "+999123456789", "+6012")))
