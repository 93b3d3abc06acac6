"""Times, lengths and people as the pages write them."""

from datetime import UTC, datetime, timedelta

import pytest

from botfolk.pages import formats

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=23), "23 h ago"),
        (timedelta(days=6, hours=23), "6 d ago"),
        (timedelta(days=7), "23 Feb"),
        (timedelta(days=100), "22 Nov 2025"),
        (-timedelta(hours=2), "in 2 h"),
    ],
)
def test_a_moment_is_told_as_people_would(ago: timedelta, text: str) -> None:
    assert formats.relative(NOW - ago, "UTC", NOW) == text


def test_a_moment_is_told_on_the_members_own_clock() -> None:
    assert formats.clock(NOW, "Asia/Kuala_Lumpur") == "20:00"
    assert formats.exact(NOW, "Asia/Kuala_Lumpur") == "2 Mar 2026, 20:00:00 (Asia/Kuala Lumpur)"
    assert formats.day(NOW.replace(hour=20), "Asia/Kuala_Lumpur", NOW) == "3 Mar"


def test_a_user_somewhere_has_a_local_time_and_one_nowhere_has_none() -> None:
    assert formats.local_time("Asia/Kuala_Lumpur", NOW) == "Mon 20:00"
    assert formats.local_time("UTC-03:30", NOW) == "Mon 08:30"
    assert formats.local_time("Mars/Olympus", NOW) is None
    assert formats.local_time(None, NOW) is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (40, "40 s"), (600, "10 min"), (7500, "2 h 5 min"), (90_061, "1 d 1 h"), (86_405, "1 d")],
)
def test_a_length_is_told_by_its_two_largest_units(seconds: float, text: str) -> None:
    assert formats.length(seconds) == text


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Aisha Rahman", "AR"),
        ("Zoë", "Z"),
        ("李 小龙", "李小"),
        ("🎉 Ben", "B"),
        ("🎉", "?"),
        ("", "?"),
        ("a b c", "AC"),
    ],
)
def test_a_person_without_a_picture_has_initials(name: str, letters: str) -> None:
    assert formats.initials(name).replace("\u200c", "") == letters


def test_a_score_has_its_sign() -> None:
    assert [formats.score(value) for value in (0.82, -0.4, 0.0, None)] == ["+82", "−40", "0", "0"]


def test_a_person_keeps_their_colour() -> None:
    assert formats.tint("vip") == formats.tint("vip")
    assert {formats.tint(str(number)) for number in range(200)} == set(range(formats.TINTS))
