"""The API's description, at /api/v1/openapi.json."""

from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from botfolk import __version__

CONFIG = OpenAPIConfig(
    title="Botfolk",
    version=__version__,
    description=(
        "The people who talk to a chatbot. Lists are `{items, next_cursor}`; errors are problem details (RFC 9457) as"
        " `application/problem+json`, naming the field; times are RFC 3339 in UTC."
    ),
    path="/api/v1",
    render_plugins=[JsonRenderPlugin(path="/openapi.json")],
    components=Components(
        security_schemes={
            "token": SecurityScheme(type="http", scheme="bearer", description="From `botfolk token create`.")
        }
    ),
    security=[{"token": []}],
)
