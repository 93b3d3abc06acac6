"""Recorded deliveries, made by others: what each of them is."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from botfolk.channels.events import (
    AnyEvent,
    Echoed,
    Happened,
    IdentityMoved,
    InboundMessage,
    Media,
    MessageDeleted,
    Profile,
    ReactionChanged,
    StatusChanged,
)
from tests.channels.whatsapp.conftest import KIND, RECEIVED, make_channel

_ID, _PARENT, _WAMID = "US.13491208655302741918", "US.ENT.11815799212886844830", "wamid.xyzxyz"
_PROFILE = Profile(fields={"first_name": "Test Name", "phone": "+972987654321"})


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _of(seconds: int, key: str = _WAMID) -> dict[str, Any]:
    """What all events of the same person share."""
    return {
        "dedupe_key": key,
        "external_user_id": _ID,
        "aliases": ("972987654321", _PARENT),
        "account": "1122334455667",
        "at": _at(seconds),
    }


def _message(seconds: int, kind: Any, wamid: str = _WAMID, **more: Any) -> InboundMessage:
    told: dict[str, Any] = {"profile": _PROFILE, "address": {"message_id": wamid}} | more
    return InboundMessage(external_id=wamid, kind=kind, **told, **_of(seconds, wamid))


_FORM = {
    "comment_text": "Comment Text",
    "delivery_rating": "4",
    "flow_token": "AQAAAAACS5FpgQ_cAAAAAD0QI3s.",
    "purchase_rating": "2",
    "recommend_radio": "0",
    "cs_rating": "0",
}
_AD = {
    "source_type": "ad or post",
    "source_id": "ADID",
    "source_url": "AD_OR_POST_FB_URL",
    "headline": "AD_TITLE",
    "body": "AD_DESCRIPTION",
    "ctwa_clid": "CTWA_CLID",
}
_BUTTON = {"data": "callback_data", "title": "title"}
_USERNAME_WAMID = "wamid.HBgNMTU1NTEyMzQ1NjcVAgASGBQzQUYwMDAwMDAwMDAwMDAwMDAB"

EVENTS: dict[str, list[AnyEvent]] = {
    "01-text": [_message(1697043223, "text", text="Body Text")],
    "03-image": [_message(1697043379, "photo", media=(Media(ref="65463453", content_type="image/jpeg"),))],
    "05-voice": [_message(1697043473, "voice", media=(Media(ref="1234567890987654321", content_type="audio/ogg"),))],
    "07-sticker": [
        _message(1697043760, "sticker", media=(Media(ref="1234567890987654321", content_type="image/webp"),))
    ],
    "09-reaction-remove-empty": [
        ReactionChanged(external_id="wamid.yzxyzx=", emoji=(), profile=_PROFILE, **_of(1697044456))
    ],
    "11-location": [_message(1697044557, "location", details={"latitude": 12.25089, "longitude": 43.90539})],
    # Every card has the sender's own id on it, and none is the sender's.
    "13-contacts-share": [
        _message(
            1697044621,
            "contact",
            details={
                "phone": "+15555555555",
                "name": "Chandler Bing",
                "is_own": False,
                "others": [
                    {"phone": "+16666666666", "name": "Monica"},
                    {"phone": "+17777777777", "name": "Rachel Green"},
                ],
            },
        )
    ],
    "15-referral-ctwa": [
        Happened(kind="referral", details=_AD, profile=_PROFILE, **_of(1697045000, "wamid.ID:referral")),
        _message(1697045000, "text", "wamid.ID", text="BODY"),
    ],
    "17-unsupported": [
        Happened(
            kind="not_understood",
            details={"type": "unsupported", "reason": "WhatsApp does not pass messages of this kind on"},
            profile=_PROFILE,
            **_of(1697044706),
        )
    ],
    "19-interactive-button-reply": [
        _message(1698266730, "button", text="title", details=_BUTTON, reply_to="wamid.xyzxyz")
    ],
    "21-quick-reply-no-context": [_message(1698269027, "button", "wamid.xsidjx", text="title", details=_BUTTON)],
    "23-flow-nfm-reply": [
        _message(
            1702502473,
            "button",
            "wamid.wegrchytvwcggt==",
            text="Sent",
            details={"data": "flow", "title": "Sent", "form": _FORM},
            reply_to="wamid.gvwegfretge==",
        )
    ],
    "25-revoke": [
        MessageDeleted(
            dedupe_key="<WHATSAPP_MESSAGE_ID>",
            external_user_id=_ID,
            aliases=("972987654321", "<WHATSAPP_USER_PHONE_NUMBER>", _PARENT),
            account="<BUSINESS_PHONE_NUMBER_ID>",
            at=_at(1697043223),
            external_id="<ORIGINAL_WHATSAPP_MESSAGE_ID>",
        )
    ],
    "27-system-identity-changed": [],
    "29-status-sent": [StatusChanged(status="sent", external_id=_WAMID, **_of(1698266945, f"{_WAMID}:sent"))],
    "31-status-read": [StatusChanged(status="read", external_id=_WAMID, **_of(1689380458, f"{_WAMID}:read"))],
    # "some data" is no id of ours.
    "33-status-biz-opaque-callback-data": [
        StatusChanged(status="sent", external_id=_WAMID, **_of(1698266945, f"{_WAMID}:sent"))
    ],
    # The ids are left out of the sample, and the contact beside it contradicts what stands for them.
    "35-smb-message-echo": [
        Echoed(
            dedupe_key="<WHATSAPP_MESSAGE_ID>",
            external_user_id="<BSUID>",
            aliases=("<WHATSAPP_USER_PHONE_NUMBER>", "<PARENT_BSUID>"),
            account="1122334455667",
            at=_at(1697043223),
            external_id="<WHATSAPP_MESSAGE_ID>",
            text="Test message",
        )
    ],
    "37-text-bsuid-username": [
        InboundMessage(
            dedupe_key=_USERNAME_WAMID,
            external_user_id=_ID,
            aliases=("15551234567", _PARENT),
            account="000000000000000",
            at=_at(1700000000),
            external_id=_USERNAME_WAMID,
            kind="text",
            text="Hello from a username user",
            address={"message_id": _USERNAME_WAMID},
            profile=Profile(fields={"first_name": "Test User", "phone": "+15551234567"}, username="testuser"),
        )
    ],
    "39-user-id-update": [
        IdentityMoved(
            dedupe_key=f"moved:{_ID}:US.24817305912873645029",
            external_user_id=_ID,
            aliases=("15557654321",),
            account="000000000000000",
            at=_at(1700000003),
            new_external_user_id="US.24817305912873645029",
        )
    ],
    "41-status-failed-131026-bsuid": [
        StatusChanged(
            dedupe_key="wamid.username-only-failed:failed",
            external_user_id="CO.1047385771169864",
            aliases=("CA.2086157822334836",),
            account="business-phone-id",
            at=_at(1784232500),
            status="failed",
            external_id="wamid.username-only-failed",
            reason="the person cannot be reached: not on WhatsApp, on an old one, or they blocked you",
            unreachable="gone",
        )
    ],
}
KEPT = {"17-unsupported": "WhatsApp does not pass messages of this kind on"}


@pytest.mark.parametrize("name", EVENTS)
def test_a_recorded_delivery_is_what_it_is(shared: Path, name: str) -> None:
    body = (shared / "payloads" / "whatsapp" / f"{name}.json").read_bytes()
    events, strange = KIND.parse(make_channel(), body, RECEIVED)
    assert events == EVENTS[name]
    assert [kept.reason for kept in strange] == ([KEPT[name]] if name in KEPT else [])


def test_no_recorded_delivery_is_forgotten(shared: Path) -> None:
    assert {path.stem for path in (shared / "payloads" / "whatsapp").glob("*.json")} == EVENTS.keys()
