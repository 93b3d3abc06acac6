"""The User page's conversation and composer."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import Body, FromPath, QueryParameter
from litestar.response import Redirect
from psycopg import AsyncConnection

from botfolk.bot import personality
from botfolk.conversations import timeline
from botfolk.conversations.attaching import attached
from botfolk.conversations.composing import compose, composing
from botfolk.conversations.read import get_message
from botfolk.conversations.reply import say
from botfolk.conversations.story import tell
from botfolk.conversations.timeline import BadPlace, Place, Timeline, place
from botfolk.conversations.typed import Typed, read_id, typed
from botfolk.conversations.typing import tell as tell_typing
from botfolk.db.pool import reading
from botfolk.db.together import together
from botfolk.outbox.decide import discard, retry
from botfolk.outbox.queue import CannotSend, ways_asked
from botfolk.pages.render import AnyRequest, fragment, wants_fragment
from botfolk.services import services
from botfolk.team.guards import agent, viewer
from botfolk.team.principal import Principal, principal
from botfolk.users.apply import apply
from botfolk.users.edits import AddNote, InvalidEdit, UserNotFound
from botfolk.users.merge_view import name_of
from botfolk.users.profile_view import shown_pause
from botfolk.users.read import User, check_user
from botfolk.users.user_page import answer, find, may_edit

Connection = AsyncConnection[Any]
Token = Annotated[str | None, QueryParameter(max_length=120)]


MessageBody = Annotated[dict[str, Any], Body(media_type=RequestEncodingType.URL_ENCODED)]
ChannelId = Annotated[str, QueryParameter(name="channel", max_length=100)]


def _place(token: str | None) -> Place | None:
    try:
        return place(token) if token else None
    except BadPlace:
        raise ClientException("There is no such place in the conversation") from None


def _context(request: AnyRequest, me: Principal, user: User, found: Timeline) -> dict[str, Any]:
    now = services(request).clock()
    story = tell(found, name_of(user), me.bot_name, me.timezone, now)
    return {"user": user, "story": story, "can_edit": may_edit(me), "now": now}


@get("/users/{user_id:uuid}/conversation", guards=[viewer], include_in_schema=False)
async def older(request: AnyRequest, user_id: FromPath[UUID], before: Token = None) -> Response[str]:
    """Show the part of the conversation that ends before a place."""
    me, end, now = principal(request), _place(before), services(request).clock()
    async with reading(services(request).reads) as connection:
        user = await find(connection, me, user_id, now)
        found = await timeline.before(connection, me.bot_id, user_id, end)
    return fragment(request, "conversations/page.html", **_context(request, me, user, found))


@get("/users/{user_id:uuid}/conversation/newest", guards=[viewer], include_in_schema=False)
async def newest(request: AnyRequest, user_id: FromPath[UUID], since: Token = None) -> Response[str]:
    """Show the conversation from a place to its end."""
    me, start, now = principal(request), _place(since), services(request).clock()
    async with reading(services(request).reads) as connection:
        user = await find(connection, me, user_id, now)
        found = await timeline.since(connection, me.bot_id, user_id, start)
    return fragment(request, "conversations/newest.html", **_context(request, me, user, found))


@get("/users/{user_id:uuid}/composer", guards=[agent], include_in_schema=False)
async def send_buttons(request: AnyRequest, user_id: FromPath[UUID], channel: ChannelId = "") -> Response[str]:
    """Show the ways to send as pause, windows and channels now stand."""
    me, now = principal(request), services(request).clock()
    settings, ways = personality.asked(me.bot_id), ways_asked(me.bot_id, user_id)
    async with reading(services(request).reads) as connection:
        user = await find(connection, me, user_id, now)
        found = await together(connection, settings, ways)
    pause = shown_pause(user.pause_bot, None, found[settings][0], now)
    shown = compose(found[ways], status=user.status, channel_id=read_id(channel), now=now)
    return fragment(request, "conversations/send.html", user=user, pause=pause, composing=shown)


@post("/users/{user_id:uuid}/messages", guards=[agent], status_code=200, include_in_schema=False)
async def send(request: AnyRequest, user_id: FromPath[UUID], data: MessageBody) -> Response[Any]:
    """Queue a reply, and pause the bot or keep it paused; or write a note of it."""
    me, now = principal(request), services(request).clock()
    headers, status = {"HX-Trigger": "message-taken"}, 200
    changed: dict[str, Any] = {}
    reply = typed(data)
    try:
        reply.check()
        async with services(request).pool.connection() as connection:
            await _take(connection, me, user_id, reply, now)
    except UserNotFound:
        raise NotFoundException("There is no such user") from None
    except (CannotSend, InvalidEdit) as error:
        headers, status = {}, 422
        why = "; ".join(error.errors.values()) if isinstance(error, InvalidEdit) else str(error)
        changed = {"send_error": f"{why}.", "typed": reply}
    async with services(request).pool.connection() as connection:
        user = await find(connection, me, user_id, now)
        changed["composing"] = await composing(
            connection, me.bot_id, user_id, status=user.status, channel_id=reply.channel, now=now
        )
        changed["attached"] = await attached(connection, me.bot_id, reply.files) if status != 200 else []
    return await answer(
        request, user_id, "conversations/composer.html", changed=changed, status=status, headers=headers
    )


async def _take(connection: Connection, me: Principal, user_id: UUID, reply: Typed, now: datetime) -> None:
    if reply.then == "note":
        await apply(connection, me.bot_id, user_id, [AddNote(reply.text)], me.actor(), now=now)
        return
    await say(
        connection,
        me.bot_id,
        user_id,
        reply.text,
        me.actor(),
        now=now,
        pause=reply.then != "once",
        buttons=reply.buttons(),
        channel_id=reply.channel,
        files=reply.files,
        track_links=not reply.plain_links,
    )


@post("/users/{user_id:uuid}/typing", guards=[agent], status_code=204, include_in_schema=False)
async def typing(request: AnyRequest, user_id: FromPath[UUID], data: MessageBody) -> Response[None]:
    """Let the person see that somebody writes to them, where their service can show it."""
    me, shared = principal(request), services(request)
    channel_id = read_id(str(data.get("channel", "")))
    async with shared.pool.connection() as connection:
        await check_user(connection, me.bot_id, user_id)
        told = await tell_typing(connection, shared, me.bot_id, user_id, channel_id, me.name.partition(" ")[0])
    return Response(None, status_code=204, background=None if told is None else BackgroundTask(told))


@post("/users/{user_id:uuid}/messages/{message_id:uuid}/{what:str}", guards=[agent], include_in_schema=False)
async def decide(
    request: AnyRequest,
    user_id: FromPath[UUID],
    message_id: FromPath[UUID],
    what: FromPath[Literal["retry", "discard"]],
) -> Response[Any]:
    """Send a message again whose sending failed or whose outcome nobody knows, or leave it."""
    me, now = principal(request), services(request).clock()
    try:
        async with services(request).pool.connection() as connection:
            await get_message(connection, me.bot_id, user_id, message_id)
            await (retry if what == "retry" else discard)(connection, me.bot_id, message_id, now=now)
    except LookupError:
        raise NotFoundException("There is no such message of this user") from None
    except CannotSend:
        # Somebody else decided first: the refreshed conversation shows what became of it.
        pass
    if wants_fragment(request):
        return Response(None, status_code=204)
    return Redirect(f"/users/{user_id}", status_code=303)


handlers = [older, newest, send_buttons, send, typing, decide]
