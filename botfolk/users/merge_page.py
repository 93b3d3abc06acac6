"""The page that shows two users beside each other before they are merged, and what undoes it or keeps them apart."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotFoundException
from litestar.params import Body, FromPath, QueryParameter
from litestar.response import Redirect
from msgspec import Struct, field

from botfolk.pages.catalogue import gettext as _
from botfolk.pages.render import AnyRequest, page
from botfolk.services import services
from botfolk.team.guards import agent
from botfolk.team.principal import principal
from botfolk.users.edits import Clash, InvalidEdit, UserNotFound
from botfolk.users.merge import look_at, merge
from botfolk.users.merge_view import beside
from botfolk.users.part import CannotPart, NoSuchMerge, part
from botfolk.users.same_person import never
from botfolk.users.user_page import answer, everything

_CHOICE = "choice."


class ApartForm(Struct):
    """The other user (`with`); `apart` is "no" to forget that the two are two."""

    other: UUID = field(name="with")
    apart: str = "yes"


ApartBody = Annotated[ApartForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
MergeBody = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
With = Annotated[UUID, QueryParameter(name="with", description="The other user.")]


async def _show(
    request: AnyRequest,
    this: UUID,
    other: UUID,
    *,
    chosen: dict[str, str] | None = None,
    problem: str | None = None,
    status: int = 200,
) -> Response[str]:
    me, now = principal(request), services(request).clock()
    if this == other:
        raise NotFoundException("A user cannot be merged with themselves")
    try:
        async with services(request).pool.connection() as connection:
            pair = await look_at(connection, me.bot_id, this, other)
            view = await beside(connection, me, this, other, pair, chosen or {}, now)
    except UserNotFound:
        raise NotFoundException("There is no such user") from None
    return page(request, "users/merge.html", status=status, view=view, problem=problem)


@get("/users/{user_id:uuid}/merge", guards=[agent], include_in_schema=False)
async def merge_page(request: AnyRequest, user_id: FromPath[UUID], other: With) -> Response[str]:
    """Show what merging two users would do, and ask where they differ."""
    return await _show(request, user_id, other)


@post("/users/{user_id:uuid}/merge", guards=[agent], status_code=200, include_in_schema=False)
async def merge_users(request: AnyRequest, user_id: FromPath[UUID], data: MergeBody) -> Response[Any]:
    """Merge; whoever was changed since they were shown is shown again."""
    me = principal(request)
    chosen = {name.removeprefix(_CHOICE): side for name, side in data.items() if name.startswith(_CHOICE)}
    try:
        other = UUID(data.get("with", ""))
        seen = [int(data[name]) for name in ("version", "other_version") if name in data]
    except ValueError:
        raise NotFoundException("There is no such user") from None
    try:
        async with services(request).pool.connection() as connection:
            merge_id = await merge(
                connection,
                me.bot_id,
                other,
                user_id,
                me.actor(),
                now=services(request).clock(),
                choices=chosen,  # type: ignore[arg-type]  # what is no side is refused by name
                versions=(seen[0], seen[1]) if len(seen) == 2 else None,
            )
    except UserNotFound:
        raise NotFoundException("There is no such user") from None
    except Clash:
        problem = _("One of the two has been changed meanwhile: look at both again.")
        return await _show(request, user_id, other, chosen=chosen, problem=problem, status=409)
    except InvalidEdit as error:
        problem = "; ".join(error.errors.values())
        return await _show(request, user_id, other, chosen=chosen, problem=problem, status=422)
    return Redirect(f"/users/{user_id}?merged={merge_id}", status_code=303)


@post("/users/{user_id:uuid}/merges/{merge_id:uuid}/undo", guards=[agent], status_code=200, include_in_schema=False)
async def undo_merge(request: AnyRequest, user_id: FromPath[UUID], merge_id: FromPath[UUID]) -> Response[Any]:
    """Let them be two again."""
    me = principal(request)
    try:
        async with services(request).pool.connection() as connection:
            stays, _back = await part(connection, me.bot_id, merge_id, me.actor(), now=services(request).clock())
            if stays != user_id:
                raise NotFoundException("There is no such merge of this user")
    except NoSuchMerge:
        raise NotFoundException("There is no such merge") from None
    except CannotPart as error:
        whole = await everything(request, user_id)
        return page(request, "users/user.html", status=409, **{**whole, "merged": (merge_id, f"{error}.")})
    return Redirect(f"/users/{user_id}", status_code=303)


@post("/users/{user_id:uuid}/apart", guards=[agent], status_code=200, include_in_schema=False)
async def keep_apart(request: AnyRequest, user_id: FromPath[UUID], data: ApartBody) -> Response[Any]:
    """Remember that two users are two, or forget it."""
    me, now = principal(request), services(request).clock()
    try:
        async with services(request).pool.connection() as connection:
            await never(connection, me.bot_id, user_id, data.other, me.actor(), now=now, on=data.apart != "no")
    except UserNotFound:
        raise NotFoundException("There is no such user") from None
    return await answer(request, user_id, "users/profile.html")


handlers = [merge_page, merge_users, undo_merge, keep_apart]
