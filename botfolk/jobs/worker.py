"""The worker that runs jobs inside this process."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from botfolk.channels.contract import ChannelKind
from botfolk.channels.registry import KINDS, Channels
from botfolk.clock import Clock, utc_now
from botfolk.db.pool import Pool
from botfolk.http import Http
from botfolk.jobs import files
from botfolk.jobs.runs import Kinds
from botfolk.jobs.unsent import forget_unsent

if TYPE_CHECKING:
    from procrastinate import App

    from botfolk.jobs.fetching import Reach

_CONCURRENCY = 4
# It is told of new jobs; looking is for those whose time has come, and for what it was not told.
_POLL_SECONDS = 2.0
_HEARTBEAT_SECONDS = 10.0
_STALLED_SECONDS = 30.0
_RESCUE_SECONDS = 15.0
_RESTART_SECONDS = 1.0
_TIDY_SECONDS = 3600.0
_KEEP_FAILED_HOURS = 30 * 24

_log = structlog.get_logger(__name__)


class Worker:
    """Runs jobs of all bots; any number of processes may run one."""

    def __init__(
        self,
        pool: Pool,
        http: Http,
        channels: Channels,
        kinds: Mapping[str, ChannelKind] = KINDS,
        *,
        clock: Clock = utc_now,
        shutdown_seconds: float = 10.0,
        job_kinds: Kinds | None = None,
    ) -> None:
        self._pool = pool
        self._http = http
        self._channels = channels
        self._kinds = kinds
        self._clock = clock
        self._shutdown_seconds = shutdown_seconds
        self._job_kinds = job_kinds

    async def run(self, stop: asyncio.Event) -> None:
        """Run jobs until `stop` is set; then let running ones finish, and put back those that take too long."""
        # Importing procrastinate takes a third of a second: the first page need not wait for it.
        app = await asyncio.to_thread(self._build)
        stopping = asyncio.create_task(stop.wait())
        try:
            async with app.open_async(self._pool):
                while not stop.is_set():
                    await self._work(app, stopping)
                    await asyncio.wait({stopping}, timeout=_RESTART_SECONDS)
        finally:
            stopping.cancel()

    def _build(self) -> "App":
        from botfolk.jobs.app import build
        from botfolk.jobs.kinds import kinds

        return build(
            self._reach(),
            kinds() if self._job_kinds is None else self._job_kinds,
        )

    def _reach(self) -> "Reach":
        from botfolk.jobs.fetching import Reach

        return Reach(pool=self._pool, http=self._http, channels=self._channels, kinds=self._kinds, clock=self._clock)

    async def _work(self, app: "App", stopping: "asyncio.Task[bool]") -> None:
        """Run jobs until told to stop, or until something breaks, which is logged."""
        working = asyncio.create_task(
            app.run_worker_async(
                concurrency=_CONCURRENCY,
                install_signal_handlers=False,
                delete_jobs="successful",
                fetch_job_polling_interval=_POLL_SECONDS,
                shutdown_graceful_timeout=self._shutdown_seconds,
                update_heartbeat_interval=_HEARTBEAT_SECONDS,
                stalled_worker_timeout=_STALLED_SECONDS,
            )
        )
        rescuing = asyncio.create_task(_keep_rescuing(app))
        tidying = asyncio.create_task(self._keep_tidying())
        await asyncio.wait({working, rescuing, tidying, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in (working, rescuing, tidying):
            task.cancel()
            try:
                with suppress(asyncio.CancelledError):
                    await task
            except Exception as error:
                _log.warning("jobs.broke", error=type(error).__name__)

    async def _keep_tidying(self) -> None:
        """Remove files of jobs whose time is over and files that nobody sent, and renew what runs out."""
        from botfolk.jobs.renewing import renew_all

        while True:
            async with self._pool.connection() as connection:
                await files.forget_old(connection, self._clock())
                await forget_unsent(connection, self._clock())
            await renew_all(self._reach())
            await asyncio.sleep(_TIDY_SECONDS)


async def _keep_rescuing(app: "App") -> None:
    """Take up again and again what a worker that was killed has left running; forget failed jobs after a month."""
    await app.job_manager.delete_old_jobs(_KEEP_FAILED_HOURS, include_failed=True, include_aborted=True)
    while True:
        await rescue(app)
        await asyncio.sleep(_RESCUE_SECONDS)


async def rescue(app: "App") -> None:
    """Put back what workers without a heartbeat have left running."""
    from procrastinate.exceptions import ConnectorException

    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_SECONDS):
        # Another process may have been quicker.
        with suppress(ConnectorException):
            await app.job_manager.retry_job(job)
            _log.info("jobs.rescued", task=job.task_name)
