"""The User page's conversation and composer."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import Body, FromPath, QueryParameter
from litestar.response import Redirect
from msgspec import Struct

from botfolk.conversations import timeline
from botfolk.conversations.read import get_message
from botfolk.conversations.reply import say
from botfolk.conversations.story import tell
from botfolk.conversations.timeline import BadPlace, Place, Timeline, place
from botfolk.live.typing import member_writes
from botfolk.outbox.decide import discard, retry
from botfolk.outbox.queue import CannotSend
from botfolk.pages.render import AnyRequest, fragment, wants_fragment
from botfolk.services import services
from botfolk.team.guards import agent, viewer
from botfolk.team.principal import Principal, principal
from botfolk.users.apply import apply
from botfolk.users.edits import AddNote, InvalidEdit, UserNotFound
from botfolk.users.merge_view import name_of
from botfolk.users.read import User, check_user
from botfolk.users.user_page import answer, find, may_edit, obstacle, profile

Token = Annotated[str | None, QueryParameter(max_length=120)]


class MessageForm(Struct):
    """A reply; `then` is "pause" to keep the bot silent, "once" to leave it as it is; "note" writes a note instead.

    `links` is "plain" to send the addresses as they are, without tracking who opens them."""

    text: str = ""
    then: str = "pause"
    links: str = ""


MessageBody = Annotated[MessageForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


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
    async with services(request).pool.connection() as connection:
        user = await find(connection, me, user_id, now)
        found = await timeline.before(connection, me.bot_id, user_id, end)
    return fragment(request, "conversations/page.html", **_context(request, me, user, found))


@get("/users/{user_id:uuid}/conversation/newest", guards=[viewer], include_in_schema=False)
async def newest(request: AnyRequest, user_id: FromPath[UUID], since: Token = None) -> Response[str]:
    """Show the conversation from a place to its end."""
    me, start, now = principal(request), _place(since), services(request).clock()
    async with services(request).pool.connection() as connection:
        user = await find(connection, me, user_id, now)
        found = await timeline.since(connection, me.bot_id, user_id, start)
    return fragment(request, "conversations/newest.html", **_context(request, me, user, found))


@get("/users/{user_id:uuid}/composer", guards=[agent], include_in_schema=False)
async def send_buttons(request: AnyRequest, user_id: FromPath[UUID]) -> Response[str]:
    """Show the ways to send as the pause now stands."""
    me, now = principal(request), services(request).clock()
    async with services(request).pool.connection() as connection:
        user = await find(connection, me, user_id, now)
        context = await profile(connection, me, user, now)
        context["obstacle"] = await obstacle(connection, me, user)
    return fragment(request, "conversations/send.html", **context)


@post("/users/{user_id:uuid}/messages", guards=[agent], status_code=200, include_in_schema=False)
async def send(request: AnyRequest, user_id: FromPath[UUID], data: MessageBody) -> Response[Any]:
    """Queue a reply, and pause the bot or keep it paused; or write a note of it."""
    me, now = principal(request), services(request).clock()
    text, pause = data.text.replace("\r\n", "\n"), data.then != "once"
    headers, status = {"HX-Trigger": "message-taken"}, 200
    changed: dict[str, Any] = {"obstacle": None}
    try:
        async with services(request).pool.connection() as connection:
            if data.then == "note":
                await apply(connection, me.bot_id, user_id, [AddNote(text)], me.actor(), now=now)
            else:
                track = data.links != "plain"
                await say(connection, me.bot_id, user_id, text, me.actor(), now=now, pause=pause, track_links=track)
    except UserNotFound:
        raise NotFoundException("There is no such user") from None
    except (CannotSend, InvalidEdit) as error:
        headers, status = {}, 422
        why = "; ".join(error.errors.values()) if isinstance(error, InvalidEdit) else str(error)
        changed = {"send_error": f"{why}.", "typed_text": data.text, "obstacle": None}
    return await answer(
        request, user_id, "conversations/composer.html", changed=changed, status=status, headers=headers
    )


@post("/users/{user_id:uuid}/typing", guards=[agent], status_code=204, include_in_schema=False)
async def typing(request: AnyRequest, user_id: FromPath[UUID]) -> None:
    """Let a visitor of a web chat see that somebody writes to them."""
    me = principal(request)
    async with services(request).pool.connection() as connection:
        await check_user(connection, me.bot_id, user_id)
        await member_writes(connection, me.bot_id, user_id, me.name.partition(" ")[0])


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
