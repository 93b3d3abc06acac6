"""What the framework does not say of the API by itself: which problems each route answers with, and what is open."""

from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Litestar
from litestar.routes import HTTPRoute

from botfolk.api.problem import MEDIA_TYPE, Problem
from botfolk.team.guards import public

Document = dict[str, Any]

_REFERENCE = "#/components/schemas/{name}"
_WORDS = {
    400: "What was sent cannot be read; `errors` names where.",
    401: "No token, or one that is revoked.",
    403: "The token's role does not allow it.",
    404: "There is no such thing in this bot.",
    409: "Another version by now (`version`, `fields`), or it cannot be sent; `detail` says why.",
    413: "The body is larger than 1 MiB, or a file than what is allowed.",
    415: "The body is not JSON.",
    422: "A value cannot be stored; `errors` names each. Nothing was changed.",
    500: "A fault of ours.",
    503: "The database cannot be reached; try again.",
}


def described(app: Litestar) -> Document:
    """Return the description of the API (OpenAPI 3.1), whole."""
    document: Document = msgspec.json.decode(msgspec.json.encode(app.openapi_schema.to_schema()))
    open_routes = _open_routes(app)
    for path, item in document["paths"].items():
        for method, operation in item.items():
            is_open = (path, method.upper()) in open_routes
            if is_open:
                operation["security"] = []
            _add_problems(operation, method, path, is_open)
    _, schemas = msgspec.json.schema_components([Problem], ref_template=_REFERENCE)
    document["components"]["schemas"] |= schemas
    return document


def _add_problems(operation: Document, method: str, path: str, is_open: bool) -> None:
    statuses = {500, 503} if is_open else {400, 401, 403, 500, 503}
    if "{" in path:
        statuses.add(404)
    if "requestBody" in operation or method == "post":
        statuses |= {409, 413, 415, 422}
    content = {MEDIA_TYPE: {"schema": {"$ref": _REFERENCE.format(name="Problem")}}}
    said = {code: answer for code, answer in operation["responses"].items() if int(code) < 400 or is_open}
    for status in statuses:
        said.setdefault(str(status), {"description": _WORDS.get(status, HTTPStatus(status).phrase), "content": content})
    operation["responses"] = dict(sorted(said.items()))


def _open_routes(app: Litestar) -> set[tuple[str, str]]:
    """Return path and method of the routes that need no token."""
    return {
        (route.path_format, method)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
        if public in handler.resolve_guards()
    }
