"""Whole deliveries: batches, parts that cannot be read, what cannot be stored, and any bytes at all."""

import copy
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from botfolk.channels.contract import Unreadable
from botfolk.channels.events import InboundMessage
from tests.channels.whatsapp.conftest import change, heard, said

HI = {"type": "text", "text": {"body": "hi"}}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


def _texts(body: object) -> list[str | None]:
    return [event.text for event in heard(body)[0] if isinstance(event, InboundMessage)]


def _say(*texts: str) -> dict[str, Any]:
    return said(*({"type": "text", "text": {"body": text}} for text in texts))


def test_all_of_a_batch_is_read() -> None:
    body = _say("one", "two")
    body["entry"].append(_say("three")["entry"][0])
    body["entry"][0]["changes"].append(_say("four")["entry"][0]["changes"][0])
    assert _texts(body) == ["one", "two", "four", "three"]


@pytest.mark.parametrize(
    "broken",
    [
        {"id": "wamid.9", "timestamp": "1", "type": "text", "text": "not an object"},
        {"type": "text", "text": {"body": "no id"}},
        {"id": "", "type": "text", "text": {"body": "an empty id"}},
        {"id": "wamid.9", "type": "location", "location": {"latitude": 91, "longitude": 0}},
        "nothing",
        None,
        7,
    ],
)
def test_one_part_that_cannot_be_read_costs_no_other(broken: Any) -> None:
    body = _say("before", "after")
    body["entry"][0]["changes"][0]["value"]["messages"].insert(1, broken)
    events, (kept,) = heard(body)
    assert [event.text for event in events if isinstance(event, InboundMessage)] == ["before", "after"]
    told = msgspec.json.decode(kept.raw)
    assert told["entry"][0]["changes"][0]["value"]["messages"] == [broken]


@pytest.mark.parametrize("where", ["entry", "changes"])
def test_one_entry_or_change_that_cannot_be_read_costs_no_other(where: str) -> None:
    body = _say("kept")
    (body["entry"] if where == "entry" else body["entry"][0]["changes"]).insert(0, {"changes": 7, "field": 7})
    events, strange = heard(body)
    assert (len(events), len(strange)) == (1, 1)


@pytest.mark.parametrize("contacts", [None, "nobody", [7], [{"wa_id": 7}], []])
def test_contacts_that_cannot_be_read_cost_no_message(contacts: Any) -> None:
    body = _say("hi")
    body["entry"][0]["changes"][0]["value"]["contacts"] = contacts
    events, strange = heard(body)
    assert len(events) + len(strange) == 1
    if not isinstance(contacts, str):
        assert _texts(body) == ["hi"]


def test_news_of_no_interest_is_no_event_and_of_the_future_is_kept() -> None:
    assert heard(change({"event": "ACCOUNT_VIOLATION"}, "account_update")) == ([], [])
    events, (kept,) = heard(change({"news": [1]}, "telepathy"))
    assert (events, kept.reason) == ([], "news of a kind that is not known here: telepathy")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff", b'{"object":"page","entry":[]}', b'{"entry":[]}', b"[" * 100_000]
)
def test_what_is_no_delivery_of_whatsapp_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        heard(body)


def test_a_nul_and_half_an_emoji_do_not_cost_the_message() -> None:
    body = msgspec.json.encode(_say("a@@b")).replace(b"@@", rb"\u0000\ud83d")
    assert _texts(body) == ["a\ufffdb"]


def test_a_long_name_is_cut_and_a_long_text_is_not() -> None:
    body = said({"type": "text", "text": {"body": "x" * 20_000}})
    body["entry"][0]["changes"][0]["value"]["contacts"][0] = {
        "profile": {"name": "é" * 100_000},
        "wa_id": "16505551234",
    }
    (event,), _ = heard(body)
    assert isinstance(event, InboundMessage)
    assert event.text is not None
    assert event.profile is not None
    assert (len(event.text), len(event.profile.fields["first_name"] or "")) == (20_000, 255)


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_unreadable(body: bytes) -> None:
    try:
        heard(body)
    except Unreadable:
        return


WHOLE = [
    said(HI | {"context": {"id": "wamid.8", "from": "1"}, "referral": {"source_url": "u"}}),
    said({"type": "contacts", "contacts": [{"name": {"formatted_name": "A"}, "phones": [{"phone": "+1"}]}]}),
    said({"type": "interactive", "interactive": {"nfm_reply": {"response_json": '{"a":[1]}', "body": "b"}}}),
    said({"type": "order", "order": {"product_items": [{"product_retailer_id": "p", "quantity": 2}]}}),
    said({"type": "system", "system": {"type": "user_changed_number", "wa_id": "1555"}}),
    said({"type": "edit", "edit": {"original_message_id": "w", "message": HI}}),
    said(HI | {"group_id": "g"}),
    change({"statuses": [{"id": "w", "status": "failed", "recipient_id": "1", "errors": [{"code": 131026}]}]}),
    change({"message_echoes": [{"id": "w", "to": "1", **HI}]}, "smb_message_echoes"),
    change(
        {"user_preferences": [{"category": "marketing_messages", "value": "stop", "wa_id": "1"}]}, "user_preferences"
    ),
    change({"user_id_update": [{"user_id": {"previous": "a", "current": "b"}}]}, "user_id_update"),
    change({"groups": [{"type": "group_create", "group_id": "g", "subject": "s"}]}, "group_lifecycle_update"),
]


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [place for key, each in pairs for place in _places(each, (*path, key))]


@given(st.data(), st.sampled_from(WHOLE), ANYTHING)
def test_no_change_to_a_delivery_does_more_than_be_unreadable(data: st.DataObject, whole: Any, value: Any) -> None:
    body = copy.deepcopy(whole)
    *path, last = data.draw(st.sampled_from(_places(body)))
    inside = body
    for key in path:
        inside = inside[key]
    inside[last] = value
    try:
        events, strange = heard(body)
    except Unreadable:
        return
    # Whatever comes out can be written down.
    assert msgspec.json.encode([events, [kept.reason for kept in strange]])
    assert all("\0" not in event.external_user_id and event.external_user_id for event in events)
