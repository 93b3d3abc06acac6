"""Who changed what of a user, as the API gives it: newest first, a page at a time by key."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection

from botfolk.db.cursors import Id, pack, unpack

Connection = AsyncConnection[Any]


class Change(Struct, frozen=True, kw_only=True):
    """Who changed what, when, from what to what. `undoes`: the change this one took back."""

    id: UUID
    at: datetime
    source: str
    actor: str | None
    field: str
    old: Any
    new: Any
    undoes: UUID | None


async def list_changes(
    connection: Connection, bot_id: UUID, user_id: UUID, *, after: str | None, limit: int
) -> tuple[list[Change], str | None]:
    """Return a page of a user's changes and the next page's cursor. Raises BadCursor."""
    before = unpack(after, Id)[0] if after else None
    cursor = await connection.execute(
        "SELECT id, at, source, actor, field, old, new, undoes FROM changes"
        " WHERE bot_id = %(bot)s AND user_id = %(user)s AND (%(before)s::uuid IS NULL OR id < %(before)s)"
        " ORDER BY id DESC LIMIT %(limit)s",
        {"bot": bot_id, "user": user_id, "before": before, "limit": limit + 1},
    )
    rows = await cursor.fetchall()
    page = [Change(**dict(zip(Change.__struct_fields__, row, strict=True))) for row in rows[:limit]]
    return page, pack(page[-1].id) if len(rows) > limit else None
