"""Users that turned out to be one person: what it takes to part them again, and who are two."""

from sqlalchemy import Index, Table

from botfolk.db.schema.columns import belongs_to, document, metadata, moment, of_bot, string, uuid

merges = Table(
    "merges",
    metadata,
    uuid("bot_id", key=True),
    uuid("id", key=True),
    # who has it all now: `stays`, or whoever `stays` was merged with later
    uuid("user_id"),
    uuid("stays"),
    # no longer a user, until it is undone
    uuid("gone"),
    moment("at"),
    # channel, api, member; and whose
    string("source"),
    uuid("actor_id", null=True),
    string("actor", null=True),
    # both as they were, and what was changed (users/merge_rows.py: Snapshot); emptied when it is undone
    document("snapshot"),
    moment("undone_at", null=True),
    of_bot(),
    belongs_to("users", "user_id", cascade=True),
)
Index("merges_user", merges.c.bot_id, merges.c.user_id)
Index("merges_gone", merges.c.bot_id, merges.c.gone)

# Rows of the one who is gone that cannot be told by their identity.
merged_rows = Table(
    "merged_rows",
    metadata,
    uuid("bot_id", key=True),
    uuid("merge_id", key=True),
    # messages, conversation_events, notes, changes, merges
    string("kind", key=True),
    uuid("row_id", key=True),
    belongs_to("merges", "merge_id", cascade=True),
)

# Two users of whom a member said that they are two; `a` is the smaller id.
never_merged = Table(
    "never_merged",
    metadata,
    uuid("bot_id", key=True),
    uuid("a", key=True),
    uuid("b", key=True),
    moment("at", now=True),
    string("actor", null=True),
    belongs_to("users", "a", cascade=True),
    belongs_to("users", "b", cascade=True),
)
Index("never_merged_b", never_merged.c.bot_id, never_merged.c.b)
