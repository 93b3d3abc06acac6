"""What the other rooms ask of an index. What it takes to answer (numpy) is there only where there is one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from botfolk.counts.contract import Memory
from botfolk.filters.columns import Catalogue
from botfolk.filters.tree import Filter

FEW = 5_000
"""So many people are looked up one by one sooner than a filter is asked of everybody."""


async def counted(
    memory: Memory,
    bot_id: UUID,
    filters: Sequence[Filter],
    status: str | None,
    catalogue: Catalogue,
    now: datetime,
) -> list[int | None]:
    """Return how many users of a status (None: any) are in each filter, all of one moment; None for one the database is
    to be asked. Raises FilterError."""

    def each(index: Any) -> list[int | None]:
        from botfolk.counts import answer

        return [answer.count(index, filter, status, catalogue, now) for filter in filters]

    return await memory.ask(bot_id, each) or [None] * len(filters)


async def few(
    memory: Memory, bot_id: UUID, filter: Filter, status: str | None, catalogue: Catalogue, now: datetime
) -> str | None:
    """Return who of a status (None: any) is in a filter, as the database writes an array of ids; None for more than
    FEW, and where memory cannot tell. Raises FilterError."""

    def written(index: Any) -> str | None:
        from botfolk.counts import answer

        return answer.ids(index, filter, status, catalogue, now, FEW)

    return await memory.ask(bot_id, written)
