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
    belongs_to("channels", "channel_id", cascade=True),
    belongs_to("users", "user_id", cascade=True),
    belongs_to("identities", "identity_id", cascade=True),
    belongs_to("messages", "message_id", cascade=True),
)
Index(
    "outbox_open",
    outbox.c.channel_id,
    outbox.c.bot_id,
    outbox.c.id,
    postgresql_where=text("state IN ('queued', 'sending')"),
)
Index(
    "outbox_open_identity",
    outbox.c.bot_id,
    outbox.c.identity_id,
    outbox.c.id,
    postgresql_where=text("state IN ('queued', 'sending')"),
)
Index("outbox_message", outbox.c.bot_id, outbox.c.message_id)
