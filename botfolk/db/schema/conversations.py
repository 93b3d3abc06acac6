"""Messages, sessions, events of a conversation, links and clicks."""

from sqlalchemy import Boolean, Column, Index, SmallInteger, Table, UniqueConstraint, literal_column, text

from botfolk.db.schema.columns import (
    belongs_to,
    belongs_to_user,
    document,
    metadata,
    moment,
    number,
    of_bot,
    string,
    uuid,
    yes_no,
)

sessions = Table(
    "sessions",
    metadata,
    uuid("bot_id", key=True),
    uuid("id", key=True),
    uuid("user_id"),
    moment("started_at"),
    moment("last_activity_at"),
    number("activities", 0),
    number("messages", 0),
    number("time_spent_us", 0, big=True),
    document("context"),
    belongs_to_user(),
    postgresql_with={"fillfactor": "80"},
)
Index("sessions_user", sessions.c.bot_id, sessions.c.user_id, sessions.c.started_at)

messages = Table(
    "messages",
    metadata,
    uuid("bot_id", key=True),
    uuid("id", key=True),
    uuid("user_id"),
    uuid("channel_id"),
    # by which of the user's identities; null on what was stored before this was kept. No reference, which would lock a
    # row of another table for each message.
    uuid("identity_id", null=True),
    # inbound only
    uuid("session_id", null=True),
    # the delivery's own key: the same delivery is stored once, for ever; null on what we send
    string("dedupe_key", null=True),
    # the service's name of the message; null on what is not yet sent
    string("external_id", null=True),
    # in, out
    string("direction"),
    # user, bot, member, broadcast
    string("author"),
    uuid("member_id", null=True),
    string("kind"),
    string("text", null=True),
    # media, details, buttons, reply_to, sender, reactions
    document("details", null=True),
    moment("sent_at"),
    moment("received_at"),
    number("sequence", 0, big=True),
    # in: received; out: queued, sending, sent, failed, unknown, and where the service says: delivered, read
    string("status"),
    # thousandths, -1000 to 1000; null when the text has no words or emoji
    Column("sentiment", SmallInteger(), nullable=True),
    document("sentiment_words", null=True),
    moment("edited_at", null=True),
    # arrived while the bot was paused: a human's to answer
    Column("waiting", Boolean(), nullable=False, server_default=text("false")),
    belongs_to_user(),
    belongs_to("channels", "channel_id"),
)
# What we send has no key, and no name until it is sent: no index entries for it.
Index(
    "messages_dedupe",
    messages.c.bot_id,
    messages.c.channel_id,
    messages.c.dedupe_key,
    unique=True,
    postgresql_where=messages.c.dedupe_key.isnot(None),
)
Index(
    "messages_external",
    messages.c.bot_id,
    messages.c.channel_id,
    messages.c.external_id,
    postgresql_where=messages.c.external_id.isnot(None),
)
Index("messages_user", messages.c.bot_id, messages.c.user_id, messages.c.sent_at, messages.c.sequence, messages.c.id)
# Who said it in a group, and which files went out: asked when a person is erased.
Index(
    "messages_sender",
    messages.c.bot_id,
    messages.c.channel_id,
    text("((details -> 'sender') ->> 'id')"),
    postgresql_where=text("details ? 'sender'"),
)
Index(
    "messages_media_out",
    messages.c.details.op("->")(literal_column("'media'")),
    postgresql_using="gin",
    postgresql_where=text("direction = 'out' AND details ? 'media'"),
)

# What happened in a conversation that is not a message: edits, reactions, blocked, unblocked.
conversation_events = Table(
    "conversation_events",
    metadata,
    uuid("bot_id", key=True),
    uuid("id", key=True),
    uuid("user_id"),
    uuid("channel_id"),
    uuid("identity_id", null=True),
    string("dedupe_key"),
    # edited, deleted, reaction, status, blocked, unblocked, moved, opted_out, opted_in, marketing_stopped,
    # marketing_resumed, referral, joined, left, not_understood
    string("kind"),
    # the message an edit or reaction is about, as the service names it
    string("external_id", null=True),
    moment("at"),
    document("details"),
    belongs_to_user(),
    belongs_to("channels", "channel_id"),
    UniqueConstraint("bot_id", "channel_id", "dedupe_key"),
)
Index(
    "conversation_events_external",
    conversation_events.c.bot_id,
    conversation_events.c.channel_id,
    conversation_events.c.external_id,
    postgresql_where=conversation_events.c.external_id.isnot(None),
)
Index("conversation_events_user", conversation_events.c.bot_id, conversation_events.c.user_id, conversation_events.c.at)
# Of whom a group told: asked when a person is erased.
Index(
    "conversation_events_people",
    conversation_events.c.bot_id,
    conversation_events.c.channel_id,
    postgresql_where=text("details ? 'sender' OR details ? 'people' OR details ? 'members'"),
)

links = Table(
    "links",
    metadata,
    uuid("bot_id", key=True),
    uuid("id", key=True),
    uuid("user_id"),
    uuid("message_id"),
    string("code"),
    string("url"),
    moment("created_at", now=True),
    belongs_to_user(),
    belongs_to("messages", "message_id", cascade=True),
)
# A link's address names only its code.
Index("links_code", links.c.code, unique=True)
Index("links_user", links.c.bot_id, links.c.user_id)
Index("links_message", links.c.bot_id, links.c.message_id)

clicks = Table(
    "clicks",
    metadata,
    uuid("bot_id", key=True),
    uuid("id", key=True),
    uuid("user_id"),
    uuid("link_id"),
    uuid("session_id", null=True),
    moment("at"),
    # false: a prefetcher or link-preview robot, recorded apart
    yes_no("counted", True),
    string("agent", null=True),
    belongs_to_user(),
    belongs_to("links", "link_id", cascade=True),
)
Index("clicks_user", clicks.c.bot_id, clicks.c.user_id, clicks.c.at)
Index("clicks_link", clicks.c.bot_id, clicks.c.link_id)

# Where the links of people who were erased led, without the person.
forgotten_links = Table(
    "forgotten_links",
    metadata,
    uuid("bot_id", key=True),
    string("code", key=True),
    string("url"),
    of_bot(),
)
Index("forgotten_links_code", forgotten_links.c.code, unique=True)
