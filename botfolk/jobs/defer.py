"""Ask for a job, as part of the transaction that needs it."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.errors import UniqueViolation

QUEUE = "default"

Args = Mapping[str, str | int | bool | None]


class Job(Struct, frozen=True):
    """A task's name and arguments. `queueing_lock`: at most one job with this lock waits at a time."""

    task: str
    args: Args
    queueing_lock: str | None = None


async def defer(connection: AsyncConnection[Any], task: str, args: Args, *, queueing_lock: str | None = None) -> bool:
    """Ask for a job in the caller's transaction; return False when one with that lock was waiting already."""
    return await defer_all(connection, [Job(task, args, queueing_lock)]) == 1


async def defer_all(connection: AsyncConnection[Any], jobs: Sequence[Job]) -> int:
    """Ask for jobs in the caller's transaction, in one statement; return how many were not waiting already."""
    plain = [job for job in jobs if job.queueing_lock is None]
    if plain:
        await _insert(connection, plain)
    # Of those with the same lock one is enough; whether it waits already is known only by trying.
    locked = {job.queueing_lock: job for job in jobs if job.queueing_lock is not None}
    return len(plain) + sum([await _insert_unless_waiting(connection, job) for job in locked.values()])


async def _insert_unless_waiting(connection: AsyncConnection[Any], job: Job) -> int:
    try:
        async with connection.transaction():
            await _insert(connection, [job])
    except UniqueViolation as error:
        if error.diag.constraint_name != "procrastinate_jobs_queueing_lock_idx_v1":
            raise
        return 0
    return 1


async def _insert(connection: AsyncConnection[Any], jobs: Sequence[Job]) -> None:
    await connection.execute(
        """SELECT procrastinate_defer_jobs_v1(array_agg(
               ROW(%s, j.task, 0, NULL, j.queueing_lock, j.args, NULL)::procrastinate_job_to_defer_v1))
           FROM unnest(%s::text[], %s::text[], %s::jsonb[]) AS j (task, queueing_lock, args)""",
        [
            QUEUE,
            [job.task for job in jobs],
            [job.queueing_lock for job in jobs],
            [msgspec.json.encode(job.args).decode() for job in jobs],
        ],
    )
