"""Run one Botfolk: web, ingest, sender and jobs in one process, until told to stop."""

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from typing import Any

import structlog
import uvicorn

from botfolk import sentiment
from botfolk.app import build
from botfolk.bot import personality
from botfolk.channels.exchanges import Exchanges
from botfolk.channels.registry import Channels
from botfolk.clock import Clock, utc_now
from botfolk.counts.contract import Nothing
from botfolk.counts.keeper import Counts
from botfolk.db.pool import Connection, make_pool
from botfolk.db.secrets import SecretBox
from botfolk.demo.stand_in import stand_in
from botfolk.http import open_http
from botfolk.ingest.queue import Ingest
from botfolk.jobs import Worker
from botfolk.links.clicks import Clicks
from botfolk.links.lookup import Lookup
from botfolk.links.redirect import Redirects
from botfolk.listening import cannot
from botfolk.live.hub import Hub
from botfolk.outbox.sender import Sender
from botfolk.segments.keeper import Keeper
from botfolk.services import Services
from botfolk.settings import Settings, SettingsError
from botfolk.team import accounts, sign_in

log = structlog.get_logger("serve")

READS = 4
"""Connections for what is read by its keys: each is busy for a millisecond or two."""

FIRST_LINK = timedelta(hours=24)
_FIRST_BOT = 0x0B0F_01B0
"""Advisory lock held while the first bot and owner are made."""


@asynccontextmanager
async def open_services(
    settings: Settings, dsn: str, clock: Clock = utc_now, counts: Counts | None = None
) -> AsyncIterator[Services]:
    """Open what the rooms share, and close it in the end. Raises SettingsError when the scorer cannot be used."""
    use_scorer(settings)
    pool = make_pool(dsn, settings.db_pool_size)
    reads = make_pool(dsn, min(READS, settings.db_pool_size), by_key=True)
    box = SecretBox(settings.secret_key)
    async with pool, reads, open_http(allow_private=settings.allow_private_addresses) as http:
        yield Services(
            settings=settings,
            pool=pool,
            clock=clock,
            http=http,
            channels=Channels(pool, box),
            hub=Hub(dsn),
            box=box,
            exchanges=Exchanges(pool, clock),
            reads=reads,
            memory=counts or Nothing(),
        )


def use_scorer(settings: Settings) -> None:
    """Score texts by what the settings name. Raises SettingsError when it cannot be used."""
    try:
        sentiment.use(settings.sentiment_scorer)
    except sentiment.ScorerError as error:
        raise SettingsError(f"BOTFOLK_SENTIMENT_SCORER: {error}") from error


async def ensure_first_bot(connection: Connection, now: datetime) -> None:
    """Make the first bot and its owner where there is none, in the caller's transaction."""
    await connection.execute("SELECT pg_advisory_xact_lock(%s)", [_FIRST_BOT])
    cursor = await connection.execute("SELECT 1 FROM bots LIMIT 1")
    if await cursor.fetchone() is None:
        bot_id = await personality.create(connection, "My bot", now)
        await accounts.create_owner(connection, bot_id, "owner@localhost", "Owner")


async def make_sign_in_link(services: Services, email: str | None, lifetime: timedelta = FIRST_LINK) -> str:
    """Return a one-time address that signs in a member, the first owner when no email is given. Raises LookupError."""
    async with services.pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT a.id FROM accounts a JOIN members m ON m.account_id = a.id AND m.is_active"
            " WHERE (%(email)s::text IS NULL AND m.role = 'owner') OR lower(a.email) = lower(%(email)s)"
            " ORDER BY a.created_at LIMIT 1",
            {"email": email},
        )
        row = await cursor.fetchone()
        if row is None:
            raise LookupError(f"no active member has the email {email}" if email else "there is no active owner")
        token = await sign_in.new_link(connection, row[0], services.clock(), lifetime)
    return f"{services.settings.public_url}/sign-in/{token}"


