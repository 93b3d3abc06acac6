"""Items written from Meta's documentation, and the event that each of them is."""

from datetime import timedelta
from typing import Any

from botfolk.channels.events import (
    AnyEvent,
    ConsentChanged,
    Happened,
    InboundMessage,
    Media,
    MessageDeleted,
    MessageEdited,
    Profile,
    ReactionChanged,
    StatusChanged,
)
from tests.channels.messenger.conftest import AT, MILLISECONDS

CDN = "https://scontent.xx.fbcdn.net/v/1.jpg?oh=1&oe=2"
REFERRAL = {"ref": "spring", "source": "SHORTLINK", "type": "OPEN_THREAD"}


def message(**given: object) -> dict[str, Any]:
    return {"message": {"mid": "m_1"} | given}


def attached(type: str, **payload: object) -> dict[str, Any]:
    return message(attachments=[{"type": type, "payload": payload}])


# What must be so of the one event of each; the rest is the same for all of them and tested by itself.
EVENTS: dict[str, tuple[dict[str, Any], type[AnyEvent], dict[str, Any]]] = {
    "text": (
        message(text="Grüße 👩‍🚀"),
        InboundMessage,
        {"kind": "text", "text": "Grüße 👩‍🚀", "external_id": "m_1", "dedupe_key": "m_1", "at": AT},
    ),
    "sequence": (message(text="x", seq=36), InboundMessage, {"sequence": 36}),
    "image": (attached("image", url=CDN), InboundMessage, {"kind": "photo", "text": None, "media": (Media(ref=CDN),)}),
    "video": (attached("video", url=CDN), InboundMessage, {"kind": "video"}),
    "voice": (attached("audio", url=CDN), InboundMessage, {"kind": "audio"}),
    "file": (attached("file", url=CDN), InboundMessage, {"kind": "document", "details": {}}),
    "like": (
        attached("image", url=CDN, sticker_id=369239263222822),
        InboundMessage,
        {"kind": "sticker", "details": {"emoji": "👍"}, "media": (Media(ref=CDN),)},
    ),
    "sticker of 2026": (
        attached("sticker", url=CDN, sticker_id="369239343222814"),
        InboundMessage,
        {"kind": "sticker", "details": {"emoji": "👍"}},
    ),
    "another sticker": (attached("image", url=CDN, sticker_id=1), InboundMessage, {"kind": "sticker", "details": {}}),
    "several": (
        message(
            text="look",
            attachments=[{"type": "image", "payload": {"url": CDN}}, {"type": "image", "payload": {"url": CDN + "2"}}],
        ),
        InboundMessage,
        {"kind": "photo", "text": "look", "media": (Media(ref=CDN), Media(ref=CDN + "2"))},
    ),
    "reel": (
        attached("reel", url=CDN, title="My reel", reel_video_id=1),
        InboundMessage,
        {
            "kind": "video",
            "media": (Media(ref=CDN, name="Reel: My reel"),),
            "details": {"shared": [{"kind": "reel", "title": "My reel", "url": CDN}]},
        },
    ),
    "link": (
        message(attachments=[{"type": "fallback", "title": "News", "url": "https://example.com/a", "payload": None}]),
        InboundMessage,
        {
            "kind": "text",
            "text": "News\nhttps://example.com/a",
            "media": (),
            "details": {"shared": [{"kind": "fallback", "title": "News", "url": "https://example.com/a"}]},
        },
    ),
    "link in a text": (
        message(
            text="see https://example.com/a",
            attachments=[{"type": "fallback", "payload": {"url": "https://example.com/a", "title": "News"}}],
        ),
        InboundMessage,
        {"kind": "text", "text": "see https://example.com/a"},
    ),
    "template": (
        message(
            attachments=[
                {"type": "template", "payload": {"template_type": "product", "product": {}}, "title": "A shirt"}
            ]
        ),
        InboundMessage,
        {"kind": "text", "text": "A shirt"},
    ),
    "kind of the future": (
        attached("hologram", url="https://example.com/h"),
        InboundMessage,
        {
            "kind": "text",
            "text": "https://example.com/h",
            "details": {"shared": [{"kind": "hologram", "url": "https://example.com/h"}]},
        },
    ),
    "location": (
        message(
            attachments=[
                {"type": "location", "title": "Ana's location", "payload": {"coordinates": {"lat": 40.4, "long": -3.7}}}
            ]
        ),
        InboundMessage,
        {"kind": "location", "details": {"latitude": 40.4, "longitude": -3.7, "title": "Ana's location"}},
    ),
    "quick reply": (
        message(text="Medium", quick_reply={"payload": "size:m"}),
        InboundMessage,
        {
            "kind": "button",
            "text": "Medium",
            "details": {"data": "size:m", "title": "Medium"},
            "profile": None,
            "tap": None,
        },
    ),
    "their email": (
        message(text="ana@example.com", quick_reply={"payload": "ana@example.com"}),
        InboundMessage,
        {"kind": "button", "profile": Profile(fields={"email": "ana@example.com"})},
    ),
    "their phone": (
        message(text="+34600111222", quick_reply={"payload": "+34600111222"}),
        InboundMessage,
        {"profile": Profile(fields={"phone": "+34600111222"})},
    ),
    "an email that is a choice": (
        message(text="Write to us", quick_reply={"payload": "shop@example.com"}),
        InboundMessage,
        {"profile": None},
    ),
    "an email in a text": (message(text="ana@example.com"), InboundMessage, {"kind": "text", "profile": None}),
    "reply": (message(text="yes", reply_to={"mid": "m_0"}), InboundMessage, {"reply_to": "m_0"}),
    "from an advertisement": (
        message(
            text="hi",
            referral={
                "ref": "r",
                "source": "ADS",
                "type": "OPEN_THREAD",
                "ad_id": 7,
                "ads_context_data": {"ad_title": "Sale", "post_id": "1"},
            },
        ),
        InboundMessage,
        {"context": {"referral": {"ref": "r", "source": "ADS", "type": "OPEN_THREAD", "ad": "7", "ad_title": "Sale"}}},
    ),
    "postback": (
        {"postback": {"mid": "m_2", "title": "Menu", "payload": "MENU"}},
        InboundMessage,
        {
            "kind": "button",
            "text": "Menu",
            "external_id": "m_2",
            "dedupe_key": "m_2",
            "details": {"data": "MENU", "title": "Menu"},
        },
    ),
    "postback in standby": (
        {"postback": {"mid": "m_2", "title": "Menu"}},
        InboundMessage,
        {"details": {"data": "Menu", "title": "Menu"}},
    ),
    "reaction": (
        {"reaction": {"mid": "m_1", "action": "react", "emoji": "❤️", "reaction": "love"}},
        ReactionChanged,
        {"external_id": "m_1", "emoji": ("❤️",)},
    ),
    "reaction by name": (
        {"reaction": {"mid": "m_1", "action": "react", "reaction": "wow"}},
        ReactionChanged,
        {"emoji": ("😮",)},
    ),
    "reaction of a new name": (
        {"reaction": {"mid": "m_1", "reaction": "shrug"}},
        ReactionChanged,
        {"emoji": ("shrug",)},
    ),
    "reaction taken back": ({"reaction": {"mid": "m_1", "action": "unreact"}}, ReactionChanged, {"emoji": ()}),
    "edit": (
        {"message_edit": {"mid": "m_1", "text": "better", "num_edit": 2}},
        MessageEdited,
        {"external_id": "m_1", "text": "better", "dedupe_key": "edit:m_1:2"},
    ),
    "unsent": (message(is_deleted=True), MessageDeleted, {"external_id": "m_1", "dedupe_key": "deleted:m_1"}),
    "unsupported": (
        message(is_unsupported=True),
        Happened,
        {"kind": "not_understood", "details": {"reason": "a message that the service does not show to apps"}},
    ),
    "delivered": (
        {"delivery": {"mids": ["m_8", "m_9"], "watermark": MILLISECONDS - 1000}},
        StatusChanged,
        {"status": "delivered", "up_to": AT - timedelta(seconds=1), "external_id": None, "at": AT},
    ),
    "delivered, one named": (
        {"delivery": {"mids": ["m_9"]}},
        StatusChanged,
        {"status": "delivered", "up_to": None, "external_id": "m_9"},
    ),
    "read": ({"read": {"watermark": MILLISECONDS}}, StatusChanged, {"status": "read", "up_to": AT}),
    "read, one named": (
        {"read": {"mid": "m_9"}},
        StatusChanged,
        {"status": "read", "external_id": "m_9", "up_to": None},
    ),
    "referral": ({"referral": REFERRAL}, Happened, {"kind": "referral", "details": REFERRAL}),
    "referral of a page": (
        {
            "referral": {
                "referer_uri": "https://example.com/shop",
                "source": "CUSTOMER_CHAT_PLUGIN",
                "type": "OPEN_THREAD",
            }
        },
        Happened,
        {"details": {"page": "https://example.com/shop", "source": "CUSTOMER_CHAT_PLUGIN", "type": "OPEN_THREAD"}},
    ),
    "opt-in": (
        {"optin": {"ref": "newsletter"}},
        Happened,
        {"kind": "opted_in", "details": {"ref": "newsletter"}, "profile": None},
    ),
    "opt-in to marketing": (
        {
            "optin": {
                "type": "notification_messages",
                "payload": "p",
                "notification_messages_timezone": "Asia/Kuala_Lumpur",
                "notification_messages_token": "t",
            }
        },
        ConsentChanged,
        {"allowed": True, "scope": "marketing", "profile": Profile(fields={"timezone": "Asia/Kuala_Lumpur"})},
    ),
    "stop marketing": (
        {"optin": {"type": "notification_messages", "notification_messages_status": "STOP NOTIFICATIONS"}},
        ConsentChanged,
        {"allowed": False, "scope": "marketing", "profile": None},
    ),
}
