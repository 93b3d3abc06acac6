"""Clicks on their way from a redirect into the database: through the journal, each exactly once."""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psycopg
import structlog

from botfolk.db.pool import Connection, connect_hot
from botfolk.links.count import count
from botfolk.links.journal import Click, Journal

log = structlog.get_logger("links")

FOLDER = "clicks"
"""Of the data folder."""

_MOST_AT_ONCE = 1_000
_MOST_IN_MEMORY = 100_000
_LOOK_SECONDS = 30.0
_PAUSE_SECONDS = 1.0
_GATHER_SECONDS = 0.1
"""How long clicks gather after some were counted: the first is counted at once, a rush in few transactions, whose work
would be taken from redirects."""
_CONNECT_SECONDS = 5.0
_TRIES = 5
_AGAIN = (
    psycopg.errors.UniqueViolation,
    psycopg.errors.ForeignKeyViolation,
    psycopg.errors.SerializationFailure,
    psycopg.errors.DeadlockDetected,
)
_REFUSED = (psycopg.DataError, psycopg.IntegrityError)
"""The database does not take this click, today or tomorrow; whatever else goes wrong may pass."""


class Clicks:
    """Takes clicks and counts them as soon as the database can; one a process."""

    def __init__(self, dsn: str, data_dir: Path) -> None:
        self._dsn = dsn
        self._journal = Journal(data_dir / FOLDER)
        self._place = 0
        self._memory: deque[Click] = deque(maxlen=_MOST_IN_MEMORY)
        self._arrived = asyncio.Event()
        self._connection: Connection | None = None
        self._is_down = False
        self._no_disk = False

    async def add(self, click: Click) -> None:
        """Take a click; returns once the disk has it, or shortly after when the disk is slow."""
        try:
            synced = self._journal.add(click)
        except OSError as error:
            if not self._no_disk:
                log.error("clicks cannot be kept on disk; until they are counted they live in memory", error=str(error))
            self._no_disk = True
            self._memory.append(click)
            synced = None
        else:
            self._no_disk = False
        self._arrived.set()
        if synced is not None:
            await synced

    async def run(self, stop: asyncio.Event) -> None:
        """Count what comes, and what other processes left, until told to stop; then what is still there."""
        stopping: asyncio.Future[bool] = asyncio.ensure_future(stop.wait())
        looked = float("-inf")
        try:
            while True:
                if asyncio.get_running_loop().time() - looked > _LOOK_SECONDS:
                    looked = asyncio.get_running_loop().time()
                    await self._take_over()
                    await self._forget_refused()
                self._arrived.clear()
                more = await self._count_next()
                if stop.is_set() and (not more or self._is_down):
                    return
                if not more or self._is_down:
                    await self._wait(stopping)
                else:
                    await asyncio.wait({stopping}, timeout=_GATHER_SECONDS)
        finally:
            stopping.cancel()
            await self._journal.close()
            self._place = 0
            await self._hang_up()

    async def _wait(self, stopping: asyncio.Future[bool]) -> None:
        if self._is_down:
            await asyncio.wait({stopping}, timeout=_PAUSE_SECONDS)
            return
        arrived: asyncio.Future[bool] = asyncio.ensure_future(self._arrived.wait())
        await asyncio.wait({arrived, stopping}, timeout=_LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        arrived.cancel()

    async def _count_next(self) -> bool:
        """Count the next clicks of the journal, and those in memory; return whether there were any."""
        clicks, place = self._journal.read(self._place)
        if clicks and not await self._count_all(clicks):
            return True
        self._place = self._journal.drained(place)
        kept = list(self._memory)
        if kept and not await self._count_all(kept):
            return True
        for _ in kept:
            self._memory.popleft()
        return bool(clicks or kept)

    async def _take_over(self) -> None:
        """Count what processes left that are no more."""
        for left in self._journal.left():
            place, counted = 0, True
            while counted:
                clicks, place = left.read(place)
                if not clicks:
                    break
                counted = await self._count_all(clicks)
            if counted:
                left.done()
            else:
                left.release()
                return

    async def _forget_refused(self) -> None:
        """Drop from what was set aside the clicks of people who were erased since."""
        with suppress(OSError, psycopg.Error, TimeoutError):
            codes = list({click.code for click in self._journal.refused()})
            if not codes:
                return
            connection = await self._connected()
            async with connection.transaction():
                cursor = await connection.execute("SELECT code FROM forgotten_links WHERE code = ANY(%s)", [codes])
                gone = {row[0] for row in await cursor.fetchall()}
            if gone:
                self._journal.forget_refused(gone)

    async def _count_all(self, clicks: Sequence[Click]) -> bool:
        """Count clicks, some at a time; return whether they are in the database now. A part that was is no matter."""
        for start in range(0, len(clicks), _MOST_AT_ONCE):
            if not await self._count(clicks[start : start + _MOST_AT_ONCE]):
                return False
        return True

    async def _count(self, clicks: Sequence[Click]) -> bool:
        try:
            await self._commit(clicks)
        except _REFUSED as error:
            if len(clicks) > 1:
                middle = len(clicks) // 2
                return await self._count(clicks[:middle]) and await self._count(clicks[middle:])
            log.error("a click could not be counted", click=str(clicks[0].id), error=type(error).__name__)
            with suppress(OSError):
                self._journal.set_aside(clicks[0])
        except Exception as error:
            if not self._is_down:
                log.warning("clicks wait for the database", error=type(error).__name__)
            self._is_down = True
            await self._hang_up()
            return False
        self._is_down = False
        return True

    async def _commit(self, clicks: Sequence[Click]) -> None:
        for attempt in range(_TRIES):
            connection = await self._connected()
            try:
                async with connection.transaction():
                    await count(connection, clicks)
                return
            except _AGAIN:
                if attempt == _TRIES - 1:
                    raise

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            async with asyncio.timeout(_CONNECT_SECONDS):
                self._connection = await connect_hot(self._dsn)
        return self._connection

    async def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error):
                await connection.close()
