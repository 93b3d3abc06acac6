"""Bots and their Personality."""

from sqlalchemy import Table

from botfolk.db.schema.columns import metadata, moment, number, of_bot, string, uuid

bots = Table(
    "bots",
    metadata,
    uuid("bot_id", key=True),
    string("name"),
    string("description", ""),
    string("greeting", ""),
    string("fallback", ""),
    number("session_length_seconds", 600),
    number("pause_seconds", 600),
    string("language", "en"),
    string("timezone", "UTC"),
    # of `media`, which refers to bots itself
    uuid("picture_id", null=True),
    moment("created_at", now=True),
    number("version", 1),
)

# The history of the session length: an activity is judged by the length in force at its time.
session_lengths = Table(
    "session_lengths",
    metadata,
    uuid("bot_id", key=True),
    moment("effective_at", key=True),
    number("seconds"),
    uuid("member_id", null=True),
    of_bot(),
)
