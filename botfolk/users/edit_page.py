"""The User page's edits of fields and attributes: what could not be saved keeps what was typed, with the reason."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotFoundException
from litestar.params import Body
from msgspec import UNSET, Struct, UnsetType

from botfolk.pages.render import AnyRequest
from botfolk.services import services
from botfolk.team.guards import agent, viewer
from botfolk.team.principal import principal
from botfolk.users import in_use, origins
from botfolk.users.apply import apply
from botfolk.users.attributes import AttributeType, AttributeValue, clean_value
from botfolk.users.describe import value_text
from botfolk.users.edits import Clash, Edit, InvalidEdit, RemoveAttribute, SetAttribute, SetField, UserNotFound
from botfolk.users.fields import FIELDS, BadValue
from botfolk.users.profile_view import (
    NewAttribute,
    ShownAttribute,
    ShownField,
    shown_attribute,
    shown_field,
)
from botfolk.users.user_page import answer, find


class FieldForm(Struct):
    """A field's new value, and the one the member saw."""

    value: str = ""
    expected: str = ""


class AttributeForm(Struct):
    """A new attribute as typed; an empty `type` is the one the name has, or text."""

    name: str
    value: str = ""
    type: str = ""


FieldBody = Annotated[FieldForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
AttributeBody = Annotated[AttributeForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


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
        user = await find(connection, me, user_id)
        by = await origins.origins(connection, me.bot_id, user_id)
    return shown_field(name, getattr(user, name), by.get(name), me.timezone, now)


def _known_field(name: str) -> None:
    if name not in FIELDS:
        raise NotFoundException("There is no such field")


async def _field_answer(request: AnyRequest, user_id: UUID, shown: ShownField, status: int) -> Response[Any]:
    return await answer(request, user_id, "users/field_alone.html", changed={"shown": shown}, status=status)


@get("/users/{user_id:uuid}/fields/{name:str}", guards=[viewer], include_in_schema=False)
async def field(request: AnyRequest, user_id: UUID, name: str) -> Response[Any]:
    """Show a field as it is now."""
    _known_field(name)
    return await _field_answer(request, user_id, await _field_now(request, user_id, name), 200)


@post("/users/{user_id:uuid}/fields/{name:str}", guards=[agent], status_code=200, include_in_schema=False)
async def set_field(request: AnyRequest, user_id: UUID, name: str, data: FieldBody) -> Response[Any]:
    """Save a field."""
    _known_field(name)
    status, error, theirs = 200, None, None
    try:
        await carry_out(request, user_id, [SetField(name, data.value, expected=data.expected or None)])
    except InvalidEdit as problem:
        status, error = 422, problem.errors.get(name, str(problem))
    except Clash as clash:
        status, theirs = 409, value_text(clash.fields[name][0])
    shown = await _field_now(request, user_id, name)
    if status != 200:
        shown.error, shown.theirs, shown.value = error, theirs, data.value
        shown.changed_by = shown.source
        # Whoever keeps their value has seen the other one; after an error they still see what they saw.
        shown.expected = data.expected if theirs is None else theirs
    return await _field_answer(request, user_id, shown, status)


async def _attribute_now(request: AnyRequest, user_id: UUID, name: str) -> ShownAttribute | None:
    """Return an attribute as it is now; None when the user has it no more."""
    me, now = principal(request), services(request).clock()
    async with services(request).pool.connection() as connection:
        user = await find(connection, me, user_id)
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
async def attribute(request: AnyRequest, user_id: UUID, name: str) -> Response[Any]:
    """Show an attribute as it is now; nothing when it is gone."""
    return await _attribute_answer(request, user_id, await _attribute_now(request, user_id, name), 200)


@post("/users/{user_id:uuid}/attributes/{name:str}", guards=[agent], status_code=200, include_in_schema=False)
async def set_attribute(request: AnyRequest, user_id: UUID, name: str, data: FieldBody) -> Response[Any]:
    """Save an attribute the user has."""
    me = principal(request)
    async with services(request).pool.connection() as connection:
        known = await in_use.attributes(connection, me.bot_id)
    if name.lower() not in known:
        raise NotFoundException("There is no such attribute")
    label, kind = known[name.lower()]
    status, error, theirs = 200, None, None
    try:
        await carry_out(request, user_id, [SetAttribute(label, data.value, kind, expected=_seen(data.expected, kind))])
    except InvalidEdit as problem:
        status, error = 422, "; ".join(problem.errors.values())
    except Clash as clash:
        status, theirs = 409, value_text(next(iter(clash.fields.values()))[0])
    shown = await _attribute_now(request, user_id, name)
    if status != 200:
        shown = shown or shown_attribute(name.lower(), None, known, None, me.timezone, services(request).clock())
        shown.error, shown.theirs, shown.text = error, theirs, data.value
        shown.expected = data.expected if theirs is None else theirs
    return await _attribute_answer(request, user_id, shown, status)


@post("/users/{user_id:uuid}/attributes", guards=[agent], status_code=200, include_in_schema=False)
async def add_attribute(request: AnyRequest, user_id: UUID, data: AttributeBody) -> Response[Any]:
    """Add an attribute."""
    me = principal(request)
    async with services(request).pool.connection() as connection:
        known = await in_use.attributes(connection, me.bot_id)
    existing = known.get(data.name.strip().lower())
    kind: AttributeType | None = None if existing and not data.type else _type(data.type)
    try:
        await carry_out(request, user_id, [SetAttribute(data.name, data.value, kind)])
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
async def remove_attribute(request: AnyRequest, user_id: UUID, name: str) -> Response[Any]:
    """Remove an attribute."""
    await carry_out(request, user_id, [RemoveAttribute(name)])
    return await answer(request, user_id, "users/attributes.html")


handlers = [field, set_field, attribute, set_attribute, add_attribute, remove_attribute]
