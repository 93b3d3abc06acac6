"""The Jobs page: what is being done to many users, and what was done; cancel, resume, undo."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from psycopg import AsyncConnection

from botfolk.bulk import asking, words
from botfolk.db.cursors import Id, pack, unpack
from botfolk.jobs import runs
from botfolk.jobs.runs import CannotUndo, Job, NoSuchJob, State
from botfolk.pages.render import AnyRequest, fragment, page, wants_fragment
from botfolk.services import services
from botfolk.team.guards import agent, viewer
from botfolk.team.principal import principal

ROWS = 50
_STAYS = timedelta(minutes=10)
"""So long after it ended a job of one's own is shown on the Users page."""


async def _listed(request: AnyRequest, after: str, problem: tuple[UUID, str] | None = None) -> dict[str, Any]:
    me = principal(request)
    async with services(request).pool.connection() as connection:
        before = unpack(after, Id)[0] if after else None
        found = await runs.newest(connection, me.bot_id, before=before, limit=ROWS + 1)
        following = pack(found[ROWS - 1].id) if len(found) > ROWS else None
        return {"after": after, "next_page": following, **await _about(connection, request, found[:ROWS], problem)}


async def _about(
    connection: AsyncConnection[Any], request: AnyRequest, jobs: list[Job], problem: tuple[UUID, str] | None = None
) -> dict[str, Any]:
    """Return what the templates need of jobs: those that undo them too, for how that went."""
    me = principal(request)
    known: dict[UUID, Job | None] = {job.id: job for job in jobs}
    undone: dict[UUID, State] = {}
    for job in jobs:
        if job.undone_by is None:
            continue
        if job.undone_by not in known:
            known[job.undone_by] = await runs.get(connection, me.bot_id, job.undone_by)
        undoing = known[job.undone_by]
        if undoing is None or undoing.has_undone:
            undone[job.id] = "failed" if undoing is None else undoing.state
    return {
        "jobs": jobs,
        "title": words.title,
        "address": words.address,
        "undone": undone,
        "can_undo": {
            job.id
            for job in jobs
            if not job.is_open and asking.can_undo(job) and undone.get(job.id) in (None, "cancelled", "failed")
        },
        "can_act": me.may("agent"),
        "problem": problem,
    }


@get("/jobs", guards=[viewer], include_in_schema=False)
async def show(request: AnyRequest, after: Annotated[str, QueryParameter(max_length=200)] = "") -> Response[str]:
    """Show the jobs, the newest first, or with htmx how they stand now."""
    context = await _listed(request, after)
    if wants_fragment(request):
        return fragment(request, "bulk/list.html", **context)
    return page(request, "bulk/jobs.html", **context)


@get("/jobs/now", guards=[viewer], include_in_schema=False)
async def now(request: AnyRequest) -> Response[str]:
    """Show what is under way, and what of one's own has just ended."""
    return await shown_now(request)


async def now_context(request: AnyRequest, connection: AsyncConnection[Any]) -> dict[str, Any]:
    """Return what the card of jobs on the Users page shows."""
    me, since = principal(request), services(request).clock() - _STAYS
    found = await runs.newest(connection, me.bot_id, limit=10)
    shown = [
        job
        for job in found
        if job.is_open
        or (
            job.undone_by is None
            and job.actor_id == me.actor().id
            and job.finished_at is not None
            and job.finished_at > since
        )
    ]
    return await _about(connection, request, shown[:2])


async def shown_now(request: AnyRequest, headers: Mapping[str, str] | None = None) -> Response[str]:
    """Answer with the card of jobs on the Users page."""
    async with services(request).pool.connection() as connection:
        context = await now_context(request, connection)
    return fragment(request, "bulk/now.html", headers=dict(headers or {}), **context)


async def _answer(request: AnyRequest, problem: tuple[UUID, str] | None = None) -> Response[Any]:
    if not wants_fragment(request):
        return Redirect("/jobs", status_code=303)
    if request.headers.get("HX-Target") == "jobs-now":
        return await shown_now(request)
    return fragment(request, "bulk/list.html", status=409 if problem else 200, **await _listed(request, "", problem))


async def _get(request: AnyRequest, connection: AsyncConnection[Any], job_id: UUID) -> None:
    if await runs.get(connection, principal(request).bot_id, job_id) is None:
        raise NotFoundException("There is no such job")


@post("/jobs/{job_id:uuid}/cancel", guards=[agent], status_code=200, include_in_schema=False)
async def cancel(request: AnyRequest, job_id: FromPath[UUID]) -> Response[Any]:
    """End a job; what it did stays."""
    async with services(request).pool.connection() as connection:
        await _get(request, connection, job_id)
        await runs.cancel(connection, principal(request).bot_id, job_id, services(request).clock())
    return await _answer(request)


@post("/jobs/{job_id:uuid}/resume", guards=[agent], status_code=200, include_in_schema=False)
async def resume(request: AnyRequest, job_id: FromPath[UUID]) -> Response[Any]:
    """Let a job that failed go on."""
    async with services(request).pool.connection() as connection:
        await _get(request, connection, job_id)
        await runs.resume(connection, principal(request).bot_id, job_id)
    return await _answer(request)


@post("/jobs/{job_id:uuid}/undo", guards=[agent], status_code=200, include_in_schema=False)
async def undo(request: AnyRequest, job_id: FromPath[UUID]) -> Response[Any]:
    """Take back what a job changed."""
    me, problem = principal(request), None
    try:
        async with services(request).pool.connection() as connection:
            await asking.undo(connection, me.bot_id, job_id, me.actor(), services(request).clock())
    except NoSuchJob as error:
        raise NotFoundException("There is no such job") from error
    except CannotUndo as error:
        problem = (job_id, str(error))
    return await _answer(request, problem)


handlers = [show, now, cancel, resume, undo]
