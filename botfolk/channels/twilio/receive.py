"""From a verified form to events: a message, or what became of one of ours."""

import base64
import math
import re
from datetime import datetime
from typing import Any, Literal

import msgspec

from botfolk.channels.contract import Channel, Unreadable
from botfolk.channels.events import (
    AnyEvent,
    ConsentChanged,
    Happened,
    InboundMessage,
    Json,
    Media,
    MessageKind,
    NotUnderstood,
    Profile,
    StatusChanged,
)
from botfolk.channels.names import names
from botfolk.channels.texts import clean, some
from botfolk.channels.twilio.errors import meaning
from botfolk.channels.twilio.signature import form

_MOST_TEXT = 16_384
_MOST_ID = 512
_MOST_MEDIA = 10
_PHONE = re.compile(r"(?:[a-z]+:)?(\+[1-9][0-9]{6,14})")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{56,}={0,2}")
_LEAST_BASE64 = 60

_STATUSES: dict[str, Literal["sent", "delivered", "read", "failed"] | None] = {
    # On its way to the carrier: nothing that is not known already.
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending"), None),
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}
"""https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks"""

_REFERRAL = ("Body", "Headline", "SourceId", "SourceType", "SourceUrl", "CtwaClid")
_TYPES: dict[str, MessageKind] = {"image": "photo", "video": "video", "audio": "audio"}

Fields = dict[str, str]

_json = msgspec.json.Decoder(dict[str, str])


def parse(channel: Channel, body: bytes, received_at: datetime) -> tuple[list[AnyEvent], list[NotUnderstood]]:
    """Return the events of a request, and what of it is not understood. Raises Unreadable."""
    try:
        fields = _json.decode(body) if body[:1] == b"{" else dict(form(body))
    except (ValueError, RecursionError) as error:
        raise Unreadable(clean(f"not a form of Twilio: {error}", 300)) from None
    sid = next((value for name in ("MessageSid", "SmsSid", "SmsMessageSid") if (value := _id(fields, name))), None)
    if sid is None:
        raise Unreadable("a form without a MessageSid")
    status = (fields.get("MessageStatus") or fields.get("SmsStatus") or "received").lower()
    if status not in ("received", "receiving"):
        return _status(fields, sid, status, received_at, body)
    if not _id(fields, "From"):
        raise Unreadable("a message from nobody")
    events = _message(fields, sid, received_at)
    return (events, []) if events else ([], [NotUnderstood(reason=_strange(fields), raw=body)])


def _id(fields: Fields, name: str) -> str | None:
    return some(fields.get(name, "").strip(), _MOST_ID)


def _strange(fields: Fields) -> str:
    return clean(f"a message of the type {fields.get('MessageType', 'text')} with nothing in it that is known", 300)


def _status(
    fields: Fields, sid: str, status: str, received_at: datetime, body: bytes
) -> tuple[list[AnyEvent], list[NotUnderstood]]:
    """What became of a message of ours; statuses come in any order."""
    if status not in _STATUSES:
        return [], [NotUnderstood(reason=clean(f"a status named {status}", 300), raw=body)]
    known, to = _STATUSES[status], _id(fields, "To")
    if known is None or to is None:
        return [], []
    why = meaning(_code(fields.get("ErrorCode")), clean(fields.get("ErrorMessage", ""))) if known == "failed" else None
    changed = StatusChanged(
        dedupe_key=f"{sid}:{status}",
        external_user_id=to,
        at=received_at,
        aliases=_aliases(fields, to),
        status=known,
        external_id=sid,
        reason=("it was cancelled" if status == "canceled" else why.words) if why else None,
        unreachable=why.state if why else None,
    )
    return [changed], []


def _code(given: str | None) -> int | None:
    return int(given) if given and given.isascii() and given.isdigit() and len(given) < 10 else None


def _aliases(fields: Fields, person: str) -> tuple[str, ...]:
    """WhatsApp's own id of a person, by which they come when they hide their number."""
    other = _id(fields, "ExternalUserId")
    return (other,) if other and other != person else ()


