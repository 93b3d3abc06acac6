"""What the other rooms ask of an index. What it takes to answer (numpy) is there only where there is one."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from botfolk.counts.contract import Memory, Named, Walk
from botfolk.filters.columns import Catalogue
from botfolk.filters.tree import Filter


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


Naming = Callable[[Walk], Awaitable[Named | None]]
"""Says who is in a stretch of a list; None where memory cannot tell."""


def naming(
    memory: Memory, bot_id: UUID, filter: Filter, status: str | None, catalogue: Catalogue, now: datetime
) -> Naming:
    """Return what names those of a status (None: any) and in a filter. It raises FilterError."""

    async def name(walk: Walk) -> Named | None:
        def find(index: Any) -> Named | None:
            from botfolk.counts import answer

            return answer.named(index, filter, status, catalogue, now, walk)

        return await memory.ask(bot_id, find)

    return name
