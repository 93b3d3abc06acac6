"""Stored pictures, to members of the bot they belong to."""

from uuid import UUID

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from botfolk.pages.render import AnyRequest
from botfolk.services import services
from botfolk.team.guards import viewer
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


handlers = [media]
