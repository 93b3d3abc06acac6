"""Whom a filter means, for a page of the list: where they are few, memory names them, and nobody else is looked at."""

from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from botfolk.counts.asking import few
from botfolk.counts.contract import Memory
from botfolk.filters import Catalogue, Filter, Where, where


async def where_in(
    memory: Memory, bot_id: UUID, filter: Filter, status: str | None, catalogue: Catalogue, now: datetime
) -> Where | None:
    """Return what the database is asked for a filter, of users of a status (None: any); None for everyone. It decides
    itself who is in it, of whom memory has named. Raises FilterError."""
    if filter is None:
        return None
    named = await few(memory, bot_id, filter, status, catalogue, now)
    return replace(where(filter, catalogue, now), among=named)
