"""Imports by the API: upload, map, rehearse, carry out. Cancelling and undoing are the job's."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, get, patch, post
from litestar.exceptions import HTTPException, NotFoundException
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Stream
from msgspec import UNSET, Struct, UnsetType

from botfolk.api.shapes import TAKES_FILE, Cursor, Limit, Listed
from botfolk.db.cursors import Id, pack, unpack
from botfolk.imports import manage, store, upload
from botfolk.imports.delimited import Unreadable
from botfolk.imports.download import download
from botfolk.imports.mapping import BadMapping
from botfolk.imports.view import ImportView, view
from botfolk.services import services
from botfolk.team.guards import agent, viewer
from botfolk.team.principal import principal
from botfolk.users.edits import InvalidEdit

AnyRequest = Request[Any, Any, Any]
Job = Literal["check", "apply"]


class FileTooLarge(HTTPException):
    """413, while it comes."""

    status_code = 413


class Conflict(HTTPException):
    """409: not as the import stands."""

    status_code = 409


class ChangeImport(Struct, forbid_unknown_fields=True):
    """How the file is read or mapped; what is left out stays. `columns`: target by name of column: a standard field,
    "name", "attribute:<name>:<type>", "tags", "tag:<name>", "identity:<channel id>", "id", "note", "status", "skip".

    `clear`: the text of a cell that clears; `country`: of phone numbers without a country code; `only`: "create" or
    "update".
    """

    columns: dict[str, str] | UnsetType = UNSET
    clear: str | UnsetType = UNSET
    country: str | UnsetType = UNSET
    only: Literal["", "create", "update"] | UnsetType = UNSET
    encoding: str | UnsetType = UNSET
    delimiter: str | UnsetType = UNSET


@post(
    "/api/v1/imports",
    guards=[agent],
    tags=["Imports"],
    summary="Upload a file of users",
    status_code=201,
    opt=TAKES_FILE,
    request_max_body_size=None,
)
async def upload_import(
    request: AnyRequest,
    name: Annotated[str, QueryParameter(min_length=1, max_length=300, description="What the file is called.")],
) -> ImportView:
    """The body is the file itself, CSV or XLSX; its columns come back with what each is suggested to become."""
    me, shared = principal(request), services(request)
    try:
        made = await upload.upload(shared, me.bot_id, me.actor(), name, request.stream())
    except upload.TooLarge as error:
        raise FileTooLarge(str(error)) from None
    except Unreadable as error:
        raise InvalidEdit({"file": str(error)}) from None
    return await _answer(request, made.id)


@get("/api/v1/imports", guards=[viewer], tags=["Imports"], summary="List imports, newest first")
async def list_imports(request: AnyRequest, cursor: Cursor = None, limit: Limit = 50) -> Listed[ImportView]:
    """A page of imports."""
    me, before = principal(request), unpack(cursor, Id)[0] if cursor else None
    base = services(request).settings.public_url
    async with services(request).pool.connection() as connection:
        found = await store.newest(connection, me.bot_id, before=before, limit=limit + 1)
        wholes = [await manage.whole(connection, me.bot_id, each.id) for each in found[:limit]]
    following = pack(found[limit - 1].id) if len(found) > limit else None
    return Listed([view(whole, base) for whole in wholes], following)


@get("/api/v1/imports/{import_id:uuid}", guards=[viewer], tags=["Imports"], summary="One import, and how far it is")
async def one_import(request: AnyRequest, import_id: FromPath[UUID]) -> ImportView:
    """An import with its columns, its rehearsal and its progress."""
    return await _answer(request, import_id)


@patch("/api/v1/imports/{import_id:uuid}", guards=[agent], tags=["Imports"], summary="Map the columns")
async def change_import(request: AnyRequest, import_id: FromPath[UUID], data: JSONBody[ChangeImport]) -> ImportView:
    """Change what is given, all or nothing: 422 names each wrong column."""
    given = {name: value for name in data.__struct_fields__ if (value := getattr(data, name)) is not UNSET}
    settings = {name: value for name, value in given.items() if name in ("clear", "country", "only")}
    written = {name: value for name, value in given.items() if name in ("encoding", "delimiter")}
    try:
        async with services(request).pool.connection() as connection:
            await manage.change(
                connection,
                principal(request).bot_id,
                import_id,
                columns=given.get("columns"),
                settings=settings or None,
                written=written or None,
            )
    except store.NoSuchImport:
        raise NotFoundException("There is no such import.") from None
    except manage.CannotImport as error:
        raise Conflict(str(error)) from None
    except (BadMapping, Unreadable) as error:
        errors = error.errors if isinstance(error, BadMapping) else {"file": str(error)}
        raise InvalidEdit(errors) from None
    return await _answer(request, import_id)


@post("/api/v1/imports/{import_id:uuid}/check", guards=[agent], tags=["Imports"], summary="Rehearse", status_code=202)
async def check_import(request: AnyRequest, import_id: FromPath[UUID]) -> ImportView:
    """Begin a dry run: a verdict for every row, and nothing changed."""
    return await _start(request, import_id, "check")


@post("/api/v1/imports/{import_id:uuid}/apply", guards=[agent], tags=["Imports"], summary="Import", status_code=202)
async def apply_import(request: AnyRequest, import_id: FromPath[UUID]) -> ImportView:
    """Begin the import itself; 409 before the dry run is done."""
    return await _start(request, import_id, "apply")


@get(
    "/api/v1/imports/{import_id:uuid}/errors", guards=[viewer], tags=["Imports"], summary="What was not taken, and why"
)
async def import_errors(request: AnyRequest, import_id: FromPath[UUID]) -> Stream:
    """CSV: the rows that the newest run did not take, as they were, with what is wrong; mend and upload them again."""
    return await download(request, import_id, "errors")


@get("/api/v1/imports/{import_id:uuid}/verdicts", guards=[viewer], tags=["Imports"], summary="Every row's verdict")
async def import_verdicts(request: AnyRequest, import_id: FromPath[UUID]) -> Stream:
    """CSV: line, verdict and what it is about, for each row of the newest run."""
    return await download(request, import_id, "verdicts")


async def _start(request: AnyRequest, import_id: UUID, what: Job) -> ImportView:
    me, shared = principal(request), services(request)
    try:
        async with shared.pool.connection() as connection:
            await manage.start(connection, me.bot_id, import_id, what, me.actor(), shared.clock())
    except store.NoSuchImport:
        raise NotFoundException("There is no such import.") from None
    except manage.CannotImport as error:
        raise Conflict(str(error)) from None
    except BadMapping as error:
        raise InvalidEdit(error.errors) from None
    return await _answer(request, import_id)


async def _answer(request: AnyRequest, import_id: UUID) -> ImportView:
    me, shared = principal(request), services(request)
    try:
        async with shared.pool.connection() as connection:
            whole = await manage.whole(connection, me.bot_id, import_id)
    except store.NoSuchImport:
        raise NotFoundException("There is no such import.") from None
    return view(whole, shared.settings.public_url)


handlers = [
    upload_import,
    list_imports,
    one_import,
    change_import,
    check_import,
    apply_import,
    import_errors,
    import_verdicts,
]
