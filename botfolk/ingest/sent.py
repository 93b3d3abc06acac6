"""What a service says of what was sent: statuses that lead forward, and echoes of what the team wrote in its app."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from botfolk.channels.contract import Channel
from botfolk.channels.events import Echoed
from botfolk.channels.registry import KINDS
from botfolk.ids import new_id
from botfolk.ingest.batch import Batch
from botfolk.ingest.people import Person
from botfolk.ingest.rows import MessageRow
from botfolk.outbox.statuses import advance, advance_until
from botfolk.users.apply import apply
from botfolk.users.edits import Actor, PauseBot

Connection = AsyncConnection[Any]


async def take_statuses(connection: Connection, batch: Batch) -> None:
    """Let what was sent show what became of it. A status that comes before the service's answer to our request waits
    among the events until that answer is written (see outbox/settle.py)."""
    for channel, person, status in batch.statuses:
        if status.up_to is not None:
            await advance_until(
                connection, batch.bot_id, person.stats.user_id, channel.id, status.status, until=status.up_to
            )
        else:
            await advance(
                connection,
                batch.bot_id,
                channel.id,
                status.status,
                external_id=status.external_id,
                message_id=status.message_id,
                reason=status.reason,
                now=batch.now,
            )


# A service that names a message only in its answer may echo it before: what has our words and is on its way is ours.
_OURS = """
SELECT id FROM messages
WHERE bot_id = %(bot)s AND user_id = %(user)s AND channel_id = %(channel)s AND direction = 'out'
  AND (id = %(message)s OR external_id = %(external)s
       OR (status IN ('sending', 'unknown') AND text IS NOT DISTINCT FROM %(text)s))
ORDER BY id = %(message)s DESC NULLS LAST, external_id = %(external)s DESC NULLS LAST LIMIT 1
"""


async def take_echoes(connection: Connection, batch: Batch) -> None:
    """Keep what the team wrote in the service's own app as a member's message; like any human's reply it pauses the
    bot. An echo of what we sent ourselves proves that it was taken."""
    for channel, person, echo in batch.echoes:
        asked = {"bot": batch.bot_id, "user": person.stats.user_id, "channel": channel.id, "text": echo.text}
        asked |= {"message": echo.message_id, "external": echo.external_id}
        found = await (await connection.execute(_OURS, asked)).fetchone()
        if found is not None:
            named = {"external_id": echo.external_id, "message_id": found[0], "reason": None}
            await advance(connection, batch.bot_id, channel.id, "sent", **named, now=batch.now)
            continue
        batch.messages.append(_row(batch, channel, person, echo))
        batch.touched.add(person.stats.user_id)
        person.stats.waiting_since = None
        if batch.now - echo.at < timedelta(seconds=batch.personality.pause_seconds):
            batch.pauses.append((channel, person))


def _row(batch: Batch, channel: Channel, person: Person, echo: Echoed) -> MessageRow:
    details = {**echo.details, "echo": True}
    if echo.media:
        details["media"] = echo.media
    return MessageRow(
        bot_id=batch.bot_id,
        id=new_id(),
        user_id=person.stats.user_id,
        channel_id=channel.id,
        identity_id=person.identity_id,
        dedupe_key=echo.dedupe_key,
        external_id=echo.external_id,
        direction="out",
        author="member",
        kind=echo.kind,
        text=echo.text,
        details=details,
        sent_at=echo.at,
        received_at=batch.now,
        status="sent",
    )


async def pause_for_echoes(connection: Connection, batch: Batch) -> None:
    """Pause the bot for those whom a human answered in the service's own app."""
    paused: set[UUID] = set()
    for channel, person in batch.pauses:
        if person.stats.user_id not in paused:
            paused.add(person.stats.user_id)
            await _pause(connection, batch.bot_id, channel, person.stats.user_id, batch.now)


async def _pause(connection: Connection, bot_id: UUID, channel: Channel, user_id: UUID, now: datetime) -> None:
    label = KINDS[channel.kind].label
    edit = PauseBot(at_least=True, reason=f"answered in {label} itself")
    await apply(connection, bot_id, user_id, [edit], Actor("member", label, channel.id), now=now)
