"""Score a bot's history anew under its word list and the scorer of now, some users at a time."""

import asyncio
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import class_row

from botfolk.bot import words as bot_words
from botfolk.ids import new_id
from botfolk.ingest.score import score
from botfolk.jobs.defer import defer
from botfolk.live.notify import announce, users_changed
from botfolk.sentiment import Words

TASK = "sentiment.rescore"
_MESSAGES_AT_ONCE = 1000
"""Their users are locked for as long as scoring these takes, some tens of milliseconds."""
_USERS_AT_ONCE = 500

Connection = AsyncConnection[Any]


class Run(Struct, frozen=True, kw_only=True):
    """A run over all of a bot's users: how many there were, how many are done, how many messages have another score."""

    id: UUID
    started_at: datetime
    finished_at: datetime | None
    users: int
    done: int
    changed: int


class _Message(Struct):
    id: UUID
    user_id: UUID
    kind: str
    text: str | None
    sentiment: int | None
    sentiment_words: list[list[Any]] | None


async def newest(connection: Connection, bot_id: UUID) -> Run | None:
    """Return a bot's newest run."""
    async with connection.cursor(row_factory=class_row(Run)) as cursor:
        await cursor.execute(
            "SELECT id, started_at, finished_at, users, done, changed FROM rescorings WHERE bot_id = %s", [bot_id]
        )
        return await cursor.fetchone()


async def start(connection: Connection, bot_id: UUID, member_id: UUID | None, now: datetime) -> UUID:
    """Begin a run, in the place of one that is under way, and ask for the job that does it; return its id."""
    run_id = new_id()
    await connection.execute(
        """INSERT INTO rescorings (bot_id, id, member_id, started_at, users)
           SELECT %(bot)s, %(id)s, %(member)s, %(now)s, count(*) FROM user_stats WHERE bot_id = %(bot)s
           ON CONFLICT (bot_id) DO UPDATE SET id = excluded.id, member_id = excluded.member_id, users = excluded.users,
               started_at = excluded.started_at, finished_at = NULL, done = 0, changed = 0, after = NULL""",
        {"bot": bot_id, "id": run_id, "member": member_id, "now": now},
    )
    await defer(connection, TASK, {"bot_id": str(bot_id), "run_id": str(run_id)})
    await announce(connection, bot_id, "rescoring")
    return run_id


async def go_on(connection: Connection, bot_id: UUID, run_id: UUID, now: datetime) -> Literal["more", "finished"]:
    """Score the messages of the next users, in the caller's transaction, with what it did noted in it.

    A run that another has taken the place of is finished.
    """
    cursor = await connection.execute(
        "SELECT after FROM rescorings WHERE bot_id = %s AND id = %s AND finished_at IS NULL FOR UPDATE",
        [bot_id, run_id],
    )
    row = await cursor.fetchone()
    if row is None:
        return "finished"
    users = await _lock_users(connection, bot_id, row[0])
    if not users:
        await connection.execute(
            "UPDATE rescorings SET finished_at = %s, users = done WHERE bot_id = %s", [now, bot_id]
        )
        await announce(connection, bot_id, "rescoring")
        return "finished"
    words = await bot_words.as_words(connection, bot_id)
    messages = await _messages(connection, bot_id, users)
    changed, sums = await asyncio.to_thread(_score, messages, words)
    await _write(connection, bot_id, users, changed, sums)
    await connection.execute(
        """UPDATE rescorings SET after = %(last)s, done = done + %(done)s, users = greatest(users, done + %(done)s),
               changed = changed + %(changed)s WHERE bot_id = %(bot)s""",
        {"last": users[-1], "done": len(users), "changed": len(changed), "bot": bot_id},
    )
    await announce(connection, bot_id, "rescoring")
    return "more"


async def _lock_users(connection: Connection, bot_id: UUID, after: UUID | None) -> list[UUID]:
    """Lock the next users, by id as every writer does, as many as have not too many messages together."""
    cursor = await connection.execute(
        "SELECT user_id, messages FROM user_stats WHERE bot_id = %s AND user_id > %s ORDER BY user_id LIMIT %s",
        [bot_id, after or UUID(int=0), _USERS_AT_ONCE],
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
            changed.append(_Changed(message.id, value, drove))
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
