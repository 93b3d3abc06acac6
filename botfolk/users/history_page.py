"""What opens under a field's source mark of the User page, and under "Changes": who, when, from what to what; undo."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotFoundException
from litestar.params import Body, FromPath, FromQuery, PathParameter
from msgspec import Struct

from botfolk.pages.catalogue import gettext as _
from botfolk.pages.formats import anchor
from botfolk.pages.render import AnyRequest, fragment, wants_fragment
from botfolk.services import services
from botfolk.team.guards import agent, viewer
from botfolk.team.principal import principal
from botfolk.users import origins
from botfolk.users.edits import Clash, InvalidEdit
from botfolk.users.part import CannotPart, undo_any
from botfolk.users.read import check_user
from botfolk.users.undo import NoSuchChange
from botfolk.users.user_page import answer, may_edit, shown_change

SHOWN = 30
"""Changes that are shown at once."""


class UndoForm(Struct):
    """`of`: the field under whose mark the change is undone; empty in the list of all changes."""

    of: str = ""


UndoBody = Annotated[UndoForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
Before = FromQuery[UUID | None]


async def _history(
    request: AnyRequest, user_id: UUID, name: str, *, before: UUID | None = None, only: UUID | None = None
) -> dict[str, Any]:
    me = principal(request)
    async with services(request).pool.connection() as connection:
        await check_user(connection, me.bot_id, user_id)
        found = await origins.recent(
            connection, me.bot_id, user_id, SHOWN + 1, field=name or None, before=before, only=only
        )
    return {
        "user_id": user_id,
        "of": name,
        "changes": [shown_change(change, me) for change in found[:SHOWN]],
        "older": found[SHOWN - 1].id if len(found) > SHOWN else None,
        "can_edit": may_edit(me),
        "undo_problem": None,
    }


def _template(before: UUID | None) -> str:
    return "users/history.html" if before is None else "users/history_lines.html"


@get("/users/{user_id:uuid}/history", guards=[viewer], include_in_schema=False)
async def show_all(request: AnyRequest, user_id: FromPath[UUID], before: Before = None) -> Response[str]:
    """Show the newest changes of a user; with `before`, those older than a change."""
    return fragment(request, _template(before), **await _history(request, user_id, "", before=before))


@get("/users/{user_id:uuid}/history/{name:str}", guards=[viewer], include_in_schema=False)
async def show(
    request: AnyRequest,
    user_id: FromPath[UUID],
    name: Annotated[str, PathParameter(max_length=80)],
    before: Before = None,
) -> Response[str]:
    """Show the newest changes of a field ("email", "attributes.plan", "tags", "picture", "pause_bot"…), or older."""
    return fragment(request, _template(before), **await _history(request, user_id, name, before=before))


@post("/users/{user_id:uuid}/changes/{change_id:uuid}/undo", guards=[agent], status_code=200, include_in_schema=False)
async def undo_change(
    request: AnyRequest, user_id: FromPath[UUID], change_id: FromPath[UUID], data: UndoBody
) -> Response[Any]:
    """Take a change back; what cannot be is said where it was asked."""
    problem = await _undo(request, user_id, change_id)
    if problem and wants_fragment(request):
        context = await _history(request, user_id, data.of, only=change_id)
        headers = {"HX-Retarget": f"#change-{anchor(data.of)}-{change_id}", "HX-Reswap": "outerHTML"}
        lines = "users/history_lines.html"
        return fragment(request, lines, status=409, headers=headers, **{**context, "undo_problem": problem})
    return await answer(request, user_id, "users/profile.html", status=409 if problem else 200)


async def _undo(request: AnyRequest, user_id: UUID, change_id: UUID) -> str | None:
    """Undo a change; return why it cannot be. Raises NotFoundException when it is of another user."""
    me = principal(request)
    try:
        async with services(request).pool.connection() as connection:
            whose = await undo_any(connection, me.bot_id, change_id, me.actor(), now=services(request).clock())
            if whose != user_id:
                raise NotFoundException("There is no such change of this user")
    except (NoSuchChange, CannotPart) as error:
        return f"{error}."
    except Clash:
        return _("This has been changed again since: undo the later change first.")
    except InvalidEdit as error:
        return "; ".join(error.errors.values())
    return None


handlers = [show_all, show, undo_change]
