"""Do a job's steps: one after the other, each in a transaction of its own that also notes how far the job is."""

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from botfolk.jobs import people
from botfolk.jobs.fetching import Reach
from botfolk.jobs.runs import WORD, Job, JobFailed, Kinds, SideBySide, State, Step, ask_for_steps, get
from botfolk.live.notify import announce

RUN_SECONDS = 30.0
"""After this long the rest is left to a task of its own: other jobs get their turn, and a restart waits for none."""

BROKE = "It broke at an error of Botfolk's own ({error}); the log says where. What was done until then stays."
UNREACHABLE = (
    "The database or a service could not be reached ({error}), again and again. What was done until then stays."
)

Connection = AsyncConnection[Any]

_log = structlog.get_logger(__name__)


async def run(reach: Reach, kinds: Kinds, bot_id: UUID, job_id: UUID, *, seconds: float = RUN_SECONDS) -> None:
    """Go on with a job from where it stands, for so many seconds, then ask for the rest. Raises what a step raises."""
    until = asyncio.get_running_loop().time() + seconds
    async with reach.pool.connection() as connection:
        kind = kinds.get(await _begin(connection, bot_id, job_id, reach.clock()))
    lanes = range(kind.lanes if isinstance(kind, SideBySide) else 1)
    ended = await asyncio.gather(
        *(_lane(reach, kinds, bot_id, job_id, lane, until) for lane in lanes), return_exceptions=True
    )
    for error in ended:
        if isinstance(error, BaseException):
            raise error
    if any(ended):
        async with reach.pool.connection() as connection:
            await ask_for_steps(connection, bot_id, job_id)


async def _lane(reach: Reach, kinds: Kinds, bot_id: UUID, job_id: UUID, lane: int, until: float) -> bool:
    """Do one step after the other until a time; say whether there is more to do."""
    while True:
        async with reach.pool.connection() as connection:
            if not await _go_on(reach, kinds, connection, bot_id, job_id, lane):
                return False
        if asyncio.get_running_loop().time() >= until:
            return True


async def fail(reach: Reach, bot_id: UUID, job_id: UUID, error: str) -> None:
    """Note that a job cannot go on, and why; what it had yet to do stays, so that it can be resumed."""
    async with reach.pool.connection() as connection:
        await connection.execute(
            """UPDATE jobs SET state = 'failed', error = %s, finished_at = %s
               WHERE bot_id = %s AND id = %s AND state IN ('waiting', 'running')""",
            [error, reach.clock(), bot_id, job_id],
        )
        await announce(connection, bot_id, WORD)


def reason(error: Exception) -> str:
    """Return what a member is told of an error that no trying again has mended."""
    if isinstance(error, JobFailed):
        return str(error)
    is_away = isinstance(error, OSError | TimeoutError) or type(error).__module__.startswith("psycopg")
    return (UNREACHABLE if is_away else BROKE).format(error=type(error).__name__)


async def _begin(connection: Connection, bot_id: UUID, job_id: UUID, now: datetime) -> str:
    """Note that a job runs; return its kind, empty when there is no such job."""
    cursor = await connection.execute(
        """UPDATE jobs SET state = 'running', started_at = coalesce(started_at, %s)
           WHERE bot_id = %s AND id = %s AND state = 'waiting'""",
        [now, bot_id, job_id],
    )
    if cursor.rowcount:
        await announce(connection, bot_id, WORD)
    job = await get(connection, bot_id, job_id)
    return "" if job is None else job.kind


async def _go_on(reach: Reach, kinds: Kinds, connection: Connection, bot_id: UUID, job_id: UUID, lane: int) -> bool:
    """Do one step; say whether there is more to do here."""
    # Not the row's own lock, for which a member who cancels would have to wait.
    cursor = await connection.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, %s))", [str(job_id), lane])
    if await cursor.fetchone() != (True,):
        return False
    job = await get(connection, bot_id, job_id)
    if job is None:
        return False
    if not job.is_open:
        if job.state != "failed":
            await people.forget(connection, bot_id, job_id)
        return False
    if job.kind not in kinds:
        raise JobFailed(f"This version of Botfolk does not know jobs of the kind “{job.kind}”.")
    step = await kinds[job.kind](reach, connection, job)
    await _note(connection, job, step, reach.clock())
    # Looked at again even when finished: who was cancelled meanwhile leaves people to forget. A lane that finds nobody
    # while the others still have somebody in hand is done.
    return step.finished or step.done > 0 or not isinstance(kinds[job.kind], SideBySide)


async def _note(connection: Connection, job: Job, step: Step, now: datetime) -> None:
    """Add a step to the progress; a job cancelled meanwhile stays so."""
    ended: State = "done" if step.finished else "running"
    if step.finished:
        await connection.execute("SET LOCAL synchronous_commit TO DEFAULT")
    await connection.execute(
        """UPDATE jobs SET done = done + %(done)s, changed = changed + %(changed)s, skipped = skipped + %(skipped)s,
               failed = failed + %(failed)s, cursor = %(cursor)s, result = result || coalesce(%(result)s, '{}'::jsonb),
               total = CASE WHEN %(finished)s THEN greatest(coalesce(%(total)s, total), done + %(done)s)
                       ELSE coalesce(%(total)s, total) END,
               state = CASE WHEN state = 'running' THEN %(ended)s ELSE state END,
               finished_at = CASE WHEN state = 'running' AND %(finished)s THEN %(now)s ELSE finished_at END
           WHERE bot_id = %(bot)s AND id = %(id)s""",
        {
            "bot": job.bot_id,
            "id": job.id,
            "done": step.done,
            "changed": step.changed,
            "skipped": step.skipped,
            "failed": step.failed,
            "cursor": None if step.cursor is None else Jsonb(step.cursor),
            "result": None if step.result is None else Jsonb(step.result),
            "total": step.total,
            "finished": step.finished,
            "ended": ended,
            "now": now,
        },
    )
    await announce(connection, job.bot_id, WORD)
    if step.finished:
        _log.info("jobs.done", kind=job.kind, job=str(job.id))
