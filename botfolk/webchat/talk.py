"""A visitor starts, says something, reads what was said."""

from datetime import datetime, timedelta
from uuid import UUID

from litestar import get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Struct, structs

from botfolk.bot import personality
from botfolk.channels.contract import Channel
from botfolk.channels.events import AnyEvent
from botfolk.channels.webchat.kind import MOST_TEXT
from botfolk.channels.webchat.theme import theme_of
from botfolk.channels.webchat.tokens import BadToken, Identity, Visitor, guest_id, make_token, read_identity
from botfolk.db.pool import Connection
from botfolk.ids import new_id
from botfolk.ingest.delivery import Delivery, QueueFull, Unavailable
from botfolk.ingest.score import scores_of
from botfolk.live.typing import user_writes
from botfolk.services import services
from botfolk.team.guards import public
from botfolk.users.edits import InvalidEdit
from botfolk.webchat import files, shown
from botfolk.webchat.joining import introduce, join
from botfolk.webchat.page import picture_path
from botfolk.webchat.say import Said, Tap, check, event_of, key_of, title_of, web_address
from botfolk.webchat.shown import ShownMessage, Teller
from botfolk.webchat.visitors import (
    ChatRequest,
    address_of,
    channel_of,
    ingest_of,
    limits_of,
    user_of,
    visitor_of,
)

_MOST_BODY = 65_536
"""Bytes: the longest text in the longest encoding, with room to spare."""
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


@post("/chat/{channel_id:uuid}/start", guards=[public], status_code=200, request_max_body_size=_MOST_BODY)
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
        picture = await picture_path(connection, channel)
        user_id = await user_of(connection, channel, visitor)
        said = (
            []
            if user_id is None
            else await shown.newest(connection, channel, user_id, Teller(settings.name, here.settings.links_url))
        )
    theme = theme_of(channel.config)
    return {
        "token": make_token(channel, visitor),
        "bot": {"name": settings.name, "picture": picture},
        "theme": {
            "title": theme.title or settings.name,
            "color": theme.color,
            "position": theme.position,
            "scheme": theme.scheme,
            "greeting": theme.greeting or settings.greeting or None,
            "texts": theme.texts,
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
    before: FromQuery[UUID | None] = None,
    after: FromQuery[UUID | None] = None,
) -> dict[str, object]:
    """Answer with the messages before one, or with the newest, as far back as `after`, the newest one the reader has;
    a reader joins them by their ids."""
    channel = await channel_of(request, channel_id)
    visitor = visitor_of(request, channel)
    here = services(request)
    async with here.pool.connection() as connection:
        user_id = await user_of(connection, channel, visitor)
        if user_id is None:
            return {"messages": [], "more": False, "cursor": ""}
        bot = Teller((await personality.get(connection, channel.bot_id)).name, here.settings.links_url)
        if before is not None:
            found = await shown.older(connection, channel, user_id, bot, before)
            return {"messages": found, "more": len(found) == shown.PAGE}
        found = await shown.since(connection, channel, user_id, bot, after)
    return {"messages": found, "more": len(found) >= shown.PAGE, "cursor": str(found[-1].id) if found else ""}


@post("/chat/{channel_id:uuid}/messages", guards=[public], status_code=200, request_max_body_size=_MOST_BODY)
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
        if data.tap:
            data = structs.replace(data, tap=await _pressed(connection, channel, user_id, data.tap))
    event = event_of(visitor, data, uploads, here.clock(), channel)
    await deliver(request, channel, event)
    async with here.pool.connection() as connection:
        bot = Teller((await personality.get(connection, channel.bot_id)).name, here.settings.links_url)
        user_id = await user_of(connection, channel, visitor)
        key = key_of(visitor, data.id)
        stored = None if user_id is None else await shown.by_key(connection, channel, user_id, bot, key)
    return stored or _as_said(data, event.at)


@post("/chat/{channel_id:uuid}/typing", guards=[public], status_code=204)
async def typing(request: ChatRequest, channel_id: FromPath[UUID]) -> None:
    """Let the team see that a visitor writes; of one who has said nothing yet there is nothing to see."""
    channel = await channel_of(request, channel_id)
    visitor = visitor_of(request, channel)
    limits_of(request).typing.take(visitor.external_id)
    async with services(request).pool.connection() as connection:
        user_id = await user_of(connection, channel, visitor)
        if user_id is not None:
            await user_writes(connection, channel.bot_id, user_id)


async def _pressed(connection: Connection, channel: Channel, user_id: UUID | None, tap: Tap) -> Tap:
    """Return the button as it was offered. Raises InvalidEdit."""
    title = None if user_id is None else await title_of(connection, channel, user_id, tap)
    if title is None:
        raise InvalidEdit({"tap": "No message to you has this button."})
    return Tap(message=tap.message, data=tap.data, title=title)


async def deliver(request: ChatRequest, channel: Channel, event: AnyEvent) -> None:
    """Hand an event to ingest, as a webhook would. Raises HTTPException (503) when it is to come again."""
    delivery = Delivery(
        channel=channel,
        events=[event],
        not_understood=[],
        body=b"",
        received_at=event.at,
        scores=scores_of(channel.bot_id, [event]),
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
        page=web_address(data.page),
        referrer=web_address(data.referrer),
    )


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


handlers = [start, messages, say, typing]
