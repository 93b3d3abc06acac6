"""Stored files: to members of the bot they belong to, and to services that were given an address of one."""

from uuid import UUID

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from botfolk.channels.files import is_proof
from botfolk.outbox.files import read_file
from botfolk.pages.render import AnyRequest
from botfolk.services import services
from botfolk.team.guards import public, viewer
from botfolk.team.principal import principal

_SHOWN = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
"""Types a browser may show in place; all of them were drawn anew when they were stored."""


@get("/media/{media_id:uuid}", guards=[viewer], include_in_schema=False)
async def media(request: AnyRequest, media_id: FromPath[UUID]) -> Response[bytes]:
    """Answer with a stored picture; it never changes under its address."""
    async with services(request).pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT content_type, content FROM media WHERE bot_id = %s AND id = %s",
            [principal(request).bot_id, media_id],
        )
        row = await cursor.fetchone()
    if row is None:
        raise NotFoundException("There is no such picture")
    content_type, content = row
    shown = content_type in _SHOWN
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": "inline" if shown else "attachment",
        "Cache-Control": "private, max-age=31536000, immutable",
        "Vary": "Cookie",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return Response(content, media_type=content_type if shown else "application/octet-stream", headers=headers)


@get("/files/{channel_id:uuid}/{file_id:uuid}/{proof:str}", guards=[public], include_in_schema=False)
async def file(
    request: AnyRequest, channel_id: FromPath[UUID], file_id: FromPath[UUID], proof: FromPath[str]
) -> Response[bytes]:
    """Answer with a file that is being sent, to the service that was given its address."""
    channel = await services(request).channels.get(channel_id)
    if channel is None or not is_proof(channel, file_id, proof):
        raise NotFoundException("There is no such file")
    async with services(request).pool.connection() as connection:
        found = await read_file(connection, channel, file_id, "")
    if found is None:
        raise NotFoundException("There is no such file")
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": "attachment",
        "Cache-Control": "private, max-age=3600",
    }
    return Response(found.content, media_type=found.content_type, headers=headers)


handlers = [media, file]
