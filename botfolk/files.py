"""Files from outside that are kept as they came: never shown in place, only ever downloaded."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection

from botfolk.ids import new_id

UNKNOWN_TYPE = "application/octet-stream"


class RawFile(Struct, frozen=True, kw_only=True):
    """A file as it came. `content_type` is for the services it is sent to; a browser is never told it."""

    content: bytes
    name: str | None = None
    content_type: str = UNKNOWN_TYPE


async def store_raw(connection: AsyncConnection[Any], bot_id: UUID, file: RawFile, now: datetime) -> UUID:
    """Store a file and return its id. A type that pages show in place is stored as an unknown one: only what was drawn
    by us may have it."""
    content_type = UNKNOWN_TYPE if file.content_type.startswith("image/") else file.content_type
    media_id = new_id()
    await connection.execute(
        "INSERT INTO media (bot_id, id, content_type, name, content, created_at) VALUES (%s, %s, %s, %s, %s, %s)",
        [bot_id, media_id, content_type, file.name, file.content, now],
    )
    return media_id
