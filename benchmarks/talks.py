"""A stage with 1,000,000 messages: 100,000 people with a few, and ten with 10,000 each and years of history."""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from benchmarks.stage import Stage, person, staged
from botfolk.ids import new_id
from botfolk.sentiment import score

USERS = 100_000
OFTEN = 10
"""The first so many people have the long conversations."""

LONG, SHORT = 10_000, 8
"""Messages added to one conversation, to the one that was seeded with each person."""

PER_SESSION = 10
TEXTS = ("hello, is anybody there?", "hahaha that is great 😂", "not arrived and I am not happy", "terima kasih, bagus")
BEGAN = datetime(2022, 3, 1, 8, tzinfo=UTC)

Rows = Iterator[tuple[object, ...]]


@contextmanager
def talks() -> Iterator[Stage]:
    """Yield a fresh copy of a database with 1,000,000 messages; the original is kept for the next run."""
    with staged(f"talks_{USERS}", USERS, fill) as stage:
        yield stage


def fill(connection: psycopg.Connection[Any], bot_id: UUID, channel_id: UUID) -> None:
    """Add the conversations to people who have been seeded."""
    dice = random.Random(7)
    # Nothing here refers to what is not there; asking for each of the rows would take minutes.
    connection.execute("SET LOCAL session_replication_role = replica")
    sessions: list[tuple[object, ...]] = []
    with connection.cursor().copy(
        "COPY messages (bot_id, id, user_id, channel_id, session_id, dedupe_key, external_id, direction, author, kind,"
        " text, sent_at, received_at, sequence, status, sentiment, sentiment_words) FROM STDIN"
    ) as copy:
        for number in range(USERS):
            for row in _talk(bot_id, channel_id, number, LONG if number < OFTEN else SHORT, dice, sessions):
                copy.write_row(row)
    with connection.cursor().copy(
        "COPY sessions (bot_id, id, user_id, started_at, last_activity_at, activities, messages, time_spent_us)"
        " FROM STDIN"
    ) as copy:
        for row in sessions:
            copy.write_row(row)
    connection.execute(_STATISTICS, {"bot": bot_id})
    for number in range(OFTEN):
        _profile(connection, bot_id, person(number))


def _talk(
    bot_id: UUID, channel_id: UUID, number: int, count: int, dice: random.Random, sessions: list[tuple[object, ...]]
) -> Rows:
    user_id, at, session_id = person(number), BEGAN + timedelta(seconds=dice.randrange(86_400)), new_id()
    began = at
    for index in range(count):
        if index and index % PER_SESSION == 0:
            sessions.append((bot_id, session_id, user_id, began, at, PER_SESSION // 2, PER_SESSION // 2, 120_000_000))
            at += timedelta(hours=dice.randrange(12, 48))
            began, session_id = at, new_id()
        at += timedelta(seconds=dice.randrange(5, 60))
        text, is_in, key = dice.choice(TEXTS), index % 2 == 0, f"talk-{number}-{index}"
        felt = score(text) if is_in else None
        yield (
            bot_id, new_id(), user_id, channel_id, session_id if is_in else None, key if is_in else None, key,
            "in" if is_in else "out", "user" if is_in else "bot", "text", text, at, at, index,
            "received" if is_in else "sent", round(felt.score * 1000) if felt else None,
            json.dumps(felt.words) if felt else None,
        )  # fmt: skip
    last = count % PER_SESSION or PER_SESSION
    sessions.append((bot_id, session_id, user_id, began, at, last // 2, last // 2, 120_000_000))


_STATISTICS = """
UPDATE user_stats s SET created_at = m.first_at, messages = m.messages, sentiment_sum = m.felt,
    scored_messages = m.scored, sessions = (SELECT count(*) FROM sessions x
                                            WHERE x.bot_id = s.bot_id AND x.user_id = s.user_id)
FROM (SELECT user_id, min(sent_at) AS first_at, count(*) AS messages, coalesce(sum(sentiment), 0) AS felt,
             count(sentiment) AS scored
      FROM messages WHERE bot_id = %(bot)s AND direction = 'in' GROUP BY user_id) m
WHERE s.bot_id = %(bot)s AND s.user_id = m.user_id
"""


def _profile(connection: psycopg.Connection[Any], bot_id: UUID, user_id: UUID) -> None:
    """Give a person much to show: 300 changes, 20 notes, 12 tags, 30 attributes."""
    names = [f"fact_{number}" for number in range(30)]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO attributes (bot_id, id, name, label, type) VALUES (%s, %s, %s, %s, 'text')"
            " ON CONFLICT DO NOTHING",
            [(bot_id, new_id(), name, name) for name in names],
        )
        cursor.execute(
            "UPDATE users SET attributes = %s, email = 'often@example.com', timezone = 'Asia/Kuala_Lumpur'"
            " WHERE bot_id = %s AND id = %s",
            [json.dumps(dict.fromkeys(names, "a value of some length")), bot_id, user_id],
        )
        cursor.executemany(
            "INSERT INTO changes (bot_id, id, user_id, at, source, actor, field, old, new)"
            " VALUES (%s, %s, %s, %s, 'member', 'Mia', %s, %s, %s)",
            [
                (bot_id, new_id(), user_id, BEGAN + timedelta(days=number), f"attributes.{names[number % 30]}",
                 '"before"', '"after"')
                for number in range(300)
            ],
        )  # fmt: skip
        cursor.executemany(
            "INSERT INTO notes (bot_id, id, user_id, text, author, at) VALUES (%s, %s, %s, %s, 'Mia', %s)",
            [(bot_id, new_id(), user_id, "Prefers to be called. " * 4, BEGAN) for _ in range(20)],
        )
        for number in range(12):
            cursor.execute(
                "WITH t AS (INSERT INTO tags (bot_id, id, name) VALUES (%(bot)s, %(id)s, %(name)s)"
                " ON CONFLICT (bot_id, lower(name)) DO UPDATE SET name = excluded.name RETURNING id)"
                " INSERT INTO user_tags (bot_id, user_id, tag_id) SELECT %(bot)s, %(user)s, id FROM t",
                {"bot": bot_id, "id": new_id(), "name": f"tag {number}", "user": user_id},
            )
