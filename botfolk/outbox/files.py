"""Files on their way out: what a message shows of them, and their bytes when they leave."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from botfolk.channels.contract import Channel, OutgoingFile
from botfolk.channels.events import Media, MessageKind
from botfolk.channels.files import public_address

_KINDS: dict[str, MessageKind] = {"image": "photo", "audio": "audio", "video": "video"}


async def read_file(
    connection: AsyncConnection[Any], channel: Channel, file_id: UUID, public_url: str
) -> OutgoingFile | None:
    """Return a stored file as a channel sends it; None when it is gone."""
    cursor = await connection.execute(
        "SELECT content_type, name, content FROM media WHERE bot_id = %s AND id = %s", [channel.bot_id, file_id]
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    return OutgoingFile(
        content_type=row[0],
        name=row[1] or _named(row[0]),
        content=row[2],
        url=public_address(public_url, channel, file_id) if public_url else None,
    )


def _named(content_type: str) -> str:
    return "picture.webp" if content_type == "image/webp" else "file"


async def media_of(connection: AsyncConnection[Any], bot_id: UUID, files: Sequence[UUID]) -> list[Media]:
    """Return what a message shows of its files, in the order given. Raises LookupError for one that is not stored."""
    cursor = await connection.execute(
        """SELECT id, content_type, name, octet_length(content), width, height FROM media
           WHERE bot_id = %s AND id = ANY(%s)""",
        [bot_id, list(files)],
    )
    found = {
        row[0]: Media(
            ref=str(row[0]), media_id=row[0], content_type=row[1], name=row[2], size=row[3], width=row[4], height=row[5]
        )
        for row in await cursor.fetchall()
    }
    missing = next((file for file in files if file not in found), None)
    if missing is not None:
        raise LookupError(f"there is no file {missing}")
    return [found[file] for file in files]


def kind_of(media: Sequence[Media]) -> MessageKind:
    """Return what kind of message its files make it."""
    first = (media[0].content_type or "").partition("/")[0] if media else ""
    return _KINDS.get(first, "document")
