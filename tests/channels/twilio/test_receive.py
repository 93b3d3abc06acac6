"""What Twilio delivers, recorded by others and from its documentation, and the events it is."""

import base64
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from botfolk.channels.contract import Unreadable
from botfolk.channels.events import AnyEvent, ConsentChanged, Happened, InboundMessage, Media, Profile, StatusChanged
from botfolk.channels.twilio.fake_state import NUMBER
from botfolk.outgoing.forms import urlencoded
from tests.channels.twilio.conftest import KIND, PERSON, RECEIVED, form, heard

PHONE = Profile(fields={"phone": PERSON})
AT: dict[str, Any] = {"external_user_id": PERSON, "at": RECEIVED, "address": {"to": PERSON, "from": NUMBER}}
ODD: dict[str, Any] = {"external_user_id": "+12345", "at": RECEIVED, "address": {"to": "+12345"}}
NOBODY = Profile(fields={})


def _media(sid: str) -> str:
    account = "https://api.twilio.com/2010-04-01/Accounts/AC000000000000000000000000000"
    return f"{account}/Messages/{sid}/Media/ME00000000000000000000000000000"


EVENTS: dict[str, list[AnyEvent]] = {
    "01-sms-text": [
        InboundMessage(
            dedupe_key="SM00000000000000000000000000000",
            external_id="SM00000000000000000000000000000",
            kind="text",
            text="Hello bot",
            profile=PHONE,
            **AT,
        )
    ],
    "03-rcs-button-tap": [
        InboundMessage(
            dedupe_key="SM22222222222222222222222222222",
            external_id="SM22222222222222222222222222222",
            kind="button",
            text="Approve",
            details={"data": 'chat:{"a":"approve","v":"prod"}', "title": "Approve"},
            profile=PHONE,
            **AT,
        )
    ],
    "05-rcs-status-delivered": [
        StatusChanged(
            dedupe_key="SM44444444444444444444444444444:delivered",
            external_user_id=PERSON,
            at=RECEIVED,
            status="delivered",
            external_id="SM44444444444444444444444444444",
        )
    ],
    "07-mms-media": [
        InboundMessage(
            dedupe_key="SM66666666666666666666666666666",
            external_id="SM66666666666666666666666666666",
            kind="photo",
            text="Check this photo",
            media=(Media(ref=_media("SM66666666666666666666666666666"), content_type="image/jpeg"),),
            profile=PHONE,
            **AT,
        )
    ],
    "10-whatsapp-document": [
        InboundMessage(
            dedupe_key="BBBBBBBBBB",
            external_id="BBBBBBBBBB",
            external_user_id="whatsapp:+27456897512",
            aliases=("whatsapp:US.13491208655302741918",),
            at=RECEIVED,
            address={"to": "whatsapp:+27456897512", "from": "whatsapp:+14155238886"},
            kind="document",
            text="Dobroye utro",
            media=(Media(ref="http://example.com/media", content_type="application/pdf"),),
            profile=Profile(fields={"first_name": "Chris", "last_name": "Smit", "phone": "+27456897512"}),
        )
    ],
    "12-sms-null-bytes": [
        InboundMessage(
            dedupe_key="SMxx", external_id="SMxx", kind="text", text="remove null bytes", profile=NOBODY, **ODD
        )
    ],
    "14-whatsapp-location": [
        InboundMessage(
            dedupe_key="SMxx",
            external_id="SMxx",
            kind="location",
            details={"latitude": 12.160894393921, "longitude": 75.265205383301},
            profile=NOBODY,
            **ODD,
        )
    ],
}


@pytest.mark.parametrize("name", EVENTS)
def test_a_recorded_delivery_is_what_it_is(shared: Path, name: str) -> None:
    recorded = json.loads((shared / "payloads" / "twilio" / f"{name}.json").read_text())
    assert heard(recorded["body"].encode()) == (EVENTS[name], [])


def test_no_recorded_delivery_is_forgotten(shared: Path) -> None:
    assert {path.stem for path in (shared / "payloads" / "twilio").glob("*.json")} == EVENTS.keys()


def one(**fields: str) -> Any:
    """The one event of a form."""
    (event,), not_understood = heard(form(**fields))
    assert not_understood == []
    return event


@pytest.mark.parametrize(
    ("person", "phone"),
    [
        ("+15551234567", "+15551234567"),
        ("whatsapp:+15551234567", "+15551234567"),
        ("rcs:+15551234567", "+15551234567"),
        ("whatsapp:US.13491208655302741918", None),
        ("messenger:2345", None),
        ("12345", None),
        ("+12345", None),
        ("Shop", None),
    ],
)
def test_a_phone_is_one_only_when_it_is_a_number(person: str, phone: str | None) -> None:
    event = one(From=person, Body="hi")
    assert event.external_user_id == person
    assert event.profile.fields.get("phone") == phone


