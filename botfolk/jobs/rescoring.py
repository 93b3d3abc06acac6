"""The job that scores a bot's history anew."""

import asyncio
from uuid import UUID

from botfolk.conversations import rescoring
from botfolk.jobs.defer import defer
from botfolk.jobs.fetching import Reach

_SECONDS = 30.0
"""After this long the rest is left to a job of its own: other jobs get their turn, and a restart waits for none."""


async def rescore(reach: Reach, bot_id: UUID, run_id: UUID) -> None:
    """Go on with a run from where it stands, each portion in a transaction of its own."""
    until = asyncio.get_running_loop().time() + _SECONDS
    while asyncio.get_running_loop().time() < until:
        async with reach.pool.connection() as connection:
            if await rescoring.go_on(connection, bot_id, run_id, reach.clock()) == "finished":
                return
    async with reach.pool.connection() as connection:
        await defer(connection, rescoring.TASK, {"bot_id": str(bot_id), "run_id": str(run_id)})
