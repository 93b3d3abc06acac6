"""The User page's picture: replaced by a file, taken away."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from botfolk import pictures
from botfolk.pages.catalogue import gettext as _
from botfolk.pages.render import AnyRequest
from botfolk.services import services
from botfolk.team.guards import agent
from botfolk.team.principal import principal
from botfolk.users.edit_page import carry_out
from botfolk.users.edits import SetPicture
from botfolk.users.user_page import answer

MOST_BYTES = 10_000_000
"""The largest file; what is a little larger is still answered with the reason."""

PictureBody = Annotated[dict[str, UploadFile], Body(media_type=RequestEncodingType.MULTI_PART)]


@post(
    "/users/{user_id:uuid}/picture",
    guards=[agent],
    status_code=200,
    include_in_schema=False,
    request_max_body_size=2 * MOST_BYTES,
)
async def set_picture(request: AnyRequest, user_id: FromPath[UUID], data: PictureBody) -> Response[Any]:
    """Let a user's picture be a file; it is drawn anew, and the channel's no longer replaces it."""
    file = data.get("picture")
    content = b"" if file is None else await file.read(MOST_BYTES + 1)
    if not content:
        return await _refused(request, user_id, _("Choose a picture first."))
    if len(content) > MOST_BYTES:
        return await _refused(request, user_id, _("This file is larger than 10 MB: choose a smaller one."))
    try:
        picture = await asyncio.to_thread(pictures.avatar, content)
    except pictures.BadPicture as error:
        return await _refused(request, user_id, f"{str(error)[:1].upper()}{str(error)[1:]}.")
    me = principal(request)
    async with services(request).pool.connection() as connection:
        media_id = await pictures.store(connection, me.bot_id, picture, services(request).clock())
    await carry_out(request, user_id, [SetPicture(media_id)])
    return await answer(request, user_id, "users/who.html")


@post("/users/{user_id:uuid}/picture/remove", guards=[agent], status_code=200, include_in_schema=False)
async def remove_picture(request: AnyRequest, user_id: FromPath[UUID]) -> Response[Any]:
    """Take a user's picture away."""
    await carry_out(request, user_id, [SetPicture(None)])
    return await answer(request, user_id, "users/who.html")


async def _refused(request: AnyRequest, user_id: UUID, why: str) -> Response[Any]:
    return await answer(request, user_id, "users/who.html", changed={"picture_problem": why}, status=422)


handlers = [set_picture, remove_picture]
