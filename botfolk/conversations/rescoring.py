"""Score a bot's history anew under its word list and the scorer of now: a job, some users a step."""

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import class_row

from botfolk.bot import words as bot_words
from botfolk.ingest.score import score
from botfolk.jobs import runs
from botfolk.jobs.runs import Job, Step
from botfolk.live.notify import users_changed
from botfolk.sentiment import Words
from botfolk.users.edits import Actor
from botfolk.users.reading import users_of

if TYPE_CHECKING:
    from botfolk.jobs.fetching import Reach

KIND = "rescore"
"""The kind of these jobs. Their `changed` are users, `result.messages` the messages that have another score."""

_MESSAGES_AT_ONCE = 1000
"""Their users are locked for as long as scoring these takes, some tens of milliseconds."""
_USERS_AT_ONCE = 500

Connection = AsyncConnection[Any]


class _Message(Struct):
    id: UUID
    user_id: UUID
    kind: str
    text: str | None
    sentiment: int | None
    sentiment_words: list[list[Any]] | None


async def newest(connection: Connection, bot_id: UUID) -> Job | None:
    """Return a bot's newest rescoring."""
    found = await runs.newest(connection, bot_id, limit=1, kinds=[KIND])
    return found[0] if found else None


async def start(connection: Connection, bot_id: UUID, actor: Actor, now: datetime) -> UUID:
    """Ask for all history to be scored, in the caller's transaction; return the job's id.

    It takes the place of one under way, which is cancelled: its users would be gone through again.
    """
    # Of two members who ask at once, the second finds the first one's.
    await connection.execute("SELECT 1 FROM bots WHERE bot_id = %s FOR NO KEY UPDATE", [bot_id])
    await cancel(connection, bot_id, now)
    return await runs.start(connection, bot_id, KIND, {}, actor, now)


async def cancel(connection: Connection, bot_id: UUID, now: datetime) -> None:
    """End a bot's rescoring that is under way; who was seen keeps the new scores."""
    standing = await newest(connection, bot_id)
    if standing is not None and standing.is_open:
        await runs.cancel(connection, bot_id, standing.id, now)


async def step(reach: "Reach", connection: Connection, job: Job) -> Step:
    """Score the messages of the next users."""
    total = await users_of(connection, job.bot_id) if job.total is None else job.total
    users = await _lock_users(connection, job.bot_id, UUID(job.cursor["after"]) if job.cursor else UUID(int=0))
    if not users:
        return Step(finished=True, total=job.done)
    words = await bot_words.as_words(connection, job.bot_id)
    messages = await _messages(connection, job.bot_id, users)
    changed, sums = await asyncio.to_thread(_score, messages, words)
    await _write(connection, job.bot_id, users, changed, sums)
    return Step(
        done=len(users),
        changed=len({message.user_id for message in changed}),
        cursor={"after": str(users[-1])},
        result={"messages": job.result.get("messages", 0) + len(changed)},
        total=max(total, job.done + len(users)),
    )


async def _lock_users(connection: Connection, bot_id: UUID, after: UUID) -> list[UUID]:
    """Lock the next users, by id as every writer does, as many as have not too many messages together."""
    cursor = await connection.execute(
        "SELECT user_id, messages FROM user_stats WHERE bot_id = %s AND user_id > %s ORDER BY user_id LIMIT %s",
        [bot_id, after, _USERS_AT_ONCE],
    )
    users: list[UUID] = []
    messages = 0
    for user_id, count in await cursor.fetchall():
        messages += count
        if users and messages > _MESSAGES_AT_ONCE:
            break
        users.append(user_id)
    await connection.execute(
        "SELECT 1 FROM user_stats WHERE bot_id = %s AND user_id = ANY(%s) ORDER BY user_id FOR UPDATE", [bot_id, users]
    )
    return users


async def _messages(connection: Connection, bot_id: UUID, users: list[UUID]) -> list[_Message]:
    async with connection.cursor(row_factory=class_row(_Message)) as cursor:
        await cursor.execute(
            "SELECT id, user_id, kind, text, sentiment, sentiment_words FROM messages"
            " WHERE bot_id = %s AND user_id = ANY(%s) AND direction = 'in'",
            [bot_id, users],
        )
        return await cursor.fetchall()


class _Changed(Struct):
    id: UUID
    user_id: UUID
    sentiment: int | None
    sentiment_words: list[tuple[str, float]] | None


def _score(messages: list[_Message], words: Words) -> tuple[list[_Changed], dict[UUID, tuple[int, int]]]:
    """Return the messages whose score or words are others now, and each user's sum and number of scored messages."""
    changed: list[_Changed] = []
    sums: dict[UUID, tuple[int, int]] = {}
    for message in messages:
        value, drove = score(message.kind, message.text, words)
        before = message.sentiment_words
        if value != message.sentiment or (drove or []) != [tuple(pair) for pair in before or ()]:
            changed.append(_Changed(message.id, message.user_id, value, drove))
        if value is not None:
            total, count = sums.get(message.user_id, (0, 0))
            sums[message.user_id] = (total + value, count + 1)
    return changed, sums


async def _write(
    connection: Connection,
    bot_id: UUID,
    users: list[UUID],
    changed: list[_Changed],
    sums: dict[UUID, tuple[int, int]],
) -> None:
    await connection.execute(
        """UPDATE messages m SET sentiment = r.sentiment, sentiment_words = r.sentiment_words
           FROM json_populate_recordset(NULL::messages, %s::json) r WHERE m.bot_id = %s AND m.id = r.id""",
        [msgspec.json.encode(changed).decode(), bot_id],
    )
    rows = [{"user_id": user, "sentiment_sum": sum_, "scored_messages": n} for user, (sum_, n) in sums.items()]
    rows += [{"user_id": user, "sentiment_sum": 0, "scored_messages": 0} for user in users if user not in sums]
    await connection.execute(
        """UPDATE user_stats s SET sentiment_sum = r.sentiment_sum, scored_messages = r.scored_messages
           FROM json_populate_recordset(NULL::user_stats, %s::json) r
           WHERE s.bot_id = %s AND s.user_id = r.user_id
               AND (s.sentiment_sum, s.scored_messages) <> (r.sentiment_sum, r.scored_messages)""",
        [msgspec.json.encode(rows).decode(), bot_id],
    )
    if changed:
        await users_changed(connection, bot_id, users)
