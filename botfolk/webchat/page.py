"""The chat as a page of its own, and the script that puts it on any other page."""

import hashlib
from uuid import UUID

from litestar import MediaType, Response, get
from litestar.exceptions import ServiceUnavailableException
from litestar.params import FromPath

from botfolk.bot import personality
from botfolk.channels.webchat.theme import theme_of
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
    channel = await channel_of(request, channel_id)
    async with services(request).pool.connection() as connection:
        settings = await personality.get(connection, channel.bot_id)
    title = theme_of(channel.config).title or settings.name
    text = html("webchat/page.html", {"title": title, "channel_id": channel.id, "language": settings.language})
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}
    return Response(text, media_type=MediaType.HTML, headers=headers)


@get("/chat.js", guards=[public])
async def script(request: ChatRequest) -> Response[bytes]:
    """Answer with the chat's script, which any page may load."""
    try:
        content = (BUILT / "chat.js").read_bytes()
    except FileNotFoundError:
        raise ServiceUnavailableException("The chat's script has not been built: run `make pages`.") from None
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {
        "ETag": tag,
        "Cache-Control": "public, max-age=300",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    if request.headers.get("if-none-match") == tag:
        return Response(b"", status_code=304, headers=headers)
    return Response(content, media_type="text/javascript; charset=utf-8", headers=headers)


handlers = [full_page, script]
