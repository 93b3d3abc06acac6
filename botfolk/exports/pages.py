"""The Exports page: what to export, how far it is, and the files."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Stream
from msgspec import Struct

from botfolk.bulk.selection import selected
from botfolk.exports import api, exporting, forgetting
from botfolk.exports.columns import columns_of, types_of
from botfolk.exports.exporting import Export
from botfolk.filters import FilterError
from botfolk.jobs import runs
from botfolk.jobs.runs import Job
from botfolk.pages.catalogue import gettext as _
from botfolk.pages.render import AnyRequest, fragment, page, wants_fragment
from botfolk.services import services
from botfolk.team.guards import agent
from botfolk.team.pages import Form
from botfolk.team.principal import principal
from botfolk.users.edits import InvalidEdit

_SHOWN = 30


class Shown(Struct, frozen=True):
    """An export as the page shows it."""

    job: Job
    export: Export
    is_there: bool
    removed: bool
    bytes: int


async def _exports(request: AnyRequest) -> list[Shown]:
    now = services(request).clock()
    async with services(request).pool.connection() as connection:
        found = await runs.newest(connection, principal(request).bot_id, limit=_SHOWN, kinds=[forgetting.KIND])
    return [
        Shown(
            job,
            exporting.of(job),
            exporting.is_there(job, now),
            bool(job.result.get("removed")),
            int(job.result.get("bytes") or 0),
        )
        for job in found
    ]


async def _show(
    request: AnyRequest, typed: Export, errors: dict[str, str] | None = None, status: int = 200
) -> Response[str]:
    async with services(request).pool.connection() as connection:
        columns = columns_of(await types_of(connection, principal(request).bot_id))
    return page(
        request,
        "exports/exports.html",
        status=status,
        exports=await _exports(request),
        typed=typed,
        errors=errors or {},
        columns=list(columns.values()),
        chosen=set(columns if typed.columns is None else typed.columns),
        forms=[("csv", _("CSV")), ("xlsx", _("Excel (XLSX)")), ("jsonl", _("JSON Lines"))],
        statuses=[
            ("", _("Active, unless the filter asks for a status")), ("archived", _("Archived")),
            ("blocked", _("Blocked")), ("all", _("All of them")),
        ],
    )  # fmt: skip


@get("/exports", guards=[agent], include_in_schema=False)
async def exports_page(request: AnyRequest, filter: FromQuery[str] = "", q: FromQuery[str] = "") -> Response[str]:
    """Show what can be exported and what was; as a part, the list as it is now."""
    if wants_fragment(request):
        return fragment(request, "exports/list.html", exports=await _exports(request))
    return await _show(request, Export(filter=filter, q=q))


@post("/exports/selected", guards=[agent], status_code=200, include_in_schema=False)
async def export_selected(request: AnyRequest, data: Form) -> Response[str]:
    """Show what can be exported of whom the list has selected."""
    who = selected(data)
    return await _show(request, Export(ids=who.ids, filter=who.filter, q=who.q, but=who.but))


@post("/exports", guards=[agent], status_code=200, include_in_schema=False)
async def new_export(request: AnyRequest) -> Response[Any]:
    """Ask for an export; what cannot be is shown with the reason."""
    me, shared, form = principal(request), services(request), await request.form()
    told = {name: str(form.get(name) or "") for name in ("ids", "but", "filter", "q")}
    who = selected({**told, "all": "" if told["ids"] else "yes"})
    export = Export(
        form=str(form.get("form") or "csv"),
        ids=who.ids,
        filter=who.filter,
        q=who.q,
        status=str(form.get("status") or ""),
        but=who.but,
        columns=[str(name) for name in form.getall("column", [])],
        mark=form.get("mark") == "yes",
    )
    try:
        async with shared.pool.connection() as connection:
            await exporting.start(connection, me.bot_id, export, me.actor(), shared.clock())
    except FilterError as error:
        return await _show(request, export, {"filter": str(error)}, 422)
    except InvalidEdit as error:
        return await _show(request, export, error.errors, 422)
    return Redirect("/exports", status_code=303)


@post("/exports/{export_id:uuid}/end", guards=[agent], status_code=200, include_in_schema=False)
async def end_export(request: AnyRequest, export_id: FromPath[UUID]) -> Response[Any]:
    """Let an export end, and remove its file."""
    async with services(request).pool.connection() as connection:
        job = await api.known(connection, principal(request).bot_id, export_id)
        await exporting.end(connection, job, services(request).clock())
    if wants_fragment(request):
        return fragment(request, "exports/list.html", exports=await _exports(request))
    return Redirect("/exports", status_code=303)


@get("/exports/{export_id:uuid}/file", guards=[agent], include_in_schema=False)
async def export_file(request: AnyRequest, export_id: FromPath[UUID]) -> Stream:
    """Give the file."""
    return await api.file_answer(request, export_id)


handlers = [exports_page, export_selected, new_export, end_export, export_file]
