"""A bot's own word list for sentiment: words, phrases and emoji with a score, or ignored."""

from datetime import datetime
from typing import Any
from unicodedata import normalize
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import class_row

from botfolk.live.notify import announce
from botfolk.sentiment import Words
from botfolk.sentiment.standard import form_of
from botfolk.users.edits import InvalidEdit

MOST_WORDS = 1000
LONGEST_WORD = 60
MOST_SCORE = 100

Connection = AsyncConnection[Any]


class Word(Struct, frozen=True):
    """A word of the list; its score from −100 to 100, 0: it is ignored."""

    word: str
    score: int


async def get(connection: Connection, bot_id: UUID) -> list[Word]:
    """Return a bot's list, in order."""
    async with connection.cursor(row_factory=class_row(Word)) as cursor:
        await cursor.execute("SELECT word, score FROM sentiment_words WHERE bot_id = %s ORDER BY word", [bot_id])
        return await cursor.fetchall()


async def as_words(connection: Connection, bot_id: UUID) -> Words:
    """Return a bot's list as a scorer takes it."""
    return Words({each.word: each.score / MOST_SCORE for each in await get(connection, bot_id)})


async def put(
    connection: Connection, bot_id: UUID, word: str, score: object, member_id: UUID | None, now: datetime
) -> Word:
    """Rate a word from −100 to 100, 0 to ignore it, in place of what was said of it before.

    Raises InvalidEdit naming `word` or `score`.
    """
    errors: dict[str, str] = {}
    cleaned, rated = clean(word), 0
    if problem := _problem(cleaned):
        errors["word"] = problem
    try:
        rated = round(float(str(score).replace(",", ".").replace("−", "-")))
        if not -MOST_SCORE <= rated <= MOST_SCORE:
            raise ValueError
    except (ValueError, OverflowError):
        errors["score"] = f"a number from −{MOST_SCORE} to {MOST_SCORE}; 0 ignores the word"
    if errors:
        raise InvalidEdit(errors)
    await connection.execute("SELECT 1 FROM bots WHERE bot_id = %s FOR UPDATE", [bot_id])
    cursor = await connection.execute(
        "SELECT count(*) FROM sentiment_words WHERE bot_id = %s AND word <> %s", [bot_id, cleaned]
    )
    counted = await cursor.fetchone()
    if counted is not None and counted[0] >= MOST_WORDS:
        raise InvalidEdit({"word": f"the list holds at most {MOST_WORDS} words; remove one first"})
    await connection.execute(
        """INSERT INTO sentiment_words (bot_id, word, score, member_id, changed_at) VALUES (%s, %s, %s, %s, %s)
           ON CONFLICT (bot_id, word) DO UPDATE SET score = excluded.score, member_id = excluded.member_id,
               changed_at = excluded.changed_at""",
        [bot_id, cleaned, rated, member_id, now],
    )
    await announce(connection, bot_id, "words")
    return Word(cleaned, rated)


async def remove(connection: Connection, bot_id: UUID, word: str) -> bool:
    """Take a word off the list; say whether it was there."""
    cursor = await connection.execute(
        "DELETE FROM sentiment_words WHERE bot_id = %s AND word = %s", [bot_id, clean(word)]
    )
    await announce(connection, bot_id, "words")
    return cursor.rowcount > 0


def clean(word: str) -> str:
    """Return a word as it is kept: composed, in small letters, with single spaces."""
    text = normalize("NFC", word.replace("\x00", "").replace("\ufe0f", "").replace("’", "'"))
    return " ".join(text.encode("utf-8", "ignore").decode().lower().split())


def _problem(word: str) -> str | None:
    if not word:
        return "a word, a phrase or an emoji is needed"
    if len(word) > LONGEST_WORD:
        return f"at most {LONGEST_WORD} characters, this has {len(word)}"
    try:
        form_of(word)
    except ValueError:
        return "one word, a phrase of words, or one emoji: this could never be found in a message"
    return None