def _message(fields: Fields, sid: str, received_at: datetime) -> list[AnyEvent]:
    person = _id(fields, "From") or ""
    common: dict[str, Any] = {
        "external_user_id": person,
        "at": received_at,
        "aliases": _aliases(fields, person),
        "address": _address(fields, person),
    }
    profile, wish = _profile(fields, person), fields.get("OptOutType", "").upper()
    content = _content(fields)
    if content is None:
        return []
    kind, text, media, details = content
    events: list[AnyEvent] = []
    if (referral := _referral(fields)) is not None:
        came = Happened(dedupe_key=f"{sid}:referral", kind="referral", details=referral, profile=profile, **common)
        events.append(came)
    said = InboundMessage(
        dedupe_key=sid,
        external_id=sid,
        kind=kind,
        text=text,
        media=media,
        details=details,
        profile=profile,
        reply_to=_id(fields, "OriginalRepliedMessageSid"),
        # Twilio has answered these itself.
        quiet=wish in ("STOP", "START", "HELP"),
        **common,
    )
    events.append(said)
    if wish in ("STOP", "START"):
        reason = f"the person wrote {text or wish}"
        consent = ConsentChanged(dedupe_key=f"{sid}:consent", allowed=wish == "START", reason=reason[:200], **common)
        events.append(consent)
    return events


def _address(fields: Fields, person: str) -> Json:
    """Return what an answer takes: to whom, and from which of our senders."""
    told = {"to": person, "from": _id(fields, "To"), "service": _id(fields, "MessagingServiceSid")}
    return {name: value for name, value in told.items() if value}


def _profile(fields: Fields, person: str) -> Profile:
    """Return what is told of a person: their number where it is one, and the name they gave themselves on WhatsApp."""
    phone = _PHONE.fullmatch(person)
    said: dict[str, str | None] = dict(names(fields.get("ProfileName")))
    return Profile(fields=said | ({"phone": phone[1]} if phone else {}))


def _content(fields: Fields) -> tuple[MessageKind, str | None, tuple[Media, ...], Json] | None:
    """Return what a message holds; None when nothing in it is known."""
    text = some(_text(fields.get("Body", "")), _MOST_TEXT)
    more: Json = {"forwarded": True} if fields.get("Forwarded", "").lower() == "true" else {}
    tapped = _tapped(fields, text)
    if tapped is not None:
        return "button", tapped["title"] or None, (), tapped | more
    media = _media(fields)
    if media:
        return _kind(fields, media[0]), text, media, more
    place = _place(fields)
    if place is not None:
        return "location", text, (), place | more
    return ("text", text, (), more) if text else None


def _tapped(fields: Fields, text: str | None) -> Json | None:
    for data, title in (("ButtonPayload", "ButtonText"), ("ListId", "ListTitle"), ("InteractiveData", "ButtonText")):
        behind, shown = some(fields.get(data), _MOST_TEXT), some(fields.get(title)) or text
        if behind:
            return {"data": behind, "title": clean(shown or behind)}
    shown = some(fields.get("ButtonText"))
    return {"data": shown, "title": shown} if shown else None


def _kind(fields: Fields, media: Media) -> MessageKind:
    said = fields.get("MessageType", "").lower()
    if said == "sticker":
        return "sticker"
    if said in ("voice", "ptt"):
        return "voice"
    return _TYPES.get((media.content_type or "").partition("/")[0], "document")


def _media(fields: Fields) -> tuple[Media, ...]:
    """Return the files, however many are announced: WhatsApp's documents have come with NumMedia 0."""
    found = []
    for number in range(_MOST_MEDIA):
        url = some(fields.get(f"MediaUrl{number}"), 2048)
        if url:
            found.append(Media(ref=url, content_type=some(fields.get(f"MediaContentType{number}"))))
    return tuple(found)


def _place(fields: Fields) -> Json | None:
    try:
        latitude, longitude = float(fields["Latitude"]), float(fields["Longitude"])
    except (KeyError, ValueError):
        return None
    if not (math.isfinite(latitude) and abs(latitude) <= 90 and math.isfinite(longitude) and abs(longitude) <= 180):
        return None
    named = {"title": some(fields.get("Label")), "address": some(fields.get("Address"))}
    return {"latitude": latitude, "longitude": longitude} | {name: value for name, value in named.items() if value}


def _referral(fields: Fields) -> Json | None:
    """Return the advertisement a person came by."""
    told = {name: some(fields.get(f"Referral{name}"), 2048) for name in _REFERRAL}
    found = {_snake(name): value for name, value in told.items() if value}
    return found if found.keys() - {"body"} else None


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def _text(body: str) -> str:
    """Return a text; one that a carrier joined of several SMS has come in base64."""
    if len(body) < _LEAST_BASE64 or len(body) % 4 or not _BASE64.fullmatch(body):
        return body
    try:
        decoded = base64.b64decode(body, validate=True).decode()
    except ValueError:
        return body
    # What nobody would write by chance: a text, with words in it.
    printable = all(sign.isprintable() or sign in "\r\n\t" for sign in decoded)
    return decoded if printable and " " in decoded else body
