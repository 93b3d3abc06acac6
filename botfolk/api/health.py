"""Is it well? For whoever watches an installation."""

import asyncio
from typing import Any

import psycopg
from litestar import Request, Response, get
from litestar.openapi.datastructures import ResponseSpec
from msgspec import Struct
from psycopg_pool import PoolTimeout

from botfolk import __version__
from botfolk.services import services
from botfolk.team.guards import public


class Health(Struct, frozen=True):
    """`database`: whether it answers; `queue`: webhook deliveries that wait to be written."""

    status: str
    version: str
    database: bool
    queue: int


@get(
    "/api/v1/health",
    guards=[public],
    tags=["Health"],
    summary="Is it well?",
    responses={503: ResponseSpec(Health, description="The database does not answer.", generate_examples=False)},
)
async def health(request: Request[Any, Any, Any]) -> Response[Health]:
    """200 when the database answers, else 503."""
    try:
        async with asyncio.timeout(3), services(request).pool.connection(timeout=2) as connection:
            await connection.execute("SELECT 1")
            reachable = True
    except (psycopg.Error, PoolTimeout, TimeoutError):
        reachable = False
    found = Health("ok" if reachable else "unavailable", __version__, reachable, request.app.state.ingest.depth)
    return Response(found, status_code=200 if reachable else 503)


handlers = [health]
