"""The API's description, at /api/v1/openapi.json."""

from typing import Any

from litestar import Request, Response, get
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from botfolk import __version__
from botfolk.team.guards import public

CONFIG = OpenAPIConfig(
    title="Botfolk",
    version=__version__,
    description=(
        "The people who talk to a chatbot. Lists are `{items, next_cursor}`; errors are problem details (RFC 9457) as"
        " `application/problem+json`, naming the field; times are RFC 3339 in UTC."
    ),
    # Litestar answers everything below this itself, unknown addresses with a page; so not /api/v1.
    path="/api/v1/openapi",
    render_plugins=[JsonRenderPlugin(path="/schema.json")],
    components=Components(
        security_schemes={
            "token": SecurityScheme(type="http", scheme="bearer", description="From `botfolk token create`.")
        }
    ),
    security=[{"token": []}],
)


@get("/api/v1/openapi.json", guards=[public], include_in_schema=False)
async def description(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """Answer with the description of the API (OpenAPI 3.1)."""
    return Response(request.app.openapi_schema.to_schema(), media_type="application/json")


handlers = [description]
