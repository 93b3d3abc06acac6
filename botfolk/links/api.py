"""Clicks by the API."""

from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.params import FromPath, FromQuery

from botfolk.api.shapes import Cursor, Limit, Listed
from botfolk.links.read import Click, list_clicks
from botfolk.services import services
from botfolk.team.guards import viewer
from botfolk.team.principal import principal
from botfolk.users.read import check_user


@get("/api/v1/users/{user_id:uuid}/clicks", guards=[viewer], tags=["Conversations"], summary="Clicks, newest first")
async def clicks(
    request: Request[Any, Any, Any],
    user_id: FromPath[UUID],
    cursor: Cursor = None,
    limit: Limit = 50,
    robots: FromQuery[bool] = False,
) -> Listed[Click]:
    """Openings of links the user was sent. With `robots`, those of previews and other robots too, which never count."""
    bot_id = principal(request).bot_id
    async with services(request).pool.connection() as connection:
        await check_user(connection, bot_id, user_id)
        return Listed(*await list_clicks(connection, bot_id, user_id, after=cursor, limit=limit, robots=robots))


handlers = [clicks]
