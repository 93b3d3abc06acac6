"""Merging users, and undoing it, by the API."""

from typing import Any, Literal
from uuid import UUID

from litestar import Request, post
from litestar.params import FromPath, JSONBody
from msgspec import Struct, field

from botfolk.services import services
from botfolk.team.guards import agent
from botfolk.team.principal import principal
from botfolk.users.api import whole
from botfolk.users.merge import merge
from botfolk.users.part import part
from botfolk.users.read import User

AnyRequest = Request[Any, Any, Any]


class MergeUsers(Struct, forbid_unknown_fields=True):
    """`with`: the user whose everything comes to the one in the address, and who is no user any more. `choices`: where
    both have a value, whose stays, by field ("email", "picture", "infinite_session", "attributes.plan"); where nothing
    is chosen the newer of what members set, else the value of the user in the address."""

    other: UUID = field(name="with")
    choices: dict[str, Literal["this", "other"]] = {}


class Merged(Struct, frozen=True):
    """A merge, by which it can be undone, and the user as they are now."""

    merge: UUID
    user: User


class Parted(Struct, frozen=True):
    """The user who stayed, and the one who is back."""

    user: User
    back: User


@post("/api/v1/users/{user_id:uuid}/merge", guards=[agent], tags=["Users"], summary="Merge two users", status_code=200)
async def merge_users(request: AnyRequest, user_id: FromPath[UUID], data: JSONBody[MergeUsers]) -> Merged:
    """Let two users be one: 422 names a choice that cannot be made, or says why the two cannot be merged."""
    me, shared = principal(request), services(request)
    async with shared.pool.connection() as connection:
        merge_id = await merge(
            connection, me.bot_id, data.other, user_id, me.actor(), now=shared.clock(), choices=data.choices
        )
    return Merged(merge_id, await whole(request, user_id))


@post("/api/v1/merges/{merge_id:uuid}/undo", guards=[agent], tags=["Users"], summary="Undo a merge", status_code=200)
async def undo_merge(request: AnyRequest, merge_id: FromPath[UUID]) -> Parted:
    """Let them be two again, each with what has come by their channels since; 409 says what stands in the way."""
    me, shared = principal(request), services(request)
    async with shared.pool.connection() as connection:
        stays, back = await part(connection, me.bot_id, merge_id, me.actor(), now=shared.clock())
    return Parted(await whole(request, stays), await whole(request, back))


handlers = [merge_users, undo_merge]
