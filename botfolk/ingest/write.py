"""Write what a batch came to. The order is that of the foreign keys; everything is one transaction."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import class_row

from botfolk.channels.contract import Channel
from botfolk.channels.events import MessageDeleted, MessageEdited
from botfolk.conversations.statistics import rescore, shown
from botfolk.db.parameters import json_text
from botfolk.ids import new_id
from botfolk.ingest import people, statements
from botfolk.ingest.batch import Batch
from botfolk.ingest.rows import MessageRow
from botfolk.ingest.score import score
from botfolk.ingest.sent import pause_for_echoes, take_echoes, take_statuses
from botfolk.jobs import Job, defer_all
from botfolk.live.notify import notice, notices_of_users
from botfolk.users.apply import apply
from botfolk.users.merge import move_identity

Connection = AsyncConnection[Any]


class _Stored(Struct, kw_only=True):
    """What an edit needs of a message that was stored before."""

    id: UUID
    user_id: UUID
    kind: str
    text: str | None
    details: dict[str, Any] | None
    sentiment: int | None
    sentiment_words: list[tuple[str, float]] | None = None
    edited_at: datetime | None


async def write(connection: Connection, batch: Batch) -> None:
    """Write one bot's batch. Raises psycopg errors, of a statement that is not waited for when the pipeline ends."""
    for channel, edited in batch.edits:
        await _edit(connection, batch, channel, edited)
    await take_echoes(connection, batch)
    await _write_new_people(connection, batch)
    touched = [stats for stats in people.by_user(batch.people.values()) if stats.user_id in batch.touched]
    notices = notices_of_users(batch.bot_id, sorted(batch.touched))
    if batch.outbox:
        notices.append(notice(batch.bot_id, "outbox"))
    await connection.execute(
        statements.WRITE,
        {
            "bot": batch.bot_id,
            "opened": json_text(batch.opened),
            "extended": json_text(batch.extended),
            "messages": json_text(batch.messages),
            "conversation_events": json_text(batch.events),
            "user_stats": json_text(touched),
            "outbox": json_text(batch.outbox),
            "notices": json_text(notices),
        },
    )
    if batch.links:
        await connection.execute(statements.INSERT_LINKS, {"links": json_text(batch.links)})
    await _write_identities(connection, batch)
    await take_statuses(connection, batch)
    for channel, person, said in batch.news:
        edits = people.edits_for(said)
        if not edits:
            continue
        await apply(
            connection,
            batch.bot_id,
            person.stats.user_id,
            edits,
            people.channel_actor(channel),
            now=batch.now,
        )
    for person, answers in batch.answers:
        given = people.answer_edits(answers)
        await apply(connection, batch.bot_id, person.stats.user_id, given, people.THEMSELVES, now=batch.now)
    await pause_for_echoes(connection, batch)
    await _move(connection, batch)
    await _defer_fetching(connection, batch)


async def _write_new_people(connection: Connection, batch: Batch) -> None:
    new = list({person.identity_id: person for person in batch.people.values() if person.is_new}.values())
    if not new:
        return
    users = [person.user for person in new if person.user is not None]
    await connection.execute(statements.INSERT_USERS, {"users": json_text(users)})
    stats = [person.stats for person in new]
    await connection.execute(statements.INSERT_STATS, [batch.bot_id, json_text(stats)])
    identities = [people.identity_row(person, batch.bot_id, batch.now) for person in new]
    await connection.execute(statements.INSERT_IDENTITIES, {"identities": json_text(identities)})
    changes = [change for person in new for change in person.changes]
    if changes:
        await connection.execute(statements.INSERT_CHANGES, {"changes": json_text(changes)})


async def _edit(connection: Connection, batch: Batch, channel: Channel, edited: MessageEdited | MessageDeleted) -> None:
    """Rewrite a message its author changed or took back; the statistics follow. One that is not (yet) stored is edited
    when it comes."""
    arriving = next(
        (m for m in batch.messages if (m.channel_id, m.external_id) == (channel.id, edited.external_id)), None
    )
    row = arriving or await _stored(connection, batch, channel, edited)
    if row is None or (row.edited_at is not None and row.edited_at > edited.at):
        return
    before = row.sentiment
    row.edited_at = edited.at
    if isinstance(edited, MessageDeleted):
        row.text, row.details = None, {"deleted": True}
    else:
        row.text = edited.text
    row.sentiment, row.sentiment_words = score(row.kind, row.text, batch.words)
    if arriving is None:
        words = None if row.sentiment_words is None else json_text(row.sentiment_words)
        details = None if row.details is None else json_text(row.details)
        changed = [row.text, details, row.sentiment, words, row.edited_at, batch.bot_id, row.id]
        await connection.execute(statements.EDIT, changed)
    for stats in people.by_user(batch.people.values()):
        if stats.user_id == row.user_id:
            rescore(stats, before, row.sentiment)
            if stats.last_message_id == row.id:
                stats.last_message = shown(row.kind, row.text)


async def _stored(
    connection: Connection, batch: Batch, channel: Channel, edited: MessageEdited | MessageDeleted
) -> _Stored | None:
    async with connection.cursor(row_factory=class_row(_Stored)) as cursor:
        await cursor.execute(statements.EDITED, [batch.bot_id, channel.id, edited.external_id])
        return await cursor.fetchone()


async def _write_identities(connection: Connection, batch: Batch) -> None:
    for person, alias in batch.aliases:
        named: dict[str, object] = {"bot": batch.bot_id, "id": new_id(), "identity": person.identity_id}
        await connection.execute(statements.ALIAS, named | {"alias": alias, "now": batch.now})
    for _, person, said in batch.news:
        remembered = json_text(person.said_now)
        identity = [remembered, said.get("username"), batch.bot_id, person.identity_id]
        await connection.execute(statements.IDENTITY_SAID, identity)
    for person, state, reason, at in batch.reachability:
        changed = [state, reason, at, batch.bot_id, person.identity_id, at]
        await connection.execute(statements.IDENTITY_STATE, changed)
    for person, is_allowed, since in batch.consents:
        stopped = [None if is_allowed else since, batch.bot_id, person.identity_id]
        await connection.execute(statements.MARKETING, stopped)


async def _move(connection: Connection, batch: Batch) -> None:
    """Follow groups to their new ids; last, since two users may become one."""
    for channel, moved in batch.moves:
        old, new = moved.external_user_id, moved.new_external_user_id
        actor = people.channel_actor(channel)
        await move_identity(connection, batch.bot_id, channel.id, old, new, actor, now=batch.now)


async def _defer_fetching(connection: Connection, batch: Batch) -> None:
    """Leave what takes a network to a job that exists exactly if this transaction does."""
    bot = str(batch.bot_id)
    new = {person.identity_id: person for person in batch.people.values() if person.is_new}
    with_files = [message.id for message in batch.messages if _is_to_be_fetched(message)]
    jobs = [Job("pictures.fetch", {"bot_id": bot, "identity_id": str(identity_id)}) for identity_id in new]
    jobs += [
        Job("profiles.fetch", {"bot_id": bot, "identity_id": str(identity_id)})
        for identity_id, person in new.items()
        if person.has_more_to_tell
    ]
    jobs += [Job("media.fetch", {"bot_id": bot, "message_id": str(message_id)}) for message_id in with_files]
    await defer_all(connection, jobs)


def _is_to_be_fetched(message: MessageRow) -> bool:
    """Say whether files came that are not here yet: with what a person said, or the team in the service's own app."""
    details = message.details or {}
    came = message.direction == "in" or details.get("echo")
    return bool(came) and not all(file.media_id for file in details.get("media", ()))
