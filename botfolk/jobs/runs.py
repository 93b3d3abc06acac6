"""Long work and how far it is: asked for, looked at, cancelled. `running.py` does it, step by step.

A job is a row of `jobs`. Its kind (`kinds.py`) does one portion of it at a time, in the transaction that also notes the
progress: a job whose process was killed goes on where it stood, and does nothing twice.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from botfolk.ids import new_id
from botfolk.jobs.defer import defer
from botfolk.live.notify import announce
from botfolk.users.edits import Actor, Source

if TYPE_CHECKING:
    from botfolk.jobs.fetching import Reach

TASK = "jobs.run"
"""The task that does steps of a job; its arguments are bot_id and job_id."""

WORD = "jobs"
"""What is announced when a job moves."""

HOLDS = "import.file"
"""The kind of a job that holds an uploaded file; nothing is done in it, and nobody looks for it among the work."""

State = Literal["waiting", "running", "done", "cancelled", "failed"]
Connection = AsyncConnection[Any]


class Job(Struct, frozen=True, kw_only=True):
    """A job as it stands. `spec`, `cursor` and `result` are its kind's own words; `total` None: not known yet."""

    bot_id: UUID
    id: UUID
    kind: str
    state: State
    spec: dict[str, Any]
    total: int | None
    done: int
    changed: int
    skipped: int
    failed: int
    cursor: dict[str, Any] | None
    result: dict[str, Any]
    error: str | None
    source: Source
    actor_id: UUID | None
    actor: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    undoes: UUID | None
    undone_by: UUID | None

    @property
    def is_open(self) -> bool:
        """Say whether there is more to do."""
        return self.state in ("waiting", "running")

    @property
    def has_undone(self) -> bool:
        """Say whether it, an undo, took anything back, or may yet: one that found all changed since can be asked for
        again."""
        return self.state != "done" or self.changed > 0

    @property
    def asked_by(self) -> Actor:
        """Who asked for it, and in whose name it changes people."""
        return Actor(self.source, self.actor or "", self.actor_id)


class Step(Struct, frozen=True, kw_only=True):
    """What one step did: how many more are done, changed, skipped, failed, and where the next begins.

    `total` takes the place of what stands, and so does each entry of `result`; None leaves it.
    """

    done: int = 0
    changed: int = 0
    skipped: int = 0
    failed: int = 0
    cursor: dict[str, Any] | None = None
    finished: bool = False
    result: dict[str, Any] | None = None
    total: int | None = None


DoStep = Callable[["Reach", Connection, Job], Awaitable[Step]]
"""Does the next portion of a job, some tenths of a second of it, in the transaction of the connection.

Raises JobFailed when it cannot go on; anything else is tried again and then fails the job.
"""

Kinds = Mapping[str, DoStep]


class SideBySide:
    """A kind of which several steps may be done at once: each takes people of its own (`people.take`), no cursor."""

    lanes = 2

    def __init__(self, step: DoStep) -> None:
        self._step = step

    async def __call__(self, reach: "Reach", connection: Connection, job: Job) -> Step:
        """Do a step."""
        return await self._step(reach, connection, job)


async def hurry(connection: Connection) -> None:
    """Do not wait for the disk when this step is committed: what a crash of the database takes with it (a second or
    less) is done again, as how far the job is goes with it. Not for what is told beyond the database. The last step
    waits, and so for all before it."""
    await connection.execute("SET LOCAL synchronous_commit = off")


class JobFailed(Exception):
    """The job cannot go on; the text says why, to a member."""


class NoSuchJob(Exception):
    """This bot has no such job."""


class CannotUndo(Exception):
    """The changes of a job cannot be taken back; the text says why, to a member."""


_COLUMNS = ", ".join(Job.__struct_fields__)


