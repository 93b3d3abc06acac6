"""What a genuine request may hold that cannot be stored, or cannot be read."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from botfolk.channels.contract import Unreadable
from botfolk.channels.events import InboundMessage
from tests.channels.telegram.conftest import FIXTURES, KIND, fixture, heard

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
NAMES = sorted(path.stem for path in FIXTURES.glob("*.json"))


def _said(text: str, **person: str) -> dict[str, Any]:
    update = fixture("text_emoji")
    update["message"]["text"] = text
    update["message"]["from"] |= person
    return update


def _message(body: dict[str, Any] | bytes) -> InboundMessage:
    (event,), _ = heard(body)
    assert isinstance(event, InboundMessage)
    return event


def _strings(value: object) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [found for pair in value.items() for part in pair for found in _strings(part)]
        case list():
            return [found for part in value for found in _strings(part)]
    return []


def _is_storable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def test_a_nul_is_left_out_because_postgresql_refuses_it() -> None:
    event = _message(_said("a\0b", first_name="A\0na", username="\0"))
    assert event.text == "ab"
    assert event.profile is not None
    assert event.profile.fields["first_name"] == "Ana"
    assert event.profile.username is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (rb"half \ud83d", "half \ufffd"),
        (rb"other half \ude00!", "other half \ufffd!"),
        (rb"wrong way round \ude00\ud83d", "wrong way round \ufffd\ufffd"),
        (rb"half and whole \ud83d\ud83d\ude00", "half and whole \ufffd😀"),
        (rb"not at all: \\ud83d \ud83d", "not at all: \\ud83d \ufffd"),
        (rb"whole \ud83d\ude00", "whole 😀"),
    ],
)
def test_half_an_emoji_does_not_cost_the_message(written: bytes, read: str) -> None:
    assert _message(msgspec.json.encode(_said("@@")).replace(b"@@", written)).text == read


def test_a_name_of_100_kb_is_cut() -> None:
    event = _message(_said("hi", first_name="é" * 100_000, last_name="x" * 100_000))
    assert event.profile is not None
    assert {name: len(value or "") for name, value in event.profile.fields.items()} == {
        "first_name": 255,
        "last_name": 255,
        "language": 2,
    }


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"update_id"',
        b"{}",
        b'{"update_id": "1"}',
        b'{"update_id": 1.5}',
        b'{"update_id": true}',
        b'{"update_id": 1',
        b"\xff\xfe",
        b'{"update_id": 1, "\xff": {}}',
        b'{"update_id": 9223372036854775808}',
        b'{"update_id": 1, "deep": ' + b"[" * 100_000,
        b'{"update_id": 1, "message": "hello"}',
        b'{"update_id": 1, "message": {}}',
    ],
)
def test_what_is_no_update_cannot_be_read(body: bytes) -> None:
    with pytest.raises(Unreadable):
        heard(body)


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("text_emoji", ("message", "date"), 0),
        ("text_emoji", ("message", "date"), -1),
        ("text_emoji", ("message", "date"), 253_402_300_800),
        ("text_emoji", ("message", "date"), 10**30),
        ("text_emoji", ("message", "date"), "yesterday"),
        ("text_emoji", ("message", "chat", "id"), 2**63),
        ("text_emoji", ("message", "chat", "id"), "5001"),
        ("text_emoji", ("message", "message_id"), 10**40),
        ("text_emoji", ("message", "text"), 5),
        ("location", ("message", "location", "latitude"), 91),
        ("location", ("message", "location", "longitude"), -180.5),
        ("edited_caption", ("edited_message", "edit_date"), 10**13),
        ("callback", ("callback_query", "message"), "gone"),
        ("reaction_added", ("message_reaction", "date"), 10**18),
    ],
)
def test_a_value_that_cannot_be_makes_the_update_unreadable(name: str, path: tuple[str, ...], value: object) -> None:
    update = fixture(name)
    inner = update
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    with pytest.raises(Unreadable):
        heard(update)


def test_the_last_second_there_is_can_be_read() -> None:
    update = fixture("text_emoji")
    update["message"]["date"] = 253_402_300_799
    assert _message(update).at.year == 9999


def test_an_id_of_64_bits_is_an_id() -> None:
    update = fixture("group_mention")
    update["message"]["chat"]["id"] = -(2**63)
    assert _message(update).external_user_id == str(-(2**63))


@pytest.mark.parametrize("update", [{"update_id": 1}, {"update_id": 1, "message": None}, {"update_id": 1, "a\0b": {}}])
def test_an_update_that_says_nothing_we_know_is_kept_in_sight(update: dict[str, Any]) -> None:
    events, (kept,) = heard(update)
    assert events == []
    assert _is_storable(kept.reason)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_parser(body: bytes) -> None:
    with pytest.raises(Unreadable):
        heard(body)


@given(st.dictionaries(st.text(max_size=9), ANYTHING, max_size=4))
def test_no_json_breaks_the_parser(update: dict[str, Any]) -> None:
    try:
        events, _ = heard({"update_id": 7} | update)
    except Unreadable:
        return
    assert events == []


@given(st.sampled_from(NAMES), st.data())
def test_no_change_to_an_update_breaks_the_parser_or_the_storage(name: str, data: st.DataObject) -> None:
    update = _with_something_else(fixture(name), data)
    try:
        events, strange = heard(update)
    except Unreadable:
        return
    told = msgspec.to_builtins([*events, *(kept.reason for kept in strange)])
    assert all(map(_is_storable, _strings(told)))


def _with_something_else(update: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    """Put anything in the place of one value, however deep."""
    inner: Any = update
    while True:
        places = sorted(inner) if isinstance(inner, dict) else range(len(inner))
        place = data.draw(st.sampled_from(places))
        below = inner[place]
        if isinstance(below, dict | list) and below and data.draw(st.booleans()):
            inner = below
            continue
        inner[place] = data.draw(ANYTHING)
        return update


def test_the_body_may_be_a_mebibyte() -> None:
    assert KIND.max_body_bytes == 1024 * 1024
