"""The ingest queue: bounded, with one writer that takes all that waits and commits it as one transaction."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import groupby

import psycopg
import structlog
from msgspec import Struct

from botfolk.clock import Clock
from botfolk.db.pool import connect_hot
from botfolk.ids import new_id
from botfolk.ingest import statements
from botfolk.ingest.delivery import Delivery, QueueFull, Unavailable
from botfolk.ingest.store import Connection, store

log = structlog.get_logger("ingest")

_CONNECT_SECONDS = 5.0
_TRIES = 4
_HEARD_EVERY_SECONDS = 10.0
_FIRST_ANALYZE = 500
_YOUNG_ROWS = 20_000
_HOT_TABLES = "users, user_stats, identities, sessions, messages, outbox, changes, conversation_events"
_AGAIN = (
    psycopg.errors.UniqueViolation,
    psycopg.errors.ForeignKeyViolation,
    psycopg.errors.SerializationFailure,
    psycopg.errors.DeadlockDetected,
)
"""Somebody else was at the same people at the same moment: the next try sees what they did."""
_DOWN = (psycopg.OperationalError, psycopg.InterfaceError, TimeoutError)


class _Waiting(Struct, frozen=True, eq=False):
    delivery: Delivery
    done: asyncio.Future[None]


class Ingest:
    """Takes deliveries of verified webhooks and answers when they are committed."""

    def __init__(self, dsn: str, clock: Clock, *, queue_size: int, batch_size: int) -> None:
        """`queue_size`: deliveries that may wait; `batch_size`: deliveries in one transaction at most."""
        self._dsn = dsn
        self._open: Connection | None = None
        self._clock = clock
        self._queue_size = queue_size
        self._batch_size = batch_size
        self._queue: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()
        self._heard: dict[object, float] = {}
        self._stored = 0
        self._analyze_at = _FIRST_ANALYZE

    @property
    def depth(self) -> int:
        """How many deliveries wait."""
        return len(self._queue)

    async def submit(self, delivery: Delivery) -> None:
        """Return once the delivery is committed (or was before). Raises QueueFull, Unavailable."""
        if len(self._queue) >= self._queue_size:
            raise QueueFull
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(delivery, done))
        self._arrived.set()
        await done

    async def run(self, stop: asyncio.Event) -> None:
        """Write batches until told to stop, then what still waits."""
        stopping = asyncio.ensure_future(stop.wait())
        try:
            while True:
                if self._queue:
                    await self._write(self._take())
                elif stop.is_set():
                    return
                else:
                    self._arrived.clear()
                    arrived = asyncio.ensure_future(self._arrived.wait())
                    await asyncio.wait({arrived, stopping}, return_when=asyncio.FIRST_COMPLETED)
                    arrived.cancel()
        finally:
            stopping.cancel()
            if self._open is not None:
                await self._open.close()

    def _take(self) -> list[_Waiting]:
        count = min(len(self._queue), self._batch_size)
        return [self._queue.popleft() for _ in range(count)]

    async def _write(self, batch: list[_Waiting]) -> None:
        """Commit a batch. What fails is halved until the one that cannot be stored stands alone."""
        try:
            await self._commit([waiting.delivery for waiting in batch])
        except _DOWN as error:
            log.warning("database unavailable", error=type(error).__name__, deliveries=len(batch))
            _settle(batch, Unavailable)
        except Exception as error:
            if len(batch) > 1:
                middle = len(batch) // 2
                await self._write(batch[:middle])
                await self._write(batch[middle:])
            else:
                await self._keep_aside(batch, error)
        else:
            _settle(batch, None)
            await self._keep_plans_young(len(batch))

    async def _keep_plans_young(self, stored: int) -> None:
        """Tell the planner early how the tables grew: every index starts with bot_id, so a plan made while a table was
        empty may take the wrong one and read all of the bot's rows. Autovacuum would notice a minute later."""
        self._stored += stored
        if self._stored < self._analyze_at:
            return
        self._analyze_at *= 4
        with suppress(*_DOWN):
            async with self._transaction() as connection:
                cursor = await connection.execute(statements.ROWS_KNOWN)
                row = await cursor.fetchone()
                if row is not None and row[0] < _YOUNG_ROWS:
                    await connection.execute(f"ANALYZE {_HOT_TABLES}")

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Connection]:
        """Give the writer's own connection in a transaction; one that broke is replaced at the next use."""
        if self._open is None:
            async with asyncio.timeout(_CONNECT_SECONDS):
                self._open = await connect_hot(self._dsn)
        try:
            async with self._open.transaction():
                yield self._open
        finally:
            if self._open.broken or self._open.closed:
                self._open = None

    async def _commit(self, deliveries: Sequence[Delivery]) -> None:
        for attempt in range(1, _TRIES + 1):
            try:
                async with self._transaction() as connection:
                    await self._store(connection, deliveries)
                return
            except _AGAIN:
                if attempt == _TRIES:
                    raise

    async def _store(self, connection: Connection, deliveries: Sequence[Delivery]) -> None:
        now = self._clock()
        by_bot = sorted(deliveries, key=lambda delivery: delivery.bot_id)
        for bot_id, group in groupby(by_bot, key=lambda delivery: delivery.bot_id):
            of_bot = list(group)
            if any(delivery.events for delivery in of_bot):
                await store(connection, bot_id, of_bot, now)
            for delivery in of_bot:
                for part in delivery.not_understood:
                    await _quarantine(connection, delivery, part.reason, part.raw)
            await self._note_heard(connection, of_bot)

    async def _note_heard(self, connection: Connection, deliveries: Sequence[Delivery]) -> None:
        """Keep when a channel last delivered, to some seconds: a row a message would be a write a message."""
        moment = asyncio.get_running_loop().time()
        quiet = {
            delivery.channel.id
            for delivery in deliveries
            if moment - self._heard.get(delivery.channel.id, -_HEARD_EVERY_SECONDS) >= _HEARD_EVERY_SECONDS
        }
        if quiet:
            heard = [self._clock(), deliveries[0].bot_id, list(quiet)]
            await connection.execute(statements.CHANNELS_HEARD, heard)
            self._heard |= dict.fromkeys(quiet, moment)

    async def _keep_aside(self, batch: list[_Waiting], error: Exception) -> None:
        """Put the one delivery that cannot be stored in quarantine, whole, so that it is not sent for ever."""
        delivery = batch[0].delivery
        log.error("a delivery could not be stored", channel=str(delivery.channel.id), error=type(error).__name__)
        reason = f"could not be stored ({type(error).__name__})"
        try:
            async with self._transaction() as connection:
                await _quarantine(connection, delivery, reason, delivery.body)
        except psycopg.Error:
            _settle(batch, Unavailable)
        else:
            _settle(batch, None)


async def _quarantine(connection: Connection, delivery: Delivery, reason: str, raw: bytes) -> None:
    row = [delivery.bot_id, new_id(), delivery.channel.id, delivery.received_at, reason[:500], raw, raw]
    await connection.execute(statements.QUARANTINE, row)


def _settle(batch: Sequence[_Waiting], error: Callable[[], Exception] | None) -> None:
    for waiting in batch:
        # Whoever waited may be gone: a closed connection takes its request with it.
        with suppress(asyncio.InvalidStateError):
            if error is None:
                waiting.done.set_result(None)
            else:
                waiting.done.set_exception(error())
