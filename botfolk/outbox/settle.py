"""Write down what became of a call: the outbox row, the message, the identity and the channel, in one transaction."""

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from botfolk.live.notify import users_changed
from botfolk.outbox.claim import Claimed
from botfolk.outbox.judge import Verdict
from botfolk.outbox.statuses import catch_up
from botfolk.users.edits import Actor
from botfolk.users.merge import move_identity


async def settle(connection: AsyncConnection[Any], row: Claimed, verdict: Verdict, *, now: datetime) -> bool:
    """Write a verdict down; return False when the row was meanwhile somebody else's, and nothing was written.

    A row that was given up as unknown while we were still waiting for the answer takes the answer when it is final; it
    is not queued again by it.
    """
    async with connection.pipeline(), connection.transaction():
        cursor = await connection.execute(
            """UPDATE outbox SET
                   state = CASE WHEN state = 'unknown' AND %(state)s = 'queued' THEN 'unknown' ELSE %(state)s END,
                   parts_sent = %(parts_sent)s, error = %(error)s,
                   -- progress starts the count of failures anew
                   attempts = CASE WHEN parts_sent < %(parts_sent)s AND %(state)s = 'queued' THEN 0 ELSE attempts END,
                   next_at = coalesce(%(next_at)s, next_at),
                   finished_at = CASE WHEN %(state)s = 'queued' THEN finished_at ELSE %(now)s END
               WHERE bot_id = %(bot)s AND id = %(id)s AND state IN ('sending', 'unknown')
                   AND attempts = %(attempts)s AND parts_sent = %(parts_before)s
               RETURNING state""",
            {
                "state": verdict.state,
                "parts_sent": verdict.parts_sent,
                "error": verdict.error,
                "next_at": verdict.next_at,
                "now": now,
                "bot": row.bot_id,
                "id": row.id,
                "attempts": row.attempts,
                "parts_before": row.parts_sent,
            },
        )
        found = await cursor.fetchone()
        if found is None:
            return False
        if verdict.gone:
            await _gone(connection, row, verdict, now)
        if verdict.moved_to is not None:
            await _moved(connection, row, verdict.moved_to, now)
        if row.message_id is not None:
            await _mirror(connection, row.bot_id, row.message_id, str(found[0]), row.parts_sent, verdict)
            if verdict.external_id is not None and row.parts_sent == 0:
                await catch_up(connection, row.bot_id, row.channel_id, row.message_id, verdict.external_id, now=now)
            await users_changed(connection, row.bot_id, [row.user_id])
    return True


async def _mirror(
    connection: AsyncConnection[Any],
    bot_id: UUID,
    message_id: UUID,
    state: str,
    part: int,
    verdict: Verdict,
) -> None:
    """Let the message show the row's state, and keep the service's names: the first one apart, for edits find it."""
    error = verdict.error if state in ("failed", "unknown") else None
    await connection.execute(
        """UPDATE messages SET
               -- a status may have overtaken the answer
               status = CASE WHEN %(status)s = 'sent' AND status IN ('delivered', 'read') THEN status
                   ELSE %(status)s END,
               external_id = CASE WHEN %(part)s = 0 THEN coalesce(%(name)s, external_id) ELSE external_id END,
               details = nullif(
                   coalesce(details, '{}') - 'error'
                   || CASE WHEN %(error)s::text IS NULL THEN '{}'::jsonb
                       ELSE jsonb_build_object('error', %(error)s::text) END
                   || CASE WHEN %(part)s = 0 OR %(name)s::text IS NULL THEN '{}'::jsonb
                       ELSE jsonb_build_object('external_ids',
                           coalesce(details->'external_ids', jsonb_build_array(external_id))
                           || to_jsonb(%(name)s::text))
                       END,
                   '{}')
           WHERE bot_id = %(bot)s AND id = %(id)s""",
        {
            "status": state,
            "part": part,
            "name": verdict.external_id,
            "error": error,
            "bot": bot_id,
            "id": message_id,
        },
    )


async def _gone(connection: AsyncConnection[Any], row: Claimed, verdict: Verdict, now: datetime) -> None:
    await connection.execute(
        """UPDATE identities SET state = %s, state_reason = %s, state_at = %s
           WHERE bot_id = %s AND id = %s AND state = 'active'""",
        [verdict.person_state, verdict.error, now, row.bot_id, row.identity_id],
    )


async def _moved(connection: AsyncConnection[Any], row: Claimed, moved_to: str, now: datetime) -> None:
    """Follow the group to the service's new id."""
    actor = Actor("channel", "", row.channel_id)
    moved = (row.channel_id, row.external_user_id, moved_to)
    await move_identity(connection, row.bot_id, *moved, actor, now=now)


async def blame_channel(
    connection: AsyncConnection[Any], bot_id: UUID, channel_id: UUID, reason: str, *, now: datetime
) -> None:
    """Note why nothing can be sent on a channel."""
    await connection.execute(
        "UPDATE channels SET last_error = %s, last_error_at = %s WHERE bot_id = %s AND id = %s",
        [reason, now, bot_id, channel_id],
    )
