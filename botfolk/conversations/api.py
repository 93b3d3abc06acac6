"""Conversations by the API: messages, sessions, changes; and saying something."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.exceptions import NotFoundException
from msgspec import Struct

from botfolk.api.shapes import Cursor, Limit, Listed
from botfolk.channels.contract import Button
from botfolk.conversations import read
from botfolk.conversations.read import Change, Message, Session
from botfolk.conversations.reply import say
from botfolk.db.pool import Connection
from botfolk.services import services
from botfolk.team.guards import agent, viewer
from botfolk.team.principal import principal

AnyRequest = Request[Any, Any, Any]


class NewButton(Struct, forbid_unknown_fields=True):
    """A button under a message: `url` opens an address, otherwise a tap sends `data` (or the title) back."""

    title: str
    data: str | None = None
    url: str | None = None


class NewMessage(Struct, forbid_unknown_fields=True):
    """A message to send. `channel`: a channel's id, when the user has several; `pause`: also pause the bot."""

    text: str
    buttons: list[NewButton] = []
    channel: UUID | None = None
    pause: bool = False


@get("/api/v1/users/{user_id:uuid}/messages", guards=[viewer], tags=["Conversations"], summary="Messages, newest first")
async def messages(request: AnyRequest, user_id: UUID, cursor: Cursor = None, limit: Limit = 50) -> Listed[Message]:
    """What was said, by both sides."""
    bot_id = principal(request).bot_id
    async with services(request).pool.connection() as connection:
        await _check(connection, bot_id, user_id)
        return Listed(*await read.list_messages(connection, bot_id, user_id, after=cursor, limit=limit))


@get("/api/v1/users/{user_id:uuid}/sessions", guards=[viewer], tags=["Conversations"], summary="Sessions, newest first")
async def sessions(request: AnyRequest, user_id: UUID, cursor: Cursor = None, limit: Limit = 50) -> Listed[Session]:
    """Runs of the user's activity."""
    bot_id = principal(request).bot_id
    async with services(request).pool.connection() as connection:
        await _check(connection, bot_id, user_id)
        return Listed(*await read.list_sessions(connection, bot_id, user_id, after=cursor, limit=limit))


@get("/api/v1/users/{user_id:uuid}/changes", guards=[viewer], tags=["Users"], summary="Changes, newest first")
async def changes(request: AnyRequest, user_id: UUID, cursor: Cursor = None, limit: Limit = 50) -> Listed[Change]:
    """Who changed what of the user."""
    bot_id = principal(request).bot_id
    async with services(request).pool.connection() as connection:
        await _check(connection, bot_id, user_id)
        return Listed(*await read.list_changes(connection, bot_id, user_id, after=cursor, limit=limit))


@post(
    "/api/v1/users/{user_id:uuid}/messages",
    guards=[agent],
    tags=["Conversations"],
    summary="Send a message",
    status_code=202,
)
async def send(request: AnyRequest, user_id: UUID, data: NewMessage) -> Message:
    """Queue a message; it leaves through the outbox, and its status follows. While the bot is paused, the pause is
    prolonged. 409 says why nothing can be sent."""
    me, shared = principal(request), services(request)
    buttons = [Button(title=each.title, data=each.data, url=each.url) for each in data.buttons]
    async with shared.pool.connection() as connection:
        await _check(connection, me.bot_id, user_id)
        message_id = await say(
            connection,
            me.bot_id,
            user_id,
            data.text,
            me.actor(),
            now=shared.clock(),
            buttons=buttons,
            channel_id=data.channel,
            pause=data.pause,
        )
        return await read.get_message(connection, me.bot_id, user_id, message_id)


async def _check(connection: Connection, bot_id: UUID, user_id: UUID) -> None:
    cursor = await connection.execute("SELECT 1 FROM users WHERE bot_id = %s AND id = %s", [bot_id, user_id])
    if await cursor.fetchone() is None:
        raise NotFoundException("There is no such user.")


handlers = [messages, sessions, changes, send]
