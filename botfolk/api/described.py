"""What the framework does not say of the API by itself: which problems each route answers with, who may call it, and
what its shapes are."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.typing import FieldDefinition

from botfolk.api.problem import MEDIA_TYPE, Problem
from botfolk.team.guards import GUARDS

Document = dict[str, Any]

_REFERENCE = "#/components/schemas/{name}"
_FILE = {"type": "string", "format": "binary"}
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
    """Return the description of the API (OpenAPI 3.1), whole; `x-role` is the role that a token needs for a call."""
    document: Document = msgspec.json.decode(msgspec.json.encode(app.openapi_schema.to_schema()))
    handlers = _handlers(app)
    for path, item in document["paths"].items():
        for method, operation in item.items():
            handler = handlers[path, method.upper()]
            if handler.opt.get("takes_file"):
                operation["requestBody"] = {"required": True, "content": {"*/*": {"schema": _FILE}}}
            role = _role(handler)
            if role:
                operation["x-role"] = role
            else:
                operation["security"] = []
            _add_problems(operation, method, path, is_open=not role)
    _, schemas = msgspec.json.schema_components([Problem], ref_template=_REFERENCE)
    document["components"]["schemas"] |= schemas
    _describe(document["components"]["schemas"], list(handlers.values()))
    return document


def _add_problems(operation: Document, method: str, path: str, *, is_open: bool) -> None:
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


def _handlers(app: Litestar) -> dict[tuple[str, str], HTTPRouteHandler]:
    """Return what answers each path and method."""
    return {
        (route.path_format, method): handler
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
        if handler.resolve_include_in_schema()
    }


def _role(handler: HTTPRouteHandler) -> str:
    """Return the role it needs; empty where it is open to all."""
    guarding = handler.resolve_guards()
    return next((guard.__name__ for guard in GUARDS[1:] if guard in guarding), "")


def _describe(schemas: dict[str, Document], handlers: list[HTTPRouteHandler]) -> None:
    """Add what the code says of each shape."""
    fields = [field for each in handlers for field in (each.parsed_return_field, each.parsed_data_field) if field]
    shapes = {shape for field in fields for shape in _shapes_in(field)}
    _, known = msgspec.json.schema_components(shapes, ref_template=_REFERENCE)
    words = {name.rpartition(".")[2]: schema.get("description", "") for name, schema in known.items()}
    for key, schema in schemas.items():
        if said := words.get(key.rpartition(".")[2]):
            schema.setdefault("description", said)


def _shapes_in(field: FieldDefinition) -> Iterator[type[msgspec.Struct]]:
    if isinstance(field.annotation, type) and issubclass(field.annotation, msgspec.Struct):
        yield field.annotation
    for inner in field.inner_types:
        yield from _shapes_in(inner)
