"""The API's description, at /api/v1/openapi.json."""

from typing import Any

from litestar import Request, Response, Router, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme, Tag
from litestar.types import Method
from litestar.types.internal_types import PathParameterDefinition

from botfolk import __version__
from botfolk.api.described import described
from botfolk.team.guards import public

SUBJECTS = {
    "Users": "Find, read, change, merge and erase the people who talk to the bot.",
    "Conversations": "What was said, when, and what was opened; write to a user.",
    "Segments": "Saved filters, and who is in them.",
    "Jobs": "One action on many users: start it, see how far it is, cancel, undo.",
    "Imports": "Users from a file: upload, map, rehearse, import.",
    "Exports": "Users as a file.",
    "Health": "Whether Botfolk runs.",
}


def config() -> OpenAPIConfig:
    """Return how the framework describes the API; what it serves of that itself is open and the same."""
    return OpenAPIConfig(
        title="Botfolk",
        version=__version__,
        description=(
            "The people who talk to a chatbot. Lists are `{items, next_cursor}`; errors are problem details (RFC 9457),"
            " `application/problem+json`, that name the field; times are RFC 3339 in UTC."
        ),
        # The framework answers everything below this itself, unknown addresses with a page; so not /api/v1.
        openapi_router=Router("/api/v1/openapi", route_handlers=[], guards=[public], include_in_schema=False),
        render_plugins=[JsonRenderPlugin(path="/schema.json")],
        components=Components(
            security_schemes={
                "token": SecurityScheme(type="http", scheme="bearer", description="From `botfolk token create`.")
            }
        ),
        security=[{"token": []}],
        tags=[Tag(name=name, description=words) for name, words in SUBJECTS.items()],
        operation_id_creator=_operation_id,
        use_handler_docstrings=True,
    )


def _operation_id(handler: HTTPRouteHandler, method: Method, path: list[str | PathParameterDefinition]) -> str:
    """Return a name for generated clients: the handler's own."""
    return handler.handler_name


@get("/api/v1/openapi.json", guards=[public], include_in_schema=False)
async def description(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """Answer with the description of the API (OpenAPI 3.1)."""
    return Response(described(request.app))


handlers = [description]
