"""Jobs by the API: start an action on many users, see how far it is, cancel, resume, undo."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException, PermissionDeniedException
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Struct, UnsetType

from botfolk.api.shapes import Cursor, Limit, Listed
from botfolk.bulk import asking
from botfolk.bulk.actions import ACTIONS, Action, Name
from botfolk.bulk.selection import Selection
from botfolk.db.cursors import Id, pack, unpack
from botfolk.jobs import runs
from botfolk.jobs.runs import CannotUndo, NoSuchJob, State
from botfolk.services import services
from botfolk.team.guards import agent, viewer
from botfolk.team.principal import principal
from botfolk.users.edits import InvalidEdit

AnyRequest = Request[Any, Any, Any]


class StartJob(Struct, forbid_unknown_fields=True):
    """An action on many users: with what it needs (`tag`; `name` and `value`; `minutes` or `until_resumed` and
    `reason`), and whom it is for: `ids`, or all who match `filter`, `q` and `status` (without one the active ones,
    unless the filter asks for a status itself), but for `but`.

    `dry_run`: only say how many that are. `confirm`: for `erase`, which nothing brings back: how many they are.
    """

    action: Name
    tag: str = ""
    name: str = ""
    value: str | int | float | bool | list[str] | UnsetType = UNSET
    minutes: float | None = None
    until_resumed: bool = False
    reason: str | None = None
    ids: list[UUID] | None = None
    filter: str = ""
    q: str = ""
    status: Literal["active", "archived", "blocked", "all"] | None = None
    but: list[UUID] = []
    dry_run: bool = False
    confirm: int | None = None

    def what(self) -> Action:
        """Return the action."""
        return Action(
            action=self.action,
            tag=self.tag,
            name=self.name,
            value=self.value,
            minutes=self.minutes,
            until_resumed=self.until_resumed,
            reason=self.reason,
        )

    def who(self) -> Selection:
        """Return the selection."""
        return Selection(ids=self.ids, filter=self.filter, q=self.q, status=self.status or "", but=self.but)


class DryRun(Struct, frozen=True):
    """How many an action would be for, and in how many of them it would change something."""

    total: int
    would_change: int


class Job(Struct, frozen=True, kw_only=True):
    """A job: what it is, how far it is. `action` as it was asked for; null for jobs of other kinds."""

    id: UUID
    kind: str
    state: State
    action: dict[str, Any] | None
    total: int | None
    done: int
    changed: int
    skipped: int
    failed: int
    error: str | None
    problem: str | None
    by: str | None
    source: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    undoes: UUID | None
    undone_by: UUID | None


def shape(job: runs.Job) -> Job:
    """Return a job as the API shows it."""
    same = {name: getattr(job, name) for name in Job.__struct_fields__ if name not in ("action", "problem", "by")}
    return Job(**same, action=job.spec.get("action"), problem=job.result.get("problem"), by=job.actor)


@post("/api/v1/jobs", guards=[agent], tags=["Jobs"], summary="Start an action on many users", status_code=202)
async def start_job(request: AnyRequest, data: JSONBody[StartJob]) -> Response[Job | DryRun]:
    """Whom it is for is fixed now. With `dry_run` nothing is done: 200 and the numbers."""
    me, shared = principal(request), services(request)
    if not me.may(ACTIONS[data.action].role):
        raise PermissionDeniedException(f"This needs the role {ACTIONS[data.action].role} or a higher one.")
    asked = (me.bot_id, data.what(), data.who(), me.actor(), shared.clock())
    async with shared.pool.connection() as connection:
        if data.dry_run:
            counted = await asking.look(connection, *asked)
            return Response(DryRun(counted.total, counted.would_change), status_code=200)
        job = await asking.start(connection, *asked)
        if data.action == "erase" and data.confirm != job.total:
            await connection.rollback()
            raise InvalidEdit({"confirm": f"say how many are to be erased: {job.total}"})
    return Response(shape(job), status_code=202, headers={"Location": f"/api/v1/jobs/{job.id}"})


@get("/api/v1/jobs", guards=[viewer], tags=["Jobs"], summary="List jobs")
async def list_of_jobs(request: AnyRequest, cursor: Cursor = None, limit: Limit = 50) -> Listed[Job]:
    """The newest first."""
    before = unpack(cursor, Id)[0] if cursor else None
    async with services(request).pool.connection() as connection:
        found = await runs.newest(connection, principal(request).bot_id, before=before, limit=limit + 1)
    following = pack(found[limit - 1].id) if len(found) > limit else None
    return Listed([shape(job) for job in found[:limit]], following)


@get("/api/v1/jobs/{job_id:uuid}", guards=[viewer], tags=["Jobs"], summary="One job")
async def one_job(request: AnyRequest, job_id: FromPath[UUID]) -> Job:
    """How far it is."""
    return await _shown(request, job_id)


@post("/api/v1/jobs/{job_id:uuid}/cancel", guards=[agent], tags=["Jobs"], summary="Cancel a job", status_code=200)
async def cancel_job(request: AnyRequest, job_id: FromPath[UUID]) -> Job:
    """What was done until then stays, and can be undone. One that has ended stays as it is."""
    async with services(request).pool.connection() as connection:
        await runs.cancel(connection, principal(request).bot_id, job_id, services(request).clock())
    return await _shown(request, job_id)


@post("/api/v1/jobs/{job_id:uuid}/resume", guards=[agent], tags=["Jobs"], summary="Resume a job", status_code=200)
async def resume_job(request: AnyRequest, job_id: FromPath[UUID]) -> Job:
    """Let a job that failed go on from where it stood; any other stays as it is."""
    async with services(request).pool.connection() as connection:
        await runs.resume(connection, principal(request).bot_id, job_id)
    return await _shown(request, job_id)


@post("/api/v1/jobs/{job_id:uuid}/undo", guards=[agent], tags=["Jobs"], summary="Undo a job", status_code=202)
async def undo_job(request: AnyRequest, job_id: FromPath[UUID]) -> Job:
    """A job of its own takes back what this one changed; what has been changed again since is skipped and counted."""
    me, shared = principal(request), services(request)
    try:
        async with shared.pool.connection() as connection:
            return shape(await asking.undo(connection, me.bot_id, job_id, me.actor(), shared.clock()))
    except NoSuchJob as error:
        raise NotFoundException("There is no such job") from error
    except CannotUndo as error:
        raise InvalidEdit({"job": str(error)}) from error


async def _shown(request: AnyRequest, job_id: UUID) -> Job:
    async with services(request).pool.connection() as connection:
        job = await runs.get(connection, principal(request).bot_id, job_id)
    if job is None:
        raise NotFoundException("There is no such job")
    return shape(job)


handlers = [start_job, list_of_jobs, one_job, cancel_job, resume_job, undo_job]
