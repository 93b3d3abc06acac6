"""The page that says what erasing a person will do, asks for their name, and shows the receipts."""

import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import MediaType, Response, get, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotFoundException
from litestar.params import Body, FromPath
from litestar.response import Redirect
from msgspec import Struct

from botfolk.api.shapes import Cursor
from botfolk.pages.catalogue import gettext as _
from botfolk.pages.render import AnyRequest, page
from botfolk.services import services
from botfolk.team.guards import admin
from botfolk.team.principal import principal
from botfolk.users.edits import UserNotFound
from botfolk.users.erase import erase
from botfolk.users.erase_rows import how_much
from botfolk.users.erasures import Receipt, receipt, receipts
from botfolk.users.merge_view import name_of
from botfolk.users.user_page import find

_AT_ONCE = 50


class EraseForm(Struct):
    """The name of the person, typed by the member."""

    name: str = ""


EraseBody = Annotated[EraseForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


async def _show(
    request: AnyRequest, user_id: UUID, *, typed: str = "", problem: str | None = None, status: int = 200
) -> Response[str]:
    me = principal(request)
    async with services(request).pool.connection() as connection:
        user = await find(connection, me, user_id, services(request).clock())
        counts = await how_much(connection, me.bot_id, user_id)
    return page(
        request,
        "users/erase.html",
        status=status,
        user=user,
        name=name_of(user),
        counts=_shown(counts),
        typed=typed,
        problem=problem,
    )


def _labels() -> dict[str, str]:
    return {
        "messages": _("Messages"),
        "sessions": _("Sessions"),
        "clicks": _("Clicks"),
        "links": _("Tracked links"),
        "conversation_events": _("Events of the conversation"),
        "notes": _("Notes"),
        "changes": _("Changes in the history"),
        "user_tags": _("Tags"),
        "identities": _("Identities on channels"),
        "files": _("Files and pictures"),
        "in_groups": _("Messages and events in groups"),
        "outbox": _("Entries of the outbox"),
        "jobs": _("Waiting jobs"),
        "merges": _("Merges"),
        "infinite_toggles": _("Switches of the infinite session"),
        "quarantine": _("Payloads that were not understood"),
        "exchanges": _("Entries of the log of exchanges"),
        "exports": _("Files of exports"),
        "imports": _("Files of imports"),
    }


def _shown(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return [(label, counts[what]) for what, label in _labels().items() if counts.get(what)]


def is_same(typed: str, name: str) -> bool:
    """Say whether what was typed is a name, however its letters are composed and spaced."""
    given, wanted = (" ".join(unicodedata.normalize("NFKC", each).casefold().split()) for each in (typed, name))
    return given == wanted


@get("/users/{user_id:uuid}/erase", guards=[admin], include_in_schema=False)
async def erase_page(request: AnyRequest, user_id: FromPath[UUID]) -> Response[str]:
    """Say what erasing a person does, and ask for their name."""
    return await _show(request, user_id)


@post("/users/{user_id:uuid}/erase", guards=[admin], status_code=200, include_in_schema=False)
async def erase_user(request: AnyRequest, user_id: FromPath[UUID], data: EraseBody) -> Response[Any]:
    """Erase the person whose name was typed, and show the receipt."""
    me, shared = principal(request), services(request)
    async with shared.pool.connection() as connection:
        name = name_of(await find(connection, me, user_id, shared.clock()))
    if not is_same(data.name, name):
        problem = _("This is not their name: nothing was erased.")
        return await _show(request, user_id, typed=data.name, problem=problem, status=422)
    await shared.exchanges.flush()
    try:
        async with shared.pool.connection() as connection:
            done = await erase(connection, shared.box, me.bot_id, user_id, me.actor(), now=shared.clock())
    except UserNotFound:
        raise NotFoundException("There is no such user") from None
    return Redirect(f"/erasures/{done.id}", status_code=303)


@get("/erasures", guards=[admin], include_in_schema=False)
async def receipts_page(request: AnyRequest, cursor: Cursor = None) -> Response[str]:
    """Show the receipts, newest first."""
    async with services(request).pool.connection() as connection:
        found, following = await receipts(connection, principal(request).bot_id, after=cursor, limit=_AT_ONCE)
    return page(request, "users/erasures.html", receipts=found, following=following)


async def _receipt(request: AnyRequest, erasure_id: UUID) -> Receipt:
    async with services(request).pool.connection() as connection:
        found = await receipt(connection, principal(request).bot_id, erasure_id)
    if found is None:
        raise NotFoundException("There is no such receipt")
    return found


@get("/erasures/{erasure_id:uuid}", guards=[admin], include_in_schema=False)
async def receipt_page(request: AnyRequest, erasure_id: FromPath[UUID]) -> Response[str]:
    """Show a receipt."""
    found = await _receipt(request, erasure_id)
    return page(request, "users/erasure.html", receipt=found, counts=_shown(found.counts))


@get("/erasures/{erasure_id:uuid}/receipt", guards=[admin], include_in_schema=False)
async def receipt_file(request: AnyRequest, erasure_id: FromPath[UUID]) -> Response[bytes]:
    """Give a receipt as a file."""
    found = await _receipt(request, erasure_id)
    content = msgspec.json.format(msgspec.json.encode(found))
    headers = {"Content-Disposition": f'attachment; filename="receipt-{erasure_id}.json"', "Cache-Control": "no-store"}
    return Response(content, media_type=MediaType.JSON, headers=headers)


handlers = [erase_page, erase_user, receipts_page, receipt_page, receipt_file]
