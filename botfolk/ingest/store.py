"""One bot's part of a batch, in one transaction: people, messages, sessions, statistics, the bot's answers.

Read it top to bottom: `store` is the table of contents.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from botfolk.bot import personality
from botfolk.channels.events import AnyEvent, InboundMessage
from botfolk.conversations.sessions import Rules
from botfolk.ingest import statements
from botfolk.ingest.batch import Batch
from botfolk.ingest.delivery import Delivery
from botfolk.ingest.people import by_user, find, json_text
from botfolk.ingest.place import place_in_order, place_late
from botfolk.ingest.take import take
from botfolk.ingest.write import write

Connection = AsyncConnection[Any]


async def store(connection: Connection, bot_id: UUID, deliveries: Sequence[Delivery], now: datetime) -> None:
    """Store the deliveries of one bot in the caller's transaction. What was stored before is left alone.

    Raises psycopg errors; the caller decides what to try again.
    """
    events = [(delivery, event) for delivery in deliveries for event in delivery.events]
    batch = await _read(connection, bot_id, events, now)
    for delivery, event in events:
        key = (delivery.channel.id, event.dedupe_key)
        if key not in batch.seen:
            batch.seen.add(key)
            take(batch, delivery, event)
    await _place(connection, batch)
    await write(connection, batch)


async def _read(
    connection: Connection, bot_id: UUID, events: Sequence[tuple[Delivery, AnyEvent]], now: datetime
) -> Batch:
    """Find and lock the people, then (under their locks) ask what of the batch has been stored before."""
    keys = list(dict.fromkeys((delivery.channel.id, event.external_user_id) for delivery, event in events))
    async with connection.pipeline():
        people = await find(connection, bot_id, keys)
        users = [person.stats.user_id for person in people.values()]
        infinite = [stats.user_id for stats in by_user(people.values())]
        channels = [delivery.channel.id for delivery, _ in events]
        delivered = [{"channel_id": d.channel.id, "dedupe_key": event.dedupe_key} for d, event in events]
        asked = {"bot": bot_id, "keys": json_text(delivered)}
        external = [event.external_id for _, event in events if isinstance(event, InboundMessage)]
        statuses = await connection.execute(statements.STATUSES, [bot_id, users])
        toggles = await connection.execute(statements.TOGGLES, [bot_id, infinite])
        seen = await connection.execute(statements.SEEN, asked)
        early = await connection.execute(statements.EARLY_EDITS, [bot_id, list(set(channels)), external])
        lengths = await connection.execute(statements.LENGTHS, [bot_id])
        settings = await personality.get(connection, bot_id)
        batch = Batch(bot_id=bot_id, now=now, people=people, personality=settings, lengths=await lengths.fetchall())
        status_of = {user_id: status async for user_id, status in statuses}
        async for user_id, effective_at, is_on in toggles:
            batch.toggles.setdefault(user_id, []).append((effective_at, is_on))
        batch.seen = {(channel_id, key) async for channel_id, key in seen}
        batch.early_edits = {(channel_id, key): (at, text) async for channel_id, key, at, text in early}
    for person in people.values():
        person.status = status_of[person.stats.user_id]
    return batch


async def _place(connection: Connection, batch: Batch) -> None:
    """Put the new activities of each user into sessions."""
    session_of: dict[UUID, UUID] = {}
    for stats in by_user(batch.people.values()):
        activities = sorted(batch.activities.get(stats.user_id, ()), key=lambda activity: activity.at)
        if not activities:
            continue
        rules = Rules(batch.lengths, batch.toggles.get(stats.user_id, ()), stats.recounted_at)
        if stats.last_activity_at is None or activities[0].at >= stats.last_activity_at:
            placed = place_in_order(batch.bot_id, stats, activities, rules)
            batch.opened += placed.opened
            batch.extended += placed.extended
            session_of |= placed.session_of
        else:
            session_of |= await place_late(connection, batch.bot_id, stats, activities, rules)
    for message in batch.messages:
        message.session_id = session_of.get(message.id)
