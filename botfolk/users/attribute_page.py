"""The User page's edits of attributes."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotFoundException
from litestar.params import Body, FromPath
from msgspec import UNSET, Struct, UnsetType

from botfolk.pages.render import AnyRequest
from botfolk.services import services
from botfolk.team.guards import agent, viewer
from botfolk.team.principal import principal
from botfolk.users import in_use, origins
from botfolk.users.attributes import AttributeType, AttributeValue, clean_value
from botfolk.users.describe import value_text
from botfolk.users.edit_page import FieldBody, carry_out
from botfolk.users.edits import Clash, InvalidEdit, RemoveAttribute, SetAttribute
from botfolk.users.fields import BadValue
from botfolk.users.profile_view import NewAttribute, ShownAttribute, attribute_text, shown_attribute, typed_value
from botfolk.users.user_page import answer, find


class AttributeForm(Struct):
    """A new attribute as typed; an empty `type` is the one the name has, or text."""

    name: str
    value: str = ""
    type: str = ""


AttributeBody = Annotated[AttributeForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


async def _attribute_now(request: AnyRequest, user_id: UUID, name: str) -> ShownAttribute | None:
    """Return an attribute as it is now; None when the user has it no more."""
    me, now = principal(request), services(request).clock()
    async with services(request).pool.connection() as connection:
        user = await find(connection, me, user_id, now)
        by = await origins.origins(connection, me.bot_id, user_id)
        known = await in_use.attributes(connection, me.bot_id)
    values = {label.lower(): value for label, value in user.attributes.items()}
    key = name.lower()
    if key not in values:
        return None
    return shown_attribute(key, values[key], known, by.get(f"attributes.{key}"), me.timezone, now)


async def _attribute_answer(
    request: AnyRequest, user_id: UUID, shown: ShownAttribute | None, status: int
) -> Response[Any]:
    template = "users/attribute_alone.html"
    return await answer(request, user_id, template, changed={"shown": shown}, status=status)


def _seen(text: str, kind: AttributeType) -> AttributeValue | UnsetType:
    """Read back the value a member saw, from how it was shown to them."""
    try:
        return clean_value(text, kind) if text else UNSET
    except BadValue:
        return UNSET


@get("/users/{user_id:uuid}/attributes/{name:str}", guards=[viewer], include_in_schema=False)
async def attribute(request: AnyRequest, user_id: FromPath[UUID], name: FromPath[str]) -> Response[Any]:
    """Show an attribute as it is now; nothing when it is gone."""
    return await _attribute_answer(request, user_id, await _attribute_now(request, user_id, name), 200)


@post("/users/{user_id:uuid}/attributes/{name:str}", guards=[agent], status_code=200, include_in_schema=False)
async def set_attribute(
    request: AnyRequest, user_id: FromPath[UUID], name: FromPath[str], data: FieldBody
) -> Response[Any]:
    """Save an attribute the user has."""
    me = principal(request)
    async with services(request).pool.connection() as connection:
        known = await in_use.attributes(connection, me.bot_id)
    if name.lower() not in known:
        raise NotFoundException("There is no such attribute")
    label, kind = known[name.lower()]
    status, error, theirs, seen = 200, None, None, data.expected
    value = typed_value(data.value, kind, me.timezone)
    try:
        await carry_out(request, user_id, [SetAttribute(label, value, kind, _seen(data.expected, kind))])
    except InvalidEdit as problem:
        status, error = 422, "; ".join(problem.errors.values())
    except Clash as clash:
        there = next(iter(clash.fields.values()))[0]
        status, theirs, seen = 409, attribute_text(there, kind, me.timezone), value_text(there)
    shown = await _attribute_now(request, user_id, name)
    if status != 200:
        shown = shown or shown_attribute(name.lower(), None, known, None, me.timezone, services(request).clock())
        shown.error, shown.theirs, shown.text = error, theirs, data.value
        shown.changed_by = shown.mark.name if shown.mark else None
        shown.expected = seen
    return await _attribute_answer(request, user_id, shown, status)


@post("/users/{user_id:uuid}/attributes", guards=[agent], status_code=200, include_in_schema=False)
async def add_attribute(request: AnyRequest, user_id: FromPath[UUID], data: AttributeBody) -> Response[Any]:
    """Add an attribute."""
    me = principal(request)
    async with services(request).pool.connection() as connection:
        known = await in_use.attributes(connection, me.bot_id)
    existing = known.get(data.name.strip().lower())
    kind = existing[1] if existing and not data.type else _type(data.type)
    value = typed_value(data.value, kind, me.timezone)
    try:
        await carry_out(request, user_id, [SetAttribute(data.name, value, kind)])
    except InvalidEdit as problem:
        typed = NewAttribute(data.name, data.type, data.value, "; ".join(problem.errors.values()))
        changed = {"new_attribute": typed}
        return await answer(request, user_id, "users/attributes.html", changed=changed, status=422)
    return await answer(request, user_id, "users/attributes.html")


def _type(chosen: str) -> AttributeType:
    match chosen:
        case "number" | "datetime" | "yes_no" | "list":
            return chosen
        case _:
            return "text"


@post("/users/{user_id:uuid}/attributes/{name:str}/remove", guards=[agent], status_code=200, include_in_schema=False)
async def remove_attribute(request: AnyRequest, user_id: FromPath[UUID], name: FromPath[str]) -> Response[Any]:
    """Remove an attribute."""
    await carry_out(request, user_id, [RemoveAttribute(name)])
    return await answer(request, user_id, "users/attributes.html")


handlers = [attribute, set_attribute, add_attribute, remove_attribute]
