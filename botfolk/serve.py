"""Run one Botfolk: web, ingest, sender and jobs in one process, until told to stop."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
import uvicorn

from botfolk.app import build
from botfolk.bot import personality
from botfolk.channels.registry import Channels
from botfolk.clock import Clock, utc_now
from botfolk.db.pool import Pool, make_pool
from botfolk.db.secrets import SecretBox
from botfolk.http import open_http
from botfolk.ingest.queue import Ingest
from botfolk.jobs import Worker
from botfolk.live.hub import Hub
from botfolk.outbox.sender import Sender
from botfolk.services import Services
from botfolk.settings import Settings
from botfolk.team import accounts, sign_in

log = structlog.get_logger("serve")

FIRST_LINK = timedelta(hours=24)
_FIRST_BOT = 0x0B0F_01B0
"""Advisory lock held while the first bot and owner are made."""


@asynccontextmanager
async def open_services(settings: Settings, dsn: str, clock: Clock = utc_now) -> AsyncIterator[Services]:
    """Open what the rooms share, and close it in the end."""
    pool = make_pool(dsn, settings.db_pool_size)
    box = SecretBox(settings.secret_key)
    async with pool, open_http(allow_private=settings.allow_private_addresses) as http:
        yield Services(
            settings=settings,
            pool=pool,
            clock=clock,
            http=http,
            channels=Channels(pool, box),
            hub=Hub(dsn),
            box=box,
        )


async def ensure_first_owner(pool: Pool, clock: Clock) -> str | None:
    """Make the first bot and its owner where there is none; return a one-time sign-in token while nobody has used
    one or set a password, else None."""
    async with pool.connection() as connection:
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", [_FIRST_BOT])
        cursor = await connection.execute("SELECT bot_id FROM bots ORDER BY created_at LIMIT 1")
        row = await cursor.fetchone()
        if row is None:
            bot_id: UUID = await personality.create(connection, "My bot", clock())
            await accounts.create_owner(connection, bot_id, "owner@localhost", "Owner")
        account_id = await accounts.first_owner(connection)
        return await sign_in.new_link(connection, account_id, clock(), FIRST_LINK)


class Serving:
    """A running Botfolk: its background rooms, and the web server in front of them."""

    def __init__(self, services: Services, dsn: str) -> None:
        settings = services.settings
        self._services = services
        self._stop = asyncio.Event()
        self._stop_rooms = asyncio.Event()
        self.ingest = Ingest(
            dsn, services.clock, queue_size=settings.queue_size, batch_size=settings.batch_size
        )
        self._sender = Sender(
            services.pool,
            services.http,
            services.channels,
            clock=services.clock,
            shutdown_seconds=settings.shutdown_seconds,
        )
        self._worker = Worker(dsn, services)
        config = uvicorn.Config(
            build(services, self.ingest),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=int(settings.shutdown_seconds),
            timeout_keep_alive=75,
            h11_max_incomplete_event_size=64 * 1024,
        )
        self._server = uvicorn.Server(config)

    def stop(self) -> None:
        """Begin to shut down."""
        self._stop.set()

    async def run(self, started: Callable[[], None]) -> None:
        """Serve until stopped; `started` is called when the first request can be answered.

        The web closes first, then ingest writes what it has taken, then the sender finishes what is on its way.
        """
        hub, channels = self._services.hub, self._services.channels
        hub.on("outbox", self._sender.wake)
        hub.on("channels", channels.invalidate)
        hub.on("channels", self._sender.wake)
        rooms = [
            asyncio.create_task(_keep_running(name, run, self._stop_rooms))
            for name, run in (
                ("ingest", self.ingest.run),
                ("sender", self._sender.run),
                ("jobs", self._worker.run),
                ("live", hub.run),
            )
        ]
        web = asyncio.create_task(self._server.serve())
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

    async def _until_started(self, web: asyncio.Task[None]) -> None:
        while not self._server.started:
            if web.done():
                raise SystemExit(
                    f"botfolk: cannot listen on {self._services.settings.host}:{self._services.settings.port}"
                )
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


async def serve(settings: Settings, dsn: str) -> None:
    """Serve until SIGINT or SIGTERM."""
    async with open_services(settings, dsn) as services:
        token = await ensure_first_owner(services.pool, services.clock)
        serving = Serving(services, dsn)
        loop = asyncio.get_running_loop()

        def greet() -> None:
            print(f"Botfolk is at {settings.public_url}", flush=True)  # noqa: T201
            if token is not None:
                print(f"Sign in once with {settings.public_url}/sign-in/{token}", flush=True)  # noqa: T201
            for name in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(name, serving.stop)

        await serving.run(greet)
    print("Botfolk has stopped.", file=sys.stderr, flush=True)  # noqa: T201
