"""What the fake of the Messenger Platform refuses to send, in the words and numbers of the real one."""

from typing import Any

from msgspec import Struct

from botfolk.channels.faking import Reply
from botfolk.channels.messenger.platform import (
    FILE_BYTES,
    MAX_PAYLOAD,
    QUICK_REPLIES,
    QUICK_REPLY_TITLE,
    TEMPLATE_BUTTONS,
    TEMPLATE_TEXT,
    Platform,
)
from botfolk.channels.meta.fake_graph import Call, refuse

_CONTENT_TYPES = ("text", "user_email", "user_phone_number")


class Person(Struct, kw_only=True):
    """What is so of a person. `profile`: there is one; `picture` counts their pictures (0: none)."""

    id: str
    first_name: str | None = "Fay"
    last_name: str | None = "Fake"
    name: str | None = "Fay Fake"
    username: str | None = "fay_fake"
    locale: str = "en_GB"
    timezone: float = 5.5
    profile: bool = True
    picture: int = 1
    known: bool = True
    blocked: bool = False
    late: bool = False

    def told(self, address: str) -> dict[str, Any]:
        """Return what the profile says."""
        told: dict[str, Any] = {
            name: getattr(self, name) for name in ("first_name", "last_name", "name", "username", "locale", "timezone")
        }
        return told | {"profile_pic": address if self.picture else None}


def refusal_of(platform: Platform, person: Person, call: Call, *, human_agent: bool) -> Reply | None:
    """Return why a message is refused; None when it is taken."""
    if not person.id:
        return refuse(100, "(#100) The parameter recipient is required")
    if not person.known:
        return refuse(100, "(#100) No matching user found", subcode=2018001)
    if person.blocked:
        return refuse(551, "(#551) This person isn't available right now.", subcode=1545041)
    if "sender_action" in call.given:
        return None
    tagged = call.given.get("messaging_type") == "MESSAGE_TAG"
    if tagged and (call.given.get("tag") != "HUMAN_AGENT" or not human_agent):
        return refuse(100, "(#100) Cannot send message with this tag: it is not (any longer) allowed")
    if person.late and not tagged:
        return refuse(10, "(#10) This message is sent outside of allowed window.", subcode=2018278)
    message = call.given.get("message")
    if not isinstance(message, dict):
        return refuse(100, "(#100) The parameter message is required")
    return _wrong_message(platform, message, call.file_bytes)


def _wrong_message(platform: Platform, message: dict[str, Any], file_bytes: int) -> Reply | None:
    text, attachment = message.get("text"), message.get("attachment")
    if (text is None) == (attachment is None):
        return refuse(100, "(#100) Message cannot be empty, must provide valid attachment or text")
    if text is not None and not str(text).strip():
        return refuse(100, "(#100) Message cannot be empty, must provide valid attachment or text")
    if text is not None and platform.measure(str(text)) > platform.max_text:
        return refuse(100, f"(#100) Length of param message[text] must be at most {platform.max_text}")
    if attachment is not None:
        return _wrong_attachment(platform, attachment, file_bytes)
    return _wrong_choices(message.get("quick_replies") or [])


def _wrong_choices(choices: list[dict[str, Any]]) -> Reply | None:
    if len(choices) > QUICK_REPLIES:
        return refuse(100, "(#100) Param message[quick_replies] has too many elements.")
    for choice in choices:
        if choice.get("content_type") not in _CONTENT_TYPES:
            return refuse(100, "(#100) Param message[quick_replies][0][content_type] must be one of {TEXT, …}")
        if choice["content_type"] != "text":
            continue
        if not 1 <= len(str(choice.get("title", ""))) <= QUICK_REPLY_TITLE:
            return refuse(100, "(#100) Length of param message[quick_replies][0][title] must be at most 20")
        if not 1 <= len(str(choice.get("payload", ""))) <= MAX_PAYLOAD:
            return refuse(100, "(#100) Length of param message[quick_replies][0][payload] must be at most 1000")
    return None


def _wrong_attachment(platform: Platform, attachment: dict[str, Any], file_bytes: int) -> Reply | None:
    payload = attachment.get("payload") or {}
    if attachment.get("type") == "template":
        buttons = payload.get("buttons") or []
        if not 1 <= len(buttons) <= TEMPLATE_BUTTONS or not 1 <= len(str(payload.get("text", ""))) <= TEMPLATE_TEXT:
            return refuse(100, "(#100) Invalid template", subcode=2018034)
        return None
    if attachment.get("type") not in ("image", "audio", "video", "file"):
        return refuse(100, "(#100) Param message[attachment][type] must be one of {AUDIO, FILE, IMAGE, …}")
    if file_bytes > FILE_BYTES:
        return refuse(100, "(#100) Attachment size exceeds allowable limit", subcode=2018109)
    if not payload.get("url") and not (file_bytes and platform.uploads):
        return refuse(100, "(#100) Missing params: message[attachment][payload][url]")
    return None
