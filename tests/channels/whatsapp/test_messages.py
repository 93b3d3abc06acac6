"""Messages: what is in them, whose they are, and when they were said."""

from datetime import timedelta
from typing import Any

import pytest

from botfolk.channels.events import (
    Group,
    Happened,
    InboundMessage,
    Introduced,
    Media,
    MessageEdited,
    Profile,
    ReactionChanged,
    Sender,
)
from botfolk.channels.whatsapp.fake_state import NUMBER_ID
from tests.channels.whatsapp.conftest import ANA, RECEIVED, SAID_AT, SCOPED, SECONDS, heard, one, said


def _message(*messages: dict[str, Any], contacts: tuple[dict[str, Any], ...] = (ANA,)) -> InboundMessage:
    event = one(said(*messages, contacts=contacts))
    assert isinstance(event, InboundMessage)
    return event


def _text(body: str) -> dict[str, Any]:
    return {"type": "text", "text": {"body": body}}


HI = {"type": "text", "text": {"body": "hi"}}


@pytest.mark.parametrize(
    ("content", "kind", "text", "media", "details"),
    [
        (
            {"type": "video", "video": {"id": "7", "mime_type": "video/mp4", "caption": "look"}},
            "video",
            "look",
            (Media(ref="7", content_type="video/mp4"),),
            {},
        ),
        (
            {"type": "audio", "audio": {"id": "7", "mime_type": "audio/mpeg", "voice": False}},
            "audio",
            None,
            (Media(ref="7", content_type="audio/mpeg"),),
            {},
        ),
        (
            {"type": "document", "document": {"id": "7", "mime_type": "application/pdf", "filename": "Bill.pdf"}},
            "document",
            None,
            (Media(ref="7", content_type="application/pdf", name="Bill.pdf"),),
            {},
        ),
        # Too large for WhatsApp: there is no id to fetch it by.
        ({"type": "image", "image": {}, "errors": [{"code": 131052}]}, "photo", None, (), {}),
        (
            {
                "type": "location",
                "location": {"latitude": 37.46, "longitude": -122.2, "name": "HQ", "address": "1 Way", "url": ""},
            },
            "location",
            None,
            (),
            {"latitude": 37.46, "longitude": -122.2, "title": "HQ", "address": "1 Way"},
        ),
        (
            {
                "type": "interactive",
                "interactive": {"type": "list_reply", "list_reply": {"id": "r1", "title": "Red", "description": "x"}},
            },
            "button",
            "Red",
            (),
            {"data": "r1", "title": "Red"},
        ),
        (
            {
                "type": "interactive",
                "interactive": {
                    "type": "call_permission_reply",
                    "call_permission_reply": {"response": "accept", "expiration_timestamp": 1753186982},
                },
            },
            "button",
            "Allowed calls",
            (),
            {"data": "call_permission:accept", "title": "Allowed calls"},
        ),
        ({"type": "button", "button": {"text": "Yes"}}, "button", "Yes", (), {"data": "Yes", "title": "Yes"}),
        (
            {
                "type": "order",
                "order": {
                    "catalog_id": "c1",
                    "text": "no onions",
                    "product_items": [
                        {"product_retailer_id": "BURGER", "quantity": 3, "item_price": 30, "currency": "ILS"},
                        {"product_retailer_id": "SODA"},
                    ],
                },
            },
            "button",
            "Order: 3 × BURGER, 1 × SODA",
            (),
            {
                "data": "order",
                "title": "Order: 3 × BURGER, 1 × SODA",
                "order": {
                    "catalog": "c1",
                    "note": "no onions",
                    "items": [
                        {"product": "BURGER", "quantity": 3.0, "price": 30.0, "currency": "ILS"},
                        {"product": "SODA", "quantity": 1.0},
                    ],
                },
            },
        ),
    ],
)
def test_every_kind_of_message(content: dict[str, Any], kind: str, text: str, media: Any, details: Any) -> None:
    event = _message(content)
    assert (event.kind, event.text, event.media, event.details) == (kind, text, media, details)


def test_a_text_with_emoji_and_right_to_left_is_kept_as_it_is() -> None:
    event = _message({"type": "text", "text": {"body": "שלום 👋🏽 🏴󠁧󠁢󠁳󠁣󠁴󠁿"}})
    assert event.text == "שלום 👋🏽 🏴󠁧󠁢󠁳󠁣󠁴󠁿"
    assert (event.external_user_id, event.aliases, event.account) == ("16505551234", (), NUMBER_ID)
    assert event.profile == Profile(fields={"first_name": "Ana", "phone": "+16505551234"})
    assert event.address == {"message_id": "wamid.1"}