def test_a_person_who_hides_their_number_is_known_by_their_other_id() -> None:
    shown = one(From="whatsapp:+15551234567", ExternalUserId="whatsapp:US.1234", Body="hi")
    hidden = one(From="whatsapp:US.1234", ExternalUserId="whatsapp:US.1234", Body="hi")
    assert shown.aliases == (hidden.external_user_id,)
    assert hidden.aliases == ()


def test_the_oldest_senders_name_only_an_sms_sid() -> None:
    body = urlencoded({"SmsSid": "SM9", "From": PERSON, "Body": "hi", "SmsStatus": "received"}).content
    (event,), _ = heard(body)
    assert event.dedupe_key == "SM9"


@pytest.mark.parametrize(
    ("fields", "kind", "details"),
    [
        ({"ButtonPayload": "y", "ButtonText": "Yes", "Body": "Yes"}, "button", {"data": "y", "title": "Yes"}),
        ({"ButtonText": "Yes"}, "button", {"data": "Yes", "title": "Yes"}),
        ({"ListId": "l", "ListTitle": "Large"}, "button", {"data": "l", "title": "Large"}),
        ({"InteractiveData": '{"a":1}', "Body": "Done"}, "button", {"data": '{"a":1}', "title": "Done"}),
        (
            {"Latitude": "1.5", "Longitude": "103", "Label": "Home", "Address": "1 Street"},
            "location",
            {"latitude": 1.5, "longitude": 103.0, "title": "Home", "address": "1 Street"},
        ),
        ({"Body": "hi", "Forwarded": "true"}, "text", {"forwarded": True}),
    ],
)
def test_what_a_person_sends_has_its_kind(fields: dict[str, str], kind: str, details: dict[str, Any]) -> None:
    event = one(**fields)
    assert (event.kind, event.details) == (kind, details)


@pytest.mark.parametrize(
    ("content_type", "said", "kind"),
    [
        ("image/png", "", "photo"),
        ("video/mp4", "", "video"),
        ("audio/ogg", "", "audio"),
        ("audio/ogg", "voice", "voice"),
        ("image/webp", "sticker", "sticker"),
        ("text/vcard", "", "document"),
        ("", "", "document"),
    ],
)
def test_a_file_has_its_kind(content_type: str, said: str, kind: str) -> None:
    event = one(MediaUrl0="https://api.twilio.com/m", MediaContentType0=content_type, MessageType=said, NumMedia="1")
    assert event.kind == kind


def test_several_files_are_all_read() -> None:
    urls = {f"MediaUrl{number}": f"https://api.twilio.com/{number}" for number in range(3)}
    assert [media.ref[-1] for media in one(**urls).media] == ["0", "1", "2"]


def test_a_reply_names_what_it_answers() -> None:
    assert one(Body="hi", OriginalRepliedMessageSid="SM5").reply_to == "SM5"


def test_a_text_that_came_in_base64_is_read() -> None:
    text = "A long message, joined of several by the carrier, with an é in it, and a second line."
    assert one(Body=base64.b64encode(text.encode()).decode()).text == text
    for left in ("a" * 64, base64.b64encode(b"\x00\x01" * 40).decode(), base64.b64encode(b"short").decode()):
        assert one(Body=left).text == left


def test_a_message_by_an_advertisement_says_so() -> None:
    (came, said), _ = heard(form(Body="hi", ReferralSourceId="7", ReferralSourceType="ad", ReferralBody="Buy"))
    assert isinstance(came, Happened)
    assert (came.kind, came.details) == ("referral", {"body": "Buy", "source_id": "7", "source_type": "ad"})
    assert isinstance(said, InboundMessage)
    assert came.dedupe_key != said.dedupe_key
    assert isinstance(one(Body="hi", ReferralNumMedia="0"), InboundMessage)


@pytest.mark.parametrize(("word", "allowed"), [("STOP", False), ("START", True)])
def test_stop_and_start_are_wishes_that_twilio_has_answered(word: str, allowed: bool) -> None:
    (said, wish), _ = heard(form(Body=word.lower(), OptOutType=word))
    assert isinstance(said, InboundMessage)
    assert said.quiet
    assert isinstance(wish, ConsentChanged)
    assert (wish.allowed, wish.scope, wish.reason) == (allowed, "all", f"the person wrote {word.lower()}")
    assert said.dedupe_key != wish.dedupe_key


