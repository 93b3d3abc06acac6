"""The receipts of people who were erased."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from botfolk.db.cursors import Id, pack, unpack
from botfolk.users.edits import Actor

Connection = AsyncConnection[Any]


class Receipt(Struct, frozen=True, kw_only=True):
    """That a person was erased: which user that was (an id that names nobody any more), when, by whom, and how many of
    what were removed."""

    id: UUID
    user: UUID
    at: datetime
    by: str | None
    source: str
    counts: Mapping[str, int]


_SELECT = 'SELECT id, user_id AS "user", at, actor AS by, source, counts FROM erasures WHERE bot_id = %(bot)s'


async def keep(connection: Connection, bot_id: UUID, receipt: Receipt, actor: Actor) -> None:
    """Store a receipt."""
    await connection.execute(
        "INSERT INTO erasures (bot_id, id, user_id, at, source, actor_id, actor, counts)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [
            bot_id,
            receipt.id,
            receipt.user,
            receipt.at,
            receipt.source,
            actor.id,
            receipt.by,
            Jsonb(dict(receipt.counts)),
        ],
    )


async def receipt(connection: Connection, bot_id: UUID, erasure_id: UUID) -> Receipt | None:
    """Return a receipt of the bot."""
    return await _one(connection, f"{_SELECT} AND id = %(id)s", bot_id, erasure_id)


async def receipt_of(connection: Connection, bot_id: UUID, user_id: UUID) -> Receipt | None:
    """Return the receipt of a user who was erased."""
    return await _one(connection, f"{_SELECT} AND user_id = %(id)s ORDER BY id DESC LIMIT 1", bot_id, user_id)


async def _one(connection: Connection, query: str, bot_id: UUID, asked: UUID) -> Receipt | None:
    async with connection.cursor(row_factory=class_row(Receipt)) as cursor:
        await cursor.execute(query.encode(), {"bot": bot_id, "id": asked})
        return await cursor.fetchone()


async def receipts(
    connection: Connection, bot_id: UUID, *, after: str | None, limit: int
) -> tuple[list[Receipt], str | None]:
    """Return a page of receipts, newest first, and the next page's cursor. Raises BadCursor."""
    before = unpack(after, Id)[0] if after else None
    query = f"{_SELECT} AND (%(before)s::uuid IS NULL OR id < %(before)s) ORDER BY id DESC LIMIT %(limit)s"
    async with connection.cursor(row_factory=class_row(Receipt)) as cursor:
        await cursor.execute(query.encode(), {"bot": bot_id, "before": before, "limit": limit + 1})
        rows = await cursor.fetchall()
    page = rows[:limit]
    return page, pack(page[-1].id) if len(rows) > limit else None