async def start(
    connection: Connection,
    bot_id: UUID,
    kind: str,
    spec: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    *,
    total: int | None = None,
    undoes: UUID | None = None,
) -> UUID:
    """Ask for a job in the caller's transaction and return its id. Raises NoSuchJob and CannotUndo for `undoes`."""
    job_id = new_id()
    if undoes is not None:
        await _claim_undo(connection, bot_id, undoes, job_id)
    await connection.execute(
        """INSERT INTO jobs (bot_id, id, kind, spec, total, source, actor_id, actor, created_at, undoes)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        [bot_id, job_id, kind, Jsonb(dict(spec)), total, actor.source, actor.id, actor.name, now, undoes],
    )
    await ask_for_steps(connection, bot_id, job_id)
    return job_id


async def ask_for_steps(connection: Connection, bot_id: UUID, job_id: UUID) -> None:
    """Have a job's steps done from now on, and the pages told."""
    await defer(connection, TASK, {"bot_id": str(bot_id), "job_id": str(job_id)})
    await announce(connection, bot_id, WORD)


async def _claim_undo(connection: Connection, bot_id: UUID, job_id: UUID, by: UUID) -> None:
    cursor = await connection.execute(
        "SELECT state, undone_by FROM jobs WHERE bot_id = %s AND id = %s FOR UPDATE", [bot_id, job_id]
    )
    row = await cursor.fetchone()
    if row is None:
        raise NoSuchJob(str(job_id))
    state, undone_by = row
    if state in ("waiting", "running"):
        raise CannotUndo("it is still under way: cancel it first")
    # An undo that was broken off may be asked for again, and one that found all changed since.
    undoing = None if undone_by is None else await get(connection, bot_id, undone_by)
    if undoing is not None and undoing.has_undone and undoing.state not in ("cancelled", "failed"):
        raise CannotUndo("it is being undone already" if undoing.is_open else "it has been undone already")
    await connection.execute("UPDATE jobs SET undone_by = %s WHERE bot_id = %s AND id = %s", [by, bot_id, job_id])


async def get(connection: Connection, bot_id: UUID, job_id: UUID) -> Job | None:
    """Return a job of the bot."""
    async with connection.cursor(row_factory=class_row(Job)) as cursor:
        await cursor.execute(
            f"SELECT {_COLUMNS} FROM jobs WHERE bot_id = %s AND id = %s".encode(),  # noqa: S608
            [bot_id, job_id],
        )
        return await cursor.fetchone()


async def newest(
    connection: Connection, bot_id: UUID, *, before: UUID | None = None, limit: int = 50, kinds: list[str] | None = None
) -> list[Job]:
    """Return a bot's jobs, newest first: those older than `before`, of some kinds only; without them, all that do
    something."""
    async with connection.cursor(row_factory=class_row(Job)) as cursor:
        await cursor.execute(
            f"""SELECT {_COLUMNS} FROM jobs WHERE bot_id = %(bot)s AND (%(before)s::uuid IS NULL OR id < %(before)s)
                    AND (kind = ANY(%(kinds)s) OR %(kinds)s::text[] IS NULL AND kind <> %(holds)s)
                ORDER BY id DESC LIMIT %(limit)s""".encode(),  # noqa: S608
            {"bot": bot_id, "before": before, "kinds": kinds, "limit": limit, "holds": HOLDS},
        )
        return await cursor.fetchall()


async def cancel(connection: Connection, bot_id: UUID, job_id: UUID, now: datetime) -> bool:
    """End a job: the step that runs is finished and counted, no other begins. Say whether it was still open."""
    cursor = await connection.execute(
        """UPDATE jobs SET state = 'cancelled', finished_at = %s
           WHERE bot_id = %s AND id = %s AND state IN ('waiting', 'running')""",
        [now, bot_id, job_id],
    )
    await announce(connection, bot_id, WORD)
    return cursor.rowcount == 1


async def resume(connection: Connection, bot_id: UUID, job_id: UUID) -> bool:
    """Let a job that failed go on from where it stood. Say whether it had failed."""
    cursor = await connection.execute(
        """UPDATE jobs SET state = 'waiting', finished_at = NULL, error = NULL
           WHERE bot_id = %s AND id = %s AND state = 'failed'""",
        [bot_id, job_id],
    )
    if cursor.rowcount == 1:
        await ask_for_steps(connection, bot_id, job_id)
    return cursor.rowcount == 1
