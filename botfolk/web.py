"""The pages and the API as one Litestar application."""

from typing import Any

import psycopg
from litestar import Litestar, MediaType, Request, Response
from litestar.datastructures import State
from litestar.exceptions import (
    ClientException,
    HTTPException,
    InternalServerException,
    NotAuthorizedException,
    NotFoundException,
    ServiceUnavailableException,
)
from litestar.middleware import DefineMiddleware
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler
from psycopg_pool import PoolTimeout

from botfolk.api import health, openapi, problem, reference_page
from botfolk.api.router import api
from botfolk.bot import pages as bot_pages
from botfolk.bot import words_page
from botfolk.bulk import api as bulk_api
from botfolk.bulk import jobs_page
from botfolk.bulk import pages as bulk_pages
from botfolk.connections import pages as connection_pages
from botfolk.conversations import api as conversations_api
from botfolk.db.cursors import BadCursor
from botfolk.exports import api as exports_api
from botfolk.exports import pages as exports_pages
from botfolk.exports import person_page
from botfolk.filters import api as filters_api
from botfolk.imports import api as imports_api
from botfolk.imports import pages as imports_pages
from botfolk.ingest.queue import Ingest
from botfolk.links import api as links_api
from botfolk.live import sse
from botfolk.pages import assets, media, styleguide
from botfolk.pages.errors import error_page
from botfolk.pages.headers import complete
from botfolk.search import pages as search_pages
from botfolk.segments import api as segments_api
from botfolk.segments import pages as segments_pages
from botfolk.services import Services
from botfolk.team import invitation_page, passkey_page, team_page
from botfolk.team import pages as team_pages
from botfolk.team.identify import Identify
from botfolk.users import api as users_api
from botfolk.users import erase_api, merge_api
from botfolk.users import pages as users_pages
from botfolk.users.edits import UserNotFound

_MOST_BODY_BYTES = 10_485_760


def handlers() -> list[ControllerRouterHandler]:
    """Return the routes of all rooms."""
    return [
        *team_pages.handlers,
        *team_page.handlers,
        *invitation_page.handlers,
        *passkey_page.handlers,
        *users_pages.handlers,
        *imports_pages.handlers,
        *exports_pages.handlers,
        *person_page.pages,
        *bulk_pages.handlers,
        *jobs_page.handlers,
        *bot_pages.handlers,
        *words_page.handlers,
        *connection_pages.handlers,
        *segments_pages.handlers,
        *search_pages.handlers,
        *sse.handlers,
        *media.handlers,
        *styleguide.handlers,
        *reference_page.handlers,
        api(
            [
                *health.handlers,
                *openapi.handlers,
                *users_api.handlers,
                *merge_api.handlers,
                *erase_api.handlers,
                *bulk_api.handlers,
                *exports_api.handlers,
                *person_page.handlers,
                *filters_api.handlers,
                *conversations_api.handlers,
                *links_api.handlers,
                *imports_api.handlers,
                *segments_api.handlers,
            ]
        ),
        assets.static_files(),
    ]


def build_litestar(services: Services, ingest: Ingest) -> Litestar:
    """Return the application of pages and API."""
    return Litestar(
        handlers(),
        state=State({"services": services, "ingest": ingest}),
        middleware=[DefineMiddleware(Identify)],
        before_send=[complete],
        exception_handlers={HTTPException: _answer, Exception: _answer},
        openapi_config=openapi.config(),
        request_max_body_size=_MOST_BODY_BYTES,
        debug=False,
        logging_config=None,
    )


def _answer(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answer an error as who asked understands it: a problem on the API, a page or a way to sign in elsewhere."""
    if request.url.path.startswith("/api/") or request.headers.get("accept") == "application/json":
        return problem.answer(request, error)
    if isinstance(error, NotAuthorizedException):
        if request.headers.get("hx-request") == "true":
            return Response("", status_code=401, media_type=MediaType.TEXT, headers={"HX-Redirect": "/sign-in"})
        if request.method == "GET":
            asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return Redirect("/sign-in", status_code=303, query_params={"next": asked[:1000]})
    return error_page(request, _as_http(error))


def _as_http(error: Exception) -> Exception:
    """Return what an error is to a browser, where it is one that can be foreseen."""
    match error:
        case BadCursor():
            return ClientException(str(error))
        case UserNotFound():
            return NotFoundException("There is no such user")
        case psycopg.OperationalError() | PoolTimeout():
            return ServiceUnavailableException(headers={"Retry-After": "5"})
        case InternalServerException(detail="client disconnected prematurely"):
            # Litestar's, for a browser that left while it was still sending: nothing of ours failed.
            return ClientException(error.detail)
    return error
