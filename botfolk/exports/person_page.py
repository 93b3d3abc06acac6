"""One person's whole file, in one click and by the API."""

from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Stream

from botfolk.exports import person
from botfolk.exports.archive import zipped
from botfolk.services import services
from botfolk.team.guards import agent
from botfolk.team.principal import principal
from botfolk.users.edits import UserNotFound

AnyRequest = Request[Any, Any, Any]


async def _file(request: AnyRequest, user_id: UUID) -> Stream:
    bot_id, shared = principal(request).bot_id, services(request)
    now = shared.clock()
    user = await person.find(shared.pool, bot_id, user_id, now)
    if user is None:
        raise UserNotFound(str(user_id))
    headers = {
        "Content-Disposition": f'attachment; filename="user-{user_id}.zip"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    content = zipped(person.entries(shared.pool, bot_id, user, now), now)
    return Stream(content, media_type="application/zip", headers=headers)


@get("/users/{user_id:uuid}/file", guards=[agent], include_in_schema=False)
async def file_page(request: AnyRequest, user_id: FromPath[UUID]) -> Stream:
    """Give all that is stored of a person as a ZIP archive."""
    return await _file(request, user_id)


@get(
    "/api/v1/users/{user_id:uuid}/file",
    guards=[agent],
    media_type="application/zip",
    tags=["Users"],
    summary="All that is stored of a user",
)
async def file_by_api(request: AnyRequest, user_id: FromPath[UUID]) -> Stream:
    """A ZIP archive: `profile.json`, messages, events, sessions, clicks, changes and notes as JSON and CSV,
    `index.html` to read, and the files."""
    return await _file(request, user_id)


pages = [file_page]
handlers = [file_by_api]
