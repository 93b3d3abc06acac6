"""What users may rely on: of missing values, of several values, of days and of case."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from botfolk.filters import Catalogue, Person, match, parse, where, why
from botfolk.filters.errors import FilterError

NOW = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)
BERLIN = Catalogue(
    {"country": "text", "score": "number", "since": "datetime", "paying": "yes_no"}, ZoneInfo("Europe/Berlin")
)


def holds(text: str, **person: Any) -> bool:
    return match(parse(text, BERLIN), Person(**{"created_at": NOW, **person}), NOW, BERLIN)


@pytest.mark.parametrize(
    "text",
    [
        'country != "x"',
        "country does not contain x",
        "score != 5",
        "paying != yes",
        "tag != vip",
        "last_message_at not in the last 7 days",
        "not score > 5",
        "not has country",
    ],
)
def test_who_has_no_value_meets_what_says_not(text: str) -> None:
    assert holds(text)


@pytest.mark.parametrize(
    "text",
    ["country = x", "score < 5", "score between -1 and 1", "paying = no", "since < today", "has country", "has tags"],
)
def test_who_has_no_value_meets_nothing_else(text: str) -> None:
    assert not holds(text)


def test_an_empty_text_is_no_value() -> None:
    assert not holds("has first_name", first_name="")
    assert not holds("has country", attributes={"country": ""})


def test_of_several_tags_one_is_enough() -> None:
    assert holds("tag = VIP and tag starts with ne", tags=["vip", "New"])
    assert not holds("tag != vip", tags=["vip", "new"])


def test_case_makes_no_difference_in_any_language() -> None:
    assert holds('first_name = "STRASSE"', first_name="Straße")
    assert holds("name contains οδος", first_name="Ὁ", last_name="ΟΔΟΣ")
    assert holds("country = İSTANBUL", attributes={"country": "istanbul"})
    assert not holds("country = ä", attributes={"country": "a"})


def test_a_day_is_the_bots_day() -> None:
    late = datetime(2026, 3, 27, 23, 30, tzinfo=UTC)  # half past midnight in Berlin
    assert holds("created_at = 2026-03-28", created_at=late)
    assert holds("created_at = yesterday", created_at=late)
    assert not holds("created_at > 2026-03-28", created_at=late)
    assert holds("created_at >= 2026-03-28", created_at=late)


def test_days_keep_the_hour_when_clocks_change() -> None:
    # at 14:00 in Berlin, seven days before were at 14:00 too: 13:00 UTC then
    assert not holds("last_message_at in the last 7 days", last_message_at=datetime(2026, 3, 22, 12, 30, tzinfo=UTC))
    assert holds("last_message_at in the last 7 days", last_message_at=datetime(2026, 3, 22, 13, 0, tzinfo=UTC))
    assert holds("last_message_at in the last 168 hours", last_message_at=datetime(2026, 3, 22, 12, 30, tzinfo=UTC))


def test_a_month_before_the_31st_is_the_last_of_the_month() -> None:
    filter = parse("created_at > 1 month ago", BERLIN)
    now = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
    assert match(filter, Person(created_at=datetime(2026, 2, 28, 13, 0, tzinfo=UTC)), now, BERLIN)
    assert not match(filter, Person(created_at=datetime(2026, 2, 28, 10, 0, tzinfo=UTC)), now, BERLIN)


def test_what_is_to_come_is_not_in_the_last_days() -> None:
    assert not holds("since in the last 7 days", attributes={"since": "2026-04-01T00:00:00Z"})
    assert holds("since > 7 days ago", attributes={"since": "2026-04-01T00:00:00Z"})


def test_numbers_are_compared_exactly() -> None:
    assert holds("score = 0.1", attributes={"score": 0.1})
    assert not holds("score = 0.3", attributes={"score": 0.1 + 0.2})
    assert holds("score > 9007199254740992", attributes={"score": 2**53 + 1})


def test_a_phone_number_is_found_however_it_is_written() -> None:
    assert holds('phone = "+60 (12) 345-6789"', phone="+60123456789")


def test_the_average_is_the_one_that_is_shown() -> None:
    assert holds("average_sentiment = 0.333 and sentiment = positive", sentiment_sum=1000, scored_messages=3)
    assert holds("not has average_sentiment and not has sentiment")


def test_why_says_it_row_by_row() -> None:
    asked = parse("country = x and (messages > 5 or not score > 1)", BERLIN)
    found = why(asked, Person(created_at=NOW, messages=3, attributes={"country": "y"}), NOW, BERLIN)
    assert not found.holds
    country, either = found.of
    assert (country.text, country.holds, country.has) == ("country = x", False, "y")
    assert (either.kind, either.holds) == ("any", True)
    assert [(each.text, each.holds, each.has) for each in either.of] == [
        ("messages > 5", False, 3),
        ("not score > 1", True, None),
    ]


def test_a_kept_filter_whose_attribute_is_gone_or_of_another_type_is_refused() -> None:
    kept = parse("score > 5", BERLIN)
    for attributes in ({}, {"score": "text"}):
        with pytest.raises(FilterError, match="score"):
            where(kept, Catalogue(attributes), NOW)  # type: ignore[arg-type]


def test_the_database_gets_parameters_only() -> None:
    attack = "x'; DROP TABLE users; --"
    asked = where(parse(f'country = "{attack}" and tag contains "{attack}"', BERLIN), BERLIN, NOW)
    assert "DROP" not in asked.sql
    assert list(asked.parameters.values()).count(attack.lower()) == 2
    assert all(name.startswith("f_") for name in asked.parameters)
