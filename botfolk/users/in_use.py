"""Names a bot has in use: what is suggested while a member types."""

from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from botfolk.users.attributes import AttributeType

MOST_SUGGESTED = 500


async def tags(connection: AsyncConnection[Any], bot_id: UUID) -> list[str]:
    """Return the bot's tags."""
    cursor = await connection.execute(
        "SELECT name FROM tags WHERE bot_id = %s ORDER BY lower(name) LIMIT %s", [bot_id, MOST_SUGGESTED]
    )
    return [name async for (name,) in cursor]


async def attributes(connection: AsyncConnection[Any], bot_id: UUID) -> dict[str, tuple[str, AttributeType]]:
    """Return the bot's attributes: lower-case name → (spelling, type)."""
    cursor = await connection.execute(
        "SELECT name, label, type FROM attributes WHERE bot_id = %s ORDER BY name", [bot_id]
    )
    return {name: (label, kind) async for name, label, kind in cursor}
