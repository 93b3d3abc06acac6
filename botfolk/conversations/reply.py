"""A member's (or the API's) word to a user: queued, and while the bot is paused the pause goes on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from botfolk.bot.decide import is_paused
from botfolk.channels.contract import Button, TemplateUse
from botfolk.outbox.queue import enqueue_message
from botfolk.users.apply import apply
from botfolk.users.edits import Actor, PauseBot, UserNotFound


async def say(
    connection: AsyncConnection[Any],
    bot_id: UUID,
    user_id: UUID,
    text: str,
    actor: Actor,
    *,
    now: datetime,
    pause: bool,
    buttons: Sequence[Button] = (),
    channel_id: UUID | None = None,
    track_links: bool = True,
    files: Sequence[UUID] = (),
    template: TemplateUse | None = None,
) -> UUID:
    """Queue a text (with files), or a template that reads so, in the caller's transaction; return the message's id.

    `pause` pauses the bot; when it is paused already, the pause goes on for at least the bot's pause time either way.
    Nobody waits for a human any more. Raises UserNotFound, CannotSend.
    """
    cursor = await connection.execute(
        "UPDATE user_stats SET waiting_since = NULL WHERE bot_id = %s AND user_id = %s RETURNING paused_until",
        [bot_id, user_id],
    )
    row = await cursor.fetchone()
    if row is None:
        raise UserNotFound(str(user_id))
    if pause or is_paused(row[0], now):
        await apply(connection, bot_id, user_id, [PauseBot(at_least=True)], actor, now=now)
    return await enqueue_message(
        connection,
        bot_id,
        user_id,
        text,
        author="member",
        now=now,
        member_id=actor.id if actor.source == "member" else None,
        buttons=buttons,
        channel_id=channel_id,
        track_links=track_links,
        files=files,
        template=template,
    )
