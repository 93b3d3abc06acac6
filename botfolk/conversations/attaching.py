"""Files a member attaches to a reply: pictures are drawn anew, everything else is kept as it is."""

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection

from botfolk import pictures
from botfolk.channels.events import Media
from botfolk.files import UNKNOWN_TYPE, RawFile, of_user, plain_name, store_raw
from botfolk.outbox.files import media_of

MOST_BYTES = 25_000_000
"""The largest file of any channel; a smaller limit of one is named when it sends."""

MOST_FILES = 10
"""of a message"""

_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]{1,100}")
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8")
_PAGES = re.compile(rb"<(!doctype\s+(html|svg)|html|svg|script|head|body)[\s>/]", re.IGNORECASE)
_PAGE_NAMES = (".svg", ".svgz", ".html", ".htm", ".xhtml", ".xht", ".shtml", ".mhtml", ".hta")
_HEAD = 4096
_MOST_NAME = 120


class CannotAttach(Exception):
    """This file cannot be sent; the text says why."""


class Attached(Struct, frozen=True, kw_only=True):
    """A file that waits to be sent: `size` in bytes."""

    id: UUID
    name: str
    size: int
    is_picture: bool


async def attach(
    connection: AsyncConnection[Any],
    bot_id: UUID,
    user_id: UUID,
    name: str,
    content_type: str,
    content: bytes,
    *,
    now: datetime,
) -> Attached:
    """Store a file to be sent to a user. Raises CannotAttach."""
    shown = clean_name(name)
    if not content:
        raise CannotAttach("the file is empty")
    if len(content) > MOST_BYTES:
        raise CannotAttach(f"it is larger than {MOST_BYTES // 1_000_000} MB: choose a smaller one")
    if is_page(shown, content_type, content):
        raise CannotAttach("pages and SVG drawings are not sent, since they can hold programs: send a picture or a PDF")
    if content.startswith(_PICTURES) or (content[:4] == b"RIFF" and content[8:12] == b"WEBP"):
        try:
            picture = await asyncio.to_thread(pictures.to_send, content)
        except pictures.BadPicture as error:
            raise CannotAttach(str(error)) from None
        named = f"{shown.rpartition('.')[0] or shown}.jpg"
        file_id = await pictures.store(connection, bot_id, picture, now, name=named, owner=of_user(user_id))
        return Attached(id=file_id, name=named, size=len(picture.content), is_picture=True)
    known = content_type.partition(";")[0].strip().lower()
    file = RawFile(content=content, name=shown, content_type=known if _TYPE.fullmatch(known) else UNKNOWN_TYPE)
    file_id = await store_raw(connection, bot_id, file, now, owner=of_user(user_id))
    return Attached(id=file_id, name=shown, size=len(content), is_picture=False)


async def attached(connection: AsyncConnection[Any], bot_id: UUID, files: Sequence[UUID]) -> list[Attached]:
    """Return files that were attached before, of those that are still here."""
    found: list[Media] = []
    for file in files:
        try:
            found += await media_of(connection, bot_id, [file])
        except LookupError:
            continue
    return [
        Attached(
            id=media.media_id,
            name=media.name or "",
            size=media.size or 0,
            is_picture=(media.content_type or "").startswith("image/"),
        )
        for media in found
        if media.media_id is not None
    ]


async def check_attached(connection: AsyncConnection[Any], bot_id: UUID, user_id: UUID, files: Sequence[UUID]) -> None:
    """Raise CannotAttach for a file that was not stored to be sent to this user, or to who is this user by now."""
    if not files:
        return
    cursor = await connection.execute(
        "SELECT gone FROM merges WHERE bot_id = %s AND user_id = %s AND undone_at IS NULL", [bot_id, user_id]
    )
    owners = [of_user(user_id), *(of_user(gone) for (gone,) in await cursor.fetchall())]
    cursor = await connection.execute(
        "SELECT id FROM media WHERE bot_id = %s AND id = ANY(%s) AND owner = ANY(%s)", [bot_id, list(files), owners]
    )
    known = {row[0] for row in await cursor.fetchall()}
    if unknown := [str(file) for file in files if file not in known]:
        raise CannotAttach(f"no file {unknown[0]} was uploaded for this user: upload it first")


def is_page(name: str, content_type: str, content: bytes) -> bool:
    """Say whether a file is something a browser would run: by its name, what it is called, or how it begins."""
    declared = content_type.lower()
    if "html" in declared or "svg" in declared or name.lower().endswith(_PAGE_NAMES):
        return True
    head = content[:_HEAD].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return head.startswith(b"<") and _PAGES.search(head) is not None


def clean_name(name: str) -> str:
    """Return a file's name without folders and what cannot be written; "file" for none."""
    return plain_name(name)[-_MOST_NAME:] or "file"
