"""Which users a transaction changed, for what is kept in memory of them (`counts/`)."""

from sqlalchemy import Column, Identity, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from botfolk.db.schema.columns import metadata, number, uuid

# Written by the triggers of `db/touching.py`, whoever writes. Unlogged: a crash ends what is kept in memory, too.
# No reference to the bot, whose check would lock its row with every message.
touched = Table(
    "touched",
    metadata,
    uuid("bot_id", key=True),
    # the transaction, as pg_current_xact_id() tells
    number("xid", big=True, key=True),
    Column("id", number("id", big=True).type, Identity(always=True), primary_key=True),
    # profile, statistics, tags, channels; names: how tags or channels are called
    Column("part", Text(), nullable=False),
    Column("users", ARRAY(UUID()), nullable=False),
    prefixes=["UNLOGGED"],
)
