"""The visitors' side as an application of its own: no cookies, no sign-in, answers to other sites where the channel
allows them."""

from typing import Any

from litestar import Litestar, Request, Response
from litestar.datastructures import MutableScopeHeaders, State
from litestar.exceptions import HTTPException
from litestar.types import Message, Scope

from botfolk.api import problem
from botfolk.ingest.queue import Ingest
from botfolk.pages.headers import complete
from botfolk.services import Services
from botfolk.webchat import files, page, stream, talk
from botfolk.webchat.limits import Limits, TooOften

_MOST_BODY_BYTES = 12 * 1024 * 1024
_ALLOWED = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Last-Event-ID",
    "Access-Control-Max-Age": "600",
}


def build_chat(services: Services, ingest: Ingest, limits: Limits | None = None) -> Litestar:
    """Return the application of the visitors' side, with the usual limits unless others are given."""
    return Litestar(
        [*talk.handlers, *files.handlers, *stream.handlers, *page.handlers],
        state=State({"services": services, "ingest": ingest, "limits": limits or Limits()}),
        before_send=[_to_other_sites, complete],
        exception_handlers={TooOften: _too_often, HTTPException: problem.answer, Exception: problem.answer},
        openapi_config=None,
        request_max_body_size=_MOST_BODY_BYTES,
        debug=False,
        logging_config=None,
    )


def _too_often(request: Request[Any, Any, Any], error: TooOften) -> Response[Any]:
    wait = HTTPException(
        status_code=429,
        detail=f"Too much at once: try again in {error.after} seconds.",
        headers={"Retry-After": str(error.after)},
    )
    return problem.answer(request, wait)


async def _to_other_sites(message: Message, scope: Scope) -> None:
    """Let the page that asked read the answer (https://fetch.spec.whatwg.org/#http-cors-protocol). Whether the chat may
    stand there is judged by who answers; what it answers to a page where it may not says only so."""
    if message["type"] != "http.response.start":
        return
    origin = next((value for name, value in scope["headers"] if name == b"origin"), None)
    if origin is not None:
        headers = MutableScopeHeaders.from_message(message)
        headers.setdefault("Access-Control-Allow-Origin", origin.decode("latin-1"))
        headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin")
        headers.setdefault("Vary", "Origin")
        headers.setdefault("Access-Control-Expose-Headers", "Retry-After")
        if scope.get("method") == "OPTIONS":
            headers.update(_ALLOWED)
