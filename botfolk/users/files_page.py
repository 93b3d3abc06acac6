"""The User page's files: attached to a reply, and fetched when they did not come by themselves."""

from typing import Any
from uuid import UUID

from litestar import Response, post
from litestar.datastructures import UploadFile
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from botfolk.conversations.attaching import MOST_BYTES, MOST_FILES, Attached, CannotAttach, attach, clean_name
from botfolk.conversations.read import get_message
from botfolk.jobs import defer
from botfolk.live.notify import users_changed
from botfolk.pages.render import AnyRequest, fragment, wants_fragment
from botfolk.services import services
from botfolk.team.guards import agent
from botfolk.team.principal import principal
from botfolk.users.read import check_user

# What was wrong the last time is forgotten, and the page says that they are on their way.
_ASKED = """
UPDATE messages SET details = details || jsonb_build_object('asked_at', %(now)s::timestamptz, 'media', (
    SELECT jsonb_agg(file - 'error' ORDER BY place)
    FROM jsonb_array_elements(details->'media') WITH ORDINALITY AS f (file, place)))
WHERE bot_id = %(bot)s AND id = %(message)s AND jsonb_array_length(details->'media') > 0
"""


@post(
    "/users/{user_id:uuid}/files",
    guards=[agent],
    status_code=200,
    include_in_schema=False,
    request_max_body_size=MOST_FILES * MOST_BYTES // 4,
)
async def add_files(request: AnyRequest, user_id: FromPath[UUID]) -> Response[str]:
    """Store files that are about to be sent; each that cannot be says why."""
    me, now = principal(request), services(request).clock()
    form = await request.form()
    files = [file for file in form.getall("upload", []) if isinstance(file, UploadFile)][:MOST_FILES]
    added: list[Attached] = []
    refused: list[tuple[str, str]] = []
    async with services(request).pool.connection() as connection:
        await check_user(connection, me.bot_id, user_id)
        for file in files:
            content = await file.read(MOST_BYTES + 1)
            try:
                name, kind = file.filename, file.content_type
                added.append(await attach(connection, me.bot_id, user_id, name, kind, content, now=now))
            except CannotAttach as error:
                refused.append((clean_name(file.filename), str(error)))
    return fragment(request, "conversations/attached.html", attached=added, refused=refused)


@post("/users/{user_id:uuid}/messages/{message_id:uuid}/fetch", guards=[agent], include_in_schema=False)
async def fetch_files(request: AnyRequest, user_id: FromPath[UUID], message_id: FromPath[UUID]) -> Response[Any]:
    """Fetch the files of a message again, after it failed."""
    me = principal(request)
    async with services(request).pool.connection() as connection:
        try:
            await get_message(connection, me.bot_id, user_id, message_id)
        except LookupError:
            raise NotFoundException("There is no such message of this user") from None
        job = {"bot_id": str(me.bot_id), "message_id": str(message_id)}
        await connection.execute(_ASKED, {"bot": me.bot_id, "message": message_id, "now": services(request).clock()})
        await defer(connection, "media.fetch", job, queueing_lock=f"media {message_id}")
        await users_changed(connection, me.bot_id, [user_id])
    if wants_fragment(request):
        return Response(None, status_code=204)
    return Redirect(f"/users/{user_id}", status_code=303)


handlers = [add_files, fetch_files]
