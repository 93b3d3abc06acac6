"""One bot's part of a batch, in one transaction: people, messages, sessions, statistics, the bot's answers.

Read it top to bottom: `store` is the table of contents.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg import AsyncConnection, AsyncCursor

from botfolk.bot.personality import Personality
from botfolk.channels.events import AnyEvent, InboundMessage
from botfolk.conversations.sessions import Rules
from botfolk.db.parameters import json_text
from botfolk.db.secrets import SecretBox
from botfolk.ingest import statements
from botfolk.ingest.batch import Batch, EarlyEdit
from botfolk.ingest.delivery import Delivery
from botfolk.ingest.erased import leave_out_the_erased
from botfolk.ingest.people import Key, Person, as_people, by_user
from botfolk.ingest.place import place_in_order, place_late
from botfolk.ingest.score import words_of
from botfolk.ingest.take import take
from botfolk.ingest.write import write

Connection = AsyncConnection[Any]

_TRIES = 10


class _Known(Struct, kw_only=True):
    """The answer to statements.KNOWN."""

    whose: list[tuple[UUID, UUID, str]] | None
    """identities, their users, and the status of these"""
    has_erased: bool
    toggles: list[tuple[UUID, datetime, bool]] | None
    lengths: list[tuple[datetime, int]]
    personality: Personality
    words: msgspec.Raw
    seen: list[Key] | None
    early_edits: list[EarlyEdit] | None


_read_known = msgspec.json.Decoder(_Known).decode


async def store(
    connection: Connection, box: SecretBox, bot_id: UUID, deliveries: Sequence[Delivery], now: datetime
) -> None:
    """Store the deliveries of one bot in the caller's transaction. What was stored before is left alone; what is of a
    person who was erased since is left out.

    Raises psycopg errors; the caller decides what to try again.
    """
    events = [(delivery, event) for delivery in deliveries for event in delivery.events]
    batch = await _read(connection, box, bot_id, events, now)
    for delivery, event in events:
        key = (delivery.channel.id, event.dedupe_key)
        if key not in batch.seen:
            batch.seen.add(key)
            take(batch, delivery, event)
    await _place(connection, batch)
    await write(connection, batch)


async def _read(
    connection: Connection, box: SecretBox, bot_id: UUID, events: Sequence[tuple[Delivery, AnyEvent]], now: datetime
) -> Batch:
    """Find and lock the people, then (under their locks) ask what of the batch has been stored before."""
    keys = {
        (delivery.channel.id, name) for delivery, event in events for name in (event.external_user_id, *event.aliases)
    }
    asked = {
        "bot": bot_id,
        "people": json_text([{"channel_id": channel, "external_id": external} for channel, external in keys]),
        "keys": json_text([{"channel_id": d.channel.id, "dedupe_key": event.dedupe_key} for d, event in events]),
        "channels": list({channel for channel, _ in keys}),
        "external": [event.external_id for _, event in events if isinstance(event, InboundMessage)],
    }
    people, known = await _lock(connection, asked)
    toggles: dict[UUID, list[tuple[datetime, bool]]] = {}
    for user_id, effective_at, is_on in known.toggles or ():
        toggles.setdefault(user_id, []).append((effective_at, is_on))
    batch = Batch(
        bot_id=bot_id,
        now=now,
        people=people,
        personality=known.personality,
        words=words_of(bot_id, bytes(known.words)),
        lengths=known.lengths,
        toggles=toggles,
        seen=set(known.seen or ()),
        early_edits={(edit.channel_id, edit.external_id): edit for edit in known.early_edits or ()},
    )
    if known.has_erased:
        await leave_out_the_erased(connection, box, batch, events)
    return batch


async def _lock(connection: Connection, asked: Mapping[str, object]) -> tuple[dict[Key, Person], _Known]:
    """Lock the people, and ask what is known; again if identities were moved before we had the locks: two users had
    become one, or were two again. Raises TimeoutError when that does not end."""
    for _ in range(_TRIES):
        found = await connection.execute(statements.PEOPLE, asked)
        answer = await connection.execute(statements.KNOWN, asked)
        people, known = as_people(await _only(found)), _read_known(await _only(answer))
        locked = {(person.identity_id, person.stats.user_id): person for person in people.values()}
        whose = {(identity_id, user_id): status for identity_id, user_id, status in known.whose or ()}
        if locked.keys() == whose.keys():
            for which, person in locked.items():
                person.status = whose[which]
            return people, known
    raise TimeoutError("identities are moved all the time")


async def _only(cursor: AsyncCursor[Any]) -> str:
    """Return the one document a statement answers with, "null" when there is none."""
    row = await cursor.fetchone()
    return "null" if row is None or row[0] is None else str(row[0])


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
    opened = {session.id: session for session in batch.opened}
    for message in batch.messages:
        message.session_id = session_of.get(message.id)
        if message.id in batch.contexts and message.session_id in opened:
            session = opened[message.session_id]
            session.context = session.context or batch.contexts[message.id]
