"""Files from outside that are kept as they came: never shown in place, only ever downloaded."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection

from botfolk.ids import new_id

UNKNOWN_TYPE = "application/octet-stream"


def plain_name(name: str) -> str:
    """Return a file's name without folders and what cannot be shown; empty for none."""
    return "".join(filter(str.isprintable, re.split(r"[\\/]", name)[-1])).strip()


def of_user(user_id: UUID) -> str:
    """Return the owner of a file that is stored to be sent to a user."""
    return f"user:{user_id}"


def of_visitor(channel_id: UUID, external_id: str) -> str:
    """Return the owner of a file that somebody stored before they said anything with it."""
    return f"visitor:{channel_id}:{external_id}"


class RawFile(Struct, frozen=True, kw_only=True):
    """A file as it came. `content_type` is for the services it is sent to; a browser is never told it."""

    content: bytes
    name: str | None = None
    content_type: str = UNKNOWN_TYPE


async def store_raw(
    connection: AsyncConnection[Any], bot_id: UUID, file: RawFile, now: datetime, *, owner: str | None = None
) -> UUID:
    """Store a file and return its id; `owner`: for whom, where no message says so yet. A type that pages show in place
    is stored as an unknown one: only what was drawn by us may have it."""
    content_type = UNKNOWN_TYPE if file.content_type.startswith("image/") else file.content_type
    media_id = new_id()
    await connection.execute(
        "INSERT INTO media (bot_id, id, content_type, name, content, created_at, owner)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        [bot_id, media_id, content_type, file.name, file.content, now, owner],
    )
    return media_id
