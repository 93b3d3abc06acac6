"""How far something we sent has come, by the word of the service. A status only ever leads forward, in any order:
sent → failed → delivered → read; what was delivered or read has not failed."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from psycopg import AsyncConnection

Status = Literal["sent", "failed", "delivered", "read"]

# A literal of SQL: the statuses in the order in which one leads to the next. Those of our own come before.
_RANK = "array_position(ARRAY['sent', 'failed', 'delivered', 'read'], {})"
_FORWARD = f"coalesce({_RANK.format('m.status')}, 0) < {_RANK.format('%(status)s')}"


def _advance(which: str) -> str:
    return f"""
UPDATE messages m SET status = %(status)s,
    external_id = coalesce(m.external_id, %(external)s),
    details = nullif(coalesce(m.details, '{{}}') - 'error'
        || CASE WHEN %(status)s = 'failed' THEN jsonb_build_object('error', coalesce(%(reason)s::text, ''))
                ELSE '{{}}'::jsonb END, '{{}}')
WHERE m.bot_id = %(bot)s AND m.direction = 'out' AND {which} AND {_FORWARD}
RETURNING m.id
"""  # noqa: S608 - literals of ours


_BY_ID = _advance("m.id = %(message)s AND m.channel_id = %(channel)s")
_BY_NAME = _advance("m.channel_id = %(channel)s AND m.external_id = %(external)s")

# Only what has left can have arrived: a watermark says nothing of what is still on its way, or has failed.
_UNTIL = f"""
UPDATE messages m SET status = %(status)s
WHERE m.bot_id = %(bot)s AND m.user_id = %(user)s AND m.channel_id = %(channel)s AND m.direction = 'out'
  AND m.sent_at <= %(until)s AND m.status IN ('sent', 'delivered') AND {_FORWARD}
"""  # noqa: S608 - a literal of ours

# What nobody knew the outcome of is known now; what was taken and failed later can be tried again.
_SETTLE = """
UPDATE outbox SET state = %(state)s, error = %(reason)s, finished_at = %(now)s
WHERE bot_id = %(bot)s AND message_id = %(message)s AND kind = 'message' AND state = ANY(%(from)s)
"""


async def advance(
    connection: AsyncConnection[Any],
    bot_id: UUID,
    channel_id: UUID,
    status: Status,
    *,
    external_id: str | None,
    message_id: UUID | None,
    reason: str | None,
    now: datetime,
) -> None:
    """Note a message's status, found by our id or the service's name of it; nothing when it leads back, or is not
    ours."""
    asked = {"bot": bot_id, "channel": channel_id, "status": status, "reason": reason}
    asked |= {"external": external_id, "message": message_id}
    query = _BY_NAME if message_id is None else _BY_ID
    for found in await (await connection.execute(query, asked)).fetchall():
        failed = status == "failed"
        settled = {"bot": bot_id, "message": found[0], "now": now, "reason": reason if failed else None}
        settled |= {"state": "failed" if failed else "sent", "from": ["unknown", "sent"] if failed else ["unknown"]}
        await connection.execute(_SETTLE, settled)


async def advance_until(
    connection: AsyncConnection[Any],
    bot_id: UUID,
    user_id: UUID,
    channel_id: UUID,
    status: Status,
    *,
    until: datetime,
) -> None:
    """Note the status of all that was sent to a person on a channel up to a time."""
    asked = {"bot": bot_id, "user": user_id, "channel": channel_id, "status": status, "until": until}
    await connection.execute(_UNTIL, asked)


# Statuses that came before the service's answer named the message.
_EARLY = """
SELECT details ->> 'status', details ->> 'reason' FROM conversation_events
WHERE bot_id = %s AND channel_id = %s AND external_id = %s AND kind = 'status'
"""


async def catch_up(
    connection: AsyncConnection[Any], bot_id: UUID, channel_id: UUID, message_id: UUID, name: str, *, now: datetime
) -> None:
    """Note the statuses of a message that came before the service's answer, which now names it."""
    for status, reason in await (await connection.execute(_EARLY, [bot_id, channel_id, name])).fetchall():
        await advance(
            connection, bot_id, channel_id, status, external_id=name, message_id=message_id, reason=reason, now=now
        )
