"""How a member likes their pages: kept by name, as JSON."""

from typing import Any, TypeVar
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

Connection = AsyncConnection[Any]
Value = TypeVar("Value")


async def get(connection: Connection, bot_id: UUID, member_id: UUID, name: str, shape: type[Value]) -> Value | None:
    """Return what a member prefers; None when nothing, or nothing of this shape (any more), is kept."""
    cursor = await connection.execute(
        "SELECT value FROM preferences WHERE bot_id = %s AND member_id = %s AND name = %s", [bot_id, member_id, name]
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    try:
        return msgspec.convert(row[0], shape)
    except msgspec.ValidationError:
        return None


async def lock(connection: Connection, bot_id: UUID, member_id: UUID) -> None:
    """Let nobody else change a member's preferences before this transaction ends, kept already or not."""
    await connection.execute(
        "SELECT 1 FROM members WHERE bot_id = %s AND id = %s FOR NO KEY UPDATE", [bot_id, member_id]
    )


async def put(connection: Connection, bot_id: UUID, member_id: UUID, name: str, value: object) -> None:
    """Keep what a member prefers."""
    await connection.execute(
        "INSERT INTO preferences (bot_id, member_id, name, value) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (bot_id, member_id, name) DO UPDATE SET value = excluded.value",
        [bot_id, member_id, name, Jsonb(msgspec.to_builtins(value))],
    )


async def forget(connection: Connection, bot_id: UUID, member_id: UUID, name: str) -> None:
    """Let a preference be as usual again."""
    await connection.execute(
        "DELETE FROM preferences WHERE bot_id = %s AND member_id = %s AND name = %s", [bot_id, member_id, name]
    )
