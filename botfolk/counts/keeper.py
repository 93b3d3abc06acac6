"""Keeps the indexes of a process: one of each bot with many users, near the database at all times, at it when asked.

To answer, an index first takes in what has been committed since: it is never behind a commit, and never ahead of one.
An index lives as long as its connection. What it has seen means something only to the running server it has seen it
on, and a server that stops, or crashes, or is replaced by another, ends every connection.
"""

import asyncio
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
import structlog
from psycopg import AsyncConnection

from botfolk.counts.contract import Answer
from botfolk.counts.pruning import Pruning

if TYPE_CHECKING:
    from botfolk.counts.kept import Kept

FEWEST = 20_000
"""A bot with fewer users is counted by the database at once."""
LOOK_SECONDS = 30.0

Connection = AsyncConnection[Any]
_log = structlog.get_logger(__name__)


class Counts:
    """The indexes of a process, each kept by a task of its own.

    `most_bytes`: what all indexes may take; 0 keeps none. `fewest`: users a bot has at least to have an index.
    """

    def __init__(self, dsn: str, most_bytes: int, fewest: int = FEWEST) -> None:
        self._dsn = dsn
        self._most_bytes = most_bytes
        self._fewest = fewest
        self._bots: dict[UUID, Kept] = {}
        self._pruning = Pruning()

    def knows(self, bot_id: UUID) -> bool:
        """Say whether a bot's users are in memory."""
        bot = self._bots.get(bot_id)
        return bot is not None and bot.is_ready

    async def ask(self, bot_id: UUID, question: Callable[[Any], Answer]) -> Answer | None:
        """Return what `question` finds in a bot's index, brought to this moment before; None where there is none, or it
        takes too long to come near. What `question` raises is raised."""
        bot = self._bots.get(bot_id)
        return None if bot is None else await bot.ask(question)

    async def run(self, stop: asyncio.Event) -> None:
        """Keep an index of each bot that has many users until `stop` is set."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                try:
                    await self._look()
                except (psycopg.Error, OSError) as error:
                    _log.warning("counts.no_database", error=type(error).__name__)
                await asyncio.wait({stopping}, timeout=LOOK_SECONDS)
        finally:
            stopping.cancel()
            for bot in self._bots.values():
                bot.task.cancel()
            await asyncio.gather(*(bot.task for bot in self._bots.values()), return_exceptions=True)
            self._bots.clear()

    async def _look(self) -> None:
        """Begin with bots that have come to many users, leave those that are gone; forget what was taken in."""
        async with await Connection.connect(
            self._dsn, autocommit=True, application_name="botfolk counts"
        ) as connection:
            await self._pruning.prune(connection)
            if not self._most_bytes:
                return
            cursor = await connection.execute(
                """SELECT bot_id, bot_id = ANY(%s) OR (SELECT count(*) FROM (
                       SELECT FROM user_stats s WHERE s.bot_id = bots.bot_id LIMIT %s) x) >= %s FROM bots""",
                [list(self._bots), self._fewest, self._fewest],
            )
            found = dict(await cursor.fetchall())
        for bot_id in self._bots.keys() - found.keys():
            self._bots.pop(bot_id).task.cancel()
        for bot_id, has_many in found.items():
            if has_many and bot_id not in self._bots:
                kept = await asyncio.to_thread(import_module, "botfolk.counts.kept")
                self._bots[bot_id] = kept.Kept(self._dsn, bot_id, self._left_for)

    def _left_for(self, bot: "Kept") -> int:
        return self._most_bytes - sum(other.size for other in self._bots.values() if other is not bot)
