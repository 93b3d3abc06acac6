"""Recorded deliveries, made by others: what each of them is."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec import structs

from botfolk.channels.events import AnyEvent, Echoed, InboundMessage, Media, ReactionChanged, StatusChanged
from tests.channels.messenger.conftest import KIND, RECEIVED, make_channel

PAGE = "100000000000001"
PERSON = "200000000000001"


def _at(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


EVENTS: dict[str, AnyEvent] = {
    "01-text": InboundMessage(
        dedupe_key="m_FAKE_MSG_ID_001",
        external_user_id=PERSON,
        at=_at(1772998024000),
        account=PAGE,
        external_id="m_FAKE_MSG_ID_001",
        kind="text",
        text="What is Vercel?",
    ),
    "03-read": StatusChanged(
        dedupe_key="read:",
        external_user_id=PERSON,
        at=_at(1772998044000),
        account=PAGE,
        status="read",
        up_to=_at(1772998044000),
    ),
    "05-reaction-remove": ReactionChanged(
        dedupe_key=f"reaction:m_FAKE_MSG_ID_001:{PERSON}:unreact:1772998074000",
        external_user_id=PERSON,
        at=_at(1772998074000),
        account=PAGE,
        external_id="m_FAKE_MSG_ID_001",
        emoji=(),
    ),
    "07-postback-get-started": InboundMessage(
        dedupe_key="postback:",
        external_user_id=PERSON,
        at=_at(1772998094000),
        account=PAGE,
        external_id="postback:",
        kind="button",
        text="Get Started",
        details={"data": "GET_STARTED", "title": "Get Started"},
    ),
    "09-echo": Echoed(
        dedupe_key="echo:m_ECHO_MSG_001",
        external_user_id=PERSON,
        at=_at(1772998114000),
        account=PAGE,
        external_id="m_ECHO_MSG_001",
        text="Bot response",
    ),
    "11-bare-event-quick-reply-docs": InboundMessage(
        dedupe_key="mid.1457764197618:41d102a3e1ae206a38",
        external_user_id="<PSID>",
        at=_at(1458692752478),
        account="<PAGE_ID>",
        external_id="mid.1457764197618:41d102a3e1ae206a38",
        kind="button",
        text="hello, world!",
        details={"data": "<DEVELOPER_DEFINED_PAYLOAD>", "title": "hello, world!"},
    ),
    "14-audio": InboundMessage(
        dedupe_key="m_IAx--vsBAYF3FYqN0LQN3sU3K_suxsIcKASSDHASD",
        external_user_id="6785984231",
        at=_at(1699259349974),
        account="12345",
        external_id="m_IAx--vsBAYF3FYqN0LQN3sU3K_suxsIcKASSDHASD",
        kind="audio",
        media=(Media(ref="https://example.com/audio.mp4"),),
    ),
    "16-bare-delivery-string-watermark": StatusChanged(
        dedupe_key="delivered:",
        external_user_id="3383290475046708",
        at=_at(1648581633369),
        account="117172741761305",
        status="delivered",
        up_to=_at(1648581633369),
    ),
}


@pytest.mark.parametrize("name", EVENTS)
def test_a_recorded_delivery_is_what_it_is(shared: Path, name: str) -> None:
    body = (shared / "payloads" / "messenger" / f"{name}.json").read_bytes()
    (event,), strange = KIND.parse(make_channel(), body, RECEIVED)
    assert strange == []
    assert _without_hash(event) == EVENTS[name]
    again, _ = KIND.parse(make_channel(), body, RECEIVED)
    assert again == [event]


def _without_hash(event: AnyEvent) -> AnyEvent:
    """What the service gives no id has a hash for one."""
    name, _, digest = event.dedupe_key.partition(":")
    if not re.fullmatch("[0-9a-f]{64}", digest):
        return event
    changes = {"dedupe_key": f"{name}:"}
    if isinstance(event, InboundMessage):
        assert event.external_id == event.dedupe_key
        changes["external_id"] = f"{name}:"
    changed: AnyEvent = structs.replace(event, **changes)
    return changed


def test_no_recorded_delivery_is_forgotten(shared: Path) -> None:
    assert {path.stem for path in (shared / "payloads" / "messenger").glob("*.json")} == EVENTS.keys()
