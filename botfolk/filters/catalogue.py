"""What a filter can speak of in a bot."""

from datetime import UTC
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from botfolk.channels.registry import KINDS
from botfolk.filters.columns import Catalogue
from botfolk.pages.formats import find_zone
from botfolk.users import in_use


async def load_catalogue(connection: AsyncConnection[Any], bot_id: UUID) -> Catalogue:
    """Return a bot's attributes, timezone and kinds of channel."""
    cursor = await connection.execute("SELECT timezone FROM bots WHERE bot_id = %s", [bot_id])
    row = await cursor.fetchone()
    attributes = await in_use.attributes(connection, bot_id)
    return Catalogue(
        attributes={name: kind for name, (_label, kind) in attributes.items()},
        timezone=(find_zone(row[0]) if row else None) or UTC,
        channels=tuple(KINDS),
    )
