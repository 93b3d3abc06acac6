"""Recorded activities, made by others: what each of them is."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from botfolk.channels.events import (
    AnyEvent,
    Group,
    InboundMessage,
    Profile,
    ReachabilityChanged,
    ReactionChanged,
    Sender,
)
from tests.channels.botframework.conftest import RECEIVED, heard

_AMER = "https://smba.trafficmanager.net/amer/a1b2c3d4-e5f6-7890-abcd-ef1234567890/"
_TENANT = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
_USER = "29:1xXxFakeUserBase64IdStringForTeamsPlatformAbcDeFgHiJkLmNoPqRsTuVwXyZ012345ABCDEF"
_CHANNEL = "19:d441d38c655c47a085215b2726e76927@thread.tacv2"
_PERSONAL = (
    "a:17NditBRO5pbPlIimLiU0g7vfMqIYTPwqILZJq-TOhzzKiAmv2i6Oerr-QPUpuznpKMZinowF80qU8SFPCsvZlg3EpJU8FYt3rO-"
    "iSCFfYzIIk2STWat73naOa8x5LdSv"
)
_MEGAN_AT = (
    "a:17I0kl9EkpE1O9PH5TWrzrLNwnWWcfrU7QZjKR0WSfOpzbfcAg2IaydGElSo10tVr4C7Fc6GtieTJX663WuJCc1uA83n4CSrHSgGBj5XNYLcVl"
    "JAs2ZX8DbYBPck201w-"
)


def _at(conversation: str, **more: Any) -> dict[str, Any]:
    bot = {"id": "28:11111111-2222-3333-4444-555555555555", "name": "Chat SDK Demo"}
    teams = {"service_url": _AMER, "channel_id": "msteams", "bot": bot, "tenant_id": _TENANT}
    return teams | {"conversation_id": conversation} | more


def _skype(conversation: str, url: str = "https://apis.skype.com", **more: Any) -> dict[str, Any]:
    bot = {"id": "28:ad35d471-ae65-4626-af00-c01ffbfc581f", "name": "Trivia Master"}
    return {"service_url": url, "conversation_id": conversation, "channel_id": "skype", "bot": bot} | more


def _time(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


_F2CA = "29:f2ca6a4a-93bd-434a-9ca5-5f81f8f9b455"

EVENTS: dict[str, list[AnyEvent]] = {
    "01-teams-installation-add-channel": [
        ReachabilityChanged(
            dedupe_key="",
            external_user_id=_CHANNEL,
            at=_time(2025, 12, 23, 3, 19, 14, 579000),
            address=_at(_CHANNEL),
            reachable=True,
            reason="added the bot to the group",
            group=Group(title="Chat SDK"),
        )
    ],
    "03-teams-channel-mention": [
        InboundMessage(
            dedupe_key="",
            external_user_id=_CHANNEL,
            at=_time(2025, 12, 23, 3, 19, 23, 59771),
            address=_at(f"{_CHANNEL};messageid=1766459963017"),
            external_id=f"{_CHANNEL}:1766459963017",
            kind="text",
            text="test",
            sequence=1766459963017,
            group=Group(title=None),
            sender=Sender(external_id=_USER, name="Test User"),
            addressed=True,
        )
    ],
    "05-teams-personal-text": [
        InboundMessage(
            dedupe_key="",
            external_user_id=_USER,
            at=_time(2026, 1, 2, 18, 28, 24, 378839),
            address=_at(_PERSONAL),
            external_id=f"{_PERSONAL}:1767378504354",
            kind="text",
            text="Hey",
            sequence=1767378504354,
            profile=Profile(fields={"first_name": "Test", "last_name": "User"}),
        )
    ],
    "07-teams-reaction-added": [
        ReactionChanged(
            dedupe_key="",
            external_user_id=_CHANNEL,
            at=_time(2026, 1, 2, 3, 55, 18, 953447),
            address=_at(f"{_CHANNEL};messageid=1767326091220"),
            external_id=f"{_CHANNEL}:1767326111492",
            emoji=("👍",),
            group=Group(title=None),
            sender=Sender(external_id=_USER, name=_USER),
        )
    ],
    "09-teams-personal-text-html-clientinfo": [
        InboundMessage(
            dedupe_key="",
            external_user_id="29:1XJKJMvc5GBtc2JwZq0oj8tHZmzrQgFmB39ATiQWA85gQtHieVkKilBZ9XHoq9j7Zaqt7CZ-NJWi7me2kHTL3Bw",
            at=_time(2017, 2, 1, 21, 10, 7, 437000),
            address=_at(
                _MEGAN_AT,
                service_url="https://smba.trafficmanager.net/amer/",
                bot={"id": "28:c9e8c047-2a74-40a2-b28a-b162d5f5327c", "name": "Teams TestBot"},
                tenant_id="72f988bf-86f1-41af-91ab-2d7cd011db47",
            ),
            external_id=f"{_MEGAN_AT}:1485983408511",
            kind="text",
            text="Hello Teams TestBot.Sending bold-italic rich text",
            sequence=1485983408511,
            profile=Profile(
                fields={
                    "first_name": "Megan",
                    "last_name": "Bowen",
                    "timezone": "America/Los_Angeles",
                    "language": "en-US",
                }
            ),
        )
    ],
    "17-agents-personal-text-minimal": [
        InboundMessage(
            dedupe_key="",
            external_user_id="user-id-0",
            at=RECEIVED,
            address={
                "service_url": "http://localhost:49231/_connector",
                "conversation_id": "personal-chat-id",
                "channel_id": "msteams",
                "bot": {"id": "00000000-0000-0000-0000-00000000000011", "name": "Test Bot"},
                "tenant_id": "00000000-0000-0000-0000-0000000000001",
            },
            external_id="",
            kind="text",
            text="Hello, Bot!",
            profile=Profile(fields={}),
        )
    ],
    "19-skype-group-text-2016": [
        InboundMessage(
            dedupe_key="",
            external_user_id="19:031cb0f20f414db8b5d18ead0af68911@thread.skype",
            at=RECEIVED,
            address=_skype("19:031cb0f20f414db8b5d18ead0af68911@thread.skype"),
            external_id="19:031cb0f20f414db8b5d18ead0af68911@thread.skype:1234567890",
            kind="text",
            text="Hello World!",
            sequence=1234567890,
            group=Group(title=None),
            sender=Sender(external_id=_F2CA, name="Display Name"),
            addressed=False,
        )
    ],
    "21-skype-contact-relation-add-2016": [
        ReachabilityChanged(
            dedupe_key="",
            external_user_id=_F2CA,
            at=RECEIVED,
            address=_skype(_F2CA),
            reachable=True,
            reason="added the bot",
            profile=Profile(fields={"first_name": "Display", "last_name": "Name"}),
        )
    ],
    "23-skype-text-2017-clientinfo": [
        InboundMessage(
            dedupe_key="",
            external_user_id="29:1SPw4GoUNGtDmuYex45S13g-1zgri1qp43uA345yjSFc",
            at=_time(2017, 7, 13, 12, 34, 48, 338000),
            address=_skype(
                "29:123w4GoUNGtDmuYexhNS13g-1zgri1qp43uA3A0yjSFc",
                "https://smba.trafficmanager.net/apis/",
                bot={"id": "28:5e21d7a8-d1b5-4534-a63d-f521712f5a64", "name": "TestPythonBotFramework"},
            ),
            external_id="29:123w4GoUNGtDmuYexhNS13g-1zgri1qp43uA3A0yjSFc:149993456252",
            kind="text",
            text="image",
            sequence=149993456252,
            profile=Profile(fields={"first_name": "Matthew", "last_name": "Brown", "language": "en-US"}),
        )
    ],
}
NOT_UNDERSTOOD = {"11-teams-message-edit": "an edit that does not say what of, or what it is now"}


def _body(shared: Path, name: str) -> bytes:
    return (shared / "payloads" / "botframework" / f"{name}.json").read_bytes()


@pytest.mark.parametrize("name", EVENTS)
def test_a_recorded_activity_is_what_it_is(shared: Path, name: str) -> None:
    events, not_understood = heard(_body(shared, name))
    told = list(msgspec.to_builtins(events))
    keys = [event.pop("dedupe_key") for event in told]
    expected = msgspec.to_builtins(EVENTS[name])
    for each in expected:
        del each["dedupe_key"]
        if each.get("external_id") == "":
            # Without a number of its own it is named by its content.
            each["external_id"] = keys[0]
    assert (told, not_understood) == (expected, [])
    assert all(len(key) == 64 for key in keys)


@pytest.mark.parametrize("name", NOT_UNDERSTOOD)
def test_an_edit_without_its_text_erases_nothing_and_is_kept_in_sight(shared: Path, name: str) -> None:
    events, (kept,) = heard(_body(shared, name))
    assert (events, kept.reason, kept.raw) == ([], NOT_UNDERSTOOD[name], _body(shared, name))


def test_no_recorded_activity_is_forgotten_and_no_two_have_one_key(shared: Path) -> None:
    names = {path.stem for path in (shared / "payloads" / "botframework").glob("*.json")}
    assert names == EVENTS.keys() | NOT_UNDERSTOOD.keys()
    keys = [heard(_body(shared, name))[0][0].dedupe_key for name in EVENTS]
    assert len(set(keys)) == len(keys)
