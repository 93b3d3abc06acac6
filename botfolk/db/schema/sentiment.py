"""What a bot says of sentiment: its own word list, and the run that scores its history anew."""

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

# The newest run of a bot: it goes through its users by their id, and goes on where it stopped.
rescorings = Table(
    "rescorings",
    metadata,
    uuid("bot_id", key=True),
    uuid("id"),
    uuid("member_id", null=True),
    moment("started_at"),
    moment("finished_at", null=True),
    # how many users there were when it started, and how many it has been through
    number("users", 0),
    number("done", 0),
    # messages whose score is another now
    number("changed", 0, big=True),
    # the last user it has been through
    uuid("after", null=True),
    of_bot(),
)
