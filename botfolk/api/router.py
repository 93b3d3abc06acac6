"""What holds for every route of the API."""

from collections.abc import Sequence

from litestar import Router
from litestar.types import ControllerRouterHandler

from botfolk.api.request import ApiRequest

MOST_BODY_BYTES = 1_048_576


def api(handlers: Sequence[ControllerRouterHandler]) -> Router:
    """Return the routes of the API, with strict bodies of at most 1 MiB."""
    return Router("/", route_handlers=handlers, request_class=ApiRequest, request_max_body_size=MOST_BODY_BYTES)
