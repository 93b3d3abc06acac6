"""An action on the users selected on the Users page: the dialog that says what will happen, and its start."""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.exceptions import ClientException, PermissionDeniedException
from litestar.params import QueryParameter
from msgspec import UNSET

from botfolk.bulk import asking, jobs_page, words
from botfolk.bulk import selection as selecting
from botfolk.bulk.actions import ACTIONS, Action, Name
from botfolk.bulk.selection import Counted, Selection
from botfolk.filters.parse import MOST_CHARACTERS
from botfolk.pages.render import AnyRequest, fragment
from botfolk.services import services
from botfolk.team.guards import agent, viewer
from botfolk.team.pages import Form
from botfolk.team.principal import principal
from botfolk.users import in_use
from botfolk.users.attributes import AttributeValue
from botfolk.users.edits import InvalidEdit

LENGTHS = ("10", "60", "480", "1440", "10080", "forever")
"""Pauses to choose from, in minutes."""


def _name(data: dict[str, str]) -> Name:
    """Read which action is meant. Raises a 400 for none: the menu offers no such one."""
    for name in ACTIONS:
        if name == data.get("action"):
            return name
    raise ClientException("action: there is no such action")


def _action(data: dict[str, str], kind: str | None) -> Action:
    """Read what is to be done; a value is of its attribute's type, or of the one it shows. Raises InvalidEdit."""
    chosen = _name(data)
    length = data.get("length", "")
    value: AttributeValue | Any = UNSET
    if chosen == "set_attribute" and "value" in data:
        value = [part.strip() for part in data["value"].split(",")] if kind == "list" else data["value"]
    try:
        minutes = float(length) if length and length != "forever" else None
    except ValueError as error:
        raise InvalidEdit({"length": "give the length in minutes"}) from error
    return Action(
        action=chosen,
        tag=data.get("tag", ""),
        name=data.get("name", ""),
        value=value,
        minutes=minutes,
        until_resumed=length == "forever",
        reason=data.get("reason") or None,
    )


@get("/users/bulk/count", guards=[viewer], include_in_schema=False)
async def count(
    request: AnyRequest,
    q: Annotated[str, QueryParameter(max_length=200)] = "",
    filter: Annotated[str, QueryParameter(max_length=MOST_CHARACTERS)] = "",
) -> Response[str]:
    """Show how many match what the list shows."""
    me, shared = principal(request), services(request)
    try:
        async with shared.pool.connection() as connection:
            selection = Selection(filter=filter, q=q)
            counted = await selecting.count(connection, me.bot_id, selection, Action(action="pause"), shared.clock())
    except InvalidEdit:
        counted = Counted(0, 0)
    return fragment(request, "bulk/all.html", total=counted.total)


@post("/users/bulk/dialog", guards=[agent], status_code=200, include_in_schema=False)
async def dialog(request: AnyRequest, data: Form) -> Response[str]:
    """Show what an action would do and to how many; nothing is done."""
    return await _dialog(request, dict(data), {})


@post("/users/bulk", guards=[agent], status_code=200, include_in_schema=False)
async def start(request: AnyRequest, data: Form) -> Response[str]:
    """Start an action, and show how far it is."""
    me, shared, given = principal(request), services(request), dict(data)
    try:
        async with shared.pool.connection() as connection:
            types = await in_use.attributes(connection, me.bot_id)
            action = _action(given, types.get(given.get("name", "").strip().lower(), ("", None))[1])
            if not me.may(ACTIONS[action.action].role):
                raise PermissionDeniedException(f"This needs the role {ACTIONS[action.action].role} or a higher one.")
            asked = (me.bot_id, action, selecting.selected(given), me.actor(), shared.clock())
            job = await asking.start(connection, *asked)
            if action.action == "erase" and given.get("confirm", "").strip() != str(job.total):
                await connection.rollback()
                raise InvalidEdit({"confirm": f"type {job.total} to erase them"})
    except InvalidEdit as problem:
        return await _dialog(request, given, problem.errors)
    return await jobs_page.shown_now(request, headers={"HX-Trigger": "bulk-started"})


async def _dialog(request: AnyRequest, data: dict[str, str], errors: dict[str, str]) -> Response[str]:
    """Answer with the dialog, or with the number alone where that was asked for."""
    me, shared = principal(request), services(request)
    counted: Counted | None = None
    chosen = _name(data)
    async with shared.pool.connection() as connection:
        attributes = await in_use.attributes(connection, me.bot_id)
        tags = await in_use.tags(connection, me.bot_id)
        try:
            action = _action(data, attributes.get(data.get("name", "").strip().lower(), ("", None))[1])
            counted = await selecting.count(connection, me.bot_id, selecting.selected(data), action, shared.clock())
        except InvalidEdit as problem:
            errors = {**problem.errors, **errors}
    if request.headers.get("HX-Target") == "bulk-count":
        # Somebody is still typing: nothing but the number is written anew.
        wrong = "; ".join(errors.values())
        return fragment(request, "bulk/count.html", action=chosen, typed=data, counted=counted, problem=wrong)
    headers = {"HX-Retarget": "#bulk-body", "HX-Reswap": "outerHTML"} if errors else {}
    return fragment(
        request,
        "bulk/dialog.html",
        status=422 if errors else 200,
        headers=headers,
        action=chosen,
        title=words.label(chosen),
        consequence=words.consequence(chosen),
        typed=data,
        counted=counted,
        errors=errors,
        attributes=attributes,
        tags=tags,
        lengths=LENGTHS,
        may=me.may(ACTIONS[chosen].role),
    )


handlers = [count, dialog, start]
