"""The tasks, and how patiently each is tried again. Importing this imports procrastinate: the worker does it late."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import structlog
from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import JobAborted
from procrastinate.jobs import Job
from procrastinate.utils import utcnow
from psycopg import Error as DatabaseError
from psycopg_pool import PoolTimeout

from botfolk.channels.contract import TryLater
from botfolk.jobs import running, runs
from botfolk.jobs.fetching import Reach, fetch_media, fetch_picture, fetch_profile

MOST_ATTEMPTS = 10
_AFTER_A_MISTAKE = 3
_TASK_SECONDS = 120.0

_Fetch = Callable[[Reach, UUID, UUID, UUID | None], Awaitable[None]]
_log = structlog.get_logger(__name__)


class Patience(BaseRetryStrategy):
    """A service that says when is asked then; a database that is away, soon; an error of ours gets a few tries."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Say when a job that failed is tried again; None for never."""
        if isinstance(exception, JobAborted | asyncio.CancelledError):
            # We are shutting down: the next start takes it up.
            return RetryDecision(retry_at=utcnow())
        if job.attempts >= MOST_ATTEMPTS:
            return None
        wait = self._wait(exception, job.attempts)
        return None if wait is None else RetryDecision(retry_at=utcnow() + timedelta(seconds=wait))

    def _wait(self, exception: BaseException, attempts: int) -> float | None:
        if isinstance(exception, TryLater):
            return max(1.0, exception.after) * 2.0 ** min(attempts, 6)
        if isinstance(exception, runs.JobFailed):
            return None
        if isinstance(exception, DatabaseError | PoolTimeout | OSError | TimeoutError):
            return 10.0 * (attempts + 1)
        return 60.0 * (attempts + 1) if attempts < _AFTER_A_MISTAKE else None


def build(reach: Reach, kinds: runs.Kinds) -> App:
    """Return procrastinate's app with the tasks, each bound to what it needs. It is opened with a pool."""
    app = App(connector=PsycopgConnector())

    async def fetch(what: _Fetch, bot_id: str, identity_id: str, job_id: str | None) -> None:
        async with asyncio.timeout(_TASK_SECONDS):
            await what(reach, UUID(bot_id), UUID(identity_id), None if job_id is None else UUID(job_id))

    @app.task(name="pictures.fetch", retry=Patience())
    async def pictures_fetch(bot_id: str, identity_id: str, job_id: str | None = None) -> None:
        await fetch(fetch_picture, bot_id, identity_id, job_id)

    @app.task(name="profiles.fetch", retry=Patience())
    async def profiles_fetch(bot_id: str, identity_id: str, job_id: str | None = None) -> None:
        await fetch(fetch_profile, bot_id, identity_id, job_id)

    @app.task(name="media.fetch", retry=Patience())
    async def media_fetch(bot_id: str, message_id: str) -> None:
        async with asyncio.timeout(_TASK_SECONDS):
            await fetch_media(reach, UUID(bot_id), UUID(message_id))

    @app.task(name=runs.TASK, retry=Patience(), pass_context=True)
    async def jobs_run(context: JobContext, bot_id: str, job_id: str) -> None:
        try:
            await running.run(reach, kinds, UUID(bot_id), UUID(job_id))
        except Exception as error:
            if Patience().get_retry_decision(exception=error, job=context.job) is not None:
                raise
            _log.warning("jobs.failed", job=job_id, error=type(error).__name__, exc_info=True)
            await running.fail(reach, UUID(bot_id), UUID(job_id), running.reason(error))

    return app
