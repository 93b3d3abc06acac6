"""Put the rooms together: one ASGI application, with the webhooks beside the pages and the API."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from botfolk.ingest.hooks import Hooks
from botfolk.ingest.queue import Ingest
from botfolk.links.redirect import PREFIX, Redirects
from botfolk.services import Services
from botfolk.web import build_litestar
from botfolk.webchat.app import build_chat

Asgi = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[MutableMapping[str, Any]]],
        Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ],
    Awaitable[None],
]


def build(services: Services, ingest: Ingest, redirects: Redirects) -> Asgi:
    """Return the application. `/hooks/…` and `/l/…` never pass through the pages' middleware: they are hot paths."""
    hooks = Hooks(
        services.channels,
        ingest,
        services.clock,
        services.http,
        services.settings.public_url,
        exchanges=services.exchanges,
    )
    # Who asks, behind a proxy on this machine; webhooks do not ask.
    pages = cast(Asgi, ProxyHeadersMiddleware(cast(Any, build_litestar(services, ingest))))
    chat = cast(Asgi, ProxyHeadersMiddleware(cast(Any, build_chat(services, ingest))))

    async def application(
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/hooks/"):
            await hooks(scope, receive, send)
        elif scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await redirects(scope, receive, send)
        elif scope["type"] == "http" and (scope["path"].startswith("/chat/") or scope["path"] == "/chat.js"):
            await chat(scope, receive, send)
        else:
            await pages(scope, receive, send)

    return application
