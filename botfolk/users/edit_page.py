"""The User page's edits of standard fields: what could not be saved keeps what was typed, with the reason."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotFoundException
from litestar.params import Body, FromPath
from msgspec import Struct

from botfolk.pages.render import AnyRequest
from botfolk.services import services
from botfolk.team.guards import agent, viewer
from botfolk.team.principal import principal
from botfolk.users import origins
from botfolk.users.apply import apply
from botfolk.users.describe import value_text
from botfolk.users.edits import Clash, Edit, InvalidEdit, SetField, UserNotFound
from botfolk.users.fields import FIELDS
from botfolk.users.profile_view import ShownField, field_text, shown_field, typed_field
from botfolk.users.user_page import answer, find


class FieldForm(Struct):
    """A field's new value, and the one the member saw."""

    value: str = ""
    expected: str = ""


FieldBody = Annotated[FieldForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


async def carry_out(request: AnyRequest, user_id: UUID, edits: Sequence[Edit]) -> None:
    """Apply a member's edits in a transaction. Raises InvalidEdit, Clash, NotFoundException."""
    me = principal(request)
    try:
        async with services(request).pool.connection() as connection:
            await apply(connection, me.bot_id, user_id, edits, me.actor(), now=services(request).clock())
    except UserNotFound:
        raise NotFoundException("There is no such user") from None


async def _field_now(request: AnyRequest, user_id: UUID, name: str) -> ShownField:
    me, now = principal(request), services(request).clock()
    async with services(request).pool.connection() as connection:
        user = await find(connection, me, user_id, now)
        by = await origins.origins(connection, me.bot_id, user_id)
    return shown_field(name, getattr(user, name), by.get(name), me.timezone, now)


def _known_field(name: str) -> None:
    if name not in FIELDS:
        raise NotFoundException("There is no such field")


async def _field_answer(request: AnyRequest, user_id: UUID, shown: ShownField, status: int) -> Response[Any]:
    return await answer(request, user_id, "users/field_alone.html", changed={"shown": shown}, status=status)


@get("/users/{user_id:uuid}/fields/{name:str}", guards=[viewer], include_in_schema=False)
async def field(request: AnyRequest, user_id: FromPath[UUID], name: FromPath[str]) -> Response[Any]:
    """Show a field as it is now."""
    _known_field(name)
    return await _field_answer(request, user_id, await _field_now(request, user_id, name), 200)


@post("/users/{user_id:uuid}/fields/{name:str}", guards=[agent], status_code=200, include_in_schema=False)
async def set_field(
    request: AnyRequest, user_id: FromPath[UUID], name: FromPath[str], data: FieldBody
) -> Response[Any]:
    """Save a field."""
    _known_field(name)
    status, error, theirs = 200, None, None
    try:
        value = typed_field(name, data.value, data.expected)
        await carry_out(request, user_id, [SetField(name, value, expected=data.expected or None)])
    except InvalidEdit as problem:
        status, error = 422, problem.errors.get(name, str(problem))
    except Clash as clash:
        status, theirs = 409, value_text(clash.fields[name][0])
    shown = await _field_now(request, user_id, name)
    if status != 200:
        shown.error, shown.value = error, data.value
        shown.theirs = None if theirs is None else field_text(name, theirs)
        shown.changed_by = shown.mark.name if shown.mark else None
        # Whoever keeps their value has seen the other one; after an error they still see what they saw.
        shown.expected = data.expected if theirs is None else theirs
    return await _field_answer(request, user_id, shown, status)


handlers = [field, set_field]
