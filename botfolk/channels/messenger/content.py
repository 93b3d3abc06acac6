"""What a message holds: its kind, text, files and details."""

import re

from botfolk.channels.events import Json, Media, MessageKind, Said
from botfolk.channels.messenger.payloads import Attachment, Message, QuickReply, Referral
from botfolk.channels.meta.files import is_metas_host
from botfolk.channels.texts import clean, some

MOST_TEXT = 16_384
_MOST_ADDRESS = 4096

_KINDS: dict[str, MessageKind] = {
    "image": "photo",
    "audio": "audio",
    "video": "video",
    "file": "document",
    "sticker": "sticker",
    "animated_image": "photo",
    "story_mention": "photo",
    "ig_story": "photo",
    "reel": "video",
    "ig_reel": "video",
}
_NAMES = {
    "story_mention": "Mentioned you in a story",
    "ig_story": "Story",
    "reel": "Reel",
    "ig_reel": "Reel",
    "share": "Shared post",
    "ig_post": "Shared post",
    "post": "Shared post",
}
"""What a file is called that is not simply one of its kind."""

# The thumb in its three sizes: https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/messages
_LIKES = frozenset({"369239263222822", "369239343222814", "369239383222810"})

_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,190}\.[^\s@.]{2,}")
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")


def read(message: Message) -> Said | None:
    """Return what a message says; None when there is nothing in it that we know."""
    text = some(message.text, MOST_TEXT)
    if message.quick_reply is not None:
        return _tapped(message.quick_reply, text)
    attachments = message.attachments or []
    place = _place(attachments, text)
    if place is not None:
        return place
    files = [(attachment, media) for attachment in attachments if (media := _file(attachment)) is not None]
    shared = [known for attachment in attachments if (known := _shared(attachment))]
    details: Json = {"shared": shared} if shared else {}
    if files:
        first = files[0][0]
        kind = _kind(first)
        if kind == "sticker":
            details |= _sticker(first)
        return Said(kind, text, tuple(media for _, media in files), details)
    if text is None and shared:
        # What is shared is what is said: a link.
        text = "\n".join(str(part) for one in shared for part in (one.get("title"), one.get("url")) if part) or None
    return Said("text", text, (), details) if text is not None else None


def _tapped(reply: QuickReply, text: str | None) -> Said:
    data = some(reply.payload, MOST_TEXT) or text or ""
    given = data.strip()
    contact: dict[str, str | None] = {}
    # The value of a reply of the kinds user_email and user_phone_number is both its text and its payload.
    if text is not None and given == text.strip():
        if _EMAIL.fullmatch(given):
            contact = {"email": given}
        elif _PHONE.fullmatch(given):
            contact = {"phone": given}
    return Said("button", text or data or None, (), {"data": data, "title": text or data}, contact)


def _place(attachments: list[Attachment], text: str | None) -> Said | None:
    for attachment in attachments:
        where = attachment.payload.coordinates if attachment.payload else None
        if where is not None and abs(where.lat) <= 90 and abs(where.long) <= 180:
            details: Json = {"latitude": where.lat, "longitude": where.long}
            title = some(attachment.title)
            return Said("location", text, (), details | ({"title": title} if title else {}))
    return None


def _address(attachment: Attachment) -> str | None:
    inside = attachment.payload.url if attachment.payload else None
    found = clean(inside or attachment.url or attachment.URL or "", None).strip()
    return found if found.startswith(("https://", "http://")) and len(found) <= _MOST_ADDRESS else None


def _title(attachment: Attachment) -> str | None:
    return some(attachment.title) or some(attachment.payload.title if attachment.payload else None)


def _kind(attachment: Attachment) -> MessageKind:
    if attachment.payload is not None and attachment.payload.sticker_id is not None:
        return "sticker"
    return _KINDS.get(attachment.type, "photo")


def _file(attachment: Attachment) -> Media | None:
    """Return the file that came; None for a link to something elsewhere, which is only told."""
    address = _address(attachment)
    if address is None:
        return None
    if attachment.type not in _KINDS and not (attachment.type in _NAMES and is_metas_host(address)):
        return None
    name, title = _NAMES.get(attachment.type), _title(attachment)
    return Media(ref=address, name=(f"{name}: {title}" if title else name) if name else title)


def _sticker(attachment: Attachment) -> Json:
    sticker = str(attachment.payload.sticker_id) if attachment.payload else ""
    return {"emoji": "👍"} if sticker in _LIKES else {}


def _shared(attachment: Attachment) -> Json:
    """Tell of what is not a plain file: its kind in the service's word, its title and address."""
    if attachment.type in _KINDS and attachment.type not in _NAMES:
        return {}
    told = {"kind": some(attachment.type, 64), "title": _title(attachment), "url": _address(attachment)}
    return {name: value for name, value in told.items() if value}


def referral(given: Referral | None) -> Json:
    """Return by what the person came: what is known of {ref, source, type, ad, ad_title, page, product}."""
    if given is None:
        return {}
    advertisement = given.ads_context_data or {}
    title = advertisement.get("ad_title")
    product = (given.product or {}).get("id")
    told = {
        "ref": some(given.ref, 2048),
        "source": some(given.source),
        "type": some(given.type),
        "ad": some(str(given.ad_id)) if given.ad_id is not None else None,
        "ad_title": some(title) if isinstance(title, str) else None,
        "page": some(given.referer_uri, 2048),
        "product": some(str(product)) if product is not None else None,
    }
    return {name: value for name, value in told.items() if value}
