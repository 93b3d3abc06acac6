"""Users: the cold profile, the hot statistics, what hangs on them, and the history of every change.

Of what is written of many at once, references are checked a statement at a time (`db/referring.py`).
"""

from sqlalchemy import Column, Computed, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, text

from botfolk.db.schema.columns import (
    belongs_to,
    document,
    metadata,
    moment,
    number,
    of_bot,
    string,
    uuid,
    yes_no,
)

# The name as lists are sorted by it, and all that is searched by, in small letters.
# They are cut to what an entry of an index may hold (2,704 bytes) whatever is written in.
_NAME = (
    "lower(left(coalesce(group_title, nullif(btrim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), '')),"
    " 500))"
)
_WORDS = (
    "lower(left(coalesce(group_title || ' ', '') || coalesce(first_name || ' ', '') || coalesce(last_name || ' ', '')"
    " || coalesce(email || ' ', '') || coalesce(phone, ''), 600))"
)

users = Table(
    "users",
    metadata,
    uuid("bot_id", key=True),
    uuid("id", key=True),
    string("first_name", null=True),
    string("last_name", null=True),
    string("email", null=True),
    string("phone", null=True),
    string("timezone", null=True),
    string("language", null=True),
    uuid("picture_id", null=True),
    yes_no("is_group", False),
    string("group_title", null=True),
    # active, archived (hidden, not answered) or blocked (nothing stored, nothing sent)
    string("status", "active"),
    # {lower-case name: value}; the spelling and type stand in `attributes`
    document("attributes"),
    # {field: source}: channel, user, bot, api, import, member
    document("field_sources"),
    # the profile's version is this and that of user_stats together
    number("version", 1),
    moment("added_at", now=True),
    Column("sorted_as", Text(), Computed(_NAME, persisted=True), nullable=True),
    Column("words", Text(), Computed(_WORDS, persisted=True), nullable=True),
    belongs_to("media", "picture_id"),
    # room in each page: a changed attribute stays in its page, and out of all indexes
    postgresql_with={"fillfactor": "85"},
)
Index("users_email", users.c.bot_id, text("lower(email)"), postgresql_where=users.c.email.isnot(None))
Index("users_phone", users.c.bot_id, users.c.phone, postgresql_where=users.c.phone.isnot(None))
Index("users_sorted_as", users.c.bot_id, users.c.sorted_as, users.c.id)
# Hardly anybody: a count of the active takes them off.
Index("users_not_active", users.c.bot_id, users.c.id, postgresql_where=users.c.status != "active")
# Narrow enough to be read through for a part of a word, and cheap to write: an index of parts (trigrams) costs forty
# times as much for each new user.
Index("users_words", users.c.bot_id, users.c.words, users.c.id)
# Asked whenever a file is forgotten: whose picture it is.
Index("users_picture", users.c.bot_id, users.c.picture_id, postgresql_where=users.c.picture_id.isnot(None))

# One narrow row a user, written with every message. Locking it locks the user, profile included; always in id order.
user_stats = Table(
    "user_stats",
    metadata,
    uuid("bot_id", key=True),
    uuid("user_id", key=True),
    # the channel's time of the first message; of the row until there is one
    moment("created_at", now=True),
    number("sessions", 0),
    number("messages", 0),
    number("clicks", 0),
    number("unique_clicks", 0),
    number("time_spent_us", 0, big=True),
    # sums of thousandths, so that they add up the same in any order
    number("sentiment_sum", 0, big=True),
    number("scored_messages", 0),
    string("last_message", null=True),
    string("last_message_kind", null=True),
    moment("last_message_at", null=True),
    uuid("last_message_id", null=True),
    number("last_message_sequence", 0, big=True),
    moment("last_activity_at", null=True),
    uuid("last_session_id", null=True),
    # the newest moment a message was judged by; a changed toggle takes effect after it
    moment("last_received_at", null=True),
    # when all history was recomputed under the session length of that moment
    moment("recounted_at", null=True),
    yes_no("infinite_session", False),
    moment("paused_until", null=True),
    string("pause_reason", null=True),
    # the oldest message a human has yet to answer
    moment("waiting_since", null=True),
    # counts the changes that leave the wide row of users alone: tags, notes, pauses, the toggle
    number("version", 0),
    postgresql_with={"fillfactor": "80"},
)
Index("user_stats_last_message", user_stats.c.bot_id, user_stats.c.last_message_at, user_stats.c.user_id)

infinite_toggles = Table(
    "infinite_toggles",
    metadata,
    uuid("bot_id", key=True),
    uuid("user_id", key=True),
    moment("effective_at", key=True),
    Column("is_on", yes_no("is_on", False).type, nullable=False),
    belongs_to("users", "user_id", cascade=True),
)

# The bot's custom fields: a name, in the spelling first used, and its type.
attributes = Table(
    "attributes",
    metadata,
    uuid("bot_id", key=True),
    uuid("id", key=True),
    string("name"),
    string("label"),
    # text, number, datetime, yes_no or list
    string("type"),
    moment("created_at", now=True),
    of_bot(),
    UniqueConstraint("bot_id", "name"),
)

tags = Table(
    "tags",
    metadata,
    uuid("bot_id", key=True),
    uuid("id", key=True),
    string("name"),
    moment("created_at", now=True),
    of_bot(),
)
Index("tags_name", tags.c.bot_id, text("lower(name)"), unique=True)

user_tags = Table(
    "user_tags",
    metadata,
    uuid("bot_id", key=True),
    uuid("user_id", key=True),
    uuid("tag_id", key=True),
    moment("added_at", now=True),
)
Index("user_tags_tag", user_tags.c.bot_id, user_tags.c.tag_id, user_tags.c.user_id)

notes = Table(
    "notes",
    metadata,
    uuid("bot_id", key=True),
    uuid("id", key=True),
    uuid("user_id"),
    string("text"),
    # who wrote it: a member, or the name of a token, rule or import
    uuid("author_id", null=True),
    string("author"),
    moment("at", now=True),
    moment("edited_at", null=True),
    belongs_to("users", "user_id", cascade=True),
)
Index("notes_user", notes.c.bot_id, notes.c.user_id, notes.c.at)

changes = Table(
    "changes",
    metadata,
    uuid("bot_id", key=True),
    uuid("id", key=True),
    uuid("user_id"),
    moment("at", now=True),
    # channel, user, bot, api, import, member
    string("source"),
    uuid("actor_id", null=True),
    string("actor", null=True),
    string("field"),
    document("old", null=True),
    document("new", null=True),
    uuid("undoes", null=True),
    # the job that made it; no reference, whose check would cost each change of a long job a look
    uuid("job_id", null=True),
)
Index("changes_user", changes.c.bot_id, changes.c.user_id, changes.c.id)
# A job's changes lie together: what is kept of some pages is of which jobs, and of a row itself nothing is written.
Index(
    "changes_job",
    changes.c.bot_id,
    changes.c.job_id,
    postgresql_using="brin",
    postgresql_with={"pages_per_range": 32, "autosummarize": True},
)

media = Table(
    "media",
    metadata,
    uuid("bot_id", key=True),
    uuid("id", key=True),
    string("content_type"),
    # what the sender called the file
    string("name", null=True),
    Column("content", LargeBinary(), nullable=False),
    Column("width", Integer(), nullable=True),
    Column("height", Integer(), nullable=True),
    moment("created_at", now=True),
    # for whom it was stored (files.py: Owner), known before anything is said with it
    string("owner", null=True),
    of_bot(),
)
Index("media_owner", media.c.bot_id, media.c.owner, postgresql_where=media.c.owner.isnot(None))
