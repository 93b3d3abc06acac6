"""Whatever is delivered, parsing ends in events, in what is kept, or in Unreadable; and all of it can be stored."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from botfolk.channels.contract import Unreadable
from botfolk.channels.events import InboundMessage
from tests.channels.messenger.conftest import entry, heard, only
from tests.channels.messenger.documented import EVENTS

VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inside: some.lists(inside, max_size=3) | some.dictionaries(some.text(max_size=8), inside, max_size=3),
    max_leaves=8,
)


def read(body: bytes) -> None:
    try:
        events, kept = heard(body)
    except Unreadable:
        return
    text = repr((events, [one.reason for one in kept]))
    assert "\\x00" not in text
    for event in events:
        msgspec.json.encode(event)
        assert event.at.tzinfo is not None
        assert event.external_user_id
        assert len(event.dedupe_key) <= 400


@given(some.binary(max_size=400))
def test_any_bytes(body: bytes) -> None:
    read(body)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, one in inside for found in _paths(one, (*path, key)))]


@given(some.sampled_from(sorted(EVENTS)), VALUES, some.data())
def test_any_part_of_any_delivery_may_be_anything(name: str, value: Any, data: some.DataObject) -> None:
    body = json.loads(json.dumps(entry(EVENTS[name][0])))
    path = data.draw(some.sampled_from(_paths(body)))
    if not path:
        body = value
    else:
        where: Any = body
        for step in path[:-1]:
            where = where[step]
        where[path[-1]] = value
    read(json.dumps(body).encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("number", [b"1" * 5000, b"1e999", b"-" + b"9" * 400, b"9" * 25, b"0.1"])
def test_numbers_that_no_machine_counts(number: bytes) -> None:
    whole = json.dumps(entry({"reaction": {"mid": "m"}})).encode()
    for part in (
        b'"200000000000001"',
        b'"100000000000001"',
        whole.split(b'"timestamp": ')[1].split(b",")[0].strip(b"}"),
    ):
        read(whole.replace(part, number))


def test_what_is_nested_without_end_is_unreadable() -> None:
    for body in (b"[" * 100_000, b'{"object":"page","entry":' + b"[" * 100_000):
        with pytest.raises(Unreadable):
            heard(body)


@pytest.mark.parametrize("body", [b"", b"null", b"7", b"[]", b'{"entry": 7}', b'{"entry": null}', b'{"object": []}'])
def test_what_is_no_delivery_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        heard(body)


def test_what_cannot_be_stored_is_taken_out_and_half_an_emoji_is_replaced() -> None:
    body = json.dumps(entry({"message": {"mid": "m\x001", "text": "a\x00b TAIL"}})).replace("TAIL", "\\ud83d").encode()
    event = only(body)
    assert isinstance(event, InboundMessage)
    assert (event.text, event.external_id) == ("ab \N{REPLACEMENT CHARACTER}", "m1")


def test_a_name_without_end_is_no_key_without_end() -> None:
    event = only(entry({"message": {"mid": "m" * 5000, "text": "x"}}))
    assert len(event.dedupe_key) == 64
