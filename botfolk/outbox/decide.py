"""What a member decides about a message whose sending failed, or whose outcome nobody knows."""

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from botfolk.ids import new_id
from botfolk.live.notify import announce, users_changed
from botfolk.outbox.queue import CannotSend

_DISCARDED = "A member decided not to send this"


async def retry(connection: AsyncConnection[Any], bot_id: UUID, message_id: UUID, *, now: datetime) -> None:
    """Send a failed or unknown message again, from the part that was not taken; it joins the end of its person's line.

    Raises CannotSend.
    """
    outbox_id, state, user_id = await _latest(connection, bot_id, message_id)
    if state not in ("failed", "unknown"):
        raise CannotSend(_STANDS[state])
    # Under a new id: what may still be on its way under the old one can no longer change anything.
    await connection.execute(
        """WITH old AS (DELETE FROM outbox WHERE bot_id = %s AND id = %s RETURNING *)
           INSERT INTO outbox (bot_id, id, channel_id, user_id, identity_id, message_id, kind, payload, parts_sent,
               next_at, created_at)
           SELECT bot_id, %s, channel_id, user_id, identity_id, message_id, kind, payload, parts_sent, %s, %s
           FROM old""",
        [bot_id, outbox_id, new_id(), now, now],
    )
    await connection.execute(
        """UPDATE messages SET status = 'queued', details = nullif(details - 'error', '{}')
           WHERE bot_id = %s AND id = %s""",
        [bot_id, message_id],
    )
    await announce(connection, bot_id, "outbox")
    await users_changed(connection, bot_id, [user_id])


async def discard(connection: AsyncConnection[Any], bot_id: UUID, message_id: UUID, *, now: datetime) -> None:
    """Give a message up: one that waits no longer leaves, an unknown one is settled as not sent. Raises CannotSend."""
    outbox_id, state, user_id = await _latest(connection, bot_id, message_id)
    if state not in ("queued", "unknown", "failed"):
        raise CannotSend(_STANDS[state])
    await connection.execute(
        # attempts: what may still be on its way can no longer change anything
        """UPDATE outbox SET state = 'failed', error = %s, finished_at = %s, attempts = attempts + 1
           WHERE bot_id = %s AND id = %s""",
        [_DISCARDED, now, bot_id, outbox_id],
    )
    await connection.execute(
        """UPDATE messages SET status = 'failed',
               details = coalesce(details, '{}') || jsonb_build_object('error', %s::text)
           WHERE bot_id = %s AND id = %s""",
        [_DISCARDED, bot_id, message_id],
    )
    await announce(connection, bot_id, "outbox")
    await users_changed(connection, bot_id, [user_id])


_STANDS = {
    "queued": "This message is already waiting to be sent",
    "sending": "This message is on its way right now",
    "sent": "This message has been sent",
}


async def _latest(connection: AsyncConnection[Any], bot_id: UUID, message_id: UUID) -> tuple[UUID, str, UUID]:
    cursor = await connection.execute(
        """SELECT id, state, user_id FROM outbox WHERE bot_id = %s AND message_id = %s
           ORDER BY id DESC LIMIT 1 FOR UPDATE""",
        [bot_id, message_id],
    )
    row = await cursor.fetchone()
    if row is None:
        raise CannotSend("There is no such message to send")
    return row[0], str(row[1]), row[2]
