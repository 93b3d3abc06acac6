"""`GET /live`: the stream of what changed, for a page that is open. It says what to ask for, nothing of anybody."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from typing import Annotated, Any
from uuid import UUID

import psycopg
from litestar import Request, get
from litestar.exceptions import ClientException
from litestar.params import QueryParameter
from litestar.response import ServerSentEvent
from litestar.response.sse import ServerSentEventMessage
from msgspec import structs
from psycopg_pool import PoolTimeout

from botfolk.ids import new_id
from botfolk.live.hub import Hub
from botfolk.live.notify import looks
from botfolk.live.presence import Looking
from botfolk.live.words import words
from botfolk.services import services
from botfolk.team.guards import viewer
from botfolk.team.principal import principal

Look = Callable[[bool], Awaitable[None]]
"""Tells that a page is open, or (True) closed."""

HEARTBEAT_SECONDS = 15.0
LONGEST_SECONDS = 600.0
"""A stream ends after this, so that the browser asks anew and its sign-in is judged anew."""

PAUSE_SECONDS = 0.05
"""The least time between two events of one stream; what comes meanwhile is joined."""

_RETRY_MS = 1000
_SLACK_SECONDS = 1.0


async def events(
    hub: Hub, bot_id: UUID, user_id: UUID | None, ago: float, look: Look | None = None
) -> AsyncGenerator[ServerSentEventMessage, None]:
    """Turn what is heard into events until the stream is old, a member was changed, or the process ends."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + LONGEST_SECONDS
    with hub.subscribe(bot_id, ago=ago) as heard:
        yield ServerSentEventMessage(comment="connected", retry=_RETRY_MS)
        await _tell(look)
        while loop.time() < ends:
            try:
                message = await asyncio.wait_for(anext(heard), HEARTBEAT_SECONDS)
            except TimeoutError:
                yield ServerSentEventMessage(comment="alive")
                await _tell(look)
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


async def _tell(look: Look | None, *, gone: bool = False) -> None:
    """Tell that the page is open; who cannot be told now is told with the next heartbeat."""
    if look is not None:
        with suppress(psycopg.Error, PoolTimeout):
            await look(gone)


def _looking(request: Request[Any, Any, Any], user_id: UUID | None) -> Look | None:
    me = principal(request)
    if user_id is None or me.member_id is None:
        return None
    looking = Looking(user=user_id, member=me.member_id, name=me.name, page=new_id())

    async def look(gone: bool) -> None:
        async with services(request).pool.connection() as connection:
            await looks(connection, me.bot_id, structs.replace(looking, gone=gone))

    return look


async def _until_left(
    stream: AsyncGenerator[ServerSentEventMessage, None], look: Look | None
) -> AsyncGenerator[ServerSentEventMessage, None]:
    """Pass a stream on, and tell when its page is closed: from a task of its own, since the stream's is ending."""
    try:
        async for event in stream:
            yield event
    finally:
        task = asyncio.get_running_loop().create_task(_tell(look, gone=True))
        _leaving.add(task)
        task.add_done_callback(_leaving.discard)


_leaving: set[asyncio.Task[None]] = set()


@get("/live", guards=[viewer], include_in_schema=False)
async def live(
    request: Request[Any, Any, Any],
    users: Annotated[str, QueryParameter(max_length=36)],
    age: Annotated[float, QueryParameter(ge=0, le=86_400)] = 0.0,
) -> ServerSentEvent:
    """Stream what changes, from `age` seconds ago on: `users` is a user's id, or "list" for all."""
    try:
        user_id = None if users == "list" else UUID(users)
    except ValueError:
        raise ClientException("users: give a user's id, or “list”") from None
    look = _looking(request, user_id)
    stream = events(services(request).hub, principal(request).bot_id, user_id, age + _SLACK_SECONDS, look)
    return ServerSentEvent(_until_left(stream, look), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


handlers = [live]
