"""Where segments are used. A room that uses them adds one line to `places`: its uses are shown, and keep a segment from
being deleted."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection


class Use(Struct, frozen=True):
    """Something that uses a segment: what it is called, and where it is."""

    label: str
    address: str


Find = Callable[[AsyncConnection[Any], UUID, UUID], Awaitable[Sequence[Use]]]
"""Returns what of a room uses a segment: (connection, bot, segment)."""


def places() -> tuple[Find, ...]:
    """Return every room's way to find what uses a segment."""
    return ()


async def where_used(connection: AsyncConnection[Any], bot_id: UUID, segment_id: UUID) -> list[Use]:
    """Return everything that uses a segment."""
    return [use for find in places() for use in await find(connection, bot_id, segment_id)]