class Serving:
    """A running Botfolk: its background rooms, and the web server in front of them."""

    def __init__(self, services: Services, dsn: str, counts: Counts) -> None:
        settings = services.settings
        self._services = services
        self._stop = asyncio.Event()
        self._stop_rooms = asyncio.Event()
        self.ingest = Ingest(
            dsn, services.clock, services.box, queue_size=settings.queue_size, batch_size=settings.batch_size
        )
        self._sender = Sender(
            services.pool,
            services.http,
            services.channels,
            clock=services.clock,
            shutdown_seconds=settings.shutdown_seconds,
            public_url=settings.public_url,
            exchanges=services.exchanges,
            links_url=settings.links_url,
        )
        self._worker = Worker(
            services.pool,
            services.http,
            services.channels,
            clock=services.clock,
            shutdown_seconds=settings.shutdown_seconds,
        )
        self._keeper = Keeper(services.pool, services.hub, dsn, services.clock)
        self._counts = counts
        self._clicks = Clicks(dsn, settings.data_dir)
        self._lookup = Lookup(dsn)
        redirects = Redirects(self._lookup, self._clicks, services.clock)
        config = uvicorn.Config(
            build(services, self.ingest, redirects),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=int(settings.shutdown_seconds),
            timeout_keep_alive=75,
            h11_max_incomplete_event_size=64 * 1024,
        )
        self._server = _Web(config)

    def stop(self) -> None:
        """Begin to shut down."""
        self._stop.set()

    async def run(self, sockets: list[socket.socket], started: Callable[[], None]) -> None:
        """Serve on bound sockets until stopped; `started` is called when the first request can be answered. Raises
        CannotListen.

        The web closes first, then ingest writes what it has taken, then the sender finishes what is on its way.
        """
        hub, channels = self._services.hub, self._services.channels
        hub.on("outbox", self._sender.wake)
        hub.on("channels", channels.invalidate)
        hub.on("channels", self._sender.wake)
        hub.on("links", self._lookup.forget)
        rooms = [
            asyncio.create_task(_keep_running(name, run, self._stop_rooms))
            for name, run in (
                ("ingest", self.ingest.run),
                ("sender", self._sender.run),
                ("clicks", self._clicks.run),
                ("jobs", self._worker.run),
                ("segments", self._keeper.run),
                ("counts", self._counts.run),
                ("live", hub.run),
                ("exchanges", self._services.exchanges.run),
            )
        ]
        web = asyncio.create_task(self._server.serve(sockets))
        try:
            await self._until_started(web)
            started()
            await asyncio.wait({web, asyncio.create_task(self._stop.wait())}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            hub.close()
            self._server.should_exit = True
            await asyncio.wait({web})
            self._stop_rooms.set()
            await asyncio.wait(rooms, timeout=self._services.settings.shutdown_seconds + 5)
            for room in rooms:
                room.cancel()
            await self._lookup.close()

    async def _until_started(self, web: asyncio.Task[None]) -> None:
        while not self._server.started:
            if web.done():
                settings, error = self._services.settings, web.exception()
                raise cannot(settings.host, settings.port, error if isinstance(error, OSError) else OSError(str(error)))
            await asyncio.sleep(0.01)


async def _keep_running(
    name: str, run: Callable[[asyncio.Event], Coroutine[Any, Any, None]], stop: asyncio.Event
) -> None:
    """Run a room until told to stop; one that breaks is logged and started again."""
    while not stop.is_set():
        try:
            await run(stop)
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("a room broke and starts again", room=name)
            await asyncio.sleep(1)


async def _link_of_first_owner(services: Services) -> str | None:
    try:
        return await make_sign_in_link(services, None)
    except LookupError as error:
        log.warning("nobody can be given a sign-in link", why=str(error))
        return None


def spare_the_collector() -> None:
    """Let the garbage collector look at what is made from now on, and less often: what is loaded stays, and walking all
    of it is some 70 ms of silence each time. Requests leave little in cycles."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def take_turns() -> None:
    """Let the loop go on within a millisecond where a thread computes beside it, as an import's does: at each of the
    many times it has waited for the database or a browser it would stand still for five."""
    sys.setswitchinterval(0.001)


async def serve(settings: Settings, dsn: str, sockets: list[socket.socket]) -> None:
    """Serve on bound sockets until SIGINT or SIGTERM. Raises CannotListen."""
    counts = Counts(dsn, settings.counts_mb * 1_000_000)
    async with open_services(settings, dsn, counts=counts) as services:
        async with services.pool.connection() as connection:
            await ensure_first_bot(connection, services.clock())
        link = await _link_of_first_owner(services)
        serving = Serving(services, dsn, counts)
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, serving.stop)

        def greet() -> None:
            spare_the_collector()
            take_turns()
            print(f"Botfolk is at {settings.public_url}", flush=True)  # noqa: T201
            if link is not None:
                print(f"Sign in once with {link}", flush=True)  # noqa: T201

        async with stand_in(services):
            await serving.run(sockets, greet)
    log.info("stopped")


class _Web(uvicorn.Server):
    """A web server that leaves signals to us: the order of stopping matters."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
