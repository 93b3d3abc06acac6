"""Files on their way out: given to WhatsApp first, then sent by the id it gives them.

https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
"""

from hashlib import sha256
from typing import Any

from msgspec import Struct

from botfolk.channels.contract import Channel, Failed, Later, OutgoingFile
from botfolk.channels.meta.graph import Unclear, call
from botfolk.channels.splitting import utf16
from botfolk.channels.texts import clean
from botfolk.channels.whatsapp.compose import MAX_BODY
from botfolk.channels.whatsapp.errors import meaning
from botfolk.channels.whatsapp.kept import Kept
from botfolk.http import Broken, Http, NotSent
from botfolk.outgoing.forms import File, multipart

_MB = 1_000_000

MAX_FILE_BYTES = 25 * _MB
"""WhatsApp takes documents of up to 100 MB; more than this takes too long to hand over in one request."""

_OFFICE = "application/vnd.openxmlformats-officedocument."
_DOCUMENTS = (
    "application/pdf",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    f"{_OFFICE}wordprocessingml.document",
    f"{_OFFICE}spreadsheetml.sheet",
    f"{_OFFICE}presentationml.presentation",
    "text/plain",
)
_KINDS: dict[str, tuple[str, int]] = {
    "image/jpeg": ("image", 5 * _MB),
    "image/png": ("image", 5 * _MB),
    "image/webp": ("sticker", 500_000),
    "audio/aac": ("audio", 16 * _MB),
    "audio/amr": ("audio", 16 * _MB),
    "audio/mpeg": ("audio", 16 * _MB),
    "audio/mp4": ("audio", 16 * _MB),
    "audio/ogg": ("audio", 16 * _MB),
    "video/mp4": ("video", 16 * _MB),
    "video/3gpp": ("video", 16 * _MB),
    **dict.fromkeys(_DOCUMENTS, ("document", MAX_FILE_BYTES)),
}
"""content type → what it is sent as, and how large it may be"""

_WITH_CAPTION = ("image", "video", "document")

_DAY_SECONDS = 86_400.0
_given: Kept[tuple[Any, str, str], str] = Kept(_DAY_SECONDS, most=1000)
"""What was given to WhatsApp already, which keeps it for 30 days: one file to many people is handed over once."""


class Prepared(Struct, frozen=True):
    """A file that WhatsApp has, as the content of a message."""

    content: dict[str, Any]
    key: tuple[Any, str, str]

    def forget(self) -> None:
        """Hand it over again the next time: WhatsApp does not know it any more."""
        _given.drop(self.key)


async def prepare(channel: Channel, http: Http, file: OutgoingFile, caption: str) -> Prepared | Failed | Later:
    """Hand a file over and return the content of its message; what went wrong did before any message was sent."""
    content_type = file.content_type.partition(";")[0].strip().lower()
    # Of all that is text WhatsApp knows the plain one only.
    content_type = "text/plain" if content_type.startswith("text/") else content_type
    kind, most = _KINDS.get(content_type, ("", 0))
    caption = clean(caption, None).strip()
    wrong = _wrong(file, content_type, kind, most, caption)
    if wrong is not None:
        return Failed(reason=wrong)
    key = (channel.id, sha256(file.content).hexdigest(), content_type)
    media_id = _given.get(key) or await _upload(channel, http, file, content_type)
    if not isinstance(media_id, str):
        return media_id
    _given.put(key, media_id)
    told: dict[str, str] = {"id": media_id}
    if caption:
        told["caption"] = caption
    if kind == "document":
        told["filename"] = clean(file.name) or "file"
    return Prepared({"type": kind, kind: told}, key)


def _wrong(file: OutgoingFile, content_type: str, kind: str, most: int, caption: str) -> str | None:
    if not kind:
        return f"WhatsApp does not take files of the kind {clean(content_type, 100) or 'unknown'}"
    if not file.content:
        return "the file is empty"
    if len(file.content) > most:
        return f"WhatsApp takes {kind}s of this kind up to {most / _MB:g} MB; this has {len(file.content) / _MB:.1f} MB"
    if caption and kind not in _WITH_CAPTION:
        return f"WhatsApp shows no text with a {kind}: send it as a message of its own"
    if utf16(caption) > MAX_BODY:
        return f"WhatsApp takes at most {MAX_BODY} characters under a file: send the text as a message of its own"
    return None


async def _upload(channel: Channel, http: Http, file: OutgoingFile, content_type: str) -> str | Failed | Later:
    fields = {"messaging_product": "whatsapp", "type": content_type}
    form = multipart(fields, {"file": File(name=file.name or "file", content_type=content_type, content=file.content)})
    try:
        answer = await call(channel, http, "POST", f"{channel.config.get('phone_number_id')}/media", body=form)
    except (NotSent, Broken, Unclear) as error:
        return Later(reason=f"the file could not be given to WhatsApp: {error}")
    if answer.error is not None:
        return meaning(answer)
    found = answer.result.get("id") if isinstance(answer.result, dict) else None
    return found if isinstance(found, str) else Later(reason="WhatsApp did not say where the file is")