@pytest.mark.parametrize("form", ['["not","an object"]', "no json", '{"a":"\\ud83d\\u0000"}', "", "[" * 5000])
def test_a_form_is_kept_however_it_is_filled_in(form: str) -> None:
    reply = {"type": "nfm_reply", "nfm_reply": {"response_json": form, "body": "Sent", "name": "flow"}}
    event = _message({"type": "interactive", "interactive": reply})
    assert event.details["title"] == "Sent"
    assert "\0" not in str(event.details["form"])


def test_an_answer_names_what_it_answers_and_which_product_it_asks_about() -> None:
    context = {
        "from": "15550783881",
        "id": "wamid.9",
        "referred_product": {"catalog_id": "c", "product_retailer_id": "p"},
    }
    event = _message({"type": "text", "text": {"body": "this?"}, "context": context})
    assert event.reply_to == "wamid.9"
    assert event.details == {"product": {"catalog": "c", "product": "p"}}


# Who it is


def test_a_person_without_a_phone_is_known_by_their_scoped_id() -> None:
    contact = {"profile": {"name": "Sheena", "username": "@sheena"}, "user_id": "US.1349", "parent_user_id": "US.ENT.1"}
    message = {"from": "", "from_user_id": "US.1349", "type": "text", "text": {"body": "hi"}}
    event = _message(message, contacts=(contact,))
    assert (event.external_user_id, event.aliases) == ("US.1349", ("US.ENT.1",))
    assert event.profile == Profile(fields={"first_name": "Sheena"}, username="sheena")


def test_a_scoped_id_in_the_place_of_the_phone_is_no_phone() -> None:
    contact = {"profile": {"name": "Kerry"}, "wa_id": "US.1234", "user_id": "US.1234"}
    event = _message(
        {"from": "US.1234", "from_user_id": "US.1234", "type": "text", "text": {"body": "hi"}}, contacts=(contact,)
    )
    assert (event.external_user_id, event.aliases) == ("US.1234", ())
    assert event.profile == Profile(fields={"first_name": "Kerry"})


def test_each_of_several_people_in_a_delivery_has_their_own_name() -> None:
    ben = {"profile": {"name": "Ben"}, "wa_id": "447700900123", "user_id": "GB.1"}
    hi = {"type": "text", "text": {"body": "hi"}}
    body = said(hi, hi | {"from": "447700900123"}, hi | {"from": "4915112345678"}, contacts=(ANA, ben))
    events, _ = heard(body)
    named = [(e.external_user_id, e.profile, e.sequence) for e in events if isinstance(e, InboundMessage)]
    assert named == [
        ("16505551234", Profile(fields={"first_name": "Ana", "phone": "+16505551234"}), 0),
        ("GB.1", Profile(fields={"first_name": "Ben", "phone": "+447700900123"}), 1),
        ("4915112345678", Profile(fields={"phone": "+4915112345678"}), 2),
    ]


def test_a_message_is_never_taken_for_that_of_another_persons_contact() -> None:
    hi = {"from": "16505551234", "from_user_id": "US.2", "type": "text", "text": {"body": "hi"}}
    event = _message(hi, contacts=(SCOPED,))
    assert (event.external_user_id, event.aliases) == ("US.2", ("16505551234",))
    assert event.profile == Profile(fields={"phone": "+16505551234"})


@pytest.mark.parametrize(
    ("wa_id", "phone"),
    [
        ("5215512345678", "+525512345678"),
        ("551187654321", "+5511987654321"),
        ("551132654321", "+551132654321"),
        ("5491123456789", "+5491123456789"),
        ("5678", None),
        ("0123456789012", None),
        ("US.1", None),
    ],
)
def test_an_id_is_a_phone_number_only_if_it_can_beone(wa_id: str, phone: str | None) -> None:
    contact = {"profile": {}, "wa_id": wa_id}
    event = _message({"from": wa_id, "type": "text", "text": {"body": "hi"}}, contacts=(contact,))
    assert event.external_user_id == wa_id
    assert event.profile == (Profile(fields={"phone": phone}) if phone else None)


def test_nothing_is_said_of_a_person_by_what_is_missing() -> None:
    contact = {"profile": {"name": "", "username": ""}, "wa_id": "", "user_id": "US.1"}
    event = _message(HI | {"from": None, "from_user_id": "US.1"}, contacts=(contact,))
    assert event.profile is None


def _card(message: dict[str, str], card: dict[str, str]) -> InboundMessage:
    phones = {"phones": [{"phone": "+44 7700 900123"}], "name": {"formatted_name": "Ana A."}}
    plain = {"type": "contacts", "from": None, "from_user_id": "US.1349", "contacts": [phones | card]}
    return _message(plain | message, contacts=(SCOPED,))


ASKED = {"origin": "contact_request"}


