"""Write what a batch came to. The order is that of the foreign keys; everything is one transaction."""

from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from botfolk.channels.contract import Channel
from botfolk.channels.events import MessageEdited
from botfolk.conversations.statistics import rescore, shown
from botfolk.ingest import people, statements
from botfolk.ingest.batch import Batch
from botfolk.ingest.rows import as_json
from botfolk.ingest.score import score
from botfolk.jobs import defer
from botfolk.live.notify import announce, users_changed
from botfolk.users.apply import apply

Connection = AsyncConnection[Any]


async def write(connection: Connection, batch: Batch) -> None:
    """Write one bot's batch. Raises psycopg errors."""
    async with connection.pipeline():
        await _write_new_people(connection, batch)
        for statement, rows in (
            (statements.INSERT_SESSIONS, batch.opened),
            (statements.EXTEND_SESSIONS, batch.extended),
            (statements.INSERT_MESSAGES, batch.messages),
            (statements.INSERT_EVENTS, batch.events),
        ):
            if rows:
                await connection.execute(statement, [as_json(rows)])
    for channel, edited in batch.edits:
        await _edit(connection, batch, channel, edited)
    touched = [stats for stats in people.by_user(batch.people.values()) if stats.user_id in batch.touched]
    async with connection.pipeline():
        if touched:
            await connection.execute(statements.UPDATE_STATS, [as_json(touched), batch.bot_id])
        if batch.outbox:
            await connection.execute(statements.INSERT_OUTBOX, [as_json(batch.outbox)])
            await announce(connection, batch.bot_id, "outbox")
        await _write_identities(connection, batch)
        await users_changed(connection, batch.bot_id, sorted(batch.touched))
    for channel, person, said in batch.news:
        await apply(
            connection,
            batch.bot_id,
            person.stats.user_id,
            people.edits_for(said),
            people.channel_actor(channel),
            now=batch.now,
        )
    await _defer_fetching(connection, batch)


async def _write_new_people(connection: Connection, batch: Batch) -> None:
    new = list({person.identity_id: person for person in batch.people.values() if person.is_new}.values())
    if not new:
        return
    users = [person.user for person in new if person.user is not None]
    await connection.execute(statements.INSERT_USERS, [as_json(users)])
    stats = [person.stats for person in new]
    await connection.execute(statements.INSERT_STATS, [batch.bot_id, as_json(stats)])
    identities = [people.identity_row(person, batch.bot_id, batch.now) for person in new]
    await connection.execute(statements.INSERT_IDENTITIES, [as_json(identities)])
    changes = [change for person in new for change in person.changes]
    if changes:
        await connection.execute(statements.INSERT_CHANGES, [as_json(changes)])


async def _edit(connection: Connection, batch: Batch, channel: Channel, edited: MessageEdited) -> None:
    """Rewrite a message its author changed; the statistics follow. One not (yet) stored is edited when it comes."""
    cursor = await connection.execute(statements.EDITED, [batch.bot_id, channel.id, edited.external_id])
    row = await cursor.fetchone()
    if row is None:
        return
    message_id, user_id, kind, _, before, edited_at = row
    if edited_at is not None and edited_at > edited.at:
        return
    after, words = score(kind, edited.text)
    words_json = None if words is None else msgspec.json.encode(words).decode()
    changed = [edited.text, after, words_json, edited.at]
    await connection.execute(statements.EDIT, [*changed, batch.bot_id, message_id])
    for stats in people.by_user(batch.people.values()):
        if stats.user_id == user_id:
            rescore(stats, before, after)
            if stats.last_message_id == message_id:
                stats.last_message = shown(kind, edited.text)


async def _write_identities(connection: Connection, batch: Batch) -> None:
    for _, person, said in batch.news:
        identity = [people.json_text(said), said.get("username"), batch.bot_id, person.identity_id]
        await connection.execute(statements.IDENTITY_SAID, identity)
    for person, state, reason, at in batch.reachability:
        changed = [state, reason, at, batch.bot_id, person.identity_id, at]
        await connection.execute(statements.IDENTITY_STATE, changed)
    for channel_id, moved in batch.moves:
        ids: dict[str, UUID | str] = {"bot": batch.bot_id, "channel": channel_id}
        ids |= {"old": moved.external_user_id, "new": moved.new_external_user_id}
        await connection.execute(statements.IDENTITY_MOVED, ids)


async def _defer_fetching(connection: Connection, batch: Batch) -> None:
    """Leave what takes a network to a job that exists exactly if this transaction does."""
    bot = str(batch.bot_id)
    for identity_id in {person.identity_id for person in batch.people.values() if person.is_new}:
        await defer(connection, "pictures.fetch", {"bot_id": bot, "identity_id": str(identity_id)})
    for message in batch.messages:
        if message.direction == "in" and message.kind == "photo":
            await defer(connection, "media.fetch", {"bot_id": bot, "message_id": str(message.id)})
