"""One bot's index and the task that alone reads and writes it.

It is imported when a bot has an index, and what it stands on (numpy) with it: a start without many users is sooner.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import structlog
from msgspec import Struct
from psycopg import AsyncConnection, IsolationLevel

from botfolk.counts.bringing import TooMuch, bring, build
from botfolk.counts.contract import Answer
from botfolk.counts.index import Index
from botfolk.counts.pruning import KEEP_SECONDS
from botfolk.counts.ranking import Ranking
from botfolk.db.pool import BY_KEY, options_of

NEAR_SECONDS, IDLE_SECONDS = 2.0, 10.0
"""So long after it was last brought up to date, an index is again: where something was asked of late, and where not."""
OF_LATE_SECONDS = 60.0
WAIT_SECONDS = 2.0
"""So long an answer is waited for: then the database is asked."""
AGAIN_SECONDS = 5.0
REST = 5
"""So many times as long as it took to build, an index that has ended is left alone."""
STALE_SECONDS = 300.0
"""An index that was not brought up to date for so long is built anew: what it has not seen may have been pruned."""

Connection = AsyncConnection[Any]
_log = structlog.get_logger(__name__)


class _Asked(Struct, frozen=True):
    """A question, and where the answer goes: None where there is no index."""

    question: Callable[[Index], Any]
    answer: "asyncio.Future[Any]"


class Kept:
    """One bot's index and the task that alone reads and writes it. `left_for` says how many bytes it may take."""

    def __init__(self, dsn: str, bot_id: UUID, left_for: Callable[["Kept"], int]) -> None:
        self._dsn = dsn
        self._left_for = left_for
        self._bot_id = bot_id
        self._index = Index()
        self._seen = ""
        self._built_in = 0.0
        self._asked_at = 0.0
        self._asked: asyncio.Queue[_Asked] = asyncio.Queue()
        self.is_ready = False
        self.task = asyncio.create_task(self._run())

    @property
    def size(self) -> int:
        """The bytes of memory its index takes, about."""
        return self._index.size

    async def ask(self, question: Callable[[Any], Answer]) -> Answer | None:
        """Return what `question` finds in the index, brought to this moment before; None where it is not there, or
        takes too long to come near. What `question` raises is raised."""
        if not self.is_ready:
            return None
        answered: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        self._asked.put_nowait(_Asked(question, answered))
        try:
            return await asyncio.wait_for(answered, WAIT_SECONDS)
        except TimeoutError:
            return None

    async def _run(self) -> None:
        while True:
            try:
                async with connected(self._dsn) as connection, connected(self._dsn) as beside:
                    ranking = Ranking(beside, self._bot_id)
                    try:
                        await self._keep(connection, ranking)
                    finally:
                        ranking.end()
            except Exception as error:
                _log.warning("counts.ended", bot=str(self._bot_id), error=type(error).__name__, why=str(error))
            finally:
                self.is_ready = False
                self._index = Index()
                while not self._asked.empty():
                    _settle(self._asked.get_nowait(), None)
            await asyncio.sleep(max(AGAIN_SECONDS, REST * self._built_in))

    async def _keep(self, connection: Connection, ranking: Ranking) -> None:
        """Build the index and keep it, as long as the connection lasts. Raises psycopg.Error, TooMuch."""
        clock = asyncio.get_running_loop().time
        brought, most = clock(), KEEP_SECONDS - STALE_SECONDS
        try:
            async with connection.transaction():
                self._index, self._seen = await build(connection, self._bot_id, self._left_for(self))
        finally:
            self._built_in = clock() - brought
        _log.info(
            "counts.built", bot=str(self._bot_id), users=self._index.users, seconds=round(self._built_in, 1),
            megabytes=round(self._index.size / 1e6), left_out=sorted(self._index.left_out),
        )  # fmt: skip
        while True:
            questions = await self._wait(at_once=ranking.has_found) if self.is_ready else []
            began = clock()
            try:
                left = self._left_for(self)
                self._seen = await bring(connection, self._bot_id, self._index, self._seen, left)
                if clock() - brought > most:
                    raise TooMuch("it has not been brought up to date for too long")
                brought, most, self.is_ready = began, STALE_SECONDS, True
                for asked in questions:
                    await self._answer(asked)
                await ranking.go_on(connection, self._index)
            finally:
                for asked in questions:
                    _settle(asked, None)

    async def _wait(self, *, at_once: bool) -> list[_Asked]:
        """Return all that is asked; nothing when it is time to be brought up to date, or there is other work."""
        clock = asyncio.get_running_loop().time
        seconds = NEAR_SECONDS if clock() - self._asked_at < OF_LATE_SECONDS else IDLE_SECONDS
        if at_once and self._asked.empty():
            return []
        try:
            questions = [await asyncio.wait_for(self._asked.get(), seconds)]
        except TimeoutError:
            return []
        self._asked_at = clock()
        while not self._asked.empty():
            questions.append(self._asked.get_nowait())
        return questions

    async def _answer(self, asked: _Asked) -> None:
        if asked.answer.done():
            return
        try:
            found = await asyncio.to_thread(asked.question, self._index)
        except Exception as error:
            if not asked.answer.done():
                asked.answer.set_exception(error)
        else:
            _settle(asked, found)


def _settle(asked: _Asked, found: Any) -> None:
    if not asked.answer.done():
        asked.answer.set_result(found)


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[Connection]:
    """Give a connection whose transactions only read, each from one snapshot."""
    async with await Connection.connect(
        dsn,
        autocommit=True,
        application_name="botfolk counts",
        options=options_of(*BY_KEY, "jit=off"),
        prepare_threshold=0,
        connect_timeout=10,
    ) as connection:
        await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
        await connection.set_read_only(True)
        yield connection
