"""What a bot says of sentiment: its own word list."""

from sqlalchemy import Table

from botfolk.db.schema.columns import metadata, moment, number, of_bot, string, uuid

sentiment_words = Table(
    "sentiment_words",
    metadata,
    uuid("bot_id", key=True),
    # a word, a phrase or an emoji, in small letters
    string("word", key=True),
    # -100 to 100; 0: ignored
    number("score"),
    uuid("member_id", null=True),
    moment("changed_at", now=True),
    of_bot(),
)
