"""The outbox: the only way out."""

from sqlalchemy import Index, Table, text

from botfolk.db.schema.columns import belongs_to, document, metadata, moment, number, string, uuid

outbox = Table(
    "outbox",
    metadata,
    uuid("bot_id", key=True),
    uuid("id", key=True),
    uuid("channel_id"),
    uuid("user_id"),
    uuid("identity_id"),
    # null for what is no message (the answer to a button tap)
    uuid("message_id", null=True),
    # message, tap
    string("kind"),
    # message: {text, buttons}; tap: {tap}
    document("payload"),
    # queued, sending, sent, failed, unknown
    string("state", "queued"),
    # parts of a split text that the service has taken
    number("parts_sent", 0),
    number("attempts", 0),
    moment("next_at", now=True),
    string("error", null=True),
    moment("created_at", now=True),
    moment("finished_at", null=True),
    # User, identity and channel go only with what they belong to; a reference would lock a row of theirs for each
    # message, and be looked for in all of this table when a user goes.
    belongs_to("messages", "message_id", cascade=True),
)
# What is due on a channel, in the order it is taken.
Index(
    "outbox_due",
    outbox.c.channel_id,
    outbox.c.bot_id,
    outbox.c.kind,
    outbox.c.next_at,
    outbox.c.id,
    postgresql_where=text("state = 'queued'"),
)
# What is on its way: the few rows whose outcome a crash makes unknown.
Index(
    "outbox_sending",
    outbox.c.channel_id,
    outbox.c.bot_id,
    outbox.c.next_at,
    postgresql_where=text("state = 'sending'"),
)
# The oldest open message of a person, which no later one overtakes.
Index(
    "outbox_open",
    outbox.c.bot_id,
    outbox.c.identity_id,
    outbox.c.id,
    postgresql_where=text("kind = 'message' AND state IN ('queued', 'sending')"),
)
Index("outbox_message", outbox.c.bot_id, outbox.c.message_id)
# What is no message goes with its user.
Index("outbox_taps", outbox.c.bot_id, outbox.c.user_id, postgresql_where=outbox.c.message_id.is_(None))
