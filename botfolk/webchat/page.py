"""The chat as a page of its own, and the script that puts it on any other page."""

import gzip
import hashlib
from functools import lru_cache
from uuid import UUID

from litestar import MediaType, Response, get
from litestar.exceptions import NotFoundException, ServiceUnavailableException
from litestar.params import FromPath

from botfolk.bot import personality
from botfolk.channels.contract import Channel
from botfolk.channels.webchat.theme import theme_of
from botfolk.db.pool import Connection
from botfolk.pages.assets import BUILT
from botfolk.pages.render import html
from botfolk.services import services
from botfolk.team.guards import public
from botfolk.webchat.visitors import ChatRequest, channel_of

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    )
)


@get("/chat/{channel_id:uuid}", guards=[public])
async def full_page(request: ChatRequest, channel_id: FromPath[UUID]) -> Response[str]:
    """Answer with the chat as a whole page."""
    try:
        channel = await channel_of(request, channel_id)
    except NotFoundException:
        headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}
        return Response(html("webchat/nothing.html", {}), status_code=404, media_type=MediaType.HTML, headers=headers)
    async with services(request).pool.connection() as connection:
        settings = await personality.get(connection, channel.bot_id)
    title = theme_of(channel.config).title or settings.name
    text = html("webchat/page.html", {"title": title, "channel_id": channel.id, "language": settings.language})
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}
    return Response(text, media_type=MediaType.HTML, headers=headers)


@get("/chat/{channel_id:uuid}/picture", guards=[public])
async def picture(request: ChatRequest, channel_id: FromPath[UUID]) -> Response[bytes]:
    """Answer with the bot's picture, which we have drawn anew."""
    channel = await channel_of(request, channel_id)
    async with services(request).pool.connection() as connection:
        cursor = await connection.execute(
            """SELECT m.content_type, m.content FROM bots b JOIN media m ON m.bot_id = b.bot_id AND m.id = b.picture_id
               WHERE b.bot_id = %s AND m.content_type LIKE 'image/%%'""",
            [channel.bot_id],
        )
        row = await cursor.fetchone()
    if row is None:
        raise NotFoundException("The bot has no picture.")
    headers = {
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "public, max-age=86400",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return Response(row[1], media_type=row[0], headers=headers)


async def picture_path(connection: Connection, channel: Channel) -> str | None:
    """Return the address of the bot's picture, which is another one when the picture is."""
    cursor = await connection.execute("SELECT picture_id FROM bots WHERE bot_id = %s", [channel.bot_id])
    row = await cursor.fetchone()
    return None if row is None or row[0] is None else f"/chat/{channel.id}/picture?v={row[0]}"


@get("/chat.js", guards=[public])
async def script(request: ChatRequest) -> Response[bytes]:
    """Answer with the chat's script, which any page may load."""
    try:
        content, packed = _built((BUILT / "chat.js").stat().st_mtime_ns)
    except FileNotFoundError:
        raise ServiceUnavailableException("The chat's script has not been built: run `make pages`.") from None
    tag = f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {
        "ETag": tag,
        "Vary": "Accept-Encoding",
        "Cache-Control": "public, max-age=300",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    if request.headers.get("if-none-match") == tag:
        return Response(b"", status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        content, headers["Content-Encoding"] = packed, "gzip"
    return Response(content, media_type="text/javascript; charset=utf-8", headers=headers)


@lru_cache(maxsize=1)
def _built(changed_at: int) -> tuple[bytes, bytes]:
    """Return the built script as it is and packed. Raises FileNotFoundError."""
    content = (BUILT / "chat.js").read_bytes()
    return content, gzip.compress(content, mtime=0)


handlers = [full_page, picture, script]
