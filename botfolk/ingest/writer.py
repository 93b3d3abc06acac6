"""One writer of ingest: commits all that waits in its line as one transaction, on a connection of its own."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from itertools import chain, groupby

import psycopg
import structlog
from msgspec import Struct

from botfolk.clock import Clock
from botfolk.db.pool import connect_hot
from botfolk.db.secrets import SecretBox
from botfolk.ids import new_id
from botfolk.ingest import statements
from botfolk.ingest.delivery import Delivery, Unavailable
from botfolk.ingest.store import Connection, store

log = structlog.get_logger("ingest")

_CONNECT_SECONDS = 5.0
_TRIES = 5
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
    since: float


class Writer:
    """A line of deliveries and who writes them."""

    def __init__(self, dsn: str, clock: Clock, box: SecretBox, *, batch_size: int) -> None:
        """`batch_size`: deliveries in one transaction at most."""
        self._dsn = dsn
        self._open: Connection | None = None
        self._clock = clock
        self._box = box
        self._batch_size = batch_size
        self._line: deque[_Waiting] = deque()
        self._writing: list[_Waiting] = []
        self._arrived = asyncio.Event()
        self._heard: dict[object, float] = {}
        self._stored = 0
        self._analyze_at = _FIRST_ANALYZE

    @property
    def depth(self) -> int:
        """How many deliveries wait."""
        return len(self._line)

    def put(self, delivery: Delivery) -> asyncio.Future[None]:
        """Let a delivery wait; the answer is done once it is committed (or was before), or raises Unavailable."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.append(_Waiting(delivery, done, asyncio.get_running_loop().time()))
        self._arrived.set()
        return done

    def give_up(self, before: float) -> None:
        """Answer Unavailable to whoever has waited since before a time of the event loop's clock.

        What they brought is written all the same when it can be, and recognised when it comes again.
        """
        for waiting in chain(self._writing, self._line):
            if waiting.since >= before:
                break
            _settle([waiting], Unavailable)

    async def run(self, stop: asyncio.Event) -> None:
        """Write batches until told to stop, then what still waits."""
        stopping = asyncio.ensure_future(stop.wait())
        try:
            while True:
                if self._line:
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
        count = min(len(self._line), self._batch_size)
        self._writing = [self._line.popleft() for _ in range(count)]
        return self._writing

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
    async def _transaction(self, *, pipelined: bool = False) -> AsyncIterator[Connection]:
        """Give the writer's own connection in a transaction; one that broke is replaced at the next use.

        A pipeline spares statements whose answer nobody reads their round trips, BEGIN and COMMIT among them; what
        it raises may be about a statement after the one that failed.
        """
        if self._open is None:
            async with asyncio.timeout(_CONNECT_SECONDS):
                self._open = await connect_hot(self._dsn)
        connection = self._open
        try:
            async with connection.pipeline() if pipelined else nullcontext():
                yield connection
                await connection.commit()
        except BaseException:
            with suppress(psycopg.Error):
                await connection.rollback()
            raise
        finally:
            if connection.broken or connection.closed:
                self._open = None

    async def _commit(self, deliveries: Sequence[Delivery]) -> None:
        """Commit a batch. One that fails in a pipeline is tried without, where an error names its cause."""
        for attempt in range(_TRIES):
            pipelined = attempt == 0
            try:
                async with self._transaction(pipelined=pipelined) as connection:
                    await self._store(connection, deliveries)
                return
            except psycopg.Error as error:
                last = attempt == _TRIES - 1
                if self._open is None or last or not (pipelined or isinstance(error, _AGAIN)):
                    raise

    async def _store(self, connection: Connection, deliveries: Sequence[Delivery]) -> None:
        now = self._clock()
        by_bot = sorted(deliveries, key=lambda delivery: delivery.bot_id)
        for bot_id, group in groupby(by_bot, key=lambda delivery: delivery.bot_id):
            of_bot = list(group)
            if any(delivery.events for delivery in of_bot):
                await store(connection, self._box, bot_id, of_bot, now)
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
