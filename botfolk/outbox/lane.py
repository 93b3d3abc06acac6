"""One channel's way out: paces it, keeps every person's messages in order, and makes one call at a time for each."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog
from msgspec import Struct
from psycopg import Error as DatabaseError
from psycopg_pool import PoolTimeout

from botfolk.channels.contract import Channel, ChannelKind, Failed, Later, Outcome, Outgoing, Unknown
from botfolk.channels.exchanges import Exchanges
from botfolk.channels.registry import Channels
from botfolk.clock import Clock
from botfolk.db.pool import Pool
from botfolk.http import Broken, Http, NotSent
from botfolk.outbox.claim import STOPPED, Claimed, claim
from botfolk.outbox.files import read_file
from botfolk.outbox.judge import Tried, Verdict, judge
from botfolk.outbox.pace import Pace, People, shortest
from botfolk.outbox.parts import parts_of
from botfolk.outbox.settle import blame_channel, settle

MOST_IN_FLIGHT = 16
_DATABASE_GONE = (DatabaseError, PoolTimeout, OSError)
_DATABASE_PAUSE = 0.5
_IDLE_SECONDS = 60.0
_TOGETHER = 8

_log = structlog.get_logger(__name__)


class Outside(Struct, frozen=True, kw_only=True):
    """What a lane needs of the process: its database, its HTTP client, the channels, the time, and luck (0 to 1)."""

    pool: Pool
    http: Http
    channels: Channels
    clock: Clock
    luck: Callable[[], float] = random.random
    most_in_flight: int = MOST_IN_FLIGHT
    public_url: str = ""
    links_url: str = ""
    """where tracked links lead to us; without, the addresses themselves are sent"""
    exchanges: Exchanges | None = None

    def http_of(self, channel: Channel) -> Http:
        """Return the client for calls about a channel, which notes them."""
        return self.http if self.exchanges is None else self.exchanges.listening(channel, self.http)


class _Flight:
    """A row that was taken: `calling` while the service may hear of it, `verdict` once its answer is known."""

    def __init__(self, row: Claimed) -> None:
        self.row = row
        self.calling = False
        self.verdict: Verdict | None = None


class Lane:
    """Sends what waits on one channel, for as long as this process owns the channel's sending."""

    def __init__(self, outside: Outside, channel: Channel, kind: ChannelKind) -> None:
        self._outside = outside
        self._channel = channel
        self._kind = kind
        limits = kind.limits
        # A tenth of a second's worth at once: never noticeably more than the limit in any second.
        self._pace = Pace(1 / limits.per_second, limits.per_second / 10)
        self._people = People(person_seconds=limits.per_person_seconds, group_seconds=limits.per_group_seconds)
        self._flights: dict[asyncio.Task[None], _Flight] = {}
        self._running: asyncio.Task[None] | None = None
        self._awake = asyncio.Event()
        self._owned = True
        self._closing = False
        self._paused_until = 0.0
        self._broken: Channel | None = None
        self._pressed = False

    @property
    def bot_id(self) -> UUID:
        """The bot whose channel it is."""
        return self._channel.bot_id

    @property
    def on_their_way(self) -> list[UUID]:
        """The rows this lane is sending right now."""
        return [flight.row.id for flight in self._flights.values()]

    def wake(self) -> None:
        """There may be something to send."""
        self._awake.set()

    def disown(self) -> None:
        """Take nothing more until `own`; what is on its way goes on."""
        self._owned = False

    def own(self) -> None:
        """This process owns the channel's sending again."""
        self._owned = True
        self._awake.set()

    def start(self) -> None:
        """Begin to send."""
        self._running = asyncio.create_task(self._run(), name=f"lane {self._channel.id}")

    def ended(self) -> bool:
        """Say whether the lane came to its end by itself: its channel is gone, switched off, or was long idle."""
        if self._running is None or not self._running.done():
            return False
        if not self._running.cancelled() and (error := self._running.exception()) is not None:
            _log.error("outbox.lane_failed", channel=str(self._channel.id), error=type(error).__name__)
        return True

    async def close(self, grace: float) -> None:
        """Take nothing more; give what is on its way `grace` seconds, then write down what is known of it."""
        self._closing = True
        self._awake.set()
        until = asyncio.get_running_loop().time() + grace
        # It may be in the middle of taking: what it takes is on its way too.
        if self._running is not None:
            await self._wait({self._running}, until)
            self._running.cancel()
        await self._wait(set(self._flights), until)
        flights = dict(self._flights)
        for task in flights:
            task.cancel()
        await self._wait(set(flights), None)
        for flight in flights.values():
            await self._abandon(flight)

    async def _wait(self, tasks: set[asyncio.Task[None]], until: float | None) -> None:
        if tasks:
            timeout = None if until is None else max(0.0, until - asyncio.get_running_loop().time())
            await asyncio.wait(tasks, timeout=timeout)

    async def _run(self) -> None:
        while not self._closing:
            self._awake.clear()
            try:
                channel = await self._outside.channels.get(self._channel.id)
                if channel is None or not channel.enabled:
                    break
                self._channel = channel
                wait = await self._take()
            except _DATABASE_GONE as error:
                _log.warning("outbox.database_gone", error=type(error).__name__)
                wait = _DATABASE_PAUSE
            if wait is None and not self._flights:
                wait = _IDLE_SECONDS
            if not await self._sleep(wait) and wait == _IDLE_SECONDS:
                break
        while self._flights and not self._closing:
            await asyncio.wait(list(self._flights), return_when=asyncio.FIRST_COMPLETED)

    async def _sleep(self, seconds: float | None) -> bool:
        """Wait to be woken, at most `seconds`; return whether it was."""
        try:
            async with asyncio.timeout(seconds):
                await self._awake.wait()
        except TimeoutError:
            return False
        return True

    async def _take(self) -> float | None:
        """Take what may leave now; return the seconds until more may, None when only a wake can bring more."""
        now = asyncio.get_running_loop().time()
        if not self._owned or self._closing or self._broken == self._channel:
            return None
        if now < self._paused_until:
            return self._paused_until - now
        # Where much waits, taking some at once costs the database less than each as soon as it may leave.
        patience = self._pace.wait(now, _TOGETHER if self._pressed else 1)
        room = min(self._outside.most_in_flight - len(self._flights), self._pace.available(now))
        if room <= 0 or patience > 0:
            return patience or None
        taken = await self._claim("tap", room, {})
        busy = self._people.busy(now)
        if taken < room:
            taken += await self._claim("message", room - taken, busy)
        self._pressed = taken >= room
        return 0.0 if self._pressed else shortest(busy.values())

    async def _claim(self, kind: str, limit: int, busy: dict[UUID, float]) -> int:
        """Take rows and let them fly; return how many were found."""
        async with self._outside.pool.connection() as connection:
            claims = await claim(
                connection,
                self._channel.bot_id,
                self._channel.id,
                kind=kind,
                limit=limit,
                busy=busy,
                now=self._outside.clock(),
                features_for=self._kind.features_for,
                has_window=self._kind.has_window,
            )
        now = asyncio.get_running_loop().time()
        for row in claims.to_send:
            self._pace.take(now)
            if kind == "message":
                self._people.take(row.identity_id, is_group=row.is_group, now=now)
            flight = _Flight(row)
            task = asyncio.create_task(self._fly(flight), name=f"send {row.id}")
            self._flights[task] = flight
            task.add_done_callback(self._finished)
        return len(claims.to_send) + claims.refused

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._flights.pop(task, None)
        self._awake.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("outbox.send_failed", error=type(error).__name__)

    async def _fly(self, flight: _Flight) -> None:
        row = flight.row
        outgoing, parts = await self._prepare(row)
        outcome = outgoing if isinstance(outgoing, Failed | Later) else await self._call(flight, outgoing)
        verdict = judge(
            Tried(
                kind=row.kind,
                parts_sent=row.parts_sent,
                parts=parts,
                attempts=row.attempts,
                created_at=row.created_at,
            ),
            outcome,
            now=self._outside.clock(),
            luck=self._outside.luck(),
        )
        flight.verdict = verdict
        self._heed(verdict)
        await self._write(lambda: self._settle(row, verdict))

    async def _prepare(self, row: Claimed) -> tuple[Outgoing | Failed | Later, int]:
        """Return the call to make for a row's next part, and how many parts there are."""
        try:
            return await self._next_part(row)
        except _DATABASE_GONE as error:
            return Later(reason=type(error).__name__), 1
        except Exception as error:
            _log.error("outbox.not_prepared", kind=self._kind.kind, error=type(error).__name__)
            return Failed(reason="Botfolk could not prepare this message for the channel"), 1

    async def _next_part(self, row: Claimed) -> tuple[Outgoing | Failed, int]:
        content = row.content()
        if self._outside.links_url:
            content = content.with_links(self._outside.links_url)
        if row.kind == "tap":
            return Outgoing(external_user_id=row.external_user_id, kind="tap", tap=content.tap), 1
        parts = parts_of(content, self._kind.split)
        if row.parts_sent >= len(parts):
            return Failed(reason="All of it had been sent before"), len(parts)
        part = parts[row.parts_sent]
        file = None
        if part.file is not None:
            async with self._outside.pool.connection() as connection:
                file = await read_file(connection, self._channel, part.file, self._outside.public_url)
            if file is None:
                return Failed(reason="The file is no longer here"), len(parts)
        outgoing = Outgoing(
            external_user_id=row.external_user_id,
            kind="message",
            text=part.text,
            buttons=part.buttons,
            file=file,
            template=part.template,
            address=row.address or {},
            message_id=row.message_id,
            is_group=row.is_group,
            in_window=row.in_window(self._kind.features_for(row.external_user_id), self._outside.clock()),
        )
        return outgoing, len(parts)

    async def _call(self, flight: _Flight, outgoing: Outgoing) -> Outcome:
        flight.calling = True
        try:
            return await self._kind.send(self._channel, self._outside.http_of(self._channel), outgoing)
        except NotSent as error:
            return Later(reason=str(error))
        except Broken as error:
            return Unknown(reason=str(error))
        except Exception as error:
            # A mistake of ours in the middle of a call: the service may have heard it.
            _log.error("outbox.kind_failed", kind=self._kind.kind, error=type(error).__name__)
            return Unknown(reason="Something went wrong inside Botfolk while this was being sent")

    def _heed(self, verdict: Verdict) -> None:
        """Let the whole channel wait, or stop, when the service said so."""
        if verdict.channel_pause is not None:
            until = asyncio.get_running_loop().time() + verdict.channel_pause
            self._paused_until = max(self._paused_until, until)
        if verdict.channel_error is not None:
            self._broken = self._channel

    async def _settle(self, row: Claimed, verdict: Verdict) -> None:
        now = self._outside.clock()
        async with self._outside.pool.connection() as connection:
            await settle(connection, row, verdict, now=now)
            if verdict.channel_error is not None:
                await blame_channel(connection, row.bot_id, self._channel.id, verdict.channel_error, now=now)

    async def _write(self, write: Callable[[], Awaitable[None]]) -> None:
        """Write, again and again while the database is away: what a service answered must not be forgotten."""
        while True:
            try:
                await write()
            except _DATABASE_GONE as error:
                _log.warning("outbox.database_gone", error=type(error).__name__)
                await asyncio.sleep(_DATABASE_PAUSE)
            else:
                return

    async def _abandon(self, flight: _Flight) -> None:
        """Settle what shutdown interrupted: as known, else back to the queue if the service cannot have heard of it."""
        taken = flight.row.parts_sent
        verdict = flight.verdict or (
            Verdict(state="unknown", parts_sent=taken, error=STOPPED)
            if flight.calling
            else Verdict(state="queued", parts_sent=taken)
        )
        try:
            await self._settle(flight.row, verdict)
        except _DATABASE_GONE as error:
            # It stays "sending", which the next start reads as unknown.
            _log.warning("outbox.database_gone", error=type(error).__name__)
