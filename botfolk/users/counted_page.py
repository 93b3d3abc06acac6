"""What opens under a statistic of the User page."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath, QueryParameter

from botfolk.pages.formats import find_zone
from botfolk.pages.render import AnyRequest, fragment
from botfolk.services import services
from botfolk.team.guards import viewer
from botfolk.team.principal import principal
from botfolk.users import counted, moments
from botfolk.users.read import check_user
from botfolk.users.user_page import find

After = Annotated[str | None, QueryParameter(max_length=1000)]


@get("/users/{user_id:uuid}/counted/{what:str}", guards=[viewer], include_in_schema=False)
async def show(
    request: AnyRequest,
    user_id: FromPath[UUID],
    what: FromPath[Literal["sessions", "messages", "clicks", "time", "sentiment", "last"]],
    after: After = None,
) -> Response[str]:
    """Show what a statistic counts, from a page on."""
    me, now = principal(request), services(request).clock()
    context: dict[str, Any] = {"user_id": user_id, "what": what, "now": now, "next": None}
    async with services(request).pool.connection() as connection:
        await check_user(connection, me.bot_id, user_id)
        match what:
            case "sessions" | "time":
                context["sessions"], context["next"] = await counted.sessions(connection, me.bot_id, user_id, after)
            case "messages":
                context["messages"], context["next"] = await counted.messages(connection, me.bot_id, user_id, after)
            case "clicks":
                context["clicks"], context["next"] = await counted.clicks(connection, me.bot_id, user_id, after)
                context["stats"] = None if after else (await find(connection, me, user_id, now)).stats
            case "sentiment":
                found = await counted.scored(connection, me.bot_id, user_id)
                context["scored"] = found[: counted.PAGE]
                context["moments"] = await moments.of_user(connection, me.bot_id, user_id)
            case "last":
                user = await find(connection, me, user_id, now)
                context |= {
                    "last": await counted.last(connection, me.bot_id, user_id),
                    "their_timezone": user.timezone if find_zone(user.timezone or "") else None,
                }
    return fragment(request, "users/counted.html", **context)


handlers = [show]
