"""What people do on Messenger, by items written from Meta's documentation: what each of them is."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from botfolk.channels.events import (
    Echoed,
    Happened,
    InboundMessage,
    Media,
)
from tests.channels.messenger.conftest import AT, MILLISECONDS, PAGE, PERSON, RECEIVED, entry, heard, only
from tests.channels.messenger.documented import CDN, EVENTS, REFERRAL, message

OURS = UUID("01890a5d-ac96-774b-bcce-b302099a8057")


@pytest.mark.parametrize("name", EVENTS)
def test_what_somebody_did_becomes_its_event(name: str) -> None:
    item, kind, expected = EVENTS[name]
    event = only(entry(item))
    assert type(event) is kind
    assert {field: getattr(event, field) for field in expected} == expected
    assert (event.external_user_id, event.account, event.at) == (PERSON, PAGE, AT)
    assert getattr(event, "quiet", False) is False


@pytest.mark.parametrize("name", EVENTS)
def test_what_happens_twice_is_known_by_its_key_and_differs_from_all_else(name: str) -> None:
    item, _, _ = EVENTS[name]
    key = only(entry(item)).dedupe_key
    assert only(entry(item)).dedupe_key == key
    another = {"timestamp": MILLISECONDS + 1, "sender": {"id": "other"}} | {
        what: (value | {"mid": "m_other"} if isinstance(value, dict) and "mid" in value else value)
        for what, value in item.items()
    }
    assert only(entry(another)).dedupe_key != key


def test_a_story_that_is_answered_is_told() -> None:
    event = only(entry(message(text="still there?", reply_to={"story": {"id": 179, "url": CDN}})))
    assert isinstance(event, InboundMessage)
    assert (event.text, event.details) == ("still there?", {"story": {"id": "179", "url": CDN}})


def test_who_comes_by_a_link_and_taps_get_started_has_done_both() -> None:
    tapped, came = heard(entry({"postback": {"title": "Get Started", "payload": "GO", "referral": REFERRAL}}))[0]
    assert isinstance(tapped, InboundMessage)
    assert isinstance(came, Happened)
    assert (tapped.context, came.details) == ({"referral": REFERRAL}, REFERRAL)
    assert tapped.dedupe_key != came.dedupe_key


def echo(**given: object) -> dict[str, Any]:
    around = {"sender": {"id": PAGE}, "recipient": {"id": PERSON}}
    return around | {"message": {"mid": "m_3", "is_echo": True, "text": "hello"} | given}


@pytest.mark.parametrize(
    ("given", "message_id"),
    [
        ({"app_id": 300000000000001, "metadata": str(OURS)}, OURS),
        ({"metadata": str(OURS)}, OURS),
        ({"app_id": 263902037430900, "metadata": str(OURS)}, None),
        ({"app_id": 300000000000001, "metadata": "something of another version"}, None),
        ({"app_id": 300000000000001}, None),
        ({}, None),
    ],
)
def test_an_echo_is_the_teams_word_or_ours_come_back(given: dict[str, object], message_id: UUID | None) -> None:
    event = only(entry(echo(**given)))
    assert isinstance(event, Echoed)
    assert (event.external_user_id, event.external_id, event.message_id) == (PERSON, "m_3", message_id)
    assert (event.text, event.account) == ("hello", PAGE)


def test_an_echo_of_a_picture_shows_it() -> None:
    event = only(entry(echo(text=None, attachments=[{"type": "image", "payload": {"url": CDN}}])))
    assert isinstance(event, Echoed)
    assert (event.kind, event.media) == ("photo", (Media(ref=CDN),))


def test_what_the_page_itself_does_is_nobodys_word() -> None:
    for item in ({"reaction": {"mid": "m_1"}}, {"read": {"watermark": MILLISECONDS}}):
        assert heard(entry({"sender": {"id": PAGE}, "recipient": {"id": PERSON}} | item)) == ([], [])


def test_what_is_said_while_another_app_leads_is_kept_quietly_and_says_so() -> None:
    said, tapped, told = heard(
        entry(message(text="help"), {"postback": {"mid": "m_2", "title": "Menu"}}, echo(), where="standby")
    )[0]
    assert isinstance(said, InboundMessage)
    assert isinstance(tapped, InboundMessage)
    assert (said.quiet, said.details) == (True, {"standby": True})
    assert (tapped.quiet, tapped.details) == (True, {"data": "Menu", "title": "Menu", "standby": True})
    assert isinstance(told, Echoed)
    assert told.details == {"standby": True}


def test_every_item_of_every_entry_is_read() -> None:
    first = entry(message(mid="m_a", text="a"), message(mid="m_b", text="b"))["entry"][0]
    second = entry(message(mid="m_c", text="c"), where="standby")["entry"][0] | {"id": "another page"}
    events, strange = heard({"object": "page", "entry": [first, second]})
    assert [(event.dedupe_key, event.account) for event in events] == [
        ("m_a", PAGE),
        ("m_b", PAGE),
        ("m_c", "another page"),
    ]
    assert strange == []


@pytest.mark.parametrize(
    ("timestamp", "at"),
    [
        (MILLISECONDS, AT),
        (MILLISECONDS // 1000, AT),
        (str(MILLISECONDS), AT),
        (f"{MILLISECONDS // 1000}", AT),
        ("2026-05-06T07:00:00+0000", AT),
        ("2026-05-06T09:00:00+02:00", AT),
        (float(MILLISECONDS), AT),
    ],
)
def test_every_spelling_of_a_time_is_understood(timestamp: object, at: object) -> None:
    assert only(entry(message(text="x") | {"timestamp": timestamp})).at == at


@pytest.mark.parametrize("timestamp", [None, "", "soon", 0, -5, True, {}, 10**17, "9" * 30, 1e300, "99999-01-01"])
def test_a_time_that_cannot_be_is_that_of_the_delivery_or_of_its_coming(timestamp: object) -> None:
    payload = entry(message(text="x") | {"timestamp": timestamp})
    assert only(payload).at == AT + timedelta(milliseconds=5)
    payload["entry"][0]["time"] = timestamp
    assert only(payload).at == RECEIVED


@pytest.mark.parametrize(
    "item",
    [
        {"pass_thread_control": {"new_owner_app_id": "1"}},
        {"take_thread_control": {"previous_owner_app_id": "1"}},
        {"account_linking": {"status": "linked"}},
        {"game_play": {"game_id": "1"}},
    ],
)
def test_what_says_nothing_of_a_person_is_no_event(item: dict[str, Any]) -> None:
    assert heard(entry(item)) == ([], [])


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({"teleport": {}}, "an item of an unknown kind: teleport"),
        ({}, "an item of an unknown kind: nothing in it"),
        (message(), "an item a message of an unknown kind: message"),
        ({"read": {}}, "an item “read” without a word of what: read"),
        ({"sender": None, "optin": {"user_ref": "u"}}, "an item of nobody that is named: optin"),
        ({"policy_enforcement": {"action": "block"}}, "Meta warns of, or enforces, its policies"),
        ({"message": {"text": "no mid"}}, "an item that cannot be read: .*mid"),
        ({"message": "text"}, "an item that cannot be read"),
        ({"sender": "x"}, "an item that cannot be read"),
    ],
)
def test_what_is_not_known_is_kept_in_sight_and_costs_nothing_else(item: dict[str, Any], reason: str) -> None:
    events, (kept,) = heard(entry(message(text="before"), item, message(mid="m_2", text="after")))
    assert [getattr(event, "text", None) for event in events] == ["before", "after"]
    with pytest.raises(AssertionError, match=reason):
        raise AssertionError(kept.reason)
    # The part that was kept can be read again by itself, by a version that knows it.
    assert heard(kept.raw) == ([], [kept])


def test_a_part_that_was_kept_says_where_it_stood_so_that_a_version_that_knows_it_reads_it_right() -> None:
    _, (kept,) = heard(entry({"teleport": {}}, where="standby"))
    event = only(kept.raw.replace(b'"teleport":{}', b'"message": {"mid": "m_1", "text": "hello"}'))
    assert event == only(entry(message(text="hello"), where="standby"))


def test_an_item_by_itself_is_read() -> None:
    whole = entry(message(text="hello"))
    assert only(whole["entry"][0]["messaging"][0]) == only(whole)


def test_a_test_from_the_dashboard_is_told_apart() -> None:
    value = {"sender": {"id": "12334"}, "recipient": {"id": "23245"}, "timestamp": "1527459824"}
    change = {"field": "messages", "value": value | {"message": {"mid": "random_mid", "text": "random_text"}}}
    body = {"object": "page", "entry": [{"id": "0", "time": 1527459824, "changes": [change]}]}
    events, (kept,) = heard(body)
    assert (events, kept.reason) == ([], "a test of “messages” from Meta's dashboard: it has arrived")
    body["entry"] = [{"id": PAGE, "time": 1527459824, "changes": [change]}]
    event = only(body)
    assert isinstance(event, InboundMessage)
    assert (event.text, event.external_user_id, event.at.year) == ("random_text", "12334", 2018)


def test_what_is_no_conversation_is_kept_in_sight() -> None:
    body = {"object": "page", "entry": [{"id": PAGE, "time": 1, "changes": [{"field": "feed", "value": {}}]}]}
    assert [kept.reason for kept in heard(body)[1]] == ["a change of the kind feed"]
    assert [kept.reason for kept in heard({"object": "page", "entry": [{"id": PAGE}]})[1]] == [
        "an entry of an unknown kind"
    ]


def test_what_is_about_another_object_is_kept_whole() -> None:
    events, (kept,) = heard(entry(message(text="x"), about="instagram"))
    assert events == []
    assert "“instagram”, which is not Messenger" in kept.reason
