"""The Segments pages: saved filters with how many are in each, and what became of each."""

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import MediaType, Response, get, post
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from msgspec import UNSET

from botfolk.filters.catalogue import load_catalogue
from botfolk.filters.parse import MOST_CHARACTERS
from botfolk.pages.render import AnyRequest, fragment, page, wants_fragment
from botfolk.segments import read, segments, used
from botfolk.segments.segments import NoSuchSegment, Segment, SegmentInUse
from botfolk.services import services
from botfolk.team.guards import agent, viewer
from botfolk.team.pages import Form
from botfolk.team.principal import principal
from botfolk.users.edits import InvalidEdit

LIVE = "/live?users=list"
FilterText = Annotated[str, QueryParameter(max_length=MOST_CHARACTERS)]


def users_address(segment: Segment) -> str:
    """Return where a segment's users are listed."""
    return f"/users?{urlencode({'filter': segment.filter})}" if segment.filter else "/users"


@get("/segments", guards=[viewer], include_in_schema=False)
async def list_of_segments(request: AnyRequest) -> Response[str]:
    """Show the segments there are."""
    me, shared = principal(request), services(request)
    async with shared.pool.connection() as connection:
        found = await segments.by_name(connection, me.bot_id, me.member_id)
        catalogue = await load_catalogue(connection, me.bot_id)
        today = shared.clock().astimezone(catalogue.timezone).date()
        context: dict[str, Any] = {
            "segments": found,
            "today": await read.today_of_all(connection, me.bot_id, today),
            "uses": {each.id: await used.where_used(connection, me.bot_id, each.id) for each in found},
            "users_address": users_address,
        }
    template = "segments/table.html" if wants_fragment(request) else "segments/list.html"
    return page(request, template, live=LIVE, **context)


@get("/segments/save", guards=[agent], include_in_schema=False)
async def offer(request: AnyRequest, filter: FilterText = "") -> Response[str]:
    """Show what a filter of the list can be saved as."""
    return await _offer(request, filter)


async def _offer(request: AnyRequest, filter: str, *, status: int = 200, **more: Any) -> Response[str]:
    me = principal(request)
    async with services(request).pool.connection() as connection:
        found = await segments.by_name(connection, me.bot_id, me.member_id)
    usual: dict[str, Any] = {"typed": {"name": "", "segment": "", "shared": "yes"}, "errors": {}, "saved": None}
    context = usual | {"segments": found, "filter": filter} | more
    template = "segments/save.html" if wants_fragment(request) else "segments/save_alone.html"
    return page(request, template, status=status, users_address=users_address, **context)


@post("/segments", guards=[agent], include_in_schema=False, status_code=200)
async def save(request: AnyRequest, data: Form) -> Response[Any]:
    """Save a filter: as a new segment, or in the place of another's."""
    me, shared, filter = principal(request), services(request), data.get("filter", "")
    try:
        async with shared.pool.connection() as connection:
            if data.get("segment"):
                segment_id = _id(data["segment"])
                await segments.change(
                    connection, me.bot_id, segment_id, me.member_id, me.actor(), shared.clock(), filter=filter
                )
            else:
                segment_id = await segments.create(
                    connection, me.bot_id, data.get("name", ""), filter, me.actor(), shared.clock(),
                    shared=data.get("shared") != "no", member_id=me.member_id,
                )  # fmt: skip
            saved = await segments.get(connection, me.bot_id, segment_id, me.member_id)
    except InvalidEdit as problem:
        return await _offer(request, filter, status=422, typed={"shared": "yes", **data}, errors=problem.errors)
    if not wants_fragment(request):
        return Redirect(f"/segments/{segment_id}", status_code=303)
    return await _offer(request, filter, saved=saved)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ClientException("This is no segment.") from None


@get("/segments/{segment_id:uuid}", guards=[viewer], include_in_schema=False)
async def one_segment(request: AnyRequest, segment_id: FromPath[UUID]) -> Response[Any]:
    """Show a segment: how many over time, who moved, where it is used."""
    try:
        return await _one(request, segment_id)
    except NotFoundException:
        if not wants_fragment(request):
            raise
        # Somebody deleted it while it was looked at.
        return Response("", media_type=MediaType.HTML, headers={"HX-Redirect": "/segments"})


async def _one(
    request: AnyRequest, segment_id: UUID, *, status: int = 200, typed: dict[str, str] | None = None, **more: Any
) -> Response[Any]:
    me, shared = principal(request), services(request)
    async with shared.pool.connection() as connection:
        found = await _visible(request, connection, segment_id)
        catalogue = await load_catalogue(connection, me.bot_id)
        days = await read.days(connection, me.bot_id, segment_id, shared.clock().astimezone(catalogue.timezone).date())
        context: dict[str, Any] = {
            "segment": found,
            "days": days[::-1][:14],
            "course": read.line(days),
            "moves": await read.latest(connection, me.bot_id, segment_id),
            "uses": await used.where_used(connection, me.bot_id, segment_id),
            "address": users_address(found),
            "may_change": me.may("agent"),
            "may_be_private": found.owner_id is not None and found.owner_id == me.member_id,
            "typed": typed or {"name": found.name, "filter": found.filter, "shared": "yes" if found.shared else "no"},
            "errors": {},
            "problem": "",
        }
    if wants_fragment(request) and request.method == "GET":
        return fragment(request, "segments/standing.html", **context | more)
    return page(request, "segments/segment.html", status=status, live=LIVE, **context | more)


async def _visible(request: AnyRequest, connection: Any, segment_id: UUID) -> Segment:
    me = principal(request)
    try:
        return await segments.get(connection, me.bot_id, segment_id, me.member_id)
    except NoSuchSegment:
        raise NotFoundException("There is no such segment") from None


@post("/segments/{segment_id:uuid}", guards=[agent], include_in_schema=False, status_code=200)
async def change(request: AnyRequest, segment_id: FromPath[UUID], data: Form) -> Response[Any]:
    """Change a segment's name, filter, or who sees it."""
    me, shared = principal(request), services(request)
    try:
        async with shared.pool.connection() as connection:
            await _visible(request, connection, segment_id)
            await segments.change(
                connection, me.bot_id, segment_id, me.member_id, me.actor(), shared.clock(),
                name=data.get("name", UNSET), filter=data.get("filter", UNSET),
                shared=data["shared"] != "no" if "shared" in data else UNSET,
            )  # fmt: skip
    except InvalidEdit as problem:
        typed = {"name": "", "filter": "", "shared": "yes", **data}
        return await _one(request, segment_id, status=422, typed=typed, errors=problem.errors)
    return Redirect(f"/segments/{segment_id}", status_code=303)


@post("/segments/{segment_id:uuid}/delete", guards=[agent], include_in_schema=False, status_code=200)
async def delete(request: AnyRequest, segment_id: FromPath[UUID]) -> Response[Any]:
    """Delete a segment that nothing uses."""
    me = principal(request)
    try:
        async with services(request).pool.connection() as connection:
            await _visible(request, connection, segment_id)
            await segments.delete(connection, me.bot_id, segment_id, me.member_id)
    except SegmentInUse as problem:
        return await _one(request, segment_id, status=409, problem=str(problem))
    return Redirect("/segments", status_code=303)


handlers = [list_of_segments, offer, save, one_segment, change, delete]
