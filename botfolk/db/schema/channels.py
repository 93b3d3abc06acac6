"""Channels, identities and the quarantine."""

from sqlalchemy import REAL, Column, Computed, Index, LargeBinary, Table, Text, UniqueConstraint

from botfolk.db.schema.columns import belongs_to, document, metadata, moment, number, of_bot, string, uuid, yes_no

channels = Table(
    "channels",
    metadata,
    uuid("bot_id", key=True),
    uuid("id", key=True),
    string("kind"),
    string("name"),
    document("config"),
    # Encrypted by db/secrets.py; nothing readable is stored.
    Column("secrets", LargeBinary(), nullable=False),
    yes_no("enabled", True),
    moment("created_at", now=True),
    moment("last_event_at", null=True),
    string("last_error", null=True),
    moment("last_error_at", null=True),
    of_bot(),
)
# A hook's address names only the channel.
Index("channels_id", channels.c.id)

identities = Table(
    "identities",
    metadata,
    uuid("bot_id", key=True),
    uuid("id", key=True),
    uuid("user_id"),
    uuid("channel_id"),
    string("external_id"),
    string("username", null=True),
    Column("words", Text(), Computed("lower(left(username, 200))", persisted=True), nullable=True),
    # What the channel last said of the person; null asks the next message to say it again.
    document("profile", null=True),
    # active, blocked (the person blocked the bot), opted_out (they said stop) or gone (the service says so)
    string("state", "active"),
    string("state_reason", null=True),
    moment("state_at", null=True),
    string("picture_ref", null=True),
    moment("picture_checked_at", null=True),
    # the person stopped marketing, and nothing else
    moment("marketing_stopped_at", null=True),
    # another name of the identity by which the person is reached; nothing is sent here
    uuid("alias_of", null=True),
    # the person was erased then and has come back by themselves: what is older is not theirs any more
    moment("erased_at", null=True),
    moment("created_at", now=True),
    belongs_to("users", "user_id", cascade=True),
    belongs_to("identities", "alias_of", cascade=True),
    belongs_to("channels", "channel_id", cascade=True),
    UniqueConstraint("bot_id", "channel_id", "external_id"),
)
Index("identities_user", identities.c.bot_id, identities.c.user_id)
# Read through for a part of a username; cut to what an entry of an index may hold.
Index(
    "identities_words",
    identities.c.bot_id,
    identities.c.words,
    identities.c.user_id,
    postgresql_where=identities.c.words.isnot(None),
)
Index(
    "identities_alias",
    identities.c.bot_id,
    identities.c.alias_of,
    postgresql_where=identities.c.alias_of.isnot(None),
)

# What passed between us and the service lately, for members to read: no bodies, no secrets.
exchanges = Table(
    "exchanges",
    metadata,
    uuid("bot_id", key=True),
    uuid("id", key=True),
    uuid("channel_id"),
    moment("at"),
    # in, out
    string("direction"),
    string("what"),
    number("status", null=True),
    string("words", ""),
    Column("seconds", REAL(), nullable=False),
    belongs_to("channels", "channel_id", cascade=True),
)
Index("exchanges_channel", exchanges.c.bot_id, exchanges.c.channel_id, exchanges.c.id)

quarantine = Table(
    "quarantine",
    metadata,
    uuid("bot_id", key=True),
    uuid("id", key=True),
    uuid("channel_id"),
    moment("received_at"),
    string("reason"),
    Column("body", LargeBinary(), nullable=False),
    # A service repeats what it sends: the same bytes are kept once.
    Column("digest", LargeBinary(), nullable=False),
    belongs_to("channels", "channel_id", cascade=True),
    UniqueConstraint("bot_id", "channel_id", "digest"),
)
