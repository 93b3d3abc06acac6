"""Files on their way out: by the method that shows each kind best (https://core.telegram.org/bots/api#sending-files)."""

from typing import Any

from botfolk.channels.contract import OutgoingFile
from botfolk.channels.texts import clean
from botfolk.http import Body
from botfolk.outgoing.forms import File, multipart

_MB = 1_000_000

MAX_FILE_BYTES = 20 * _MB
"""Telegram takes files of up to 50 MB; more than this takes too long to hand over in one request."""

_MAX_PHOTO = 10 * _MB
"""https://core.telegram.org/bots/api#sendphoto"""

_METHODS: dict[str, tuple[str, str]] = {
    "image/jpeg": ("sendPhoto", "photo"),
    "image/png": ("sendPhoto", "photo"),
    "image/webp": ("sendPhoto", "photo"),
    "video/mp4": ("sendVideo", "video"),
    "audio/mpeg": ("sendAudio", "audio"),
    "audio/mp4": ("sendAudio", "audio"),
}
"""content type → method, and the name of its file; everything else is a document"""

_DOCUMENT = ("sendDocument", "document")


def wrong(file: OutgoingFile) -> str | None:
    """Say why Telegram does not take a file."""
    if not file.content:
        return "the file is empty"
    if len(file.content) > MAX_FILE_BYTES:
        return f"files of up to {MAX_FILE_BYTES // _MB} MB can be sent; this has {len(file.content) / _MB:.1f} MB"
    return None


def call_of(where: dict[str, Any], file: OutgoingFile) -> tuple[str, Body]:
    """Return the method that sends a file to a chat, and its form."""
    content_type = file.content_type.partition(";")[0].strip().lower()
    method, name = _METHODS.get(content_type, _DOCUMENT)
    if method == "sendPhoto" and len(file.content) > _MAX_PHOTO:
        method, name = _DOCUMENT
    given = File(name=clean(file.name) or "file", content_type=content_type, content=file.content)
    return method, multipart({key: str(value) for key, value in where.items()}, {name: given})
