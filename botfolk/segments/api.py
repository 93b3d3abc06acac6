"""Segments by the API."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, delete, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from botfolk.api.shapes import Cursor, Limit, Listed
from botfolk.db.cursors import Id, pack, unpack
from botfolk.segments import segments
from botfolk.segments.members import members_of
from botfolk.services import services
from botfolk.team.guards import agent, viewer
from botfolk.team.principal import principal
from botfolk.users.read import User, get_users

AnyRequest = Request[Any, Any, Any]
_ONE = "/api/v1/segments/{segment_id:uuid}"


class SegmentOut(Struct, frozen=True, kw_only=True):
    """A segment. `users`: how many are in it as of `counted_at`, null before the first count; `counting`: its filter is
    new and everybody is being looked at; `problem`: why its filter cannot be read any more."""

    id: UUID
    name: str
    filter: str
    shared: bool
    owner: str | None
    users: int | None
    counted_at: datetime | None
    counting: bool
    problem: str | None
    created_at: datetime
    updated_at: datetime
    updated_by: str | None


class NewSegment(Struct, forbid_unknown_fields=True):
    """A segment to make."""

    name: str
    filter: str


class ChangeSegment(Struct, forbid_unknown_fields=True):
    """What of a segment to change; what is left out stays."""

    name: str | UnsetType = UNSET
    filter: str | UnsetType = UNSET


def _out(found: segments.Segment) -> SegmentOut:
    return SegmentOut(
        id=found.id,
        name=found.name,
        filter=found.filter,
        shared=found.shared,
        owner=found.owner,
        users=None if found.counted_at is None else found.users,
        counted_at=found.counted_at,
        counting=found.is_new,
        problem=found.problem,
        created_at=found.created_at,
        updated_at=found.updated_at,
        updated_by=found.updated_by,
    )


@get("/api/v1/segments", guards=[viewer], tags=["Segments"], summary="List segments")
async def list_of_segments(request: AnyRequest) -> Listed[SegmentOut]:
    """The shared segments by name, all on one page, each with how many are in it."""
    me = principal(request)
    async with services(request).pool.connection() as connection:
        found = await segments.by_name(connection, me.bot_id, me.member_id)
    return Listed([_out(each) for each in found], None)


@post("/api/v1/segments", guards=[agent], tags=["Segments"], summary="Make a segment", status_code=201)
async def make(request: AnyRequest, data: JSONBody[NewSegment]) -> SegmentOut:
    """Save a filter for the whole team; 422 says what is wrong with it."""
    me, shared = principal(request), services(request)
    async with shared.pool.connection() as connection:
        segment_id = await segments.create(
            connection, me.bot_id, data.name, data.filter, me.actor(), shared.clock(), member_id=me.member_id
        )
        return _out(await segments.get(connection, me.bot_id, segment_id, me.member_id))


@get(_ONE, guards=[viewer], tags=["Segments"], summary="One segment")
async def one(request: AnyRequest, segment_id: FromPath[UUID]) -> SegmentOut:
    """A segment with how many are in it."""
    me = principal(request)
    async with services(request).pool.connection() as connection:
        return _out(await segments.get(connection, me.bot_id, segment_id, me.member_id))


@patch(_ONE, guards=[agent], tags=["Segments"], summary="Change a segment")
async def change(request: AnyRequest, segment_id: FromPath[UUID], data: JSONBody[ChangeSegment]) -> SegmentOut:
    """Change its name or filter. With a new one everybody is looked at, and nobody counts as having entered or left."""
    me, shared = principal(request), services(request)
    async with shared.pool.connection() as connection:
        await segments.change(
            connection, me.bot_id, segment_id, me.member_id, me.actor(), shared.clock(),
            name=data.name, filter=data.filter,
        )  # fmt: skip
        return _out(await segments.get(connection, me.bot_id, segment_id, me.member_id))


@delete(_ONE, guards=[agent], tags=["Segments"], summary="Delete a segment", status_code=200)
async def remove(request: AnyRequest, segment_id: FromPath[UUID]) -> SegmentOut:
    """Delete it and return what it was; 409 while something uses it. Its users stay as they are."""
    me = principal(request)
    async with services(request).pool.connection() as connection:
        return _out(await segments.delete(connection, me.bot_id, segment_id, me.member_id))


@get(f"{_ONE}/users", guards=[viewer], tags=["Segments"], summary="Who is in a segment")
async def users_of(
    request: AnyRequest, segment_id: FromPath[UUID], cursor: Cursor = None, limit: Limit = 50
) -> Listed[User]:
    """A page of its users as they are kept, which is up to a second behind; GET /users?filter= asks anew."""
    me, shared = principal(request), services(request)
    after = unpack(cursor, Id)[0] if cursor else None
    async with shared.pool.connection() as connection:
        segment = await segments.get(connection, me.bot_id, segment_id, me.member_id)
        ids = await members_of(connection, me.bot_id, segment, after, limit + 1, shared.clock())
        page, following = ids[:limit], pack(ids[limit - 1]) if len(ids) > limit else None
        users = await get_users(connection, me.bot_id, page, shared.clock())
    return Listed([_absolute(request, users[user_id]) for user_id in page if user_id in users], following)


def _absolute(request: AnyRequest, user: User) -> User:
    if user.picture_url is None:
        return user
    return replace(user, picture_url=services(request).settings.public_url + user.picture_url)


handlers = [list_of_segments, make, one, change, remove, users_of]
