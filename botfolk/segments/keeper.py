"""Keeps who is in segments up to date, in one process of all: after what is announced of users, and as time passes.

Whoever holds the lock keeps them; when that process ends, another takes over and looks at everybody, so that nothing
that happened in between is missed.

How late it can be: about a second after a change. Where a filter speaks of time ("in the last 7 days", paused), people
also enter and leave as it passes: that is seen within a minute, or within twenty times as long as looking at everybody
takes, whichever is more. Everybody is looked at every ten minutes in any case.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import psycopg
import structlog
from msgspec import Struct
from psycopg import AsyncConnection
from psycopg_pool import PoolTimeout

from botfolk.clock import Clock
from botfolk.db.pool import Pool
from botfolk.live.hub import Hub, Message, Subscription
from botfolk.segments.members import Hearer, bring_up_to_date
from botfolk.segments.passing import passes

GATHER_SECONDS = 0.7
"""After a look, what is announced in this time is gathered for the next."""
PASSING_SECONDS = 60.0
WHOLE_SECONDS = 600.0
REST = 20
"""So many times as long as it took, a segment of everybody is left alone."""
TAKE_OVER_SECONDS = 5.0
LOOK_SECONDS = 5.0
_MOST_PENDING = 20_000
_AT_ONCE = 5000
_LOCK = 0x0B0F_5E65

_log = structlog.get_logger(__name__)


class _Kept(Struct):
    """A segment as it is kept: when everybody is looked at next."""

    due: float
    passes: bool
    filter: str


class Keeper:
    """Brings segments of all bots up to date while it holds the lock. `hearers` are told who entered and left."""

    def __init__(self, pool: Pool, hub: Hub, dsn: str, clock: Clock, hearers: Sequence[Hearer] = ()) -> None:
        self._pool = pool
        self._hub = hub
        self._dsn = dsn
        self._clock = clock
        self._hearers = hearers

    async def run(self, stop: asyncio.Event) -> None:
        """Keep segments until `stop` is set."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                try:
                    async with _lead(self._dsn) as lock:
                        if lock is not None:
                            await self._keep(lock, stopping)
                except (psycopg.Error, OSError) as error:
                    _log.warning("segments.lost_the_lock", error=type(error).__name__)
                await asyncio.wait({stopping}, timeout=TAKE_OVER_SECONDS)
        finally:
            stopping.cancel()

    async def _keep(self, lock: AsyncConnection[Any], stopping: "asyncio.Task[bool]") -> None:
        """Keep each bot that has segments in a task of its own, as long as the lock is held. Raises psycopg.Error."""
        bots: dict[UUID, asyncio.Task[None]] = {}
        try:
            while not stopping.done():
                # The lock is of this connection: when it is lost, so is the lock.
                cursor = await lock.execute("SELECT DISTINCT bot_id FROM segments")
                there = {bot_id for (bot_id,) in await cursor.fetchall()}
                for bot_id in [bot_id for bot_id in bots if bot_id not in there or bots[bot_id].done()]:
                    bots.pop(bot_id).cancel()
                for bot_id in there - bots.keys():
                    bots[bot_id] = asyncio.create_task(self.keep_bot(bot_id))
                await asyncio.wait({stopping}, timeout=LOOK_SECONDS)
        finally:
            for task in bots.values():
                task.cancel()
            await asyncio.gather(*bots.values(), return_exceptions=True)

    async def keep_bot(self, bot_id: UUID) -> None:
        """Keep the segments of a bot, beginning with everybody, until cancelled."""
        kept: dict[UUID, _Kept] = {}
        with self._hub.subscribe(bot_id, most=_MOST_PENDING) as heard:
            while True:
                try:
                    await self._know(bot_id, kept)
                    await self._look_at_everybody(bot_id, kept)
                    message = await _next(heard, self._seconds_to_next(kept))
                    if message is not None:
                        await self._look_at(bot_id, kept, message)
                        await asyncio.sleep(GATHER_SECONDS)
                except (psycopg.Error, PoolTimeout, OSError) as error:
                    # What was heard may have been for nothing: everybody is looked at.
                    _log.warning("segments.not_kept", bot=str(bot_id), error=type(error).__name__, exc_info=True)
                    kept.clear()
                    await asyncio.sleep(TAKE_OVER_SECONDS)

    async def _know(self, bot_id: UUID, kept: dict[UUID, _Kept]) -> None:
        """Learn which segments there are; a new filter is due at once."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute("SELECT id, filter, is_new FROM segments WHERE bot_id = %s", [bot_id])
            rows = {segment_id: (text, is_new) for segment_id, text, is_new in await cursor.fetchall()}
        for segment_id in kept.keys() - rows.keys():
            del kept[segment_id]
        for segment_id, (text, is_new) in rows.items():
            known = kept.get(segment_id)
            if known is None or is_new or known.filter != text:
                kept[segment_id] = _Kept(0.0, passes(text), text)

    async def _look_at_everybody(self, bot_id: UUID, kept: dict[UUID, _Kept]) -> None:
        loop = asyncio.get_running_loop()
        for segment_id, segment in kept.items():
            began = loop.time()
            if segment.due <= began:
                await self._bring(bot_id, segment_id, None)
                usual = PASSING_SECONDS if segment.passes else WHOLE_SECONDS
                segment.due = loop.time() + max(usual, REST * (loop.time() - began))

    async def _look_at(self, bot_id: UUID, kept: dict[UUID, _Kept], message: Message) -> None:
        if message.everything:
            for segment in kept.values():
                segment.due = 0.0
            return
        users = sorted(message.users)
        for segment_id in kept if users else ():
            for start in range(0, len(users), _AT_ONCE):
                await self._bring(bot_id, segment_id, users[start : start + _AT_ONCE])

    async def _bring(self, bot_id: UUID, segment_id: UUID, users: Sequence[UUID] | None) -> None:
        async with self._pool.connection() as connection:
            await bring_up_to_date(connection, bot_id, segment_id, self._clock(), users, self._hearers)

    def _seconds_to_next(self, kept: dict[UUID, _Kept]) -> float:
        now = asyncio.get_running_loop().time()
        return max(0.0, min((segment.due for segment in kept.values()), default=now + WHOLE_SECONDS) - now)


async def _next(heard: Subscription, seconds: float) -> Message | None:
    """Return what changed; None when nothing did in time."""
    try:
        return await asyncio.wait_for(anext(heard), seconds)
    except TimeoutError:
        return None
    except StopAsyncIteration:
        # The process is about to end.
        raise asyncio.CancelledError from None


@asynccontextmanager
async def _lead(dsn: str) -> AsyncIterator[AsyncConnection[Any] | None]:
    """Give a connection that holds the lock; None when another process holds it."""
    connection = await AsyncConnection.connect(
        dsn, autocommit=True, application_name="botfolk segments", connect_timeout=10
    )
    async with connection:
        cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        yield connection if await cursor.fetchone() == (True,) else None
