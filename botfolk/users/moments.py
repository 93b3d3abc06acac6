"""The best and the worst moment of a user: the message that felt so, and what had been said to them before it."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import class_row

from botfolk.sentiment import label_of

Connection = AsyncConnection[Any]


class Reply(Struct, frozen=True):
    """What was sent to the user last before a moment: by the bot, a member (with their name) or a broadcast."""

    author: Literal["bot", "member", "broadcast"]
    member: str | None
    text: str | None
    kind: str
    sent_at: datetime


class Moment(Struct, frozen=True, kw_only=True):
    """A message and its score, −1 to 1, and the reply before it."""

    is_best: bool
    id: UUID
    at: datetime
    text: str
    score: float
    words: list[tuple[str, float]]
    before: Reply | None

    @property
    def label(self) -> str:
        """Positive or negative."""
        return label_of(self.score)


async def of_user(connection: Connection, bot_id: UUID, user_id: UUID) -> list[Moment]:
    """Return the best moment and the worst, as far as there is one that is positive and one that is negative.

    Of equals the newest.
    """
    found = [await _moment(connection, bot_id, user_id, is_best=is_best) for is_best in (True, False)]
    return [moment for moment in found if moment is not None and moment.label == _wanted(is_best=moment.is_best)]


def _wanted(*, is_best: bool) -> str:
    return "positive" if is_best else "negative"


async def _moment(connection: Connection, bot_id: UUID, user_id: UUID, *, is_best: bool) -> Moment | None:
    order = "DESC" if is_best else "ASC"
    cursor = await connection.execute(
        f"""SELECT id, sent_at, coalesce(text, ''), sentiment, sentiment_words FROM messages
            WHERE bot_id = %s AND user_id = %s AND direction = 'in' AND sentiment IS NOT NULL
            ORDER BY sentiment {order}, sent_at DESC, sequence DESC, id DESC LIMIT 1""".encode(),  # noqa: S608
        [bot_id, user_id],
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    message_id, at, text, sentiment, words = row
    return Moment(
        is_best=is_best,
        id=message_id,
        at=at,
        text=text,
        score=sentiment / 1000,
        words=[(word, weight) for word, weight in words or ()],
        before=await _reply(connection, bot_id, user_id, (at, message_id)),
    )


async def _reply(connection: Connection, bot_id: UUID, user_id: UUID, before: tuple[datetime, UUID]) -> Reply | None:
    """Return what was sent last before a message; of what has its very time, what was written before it."""
    async with connection.cursor(row_factory=class_row(Reply)) as cursor:
        await cursor.execute(
            """SELECT m.author, a.name AS member, m.text, m.kind, m.sent_at
               FROM messages m LEFT JOIN members e ON e.bot_id = m.bot_id AND e.id = m.member_id
                    LEFT JOIN accounts a ON a.id = e.account_id
               WHERE m.bot_id = %s AND m.user_id = %s AND m.direction = 'out'
                     AND (m.sent_at, m.id) < (%s, %s)
               ORDER BY m.sent_at DESC, m.id DESC LIMIT 1""",
            [bot_id, user_id, *before],
        )
        return await cursor.fetchone()
