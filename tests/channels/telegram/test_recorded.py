"""Recorded updates, made by others: what each of them is."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from botfolk.channels.contract import Unreadable
from botfolk.channels.events import (
    AnyEvent,
    Echoed,
    Group,
    InboundMessage,
    Media,
    MessageEdited,
    Profile,
    ReactionChanged,
    Sender,
)
from tests.channels.telegram.conftest import KIND, RECEIVED, make_channel


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _whole(first: str, last: str | None, username: str, language: str | None = None) -> Profile:
    fields = {"first_name": first, "last_name": last} | ({"language": language} if language else {})
    return Profile(fields=fields, username=username, full=True)


OWN_CHAT = {"business_connection_id": None}
"""The bot's own chat with a person, not one of an account it works for."""

_SOJAN = _whole("Sojan", "Jose", "sojan", "en")

EVENTS: dict[str, list[AnyEvent]] = {
    "01-text": [
        InboundMessage(
            dedupe_key="1002",
            external_user_id="7527593",
            address=OWN_CHAT,
            at=_at(1767224901),
            external_id="7527593:134",
            kind="text",
            text="how are you",
            sequence=134,
            profile=_whole("Test User", None, "telegram_test_user"),
        )
    ],
    "03-photo": [
        InboundMessage(
            dedupe_key="312744884",
            external_user_id="100000001",
            address=OWN_CHAT,
            at=_at(1753164384),
            external_id="100000001:17",
            kind="photo",
            sequence=17,
            media=(
                Media(
                    ref="AgACAgUAAxkBAAMRaH8qXw-VQSGAG4X4VoCg9A5nE50AAvLGMRtBGPlXGt4-FX4l2_oBAAMCAAN5AAM2BA",
                    size=173215,
                    width=816,
                    height=1023,
                ),
            ),
            profile=_whole("Test User", None, "testuser", "en"),
        )
    ],
    "05-supergroup-dice-emoji": [
        InboundMessage(
            dedupe_key="573255266",
            external_user_id="-1001276785818",
            at=_at(1596014550),
            external_id="-1001276785818:35410",
            kind="sticker",
            sequence=35410,
            details={"emoji": "🎲", "value": 2},
            group=Group(title="bla bla bla chat"),
            sender=Sender(external_id="408258968", name="Hirrolot", username="hirrolot"),
            addressed=False,
        )
    ],
    "09-message-reaction-added": [
        ReactionChanged(
            dedupe_key="71651249",
            external_user_id="-1002184233434",
            at=_at(1721306082),
            external_id="-1002184233434:35",
            emoji=("🌭",),
            group=Group(title="Test"),
            sender=Sender(external_id="1459074222", name="shadowchain", username="shdwchn10"),
        )
    ],
    "11-message-reaction-count": [],
    "15-edited-message": [
        MessageEdited(
            dedupe_key="10000",
            external_user_id="1111111",
            at=_at(1441646600),
            external_id="1111111:1365",
            text="Edited text",
            profile=_whole("Test Firstname", "Test Lastname", "Testusername"),
        )
    ],
    "17-start-command-no-chat-type": [
        InboundMessage(
            dedupe_key="10000",
            external_user_id="1111111",
            address=OWN_CHAT,
            at=_at(1441645532),
            external_id="1111111:1365",
            kind="text",
            text="/start",
            sequence=1365,
            details={"command": "start"},
            profile=_whole("Test", "Test Lastname", "Test"),
        )
    ],
    "19-group-text": [
        InboundMessage(
            dedupe_key="2342342343242",
            external_user_id="23",
            at=_at(1631132077),
            external_id="23:1",
            kind="text",
            text="test",
            sequence=1,
            group=Group(title=None),
            sender=Sender(external_id="23", name="Sojan Jose", username="sojan"),
            addressed=False,
        )
    ],
    "21-venue": [
        InboundMessage(
            dedupe_key="2342342343242",
            external_user_id="23",
            address=OWN_CHAT,
            at=_at(1631132077),
            external_id="23:1",
            kind="location",
            sequence=1,
            details={"latitude": 37.7893768, "longitude": -122.3895553, "title": "San Francisco"},
            profile=_SOJAN,
        )
    ],
    "23-document": [
        InboundMessage(
            dedupe_key="2342342343242",
            external_user_id="23",
            address=OWN_CHAT,
            at=_at(1631132077),
            external_id="23:1",
            kind="document",
            sequence=1,
            media=(
                Media(
                    ref="AwADBAADbXXXXXXXXXXXGBdhD2l6_XX",
                    content_type="application/png",
                    name="Screenshot 2021-09-27 at 2.01.14 PM.png",
                    size=536392,
                ),
            ),
            profile=_SOJAN,
        )
    ],
    "25-business-message-from-owner": [
        Echoed(
            dedupe_key="2342342343242",
            external_user_id="23",
            at=_at(1631132077),
            address={"business_connection_id": "eooW3KF5WB5HxTD7T826"},
            external_id="business:23:1",
            text="test",
        )
    ],
    "27-voice": [
        InboundMessage(
            dedupe_key="1223145",
            external_user_id="123",
            address=OWN_CHAT,
            at=_at(1708608486),
            external_id="123:458",
            kind="voice",
            sequence=458,
            media=(
                Media(
                    ref="AALLmXXS-VZOOOPd9TVlEmjhb5IwL1RF563fQFAACjWm4UvmXVtBpakW1NAQ",
                    content_type="audio/ogg",
                    size=7276,
                    duration=20,
                ),
            ),
            profile=_whole("John", "Doe", "doezies", "en"),
        )
    ],
}
NOT_UNDERSTOOD = {"07-unknown-update-kind": "an update of an unknown kind: new_update_kind"}
UNREADABLE = {"13-bare-message-migrate-from-anonymous-admin": "update_id"}


@pytest.mark.parametrize("name", EVENTS)
def test_a_recorded_update_is_what_it_is(shared: Path, name: str) -> None:
    body = (shared / "payloads" / "telegram" / f"{name}.json").read_bytes()
    assert KIND.parse(make_channel(), body, RECEIVED) == (EVENTS[name], [])


@pytest.mark.parametrize("name", NOT_UNDERSTOOD)
def test_an_update_of_the_future_is_kept_in_sight(shared: Path, name: str) -> None:
    body = (shared / "payloads" / "telegram" / f"{name}.json").read_bytes()
    events, (kept,) = KIND.parse(make_channel(), body, RECEIVED)
    assert (events, kept.reason, kept.raw) == ([], NOT_UNDERSTOOD[name], body)


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_update_is_unreadable(shared: Path, name: str) -> None:
    body = (shared / "payloads" / "telegram" / f"{name}.json").read_bytes()
    with pytest.raises(Unreadable, match=UNREADABLE[name]):
        KIND.parse(make_channel(), body, RECEIVED)


def test_no_recorded_update_is_forgotten(shared: Path) -> None:
    names = {path.stem for path in (shared / "payloads" / "telegram").glob("*.json")}
    assert names == EVENTS.keys() | NOT_UNDERSTOOD.keys() | UNREADABLE.keys()
