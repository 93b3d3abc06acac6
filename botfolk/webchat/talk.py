"""A visitor starts, says something, reads what was said."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath, JSONBody, Parameter
from msgspec import Struct

from botfolk.bot import personality
from botfolk.channels.contract import Channel
from botfolk.channels.events import AnyEvent
from botfolk.channels.webchat.kind import MOST_TEXT
from botfolk.channels.webchat.theme import theme_of
from botfolk.channels.webchat.tokens import BadToken, Identity, Visitor, guest_id, make_token, read_identity
from botfolk.ids import new_id
from botfolk.ingest.delivery import Delivery, QueueFull, Unavailable
from botfolk.ingest.score import scores_of
from botfolk.services import services
from botfolk.team.guards import public
from botfolk.users.edits import InvalidEdit
from botfolk.webchat import files, shown
from botfolk.webchat.joining import introduce, join
from botfolk.webchat.say import Said, check, event_of, has_button, key_of
from botfolk.webchat.shown import ShownMessage
from botfolk.webchat.visitors import (
    ChatRequest,
    address_of,
    channel_of,
    ingest_of,
    limits_of,
    user_of,
    visitor_of,
)

_MOST_ADDRESS = 2000
ANSWERING = timedelta(minutes=1)
"""An answer queued longer ago than this is late, not being typed."""


class Start(Struct, frozen=True, kw_only=True):
    """What a browser says when the chat loads."""

    token: str | None = None
    identity: str | None = None
    page: str = ""
    referrer: str = ""
    language: str = ""
    timezone: str = ""


@post("/chat/{channel_id:uuid}/start", guards=[public], status_code=200)
async def start(request: ChatRequest, channel_id: FromPath[UUID], data: JSONBody[Start]) -> dict[str, object]:
    """Let a browser begin or go on: who it is from now on, how the chat looks, and what was said last."""
    channel = await channel_of(request, channel_id)
    limits_of(request).starts.take(address_of(request))
    visitor = _at(visitor_of(request, channel, data.token) if data.token else _newcomer(), data)
    if data.identity:
        visitor = await _vouched(request, channel, visitor, data.identity)
    here = services(request)
    async with here.pool.connection() as connection:
        settings = await personality.get(connection, channel.bot_id)
        user_id = await user_of(connection, channel, visitor)
        said = [] if user_id is None else await shown.newest(connection, channel, user_id, settings.name)
    theme = theme_of(channel.config)
    return {
        "token": make_token(channel, visitor),
        "bot": {"name": settings.name, "picture": None},
        "theme": {
            "title": theme.title or settings.name,
            "color": theme.color,
            "position": theme.position,
            "greeting": settings.greeting or None,
        },
        "limits": {
            "text": MOST_TEXT,
            "file_bytes": files.MOST_BYTES,
            "files": files.MOST_FILES,
            "types": list(files.TYPES),
        },
        "messages": said,
        "cursor": str(said[-1].id) if said else "",
    }


@get("/chat/{channel_id:uuid}/messages", guards=[public])
async def messages(
    request: ChatRequest,
    channel_id: FromPath[UUID],
    before: UUID | None = None,
    after: Annotated[str | None, Parameter(max_length=64)] = None,
) -> dict[str, object]:
    """Answer with the messages before one, or with the newest; a reader joins them by their ids."""
    channel = await channel_of(request, channel_id)
    visitor = visitor_of(request, channel)
    async with services(request).pool.connection() as connection:
        user_id = await user_of(connection, channel, visitor)
        if user_id is None:
            return {"messages": [], "more": False, "cursor": ""}
        name = (await personality.get(connection, channel.bot_id)).name
        if before is not None:
            found = await shown.older(connection, channel, user_id, name, before)
            return {"messages": found, "more": len(found) == shown.PAGE}
        found = await shown.newest(connection, channel, user_id, name)
    return {"messages": found, "more": len(found) == shown.PAGE, "cursor": str(found[-1].id) if found else ""}


@post("/chat/{channel_id:uuid}/messages", guards=[public], status_code=200)
async def say(request: ChatRequest, channel_id: FromPath[UUID], data: JSONBody[Said]) -> ShownMessage:
    """Take a message; the same one again is answered the same, and stored once."""
    channel = await channel_of(request, channel_id)
    visitor = visitor_of(request, channel)
    limits_of(request).messages.take(visitor.external_id)
    limits_of(request).messages_of_address.take(address_of(request))
    check(data)
    here = services(request)
    async with here.pool.connection() as connection:
        uploads = await files.claimed(connection, channel, visitor, data.files)
        user_id = await user_of(connection, channel, visitor)
        if data.tap and (user_id is None or not await has_button(connection, channel, user_id, data.tap)):
            raise InvalidEdit({"tap": "No message to you has this button."})
    event = event_of(visitor, data, uploads, here.clock(), channel)
    await deliver(request, channel, event)
    async with here.pool.connection() as connection:
        name = (await personality.get(connection, channel.bot_id)).name
        user_id = await user_of(connection, channel, visitor)
        key = key_of(visitor, data.id)
        stored = None if user_id is None else await shown.by_key(connection, channel, user_id, name, key)
    return stored or _as_said(data, event.at)


async def deliver(request: ChatRequest, channel: Channel, event: AnyEvent) -> None:
    """Hand an event to ingest, as a webhook would. Raises HTTPException (503) when it is to come again."""
    delivery = Delivery(
        channel=channel,
        events=[event],
        not_understood=[],
        body=b"",
        received_at=event.at,
        scores=scores_of([event]),
    )
    try:
        await ingest_of(request).submit(delivery)
    except (QueueFull, Unavailable) as error:
        headers = {"Retry-After": str(error.retry_after)}
        raise HTTPException(status_code=503, detail="This cannot be taken now; try again.", headers=headers) from error


def _as_said(data: Said, at: datetime) -> ShownMessage:
    """Return a message that was taken and not kept, for its sender is blocked: they are not told."""
    return ShownMessage(
        id=data.id,
        client_id=str(data.id),
        author="visitor",
        name=None,
        kind="text",
        text=data.text,
        at=at,
        status="received",
        buttons=[],
        files=[],
    )


def _newcomer() -> Visitor:
    return Visitor(external_id=guest_id(new_id()))


def _at(visitor: Visitor, data: Start) -> Visitor:
    """Return a visitor where they are now."""
    return Visitor(
        external_id=visitor.external_id,
        language=data.language[:35] or visitor.language,
        timezone=data.timezone[:64] or visitor.timezone,
        page=_web_address(data.page),
        referrer=_web_address(data.referrer),
    )


def _web_address(text: str) -> str | None:
    return text[:_MOST_ADDRESS] if text.startswith(("https://", "http://")) and "\0" not in text else None


async def _vouched(request: ChatRequest, channel: Channel, visitor: Visitor, word: str) -> Visitor:
    """Let a visitor be whom the host page says they are. Raises HTTPException (422) when its word proves nothing."""
    here = services(request)
    try:
        identity: Identity = read_identity(channel, word, here.clock())
    except BadToken as error:
        raise HTTPException(status_code=422, detail=f"The host page's word is not valid: {error}.") from error
    known = Visitor(
        external_id=identity.external_id,
        language=visitor.language,
        timezone=visitor.timezone,
        page=visitor.page,
        referrer=visitor.referrer,
    )
    if visitor.external_id.startswith("guest:"):
        async with here.pool.connection() as connection:
            await join(connection, channel, visitor.external_id, identity.external_id, here.clock())
    await deliver(request, channel, introduce(known, identity, here.clock()))
    return known


handlers = [start, messages, say]
