"""`GET /live`: the stream of what changed, for a page that is open. It says what to ask for, nothing of anybody."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, get
from litestar.exceptions import ClientException
from litestar.params import Parameter
from litestar.response import ServerSentEvent
from litestar.response.sse import ServerSentEventMessage

from botfolk.live.hub import Hub
from botfolk.live.words import words
from botfolk.services import services
from botfolk.team.guards import viewer
from botfolk.team.principal import principal

HEARTBEAT_SECONDS = 15.0
LONGEST_SECONDS = 600.0
"""A stream ends after this, so that the browser asks anew and its sign-in is judged anew."""

PAUSE_SECONDS = 0.2
"""The least time between two events of one stream; what comes meanwhile is joined."""

_RETRY_MS = 1000
_SLACK_SECONDS = 1.0


async def events(
    hub: Hub, bot_id: UUID, user_id: UUID | None, ago: float
) -> AsyncGenerator[ServerSentEventMessage, None]:
    """Turn what is heard into events until the stream is old, a member was changed, or the process ends."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + LONGEST_SECONDS
    with hub.subscribe(bot_id, ago=ago) as heard:
        yield ServerSentEventMessage(comment="connected", retry=_RETRY_MS)
        while loop.time() < ends:
            try:
                message = await asyncio.wait_for(anext(heard), HEARTBEAT_SECONDS)
            except TimeoutError:
                yield ServerSentEventMessage(comment="alive")
                continue
            except StopAsyncIteration:
                return
            if "team" in message.what:
                return
            if message.everything:
                yield ServerSentEventMessage(event="all", data="all")
            elif (what := words(message, user_id)) is not None:
                yield ServerSentEventMessage(event="changed", data=what)
            else:
                continue
            await asyncio.sleep(PAUSE_SECONDS)


@get("/live", guards=[viewer], include_in_schema=False)
async def live(
    request: Request[Any, Any, Any],
    users: Annotated[str, Parameter(max_length=36)],
    age: Annotated[float, Parameter(ge=0, le=86_400)] = 0.0,
) -> ServerSentEvent:
    """Stream what changes, from `age` seconds ago on: `users` is a user's id, or "list" for all."""
    try:
        user_id = None if users == "list" else UUID(users)
    except ValueError:
        raise ClientException("users: give a user's id, or “list”") from None
    stream = events(services(request).hub, principal(request).bot_id, user_id, age + _SLACK_SECONDS)
    return ServerSentEvent(stream, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


handlers = [live]
