"""The pages of an import: upload, map the columns, look at the dry run, let it run."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.exceptions import ClientException, HTTPException, NotFoundException
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect, Stream

from botfolk.imports import choices, manage, store, upload
from botfolk.imports.delimited import DELIMITERS, Unreadable
from botfolk.imports.download import download
from botfolk.imports.encoding import ENCODINGS
from botfolk.imports.mapping import BadMapping
from botfolk.imports.verdicts import KINDS, SHOWN
from botfolk.imports.view import columns
from botfolk.jobs import runs
from botfolk.pages.catalogue import gettext as _
from botfolk.pages.render import AnyRequest, fragment, page
from botfolk.services import services
from botfolk.team.guards import agent, viewer
from botfolk.team.pages import Form
from botfolk.team.principal import principal


class NotTaken(HTTPException):
    """The file cannot be taken in; the text says why."""

    def __init__(self, detail: str, status_code: int) -> None:
        super().__init__(detail=detail, status_code=status_code)


@get("/users/imports", guards=[viewer], include_in_schema=False)
async def show_imports(request: AnyRequest) -> Response[str]:
    """Show where a file is put, and what was imported before."""
    bot_id = principal(request).bot_id
    async with services(request).pool.connection() as connection:
        found = await store.newest(connection, bot_id)
        wholes = [await manage.whole(connection, bot_id, each.id) for each in found]
    return page(
        request,
        "imports/imports.html",
        wholes=wholes,
        tally_of=manage.tally_of,
        most_mb=services(request).settings.import_mb,
        may=principal(request).may("agent"),
    )


@post("/users/imports", guards=[agent], include_in_schema=False, status_code=201, request_max_body_size=None)
async def take_file(
    request: AnyRequest, name: Annotated[str, QueryParameter(max_length=300)] = ""
) -> Response[dict[str, str]]:
    """Take a file in, which is the body; answer where it goes on."""
    me, shared = principal(request), services(request)
    try:
        made = await upload.upload(shared, me.bot_id, me.actor(), name or "file.csv", request.stream())
    except upload.TooLarge as error:
        raise NotTaken(f"{error}.", 413) from None
    except Unreadable as error:
        raise NotTaken(f"{error}.", 422) from None
    return Response({"address": f"/users/imports/{made.id}"}, status_code=201)


@get("/users/imports/{import_id:uuid}", guards=[viewer], include_in_schema=False)
async def show_import(request: AnyRequest, import_id: FromPath[UUID]) -> Response[str]:
    """Show an import: its columns, its dry run, its progress."""
    return await _shown(request, import_id)


@get("/users/imports/{import_id:uuid}/progress", guards=[viewer], include_in_schema=False)
async def show_progress(request: AnyRequest, import_id: FromPath[UUID]) -> Response[str]:
    """Show how far the dry run or the import is."""
    context = await _context(request, import_id)
    return fragment(request, "imports/progress.html", **context | {"beside": True})


@post("/users/imports/{import_id:uuid}/mapping", guards=[agent], include_in_schema=False, status_code=200)
async def map_columns(request: AnyRequest, import_id: FromPath[UUID], data: Form) -> Response[Any]:
    """Keep how the columns are mapped and begin the dry run; what was chosen stays when it cannot be."""
    me, shared = principal(request), services(request)
    try:
        async with shared.pool.connection() as connection:
            found = await store.get(connection, me.bot_id, import_id)
            await manage.change(
                connection,
                me.bot_id,
                import_id,
                columns=choices.read_columns(found.columns, data),
                settings={name: data.get(name, "").strip() for name in ("clear", "country", "only")},
            )
            await manage.start(connection, me.bot_id, import_id, "check", me.actor(), shared.clock())
    except store.NoSuchImport:
        raise NotFoundException(_("There is no such import")) from None
    except manage.CannotImport as error:
        return await _shown(request, import_id, status=409, problem=str(error))
    except BadMapping as error:
        return await _shown(request, import_id, status=422, errors=error.errors, typed=data)
    return Redirect(f"/users/imports/{import_id}#progress", status_code=303)


@post("/users/imports/{import_id:uuid}/format", guards=[agent], include_in_schema=False, status_code=200)
async def read_anew(request: AnyRequest, import_id: FromPath[UUID], data: Form) -> Response[Any]:
    """Read the file in another encoding, or cut at another delimiter."""
    delimiter = {"tab": "\t"}.get(data.get("delimiter", ""), data.get("delimiter", ""))
    written = {"encoding": data.get("encoding", ""), "delimiter": delimiter}
    try:
        async with services(request).pool.connection() as connection:
            await manage.change(connection, principal(request).bot_id, import_id, written=written)
    except store.NoSuchImport:
        raise NotFoundException(_("There is no such import")) from None
    except (manage.CannotImport, Unreadable, BadMapping) as error:
        return await _shown(request, import_id, status=422, problem=str(error))
    return Redirect(f"/users/imports/{import_id}", status_code=303)


@post("/users/imports/{import_id:uuid}/{what:str}", guards=[agent], include_in_schema=False, status_code=200)
async def act(request: AnyRequest, import_id: FromPath[UUID], what: FromPath[str]) -> Response[Any]:
    """Begin (`apply`), end (`cancel`), go on with (`resume`) or take back (`undo`) the import."""
    me, shared = principal(request), services(request)
    try:
        async with shared.pool.connection() as connection:
            whole = await manage.whole(connection, me.bot_id, import_id)
            job = whole.apply or whole.check
            match what:
                case "apply":
                    await manage.start(connection, me.bot_id, import_id, "apply", me.actor(), shared.clock())
                case "cancel" if job:
                    await runs.cancel(connection, me.bot_id, job.id, shared.clock())
                case "resume" if job:
                    await runs.resume(connection, me.bot_id, job.id)
                case "undo" if whole.apply:
                    await manage.undo(connection, me.bot_id, whole, me.actor(), shared.clock())
                case _:
                    raise ClientException(_("That cannot be done with this import."))
    except store.NoSuchImport:
        raise NotFoundException(_("There is no such import")) from None
    except (manage.CannotImport, runs.CannotUndo, BadMapping) as error:
        return await _shown(request, import_id, status=409, problem=str(error))
    return Redirect(f"/users/imports/{import_id}#progress", status_code=303)


@get("/users/imports/{import_id:uuid}/errors", guards=[viewer], include_in_schema=False)
async def get_errors(request: AnyRequest, import_id: FromPath[UUID]) -> Stream:
    """Download the rows that were not taken, with why."""
    return await download(request, import_id, "errors")


@get("/users/imports/{import_id:uuid}/verdicts", guards=[viewer], include_in_schema=False)
async def get_verdicts(request: AnyRequest, import_id: FromPath[UUID]) -> Stream:
    """Download every row's verdict."""
    return await download(request, import_id, "verdicts")