@pytest.mark.parametrize(("message", "card"), [(ASKED, {}), ({}, ASKED)])
def test_a_card_given_on_request_is_the_persons_own_number(message: dict[str, str], card: dict[str, str]) -> None:
    event = _card(message, card)
    assert event.details == {"phone": "+447700900123", "name": "Ana A.", "is_own": True}
    assert event.profile == Profile(fields={"first_name": "Ana", "phone": "+447700900123"})


@pytest.mark.parametrize("origin", [{}, {"origin": "other"}])
def test_a_card_shared_by_itself_is_somebodys(origin: dict[str, str]) -> None:
    event = _card(origin, {})
    assert event.details["is_own"] is False
    assert event.profile == Profile(fields={"first_name": "Ana"})


# What happens to messages


def test_a_reaction_and_a_reaction_taken_back() -> None:
    body = said(
        {"type": "reaction", "reaction": {"message_id": "wamid.9", "emoji": "😮"}},
        {"type": "reaction", "reaction": {"message_id": "wamid.9"}},
    )
    events, _ = heard(body)
    assert [(e.external_id, e.emoji) for e in events if isinstance(e, ReactionChanged)] == [
        ("wamid.9", ("😮",)),
        ("wamid.9", ()),
    ]


def test_an_edit_gives_the_new_text_or_caption() -> None:
    now = {"type": "image", "image": {"id": "7", "caption": "better"}}
    body = said(
        {
            "type": "edit",
            "edit": {"original_message_id": "wamid.8", "message": {"type": "text", "text": {"body": "x"}}},
        },
        {"type": "edit", "edit": {"original_message_id": "wamid.9", "message": now}},
    )
    events, _ = heard(body)
    edits = [(e.dedupe_key, e.external_id, e.text) for e in events if isinstance(e, MessageEdited)]
    assert edits == [("wamid.1", "wamid.8", "x"), ("wamid.2", "wamid.9", "better")]


def test_opening_the_chat_introduces_a_person() -> None:
    event = one(said({"type": "request_welcome"}))
    assert isinstance(event, Introduced)
    assert event.profile == Profile(fields={"first_name": "Ana", "phone": "+16505551234"})


@pytest.mark.parametrize("content", [{"type": "poll"}, {"type": "interactive"}, {"type": "text"}, {"type": ""}, {}])
def test_a_message_of_the_future_is_seen_and_kept_and_can_be_read_again(content: dict[str, Any]) -> None:
    body = said({"type": "text", "text": {"body": "before"}}, content)
    (before, seen), (kept,) = heard(body)
    assert isinstance(before, InboundMessage)
    assert isinstance(seen, Happened)
    assert (seen.kind, seen.external_user_id) == ("not_understood", "16505551234")
    again, (still,) = heard(kept.raw)
    assert (again, still) == ([seen], kept)


GROUP = "Y2FwaV9ncm91cDox"


@pytest.mark.parametrize(
    ("message", "addressed"),
    [
        ({"text": {"body": "What does everyone think?"}}, False),
        ({"text": {"body": "@15550783881 what do you think?"}}, True),
        ({"text": {"body": "@155507838812 no, you"}}, False),
        ({"text": {"body": "yes"}, "context": {"from": "15550783881", "id": "wamid.9"}}, True),
        ({"text": {"body": "yes"}, "context": {"from": "447700900123", "id": "wamid.9"}}, False),
    ],
)
def test_a_group_is_the_user_and_each_message_keeps_who_said_it(message: dict[str, Any], addressed: bool) -> None:
    event = _message({"type": "text", "group_id": GROUP, **message})
    assert (event.external_user_id, event.aliases, event.profile) == (GROUP, (), None)
    assert event.group == Group(title=None)
    assert event.sender == Sender(external_id="16505551234", name="Ana")
    assert event.addressed is addressed


# Times


@pytest.mark.parametrize(
    "written",
    [SECONDS, int(SECONDS), float(SECONDS), int(SECONDS) * 1000, f"{SECONDS}000"],
)
def test_a_time_is_read_however_it_is_written(written: Any) -> None:
    assert _message({"type": "text", "text": {"body": "hi"}, "timestamp": written}).at == SAID_AT


@pytest.mark.parametrize("written", ["", "soon", None, 0, -5, "1", "99999999999999999999", "nan", "inf", 4e9])
def test_a_time_that_cannot_be_is_when_it_came(written: Any) -> None:
    assert _message({"type": "text", "text": {"body": "hi"}, "timestamp": written}).at == RECEIVED


def test_a_clock_that_is_a_little_ahead_is_believed() -> None:
    ahead = RECEIVED + timedelta(minutes=1)
    message = {"type": "text", "text": {"body": "hi"}, "timestamp": str(int(ahead.timestamp()))}
    assert _message(message).at == ahead