def test_help_is_answered_by_twilio_and_changes_nothing() -> None:
    event = one(Body="HELP", OptOutType="HELP")
    assert isinstance(event, InboundMessage)
    assert event.quiet


@pytest.mark.parametrize(
    ("status", "known"),
    [
        ("accepted", None),
        ("scheduled", None),
        ("queued", None),
        ("sending", None),
        ("sent", "sent"),
        ("delivered", "delivered"),
        ("read", "read"),
        ("undelivered", "failed"),
        ("failed", "failed"),
        ("canceled", "failed"),
        ("Delivered", "delivered"),
    ],
)
def test_a_status_is_of_the_message_and_names_whom_it_went_to(status: str, known: str | None) -> None:
    events, not_understood = heard(form(MessageStatus=status, From=NUMBER, To=PERSON))
    assert not_understood == []
    found = [(event.status, event.external_id) for event in events if isinstance(event, StatusChanged)]
    assert found == ([] if known is None else [(known, "SM1")])
    assert all(event.external_user_id == PERSON and event.dedupe_key == f"SM1:{status.lower()}" for event in events)


@pytest.mark.parametrize(
    ("code", "words", "state"),
    [
        ("30003", "switched off", None),
        ("30004", "blocks", "blocked"),
        ("30005", "no such number", "gone"),
        ("30006", "landline", "gone"),
        ("30007", "filtered", None),
        ("30001", "too much waited", None),
        ("21610", "STOP", "opted_out"),
        ("63003", "not on that service", "gone"),
        ("63014", "blocked", "blocked"),
        ("63016", "24 hours", None),
        ("63024", "cannot be written to", "gone"),
        ("63032", "does not let", "blocked"),
        ("63033", "blocked", "blocked"),
        ("99999", "Something new (error 99999)", None),
        ("x", "Something new", None),
        ("", "Something new", None),
    ],
)
def test_a_failure_says_why_in_plain_words(code: str, words: str, state: str | None) -> None:
    event = one(MessageStatus="undelivered", ErrorCode=code, ErrorMessage="Something new", To=PERSON)
    assert words in event.reason
    assert event.unreachable == state


def test_what_is_not_known_is_kept_in_sight() -> None:
    for fields, reason in (
        ({"MessageStatus": "teleported"}, "a status named teleported"),
        ({}, "a message of the type text with nothing in it that is known"),
        ({"MessageType": "contacts"}, "a message of the type contacts"),
        ({"Latitude": "200", "Longitude": "0"}, "a message of the type"),
    ):
        body = form(**fields)
        events, (kept,) = heard(body)
        assert events == []
        assert kept.reason.startswith(reason)
        assert kept.raw == body


@pytest.mark.parametrize(
    "body", [b"", b"Body=hi", b"MessageSid=SM1&Body=hi", b"{", b'{"a":1}', b"\xff", b"a=1&" * 2000]
)
def test_what_is_no_delivery_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        heard(body)


def test_a_delivery_in_json_is_read_as_its_form() -> None:
    body = json.dumps({"MessageSid": "SM1", "From": PERSON, "To": NUMBER, "Body": "hi"}).encode()
    assert heard(body) == heard(form(Body="hi"))


def test_the_answer_says_nothing_and_says_it_in_twiml() -> None:
    answer = KIND.acknowledge(form(Body="hi"))
    assert (answer.status, answer.content_type) == (200, "text/xml")
    assert answer.text.endswith("<Response/>")


# The machine may be busy: what counts is what comes of it.
SLOW = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))

_NAMES = st.sampled_from(
    [
        "MessageSid",
        "From",
        "To",
        "Body",
        "MessageStatus",
        "ErrorCode",
        "MediaUrl0",
        "Latitude",
        "Longitude",
        "OptOutType",
        "ButtonPayload",
        "ReferralBody",
        "ReferralSourceId",
        "ProfileName",
        "MessageType",
        "ExternalUserId",
    ]
)


@SLOW
@given(st.binary(max_size=200))
def test_any_bytes_are_unreadable_at_worst(body: bytes) -> None:
    with suppress(Unreadable):
        heard(body)


@SLOW
@given(st.dictionaries(_NAMES, st.text(max_size=100) | st.sampled_from(["nan", "1e999", "STOP", "failed", "\x00"])))
def test_any_form_is_unreadable_at_worst(fields: dict[str, str]) -> None:
    body = urlencoded({name: value.encode("utf-8", "replace").decode() for name, value in fields.items()}).content
    with suppress(Unreadable):
        events, _ = heard(body)
        assert "\\x00" not in repr(events)
