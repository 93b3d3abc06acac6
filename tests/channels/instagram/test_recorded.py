"""Recorded deliveries of Instagram, made by others: what each of them is."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec import structs

from botfolk.channels.events import (
    AnyEvent,
    InboundMessage,
    Media,
    MessageDeleted,
    ReactionChanged,
    StatusChanged,
)
from botfolk.channels.instagram.kind import Instagram
from tests.channels.messenger.conftest import RECEIVED, make_channel

KIND = Instagram()
ACCOUNT = "17841400000000000"
PERSON = "200000000000001"
SEPTEMBER = datetime(2021, 9, 8, 6, 34, 4, tzinfo=UTC)


def _at(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


EVENTS: dict[str, AnyEvent] = {
    "01-text": InboundMessage(
        dedupe_key="mid.text.1",
        external_user_id=PERSON,
        at=_at(1772998024000),
        account=ACCOUNT,
        external_id="mid.text.1",
        kind="text",
        text="Do you ship to Córdoba?",
    ),
    "03-story-reply": InboundMessage(
        dedupe_key="mid.story.reply.1",
        external_user_id=PERSON,
        at=_at(1772998044000),
        account=ACCOUNT,
        external_id="mid.story.reply.1",
        kind="text",
        text="Is this still available?",
        details={"story": {"id": "17900000000000001", "url": "https://cdn.example.com/story.jpg"}},
    ),
    "05-quick-reply": InboundMessage(
        dedupe_key="mid.quick.1",
        external_user_id=PERSON,
        at=_at(1772998064000),
        account=ACCOUNT,
        external_id="mid.quick.1",
        kind="button",
        text="Yes",
        details={"data": 'chat:{"a":"confirm","v":"yes"}', "title": "Yes"},
    ),
    "07-reaction-add-no-name": ReactionChanged(
        dedupe_key=f"reaction:mid.sent.1:{PERSON}:react:1772998084000",
        external_user_id=PERSON,
        at=_at(1772998084000),
        account=ACCOUNT,
        external_id="mid.sent.1",
        emoji=("❤️",),
    ),
    "09-standby": InboundMessage(
        dedupe_key="message-id-1",
        external_user_id="Sender-id-1",
        at=SEPTEMBER,
        account="instagram-message-id-123",
        external_id="message-id-1",
        kind="text",
        text="This is the first standby message from the customer, after 24 hours.",
        details={"standby": True},
        quiet=True,
    ),
    "11-deleted-unsend": MessageDeleted(
        dedupe_key="deleted:message-id-to-delete",
        external_user_id="Sender-id-1",
        at=SEPTEMBER,
        account="instagram-message-id-123",
        external_id="message-id-to-delete",
    ),
    "13-read-mid": StatusChanged(
        dedupe_key="read:",
        external_user_id="Sender-id-1",
        at=SEPTEMBER,
        account="instagram-message-id-123",
        status="read",
        external_id="message-id-1",
    ),
    "15-ig-reel": InboundMessage(
        dedupe_key="message-id-1",
        external_user_id="Sender-id-1",
        at=SEPTEMBER,
        account="instagram-message-id-1234",
        external_id="message-id-1",
        kind="video",
        media=(Media(ref="https://www.example.com/test.jpeg", name="Reel: Reel title"),),
        details={"shared": [{"kind": "ig_reel", "title": "Reel title", "url": "https://www.example.com/test.jpeg"}]},
    ),
}


@pytest.mark.parametrize("name", EVENTS)
def test_a_recorded_delivery_is_what_it_is(shared: Path, name: str) -> None:
    body = (shared / "payloads" / "instagram" / f"{name}.json").read_bytes()
    (event,), strange = KIND.parse(make_channel("instagram"), body, RECEIVED)
    assert strange == []
    if isinstance(event, StatusChanged):
        # Without an id of the service's the key is a hash.
        event = structs.replace(event, dedupe_key=event.dedupe_key.split(":")[0] + ":")
    assert event == EVENTS[name]


def test_no_recorded_delivery_is_forgotten(shared: Path) -> None:
    assert {path.stem for path in (shared / "payloads" / "instagram").glob("*.json")} == EVENTS.keys()