async def _context(request: AnyRequest, import_id: UUID) -> dict[str, Any]:
    me = principal(request)
    try:
        async with services(request).pool.connection() as connection:
            whole = await manage.whole(connection, me.bot_id, import_id)
            undoing = whole.apply.undone_by if whole.apply else None
            undo = await runs.get(connection, me.bot_id, undoing) if undoing else None
            targets = await choices.targets(connection, me.bot_id, whole.found)
    except store.NoSuchImport:
        raise NotFoundException(_("There is no such import")) from None
    job = whole.apply or whole.check
    return {
        "whole": whole,
        "found": whole.found,
        "job": job,
        "undo": undo,
        "tally": manage.tally_of(job),
        "kinds": KINDS,
        "shown": SHOWN,
        "targets": targets,
        "may": me.may("agent"),
        "problem": "",
        "beside": False,
    }


async def _shown(
    request: AnyRequest,
    import_id: UUID,
    *,
    status: int = 200,
    problem: str = "",
    errors: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
) -> Response[str]:
    context = await _context(request, import_id)
    found: store.Import = context["found"]
    mapped = choices.mapped(found, typed)
    return page(
        request,
        "imports/import.html",
        status=status,
        **context
        | {
            "columns": columns(found.columns, found.mapping, found.samples, 3),
            "mapped": mapped,
            "errors": errors or {},
            "settings": choices.settings(found.mapping, typed),
            "encodings": ENCODINGS,
            "delimiters": DELIMITERS,
            "problem": problem,
            "edits": context["whole"].may_change and context["may"],
        },
    )


handlers = [show_imports, take_file, show_import, show_progress, map_columns, read_anew, act, get_errors, get_verdicts]
