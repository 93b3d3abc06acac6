"""How a filter is read, how it is written, and what is said of one that cannot be read."""

from datetime import UTC

import pytest

from botfolk.filters import Catalogue, FilterError, from_rows, parse, to_rows, write
from botfolk.filters.parse import MOST_CHARACTERS, MOST_CONDITIONS

CATALOGUE = Catalogue(
    {"country": "text", "plan": "text", "score": "number", "since": "datetime", "paying": "yes_no", "and": "text"},
    UTC,
    ("telegram", "webchat"),
)

READ = [
    (
        'country = "Malaysia" and messages > 10 and tag = vip and last_message_at > 7 days ago and not has plan',
        'country = "Malaysia" and messages > 10 and tag = vip and last_message_at > 7 days ago and not has plan',
    ),
    ("", ""),
    ("COUNTRY IS malaysia AND Messages>=10", "country = malaysia and messages >= 10"),
    ("country is not x or country is not set", "country != x or not has country"),
    ("any(country = x, all(messages > 1, messages < 9))", "country = x or messages > 1 and messages < 9"),
    ("(country = x or tags = y) and has plan", "(country = x or tag = y) and has plan"),
    ("not (country = x and has plan)", "not (country = x and has plan)"),
    ("not not country = x", "country = x"),
    ("not country = x", "country != x"),
    ("country = “Kuala Lumpur”", 'country = "Kuala Lumpur"'),
    ("country = 'it\\'s'", 'country = "it\'s"'),
    ("country in (x, y, x)", "country is one of (x, y)"),
    ("country is not one of (x)", "not country is one of (x)"),
    ("country does not start with x", "not country starts with x"),
    ('country = "and"', 'country = "and"'),
    ("attributes.and contains x", "attributes.and contains x"),
    ("attributes.country = x", "country = x"),
    ("messages ≥ 010.50", "messages >= 10.5"),
    ("score = ١٢", "score = 12"),
    ("score > −3", "score > -3"),
    ("score between 1 and 1", "score between 1 and 1"),
    ("time_spent > 5 minutes", "time_spent > 300"),
    ("created_at = 2026-01-31 14:30", "created_at = 2026-01-31T14:30"),
    ("since between 2 weeks ago and yesterday", "since between 2 weeks ago and yesterday"),
    ("last_message_at not in the last 1 days", "last_message_at not in the last 1 day"),
    ("pause_bot = on and is_group is no", "paused = yes and group = no"),
    ("time_spent_seconds > 5 and sentiment_label = neutral", "time_spent > 5 and sentiment = neutral"),
    ("channel = Telegram", "channel = telegram"),
    ("language = german or language is one of (Malay, ga, nn)", "language = de or language is one of (ms, ga, nn)"),
    ("language starts with german", "language starts with german"),
]


@pytest.mark.parametrize(("given", "written"), READ)
def test_a_filter_is_read_and_written_in_its_one_spelling(given: str, written: str) -> None:
    found = parse(given, CATALOGUE)
    assert write(found) == written
    assert parse(written, CATALOGUE) == found
    assert from_rows(to_rows(found), CATALOGUE) == found


REFUSED = [
    ("last message at > 1 day ago", "last", "There is no column “last”.", "“last_message_at”"),
    ('"Average sentiment" > 0', '"Average sentiment"', "is no column", "“average_sentiment”"),
    ("contry = x", "contry", "There is no column “contry”.", "“country”"),
    ("country contans x", "contans", "“contans” is no function.", "“contains”"),
    ("country = Kuala Lumpur", "Lumpur", "does not belong here", "in quotes"),
    ("messages > ten", "ten", "“ten” is not a number.", "like 10"),
    ("messages > 1 and messages contains 3", "contains", "cannot be asked of “messages”", ">"),
    ("channel = telegrm", "telegrm", "nothing “channel” can be", "“telegram”"),
    ("status = gone", "gone", "nothing “status” can be", "active, archived, blocked"),
    ("created_at > last week", "last week", "is not a date", "2026-01-31"),
    ("created_at > 2026-02-30", "2026-02-30", "is not a date", "2026-01-31"),
    ("created_at = 3 hours ago", "created_at = 3 hours ago", "is a moment", "in the last"),
    ("created_at in the last week", "week", "is not a length of time", "7 days"),
    ("score between 5 and 1", "score between 5 and 1", "Nothing is between", "smaller number first"),
    ("paying = maybe", "maybe", "neither yes nor no", "yes or no"),
    ('country = "x', '"x', "never closed", '"'),
    ("country =", "", "The value is missing here.", ""),
    ("country = and has plan", "and", "The value is missing here.", "quotes"),
    ('country = ""', '""', "The value is empty.", "is not set"),
    ("(country = x", "", "A parenthesis is not closed.", ")"),
    ("country = x)", ")", "does not belong here", "and"),
    ("country", "", "function and a value are missing", "contains"),
    ("has", "", "A column is missing here.", "messages > 10"),
    ("any()", ")", "is no column", "messages > 10"),
    ("country in x", "x", "parentheses", "("),
    ("picture = yes", "=", "cannot be asked of “picture”", "is set"),
    ("score = 1e999", "1e999", "too large", ""),
]


@pytest.mark.parametrize(("text", "where", "message", "hint"), REFUSED)
def test_what_cannot_be_read_is_named_with_its_place_and_how_to_mend_it(
    text: str, where: str, message: str, hint: str
) -> None:
    with pytest.raises(FilterError) as raised:
        parse(text, CATALOGUE)
    error = raised.value
    assert error.position is not None
    assert text[error.position : error.position + error.length] == where
    assert message in error.message
    assert hint in (error.hint or "")


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + "country = x",
        "not " * 5000 + "country = x",
        "any(" * 1000,
        " or ".join(["tag = x"] * (MOST_CONDITIONS + 1)),
        "country = " + "x" * MOST_CHARACTERS,
        "country in (" + ", ".join(f"v{n}" for n in range(1001)) + ")",
        "country = '" + "x" * 4001 + "'",
    ],
)
def test_depth_and_size_are_limited(text: str) -> None:
    with pytest.raises(FilterError):
        parse(text, CATALOGUE)


def test_rows_name_the_row_that_is_wrong() -> None:
    good = {"type": "row", "column": "country", "function": "is", "values": ["x"]}
    bad = {"type": "row", "column": "messages", "function": "more", "values": ["many"]}
    rows = {"type": "group", "match": "all", "rows": [good, {"type": "group", "match": "any", "rows": [good, bad]}]}
    with pytest.raises(FilterError, match="not a number") as raised:
        from_rows(rows, CATALOGUE)
    assert raised.value.path == (1, 1)


@pytest.mark.parametrize(
    "rows",
    [
        None,
        [],
        "country = x",
        {"type": "group", "match": "some"},
        {"type": "group", "match": "all", "rows": [{"type": "group", "match": "any", "rows": []}]},
        {"type": "group", "match": "all", "rows": [{"type": "row", "column": "country", "function": "like"}]},
        {"type": "group", "match": "all", "rows": [{"type": "row", "column": "country", "function": "is"}]},
    ],
)
def test_rows_that_mean_nothing_are_refused(rows: object) -> None:
    with pytest.raises(FilterError):
        from_rows(rows, CATALOGUE)


def test_rows_nested_too_deeply_are_refused() -> None:
    rows: dict[str, object] = {"type": "row", "column": "country", "function": "is", "values": ["x"]}
    for _ in range(5000):
        rows = {"type": "group", "match": "all", "rows": [rows]}
    with pytest.raises(FilterError):
        from_rows(rows, CATALOGUE)
