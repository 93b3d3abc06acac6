"""The Personality page: the bot's settings."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromQuery
from litestar.response import Redirect

from botfolk import pictures
from botfolk.bot import personality
from botfolk.bot.form import changes_of, form_of, labels, named, read
from botfolk.pages.catalogue import gettext as _
from botfolk.pages.render import AnyRequest, page
from botfolk.services import services
from botfolk.team.guards import admin, viewer
from botfolk.team.pages import Form
from botfolk.team.principal import principal
from botfolk.users.edits import InvalidEdit
from botfolk.users.read import picture_address

PictureBody = Annotated[dict[str, UploadFile], Body(media_type=RequestEncodingType.MULTI_PART)]


async def _shown(request: AnyRequest, *, status: int = 200, **more: Any) -> Response[str]:
    """Show the settings as stored, or the form as it was typed, with what is wrong with it."""
    async with services(request).pool.connection() as connection:
        settings = await personality.get(connection, principal(request).bot_id)
    stored = form_of(settings)
    context: dict[str, Any] = {
        "form": stored,
        "was": stored,
        "errors": {},
        "clashes": {},
        "labels": labels(),
        "saved": False,
        "picture_problem": "",
        "picture_url": picture_address(settings.picture_id),
        "units": {"minutes": _("minutes"), "hours": _("hours"), "days": _("days")},
        "may_change": principal(request).may("admin"),
    }
    return page(request, "bot/personality.html", status=status, **(context | more))


@get("/personality", guards=[viewer], include_in_schema=False)
async def show(request: AnyRequest, saved: FromQuery[bool] = False) -> Response[str]:
    """Show the settings."""
    return await _shown(request, saved=saved)


@post("/personality", guards=[admin], status_code=200, include_in_schema=False)
async def save(request: AnyRequest, data: Form) -> Response[Any]:
    """Save what was changed of the settings, all or none; what somebody else changed meanwhile is shown, not lost."""
    me, typed, was = principal(request), read(data), read(data, "was_")
    # A form without its former values says of all settings what they shall be.
    before = changes_of(was) if any(was.values()) else None
    wanted = changes_of(typed)
    changes = wanted if before is None else {name: value for name, value in wanted.items() if value != before[name]}
    try:
        async with services(request).pool.connection() as connection:
            now = services(request).clock()
            await personality.change(connection, me.bot_id, changes, me.member_id, now, expected=before)
    except InvalidEdit as problem:
        return await _shown(request, status=422, form=typed, was=was, errors=problem.errors)
    except personality.Clash as clash:
        return await _clash(request, typed, was, clash.now)
    return Redirect("/personality?saved=true", status_code=303)


async def _clash(
    request: AnyRequest, typed: dict[str, str], was: dict[str, str], now: Mapping[str, object]
) -> Response[str]:
    """Show both values of what two members changed; saved once more, the typed ones hold."""
    stored = await _stored(request)
    fields = {field for name in now for field in named(name)}
    seen = {field: stored[field] if field in fields else value for field, value in was.items()}
    shown = {name: stored[named(name)[0]] for name in now}
    return await _shown(request, status=409, form=typed, was=seen, clashes=shown)


async def _stored(request: AnyRequest) -> dict[str, str]:
    async with services(request).pool.connection() as connection:
        return form_of(await personality.get(connection, principal(request).bot_id))


@post("/personality/picture", guards=[admin], status_code=200, include_in_schema=False)
async def set_picture(request: AnyRequest, data: PictureBody) -> Response[Any]:
    """Let the bot's picture be a file; it is drawn anew."""
    file = data.get("picture")
    content = b"" if file is None else await file.read(pictures.LARGEST_BYTES + 1)
    if not content:
        return await _shown(request, status=422, picture_problem=_("Choose a picture first."))
    try:
        picture = await asyncio.to_thread(pictures.avatar, content)
    except pictures.BadPicture as error:
        return await _shown(request, status=422, picture_problem=f"{str(error)[:1].upper()}{str(error)[1:]}.")
    me, shared = principal(request), services(request)
    async with shared.pool.connection() as connection:
        media_id = await pictures.store(connection, me.bot_id, picture, shared.clock())
        await personality.set_picture(connection, me.bot_id, media_id)
    return Redirect("/personality?saved=true", status_code=303)


@post("/personality/picture/remove", guards=[admin], status_code=200, include_in_schema=False)
async def remove_picture(request: AnyRequest) -> Redirect:
    """Take the bot's picture away."""
    async with services(request).pool.connection() as connection:
        await personality.set_picture(connection, principal(request).bot_id, None)
    return Redirect("/personality?saved=true", status_code=303)


handlers = [show, save, set_picture, remove_picture]
