"""What each statistic of a user counts, newest first: what the User page opens under it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection

from botfolk.conversations import read
from botfolk.db.together import Ask
from botfolk.links.read import Click, list_clicks
from botfolk.users.read import label_of

PAGE = 30
TREND = 100
"""Scored messages the trend shows at most."""
_WIDTH, _HEIGHT = 240.0, 48.0

Connection = AsyncConnection[Any]


class Scored(Struct, frozen=True, kw_only=True):
    """A message and its score, −1 to 1."""

    at: datetime
    text: str
    score: float
    words: list[tuple[str, float]]

    @property
    def label(self) -> str:
        """Positive, neutral or negative."""
        return label_of(self.score) or "neutral"


class Trend(Struct, frozen=True, kw_only=True):
    """The course of the sentiment, oldest first, in a box of 240 × 48: `line` as points of an SVG polyline. Each point
    is the mean of up to five messages; a single mood is no course."""

    line: str
    count: int
    first: float
    last: float


async def sessions(
    connection: Connection, bot_id: UUID, user_id: UUID, after: str | None
) -> tuple[list[read.Session], str | None]:
    """Return sessions and the next page's cursor. Raises BadCursor."""
    return await read.list_sessions(connection, bot_id, user_id, after=after, limit=PAGE)


async def messages(
    connection: Connection, bot_id: UUID, user_id: UUID, after: str | None
) -> tuple[list[read.Message], str | None]:
    """Return the user's own messages and the next page's cursor. Raises BadCursor."""
    found, cursor = await read.list_messages(connection, bot_id, user_id, after=after, limit=PAGE)
    return [message for message in found if message.direction == "in"], cursor


async def last(connection: Connection, bot_id: UUID, user_id: UUID) -> read.Message | None:
    """Return the user's newest message; None before the first."""
    cursor = await connection.execute(
        "SELECT last_message_id FROM user_stats WHERE bot_id = %s AND user_id = %s", [bot_id, user_id]
    )
    row = await cursor.fetchone()
    if row is None or row[0] is None:
        return None
    return await read.get_message(connection, bot_id, user_id, row[0])


async def clicks(
    connection: Connection, bot_id: UUID, user_id: UUID, after: str | None
) -> tuple[list[Click], str | None]:
    """Return the clicks that count and the next page's cursor. Raises BadCursor."""
    return await list_clicks(connection, bot_id, user_id, after=after, limit=PAGE)


async def scored(connection: Connection, bot_id: UUID, user_id: UUID) -> list[Scored]:
    """Return the newest scored messages, newest first."""
    cursor = await connection.execute(
        """SELECT sent_at, coalesce(text, ''), sentiment, sentiment_words FROM messages
           WHERE bot_id = %s AND user_id = %s AND direction = 'in' AND sentiment IS NOT NULL
           ORDER BY sent_at DESC, sequence DESC, id DESC LIMIT %s""",
        [bot_id, user_id, TREND],
    )
    return [
        Scored(at=at, text=text, score=score / 1000, words=[(word, weight) for word, weight in words or []])
        for at, text, score, words in await cursor.fetchall()
    ]


class Score(Struct, frozen=True):
    """A score, in thousandths."""

    sentiment: int


def scores_asked(bot_id: UUID, user_id: UUID) -> Ask[Score]:
    """Return the question for the scores that the trend shows, newest first."""
    select = f"""SELECT sentiment FROM messages
        WHERE bot_id = %(bot)s AND user_id = %(user)s AND direction = 'in' AND sentiment IS NOT NULL
        ORDER BY sent_at DESC, sequence DESC, id DESC LIMIT {TREND}"""  # noqa: S608
    return Ask(select, {"bot": bot_id, "user": user_id}, Score)


def trend(newest_first: Sequence[Score]) -> Trend | None:
    """Return the course of the sentiment; None for fewer than two points."""
    scores = [score.sentiment / 1000 for score in reversed(newest_first)]
    if len(scores) < 2:
        return None
    means = [sum(part) / len(part) for part in (scores[max(0, end - 5) : end] for end in range(1, len(scores) + 1))]
    step = _WIDTH / (len(means) - 1)
    points = (f"{index * step:.1f},{(1 - mean) / 2 * _HEIGHT:.1f}" for index, mean in enumerate(means))
    return Trend(line=" ".join(points), count=len(scores), first=means[0], last=means[-1])
