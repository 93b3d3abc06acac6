"""What a message holds: text without mentions and markup, files, places, what a tapped button sends."""

import re
from html import unescape
from typing import Any

import msgspec

from botfolk.channels.botframework.payloads import (
    Activity,
    Attachment,
    DownloadInfo,
    Mention,
    Place,
    as_known,
    known,
)
from botfolk.channels.botframework.sealing import seal
from botfolk.channels.contract import Channel
from botfolk.channels.events import Json, Media, MessageKind, Said
from botfolk.channels.texts import clean, some

DOWNLOAD_INFO = "application/vnd.microsoft.teams.file.download.info"

_MOST_TEXT = 16_384
_MOST_READ = 4 * _MOST_TEXT
_MOST_REF = 4096
_AT = re.compile(r"<at(?: [^<>]*)?>([^<>]*)</at>", re.IGNORECASE)
_BREAK = re.compile(r"<br ?/?>|</p>|</div>|</li>", re.IGNORECASE)
_IMAGE = re.compile(r"<img\b[^<>]*?\balt=\"([^\"<>]*)\"[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_BY_TYPE: dict[str, MessageKind] = {"image": "photo", "video": "video", "audio": "audio"}
_ENDINGS: dict[MessageKind, tuple[str, ...]] = {
    "photo": ("png", "jpg", "jpeg", "gif", "webp", "bmp"),
    "video": ("mp4", "mov", "webm", "avi"),
    "audio": ("mp3", "wav", "m4a", "ogg", "aac"),
}


def read(channel: Channel, activity: Activity) -> Said | None:
    """Return what a message says; None when nothing in it is known."""
    said = text(activity)
    if activity.value is not None:
        return tapped(activity.value, said)
    files = [file for each in known(activity.attachments, Attachment) if (file := _file(channel, each)) is not None]
    if files:
        return Said(files[0][0], said, tuple(media for _, media in files))
    place = next(iter(known(activity.entities, Place)), None)
    if place is not None and abs(place.geo.latitude) <= 90 and abs(place.geo.longitude) <= 180:
        at = {"latitude": place.geo.latitude, "longitude": place.geo.longitude}
        title = some(place.name) or some(place.geo.name)
        return Said("location", said, (), at | ({"title": title} if title else {}))
    return Said("text", said) if said else None


def text(activity: Activity) -> str | None:
    """Return the text a person wrote: the bot's own name taken out of it, others' kept without markup."""
    written = (activity.text or "")[:_MOST_READ]
    if not written.strip():
        # A picture or emoji pasted alone stands only in the HTML copy.
        copies = (each.content for each in known(activity.attachments, Attachment) if each.content_type == "text/html")
        written = next((_plain(copy[:_MOST_READ]) for copy in copies if isinstance(copy, str)), "")
    bot = activity.recipient.id if activity.recipient else ""
    for mention in known(activity.entities, Mention):
        if mention.text and mention.mentioned.id == bot:
            written = written.replace(mention.text, "")
    written = _AT.sub(lambda found: found[1], written)
    if activity.text_format == "xml":
        written = _plain(written)
    return some(written.strip(), _MOST_TEXT)


def is_addressed(activity: Activity) -> bool:
    """Say whether something said in a group is said to the bot: its name is called."""
    bot = activity.recipient.id if activity.recipient else ""
    return any(mention.mentioned.id == bot for mention in known(activity.entities, Mention))


def tapped(value: Any, said: str | None, title: str | None = None, verb: str | None = None) -> Said:
    """Return the tap of a button that sends a value: ours hold `data` and `title`, a form's the fields of the form."""
    fields = value if isinstance(value, dict) else {}
    own = fields.get("data")
    data = verb or (own if isinstance(own, str) else value if isinstance(value, str) else _json(value))
    named = title or (fields["title"] if isinstance(fields.get("title"), str) else None) or said
    shown = some(named) or (some(data) if not fields or data in (own, verb) else None)
    details: Json = {"data": clean(data, _MOST_TEXT), "title": shown or ""}
    if fields and _json(fields) != details["data"]:
        details["value"] = clean(_json(fields), _MOST_TEXT)
    return Said("button", shown, (), details)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode() if value not in (None, {}) else ""


def _file(channel: Channel, attachment: Attachment) -> tuple[MessageKind, Media] | None:
    """Return a file that came with a message; None for cards and the HTML copy of the text."""
    content_type, name = attachment.content_type.lower(), some(attachment.name)
    if content_type == DOWNLOAD_INFO:
        found = as_known(attachment.content, DownloadInfo)
        if found is None:
            return None
        ending = (found.file_type or (name or "").rpartition(".")[2]).lower()
        by_ending = (kind for kind, endings in _ENDINGS.items() if ending in endings)
        return next(by_ending, "document"), Media(ref=seal(channel, clean(found.download_url, None)), name=name)
    url = attachment.content_url
    if "vnd.microsoft" in content_type or not url or len(url) > _MOST_REF or not url.startswith(("https:", "http:")):
        return None
    kind = _BY_TYPE.get(content_type.partition("/")[0], "document")
    exact = some(content_type) if "/" in content_type and "*" not in content_type else None
    return kind, Media(ref=clean(url, None), content_type=exact, name=name)


def _plain(markup: str) -> str:
    """Return the text of a piece of HTML, such as Teams writes: lines kept, emoji of images kept."""
    lines = _BREAK.sub("\n", markup)
    words = unescape(_TAG.sub("", _IMAGE.sub(lambda found: found[1], lines)))
    return re.sub(r"\n\s*\n+", "\n", words.replace("\xa0", " ")).strip()
