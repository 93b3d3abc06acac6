"""What people do on Telegram, by updates written from its documentation (fixtures/): what each of them is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from botfolk.channels.events import (
    AnyEvent,
    Echoed,
    Group,
    IdentityMoved,
    InboundMessage,
    MessageEdited,
    Profile,
    ReachabilityChanged,
    ReactionChanged,
    Sender,
)
from tests.channels.telegram.conftest import FIXTURES, RECEIVED, fixture, heard

AT = datetime.fromtimestamp(1_760_000_000, UTC)
ANA = Profile(fields={"first_name": "Ana", "last_name": "Ruiz", "language": "es"}, username="ana_r", full=True)
BOB = Sender(external_id="5002", name="Bob")
TEA = Group(title="Tea lovers")
GROUP = "-1001700000001"

# What must be so of the one event of each; the rest is the same for all of them and tested by itself.
EVENTS: dict[str, tuple[type[AnyEvent], dict[str, Any]]] = {
    "text_emoji": (
        InboundMessage,
        {"kind": "text", "text": "Grüße 👩‍🚀🇩🇪 ☕️", "profile": ANA, "details": {}, "at": AT},
    ),
    "start_payload": (
        InboundMessage,
        {"address": {"business_connection_id": None}, "details": {"command": "start", "payload": "spring-offer"}},
    ),
    "callback": (
        InboundMessage,
        {
            "kind": "button",
            "text": "Medium 👕",
            "details": {"data": "size:m", "title": "Medium 👕"},
            "tap": "4382bfdwdsb323b2d9",
            "external_id": "tap:4382bfdwdsb323b2d9",
            "external_user_id": "5001",
            "reply_to": "5001:10",
            "profile": ANA,
            "at": RECEIVED,
        },
    ),
    "callback_without_message": (
        InboundMessage,
        {"kind": "button", "text": "yes", "tap": "99", "external_user_id": "5001", "reply_to": None, "profile": ANA},
    ),
    "callback_inaccessible_message": (
        InboundMessage,
        {"kind": "button", "text": "old", "tap": "100", "external_user_id": "5001", "at": RECEIVED},
    ),
    "callback_in_group": (
        InboundMessage,
        {"external_user_id": GROUP, "group": TEA, "sender": BOB, "tap": "101", "addressed": True, "profile": None},
    ),
    "edited_caption": (
        MessageEdited,
        {"text": "better words", "external_id": "5001:11", "at": AT + timedelta(seconds=60), "profile": ANA},
    ),
    "business_edited": (
        MessageEdited,
        {"text": "Are you open today?", "external_id": "business:5001:7", "external_user_id": "5001", "profile": ANA},
    ),
    "group_edited": (
        MessageEdited,
        {"text": "Never mind", "external_user_id": GROUP, "group": TEA, "profile": None},
    ),
    "reaction_added": (
        ReactionChanged,
        {
            "emoji": ("👍", "custom", "⭐"),
            "external_id": "5001:10",
            "external_user_id": "5001",
            "sender": None,
            "group": None,
            "profile": ANA,
        },
    ),
    "reaction_removed": (ReactionChanged, {"emoji": (), "external_id": "5001:10", "at": AT + timedelta(seconds=5)}),
    "reaction_anonymous_in_group": (
        ReactionChanged,
        {
            "emoji": ("🔥",),
            "external_user_id": GROUP,
            "sender": Sender(external_id=GROUP, name="Tea lovers"),
            "group": TEA,
            "profile": None,
        },
    ),
    "blocked": (
        ReachabilityChanged,
        {"reachable": False, "external_user_id": "5001", "group": None, "reason": "blocked the bot", "profile": ANA},
    ),
    "unblocked": (ReachabilityChanged, {"reachable": True, "external_user_id": "5001", "group": None, "at": AT}),
    "added_to_group": (ReachabilityChanged, {"reachable": True, "external_user_id": GROUP, "group": TEA}),
    "removed_from_group": (
        ReachabilityChanged,
        {"reachable": False, "group": TEA, "reason": "removed the bot from the group", "profile": None},
    ),
    "restricted_out_of_group": (ReachabilityChanged, {"reachable": False, "group": TEA}),
    "group_mention": (InboundMessage, {"addressed": True, "group": TEA, "sender": BOB, "profile": None}),
    "group_other_mention": (InboundMessage, {"addressed": False, "external_user_id": GROUP}),
    "group_reply_to_bot": (InboundMessage, {"addressed": True, "reply_to": f"{GROUP}:40"}),
    "group_command_for_another": (InboundMessage, {"addressed": False, "details": {"command": "help"}}),
    "group_anonymous_admin": (InboundMessage, {"sender": Sender(external_id=GROUP, name="Tea lovers"), "group": TEA}),
    "migrated_to": (IdentityMoved, {"external_user_id": "-5999", "new_external_user_id": GROUP}),
    "migrated_from": (IdentityMoved, {"external_user_id": "-5999", "new_external_user_id": GROUP}),
    "contact_own": (
        InboundMessage,
        {
            "kind": "contact",
            "text": None,
            "details": {"phone": "+34600111222", "name": "Ana Ruiz", "is_own": True},
            "profile": Profile(fields=ANA.fields | {"phone": "+34600111222"}, username="ana_r", full=True),
        },
    ),
    "contact_other": (
        InboundMessage,
        {"kind": "contact", "details": {"phone": "0600 333 444", "name": "Mum", "is_own": False}, "profile": ANA},
    ),
    "location": (InboundMessage, {"kind": "location", "details": {"latitude": 40.4168, "longitude": -3.7038}}),
    "venue": (
        InboundMessage,
        {
            "kind": "location",
            "details": {
                "latitude": 40.4168,
                "longitude": -3.7038,
                "title": "Café Sol",
                "address": "Puerta del Sol 1",
            },
        },
    ),
    "video": (InboundMessage, {"kind": "video", "text": "look"}),
    "animation": (InboundMessage, {"kind": "video", "text": None}),
    "video_note": (InboundMessage, {"kind": "video", "text": None}),
    "sticker": (InboundMessage, {"kind": "sticker", "text": None, "details": {"emoji": "😍"}}),
    "dice": (InboundMessage, {"kind": "sticker", "details": {"emoji": "🎯", "value": 6}, "media": ()}),
    "business": (
        InboundMessage,
        {
            "quiet": True,
            "external_user_id": "5001",
            "external_id": "business:5001:7",
            "profile": ANA,
            "address": {"business_connection_id": "bc-1"},
        },
    ),
    "web_app_data": (
        InboundMessage,
        {
            "kind": "button",
            "text": "Choose a size",
            "tap": None,
            "details": {"data": '{"size":"m"}', "title": "Choose a size"},
        },
    ),
}
NOTHING = {"joined_group", "pinned", "poll_answer", "business_edited_by_owner"}
NOT_UNDERSTOOD = {
    "story": "message of an unknown kind: story",
    "channel_post": "an update of an unknown kind: channel_post",
}


@pytest.mark.parametrize("name", EVENTS)
def test_what_somebody_did_becomes_its_event(name: str) -> None:
    update = fixture(name)
    (event,), strange = heard(update)
    kind, expected = EVENTS[name]
    assert type(event) is kind
    assert {field: getattr(event, field) for field in expected} == expected
    assert event.dedupe_key == str(update["update_id"])
    assert strange == []


@pytest.mark.parametrize("name", sorted(NOTHING))
def test_what_nobody_said_to_the_bot_is_no_event(name: str) -> None:
    assert heard(fixture(name)) == ([], [])


@pytest.mark.parametrize("name", NOT_UNDERSTOOD)
def test_what_we_cannot_show_is_kept_in_sight(name: str) -> None:
    events, (kept,) = heard(fixture(name))
    assert (events, kept.reason) == ([], NOT_UNDERSTOOD[name])


def test_every_fixture_is_in_a_table() -> None:
    assert {path.stem for path in FIXTURES.glob("*.json")} == EVENTS.keys() | NOTHING | NOT_UNDERSTOOD.keys()


@pytest.mark.parametrize(
    ("name", "ref", "content_type"),
    [
        ("video", "file-v", "video/mp4"),
        ("animation", "file-a", "video/mp4"),
        ("video_note", "file-n", None),
        ("sticker", "file-s", "image/webp"),
    ],
)
def test_a_file_is_named_by_what_fetches_it(name: str, ref: str, content_type: str | None) -> None:
    (event,), _ = heard(fixture(name))
    assert isinstance(event, InboundMessage)
    (media,) = event.media
    assert (media.ref, media.content_type) == (ref, content_type)


def test_an_anonymous_administrator_is_named_by_the_group_and_not_by_the_stand_in() -> None:
    (event,), _ = heard(fixture("group_anonymous_admin"))
    assert isinstance(event, InboundMessage)
    assert event.sender is not None
    assert "GroupAnonymousBot" not in repr(event)


def test_a_bot_that_writes_in_private_is_nobody() -> None:
    update = fixture("text_emoji")
    update["message"]["from"]["is_bot"] = True
    assert heard(update) == ([], [])


def test_a_person_without_a_last_name_has_none_but_a_missing_language_says_nothing() -> None:
    update = fixture("text_emoji")
    del update["message"]["from"]["last_name"], update["message"]["from"]["language_code"]
    (event,), _ = heard(update)
    assert isinstance(event, InboundMessage)
    assert event.profile == Profile(fields={"first_name": "Ana", "last_name": None}, username="ana_r", full=True)


@pytest.mark.parametrize("kind", ["channel", "a_kind_of_the_future"])
@pytest.mark.parametrize("name", ["text_emoji", "edited_caption", "callback", "reaction_added"])
def test_what_happens_in_a_channel_is_not_taken_for_a_person(name: str, kind: str) -> None:
    update = fixture(name)
    (content,) = (value for value in update.values() if isinstance(value, dict))
    (content.get("message") or content)["chat"]["type"] = kind
    events, (kept,) = heard(update)
    assert (events, kept.reason) == ([], f"a chat of the kind {kind}")


def test_what_the_bot_said_in_the_owners_name_is_no_answer_of_the_team() -> None:
    update = fixture("business")
    update["business_message"]["from"] = {"id": 9001, "is_bot": False, "first_name": "Owner"}
    (event,), _ = heard(update)
    assert isinstance(event, Echoed)
    update["business_message"]["sender_business_bot"] = {"id": 1, "is_bot": True, "first_name": "Shop"}
    assert heard(update) == ([], [])


def test_a_group_of_which_no_kind_is_said_is_known_by_its_negative_id() -> None:
    update = fixture("group_mention")
    del update["message"]["chat"]["type"]
    (event,), _ = heard(update)
    assert isinstance(event, InboundMessage)
    assert event.group == TEA


@pytest.mark.parametrize(
    ("text", "addressed"),
    [
        ("/help", True),
        ("/help@shop_bot", True),
        ("/help@SHOP_BOT please", True),
        ("/help@other_bot", False),
        ("hello", False),
        ("hello @shop_bot!", True),
        ("hello @shop_bots", False),
    ],
)
def test_in_a_group_only_what_names_the_bot_is_said_to_it(text: str, addressed: bool) -> None:
    update = fixture("group_mention")
    update["message"]["text"] = text
    (event,), _ = heard(update)
    assert isinstance(event, InboundMessage)
    assert event.addressed is addressed


@pytest.mark.parametrize(("given", "kept"), [("34600111222", "+34600111222"), ("+34 600-111-222", "+34600111222")])
def test_an_own_phone_is_kept_in_its_international_form(given: str, kept: str) -> None:
    update = fixture("contact_own")
    update["message"]["contact"]["phone_number"] = given
    (event,), _ = heard(update)
    assert isinstance(event, InboundMessage)
    assert event.profile is not None
    assert event.profile.fields["phone"] == kept


@pytest.mark.parametrize("given", ["", "none", "12", "0034600111222333444"])
def test_what_is_no_phone_never_becomes_one(given: str) -> None:
    update = fixture("contact_own")
    update["message"]["contact"]["phone_number"] = given
    (event,), _ = heard(update)
    assert isinstance(event, InboundMessage)
    assert event.profile is not None
    assert "phone" not in event.profile.fields


def test_a_tap_that_sends_no_data_is_not_called_by_the_title_of_a_link() -> None:
    update = fixture("callback")
    del update["callback_query"]["data"]
    update["callback_query"]["game_short_name"] = "chess"
    (event,), _ = heard(update)
    assert isinstance(event, InboundMessage)
    assert (event.text, event.details) == ("chess", {"data": "chess", "title": "chess"})
