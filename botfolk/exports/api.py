"""Exports by the API: asked for, looked at, downloaded."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from litestar import Request, delete, get, post
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import FromPath, JSONBody
from litestar.response import Stream
from msgspec import Struct, structs
from psycopg import AsyncConnection

from botfolk.api.shapes import Cursor, Limit, Listed
from botfolk.db.cursors import Id, pack, unpack
from botfolk.exports import exporting, forgetting
from botfolk.exports.exporting import Export
from botfolk.exports.forms import form_of
from botfolk.jobs import files, runs
from botfolk.jobs.runs import Job
from botfolk.services import Services, services
from botfolk.team.guards import agent
from botfolk.team.principal import principal

AnyRequest = Request[Any, Any, Any]


class NewExport(Struct, forbid_unknown_fields=True):
    """Which users, which columns, in which form. `ids`: these, or else all who match `filter` (as text), `q` and
    `status` (without one the active ones, unless the filter asks for a status itself), but for `but`; `columns`: by
    name ("email", "attributes.plan"), all without; `mark`: let CSV begin with the mark by which Excel knows UTF-8."""

    form: Literal["csv", "xlsx", "jsonl"] = "csv"
    ids: list[UUID] | None = None
    filter: str = ""
    q: str = ""
    status: Literal["active", "archived", "blocked", "all"] | None = None
    but: list[UUID] = []
    columns: list[str] | None = None
    mark: bool = False


class ExportJob(Struct, frozen=True, kw_only=True):
    """An export and how far it is. `file`: where it can be downloaded, once it is whole and for a week; `removed`: its
    file is gone because somebody was erased who may have been in it."""

    id: UUID
    state: str
    form: str
    filter: str
    status: str
    columns: list[str]
    done: int
    total: int | None
    error: str | None
    created_at: datetime
    finished_at: datetime | None
    file: str | None
    bytes: int | None
    removed: bool


def shown(job: Job, shared: Services) -> ExportJob:
    """Return an export as the API gives it."""
    spec, there = exporting.of(job), exporting.is_there(job, shared.clock())
    return ExportJob(
        id=job.id,
        state=job.state,
        form=spec.form,
        filter=spec.filter,
        status=spec.status,
        columns=spec.columns or [],
        done=job.done,
        total=job.total,
        error=job.error,
        created_at=job.created_at,
        finished_at=job.finished_at,
        file=f"{shared.settings.public_url}/api/v1/exports/{job.id}/file" if there else None,
        bytes=job.result.get("bytes"),
        removed=bool(job.result.get("removed")),
    )


async def known(connection: AsyncConnection[Any], bot_id: UUID, job_id: UUID) -> Job:
    """Return an export of the bot. Raises NotFoundException."""
    job = await runs.get(connection, bot_id, job_id)
    if job is None or job.kind != forgetting.KIND:
        raise NotFoundException("There is no such export.")
    return job


@post("/api/v1/exports", guards=[agent], tags=["Exports"], summary="Export users", status_code=202)
async def new_export(request: AnyRequest, data: JSONBody[NewExport]) -> ExportJob:
    """Ask for a file of users; it is written apart from this request."""
    me, shared = principal(request), services(request)
    export = Export(**{**structs.asdict(data), "status": data.status or ""})
    async with shared.pool.connection() as connection:
        job_id = await exporting.start(connection, me.bot_id, export, me.actor(), shared.clock())
        return shown(await known(connection, me.bot_id, job_id), shared)


@get("/api/v1/exports", guards=[agent], tags=["Exports"], summary="Exports, newest first")
async def list_exports(request: AnyRequest, cursor: Cursor = None, limit: Limit = 50) -> Listed[ExportJob]:
    """What was exported lately."""
    bot_id, shared = principal(request).bot_id, services(request)
    before = unpack(cursor, Id)[0] if cursor else None
    async with shared.pool.connection() as connection:
        found = await runs.newest(connection, bot_id, before=before, limit=limit + 1, kinds=[forgetting.KIND])
    items = [shown(job, shared) for job in found[:limit]]
    return Listed(items, pack(items[-1].id) if len(found) > limit else None)


@get("/api/v1/exports/{export_id:uuid}", guards=[agent], tags=["Exports"], summary="One export")
async def one_export(request: AnyRequest, export_id: FromPath[UUID]) -> ExportJob:
    """How far an export is, and where its file is."""
    async with services(request).pool.connection() as connection:
        return shown(await known(connection, principal(request).bot_id, export_id), services(request))


@delete("/api/v1/exports/{export_id:uuid}", guards=[agent], tags=["Exports"], summary="End an export", status_code=200)
async def end_export(request: AnyRequest, export_id: FromPath[UUID]) -> ExportJob:
    """Let an export end, and remove its file."""
    bot_id, shared = principal(request).bot_id, services(request)
    async with shared.pool.connection() as connection:
        job = await known(connection, bot_id, export_id)
        await exporting.end(connection, job, shared.clock())
        return shown(await known(connection, bot_id, export_id), shared)


@get("/api/v1/exports/{export_id:uuid}/file", guards=[agent], tags=["Exports"], summary="The file of an export")
async def export_file(request: AnyRequest, export_id: FromPath[UUID]) -> Stream:
    """The file, once it is whole: 409 until then."""
    return await file_answer(request, export_id)


async def file_answer(request: AnyRequest, job_id: UUID) -> Stream:
    """Answer with an export's file. Raises NotFoundException, ClientException (409)."""
    bot_id, shared = principal(request).bot_id, services(request)
    async with shared.pool.connection() as connection:
        job = await known(connection, bot_id, job_id)
        name = exporting.file_name(job)
        size = await files.size(connection, bot_id, job_id, name) if job.state == "done" else None
    if job.is_open:
        raise ClientException("It is not whole yet.", status_code=409)
    if size is None:
        raise NotFoundException("This file is no longer here: export anew.")
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(size),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    form = form_of(str(job.spec["form"]), job.spec)
    return Stream(files.read(shared.pool, bot_id, job_id, name), media_type=form.content_type, headers=headers)


handlers = [new_export, list_exports, one_export, end_export, export_file]
