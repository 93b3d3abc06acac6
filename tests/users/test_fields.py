"""What is typed or told of a profile, and how it is stored: timezones by name and by offset."""

from datetime import UTC, datetime

import pytest

from botfolk.pages.formats import local_time
from botfolk.users.fields import BadValue, clean

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
