"""The stream of what is said to a visitor. Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html"""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import FromPath, QueryParameter
from litestar.response import ServerSentEvent
from litestar.response.sse import ServerSentEventMessage

from botfolk.bot import personality
from botfolk.channels.contract import Channel
from botfolk.channels.webchat.tokens import Visitor
from botfolk.live.hub import Message
from botfolk.live.typing import SHOWN_SECONDS, who_writes_to
from botfolk.services import Services, services
from botfolk.team.guards import public
from botfolk.webchat import shown
from botfolk.webchat.shown import ShownMessage
from botfolk.webchat.talk import ANSWERING
from botfolk.webchat.visitors import ChatRequest, address_of, channel_of, limits_of, user_of, visitor_of

HEARTBEAT_SECONDS = 15.0
LONGEST_SECONDS = 1800.0
_RETRY_MS = 2000
_PADDING = " " * 2048
"""Proxies that buffer let the first bytes go once there are enough of them."""
BOT_TYPES_SECONDS = 5
_STRANGER_SECONDS = 0.5
"""How often a visitor who has said nothing is looked up while others' messages pass."""


class _Watch:
    """What one stream knows: whom it is for, and what it has told them."""

    def __init__(self, here: Services, channel: Channel, visitor: Visitor, last: UUID | None) -> None:
        self._here = here
        self._channel = channel
        self._visitor = visitor
        self._user_id: UUID | None = None
        self._told: set[UUID] = set()
        self._last = last
        self._looked = float("-inf")

    def who_writes(self, message: Message) -> str | None:
        """Return the name of a member who writes to this visitor, if that is what was heard."""
        return None if self._user_id is None else who_writes_to(message, self._user_id)

    def wait(self, message: Message) -> float | None:
        """Return how soon (seconds) to look, after something that may be about this visitor; None when it is not."""
        if message.everything or self._user_id in message.users:
            return 0.0
        if self._user_id is not None or not message.users:
            return None
        return max(0.0, self._looked + _STRANGER_SECONDS - asyncio.get_running_loop().time())

    async def news(self) -> list[ServerSentEventMessage]:
        """Return what is to be told: messages not told yet, and that an answer is on its way."""
        self._looked = asyncio.get_running_loop().time()
        channel = self._channel
        async with self._here.pool.connection() as connection:
            self._user_id = self._user_id or await user_of(connection, channel, self._visitor)
            if self._user_id is None:
                return []
            name = (await personality.get(connection, channel.bot_id)).name
            bot = shown.Teller(name, self._here.settings.links_url)
            found = await shown.since(connection, channel, self._user_id, bot, None if self._told else self._last)
            since = self._here.clock() - ANSWERING
            answering = await shown.is_answering(connection, channel, self._user_id, since)
        fresh = [message for message in found if message.id not in self._told and not self._is_old(message, found)]
        self._told = {message.id for message in found}
        events = [
            ServerSentEventMessage(event="message", id=str(said.id), data=msgspec.json.encode(said).decode())
            for said in fresh
        ]
        return [*events, _typing("bot", name, BOT_TYPES_SECONDS)] if answering else events

    def _is_old(self, message: ShownMessage, found: list[ShownMessage]) -> bool:
        """Say whether a reader who has come as far as `last` has this; what left late stands after it in time or not,
        so of the last minutes everything is told again: readers join by id."""
        if self._told or self._last is None:
            return False
        seen = next((other for other in found if other.id == self._last), None)
        return seen is not None and message.at < seen.at - ANSWERING


async def _events(
    here: Services, channel: Channel, visitor: Visitor, last: UUID | None
) -> AsyncGenerator[ServerSentEventMessage, None]:
    loop = asyncio.get_running_loop()
    ends = loop.time() + LONGEST_SECONDS
    watch = _Watch(here, channel, visitor, last)
    with here.hub.subscribe(channel.bot_id, ago=2.0) as heard:
        yield _comment(_PADDING)
        yield ServerSentEventMessage(event="hello", data="{}", retry=_RETRY_MS)
        look_at: float | None = loop.time()
        while loop.time() < ends:
            if look_at is not None and look_at <= loop.time():
                look_at = None
                for event in await watch.news():
                    yield event
            try:
                patience = HEARTBEAT_SECONDS if look_at is None else look_at - loop.time()
                message = await asyncio.wait_for(anext(heard), max(0.001, patience))
            except TimeoutError:
                if look_at is None:
                    yield _comment("alive")
            except StopAsyncIteration:
                return
            else:
                if (member := watch.who_writes(message)) is not None:
                    yield _typing("member", member, SHOWN_SECONDS)
                if (wait := watch.wait(message)) is not None:
                    look_at = min(look_at or float("inf"), loop.time() + wait)


def _typing(who: str, name: str, seconds: int) -> ServerSentEventMessage:
    typing = {"who": who, "name": name, "seconds": seconds}
    return ServerSentEventMessage(event="typing", data=msgspec.json.encode(typing).decode())


def _comment(text: str) -> ServerSentEventMessage:
    return ServerSentEventMessage(data=None, comment=text)


async def _counted(
    stream: AsyncGenerator[ServerSentEventMessage, None], request: ChatRequest, visitor: Visitor
) -> AsyncGenerator[ServerSentEventMessage, None]:
    """Pass a stream on, counted among those that are open."""
    limits = limits_of(request)
    with limits.streams.open(visitor.external_id), limits.streams_of_address.open(address_of(request)):
        async for event in stream:
            yield event


@get("/chat/{channel_id:uuid}/events", guards=[public])
async def events(
    request: ChatRequest,
    channel_id: FromPath[UUID],
    last: Annotated[str, QueryParameter(max_length=64)] = "",
) -> ServerSentEvent:
    """Stream what is said to a visitor, from the message `last` (or Last-Event-ID) on."""
    channel = await channel_of(request, channel_id)
    visitor = visitor_of(request, channel)
    limits = limits_of(request)
    limits.streams.check(visitor.external_id)
    limits.streams_of_address.check(address_of(request))
    try:
        seen = UUID(request.headers.get("last-event-id") or last)
    except ValueError:
        seen = None
    stream = _counted(_events(services(request), channel, visitor, seen), request, visitor)
    headers = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}
    return ServerSentEvent(stream, headers=headers)


handlers = [events]
