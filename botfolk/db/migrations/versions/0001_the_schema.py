"""The schema"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "accounts",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("timezone", sa.Text(), server_default=sa.text("'UTC'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("accounts_pkey")),
    )
    op.create_index("accounts_email", "accounts", [sa.text("lower(email)")], unique=True)
    op.create_table(
        "bots",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("greeting", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("fallback", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("session_length_seconds", sa.Integer(), server_default=sa.text("600"), nullable=False),
        sa.Column("pause_seconds", sa.Integer(), server_default=sa.text("600"), nullable=False),
        sa.Column("language", sa.Text(), server_default=sa.text("'en'"), nullable=False),
        sa.Column("timezone", sa.Text(), server_default=sa.text("'UTC'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("bot_id", name=op.f("bots_pkey")),
    )
    op.create_table(
        "attributes",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.bot_id"], name=op.f("attributes_bot_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("bot_id", "id", name=op.f("attributes_pkey")),
        sa.UniqueConstraint("bot_id", "name", name=op.f("attributes_bot_id_name_key")),
    )
    op.create_table(
        "channels",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("config", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_event_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("last_error_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.bot_id"], name=op.f("channels_bot_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("bot_id", "id", name=op.f("channels_pkey")),
    )
    op.create_index("channels_id", "channels", ["id"], unique=False)
    op.create_table(
        "media",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.bot_id"], name=op.f("media_bot_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("bot_id", "id", name=op.f("media_pkey")),
    )
    op.create_table(
        "members",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("members_account_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.bot_id"], name=op.f("members_bot_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("bot_id", "id", name=op.f("members_pkey")),
        sa.UniqueConstraint("bot_id", "account_id", name=op.f("members_bot_id_account_id_key")),
    )
    op.create_index("members_account", "members", ["account_id"], unique=False)
    op.create_table(
        "session_lengths",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.UUID(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bot_id"], ["bots.bot_id"], name=op.f("session_lengths_bot_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("bot_id", "effective_at", name=op.f("session_lengths_pkey")),
    )
    op.create_table(
        "sign_in_links",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("sign_in_links_account_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("sign_in_links_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("sign_in_links_token_hash_key")),
    )
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("account_id", sa.UUID(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agent", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("sign_ins_account_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("sign_ins_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("sign_ins_token_hash_key")),
    )
    op.create_index("sign_ins_account", "sign_ins", ["account_id"], unique=False)
    op.create_table(
        "tags",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.bot_id"], name=op.f("tags_bot_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("bot_id", "id", name=op.f("tags_pkey")),
    )
    op.create_index("tags_name", "tags", ["bot_id", sa.literal_column("lower(name)")], unique=True)
    op.create_table(
        "api_tokens",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("member_id", sa.UUID(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["bot_id", "member_id"],
            ["members.bot_id", "members.id"],
            name=op.f("api_tokens_bot_id_member_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.bot_id"], name=op.f("api_tokens_bot_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("bot_id", "id", name=op.f("api_tokens_pkey")),
    )
    op.create_index("api_tokens_hash", "api_tokens", ["token_hash"], unique=False)
    op.create_table(
        "quarantine",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("channel_id", sa.UUID(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bot_id", "channel_id"],
            ["channels.bot_id", "channels.id"],
            name=op.f("quarantine_bot_id_channel_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bot_id", "id", name=op.f("quarantine_pkey")),
        sa.UniqueConstraint("bot_id", "channel_id", "digest", name=op.f("quarantine_bot_id_channel_id_digest_key")),
    )
    op.create_table(
        "users",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=True),
        sa.Column("last_name", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("timezone", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("picture_id", sa.UUID(), nullable=True),
        sa.Column("is_group", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("group_title", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default=sa.text("'active'"), nullable=False),
        sa.Column(
            "attributes", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column(
            "field_sources", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["bot_id", "picture_id"], ["media.bot_id", "media.id"], name=op.f("users_bot_id_picture_id_fkey")
        ),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.bot_id"], name=op.f("users_bot_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("bot_id", "id", name=op.f("users_pkey")),
    )
    op.create_index(
        "users_attributes",
        "users",
        ["attributes"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"attributes": "jsonb_path_ops"},
    )
    op.create_index(
        "users_email",
        "users",
        ["bot_id", sa.literal_column("lower(email)")],
        unique=False,
        postgresql_where=sa.text("email IS NOT NULL"),
    )
    op.create_index(
        "users_phone", "users", ["bot_id", "phone"], unique=False, postgresql_where=sa.text("phone IS NOT NULL")
    )
    op.create_table(
        "changes",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.UUID(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("old", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("new", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("undoes", sa.UUID(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bot_id", "user_id"],
            ["users.bot_id", "users.id"],
            name=op.f("changes_bot_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bot_id", "id", name=op.f("changes_pkey")),
    )
    op.create_index("changes_user", "changes", ["bot_id", "user_id", "id"], unique=False)
    op.create_table(
        "user_stats",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sessions", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("messages", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("clicks", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("unique_clicks", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("time_spent_us", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("sentiment_sum", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("scored_messages", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_message", sa.Text(), nullable=True),
        sa.Column("last_message_kind", sa.Text(), nullable=True),
        sa.Column("last_message_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_message_id", sa.UUID(), nullable=True),
        sa.Column("last_message_sequence", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_activity_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_session_id", sa.UUID(), nullable=True),
        sa.Column("last_received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recounted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("infinite_session", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pause_reason", sa.Text(), nullable=True),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["bot_id", "user_id"],
            ["users.bot_id", "users.id"],
            name=op.f("user_stats_bot_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bot_id", "user_id", name=op.f("user_stats_pkey")),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index("user_stats_last_message", "user_stats", ["bot_id", "last_message_at", "user_id"], unique=False)
    op.create_table(
        "conversation_events",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("channel_id", sa.UUID(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(
            ["bot_id", "channel_id"],
            ["channels.bot_id", "channels.id"],
            name=op.f("conversation_events_bot_id_channel_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["bot_id", "user_id"],
            ["user_stats.bot_id", "user_stats.user_id"],
            name=op.f("conversation_events_bot_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bot_id", "id", name=op.f("conversation_events_pkey")),
        sa.UniqueConstraint(
            "bot_id", "channel_id", "dedupe_key", name=op.f("conversation_events_bot_id_channel_id_dedupe_key_key")
        ),
    )
    op.create_index(
        "conversation_events_external",
        "conversation_events",
        ["bot_id", "channel_id", "external_id"],
        unique=False,
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )
    op.create_index("conversation_events_user", "conversation_events", ["bot_id", "user_id", "at"], unique=False)
    op.create_table(
        "identities",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("channel_id", sa.UUID(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=True),
        sa.Column("profile", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'active'"), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=True),
        sa.Column("state_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("picture_ref", sa.Text(), nullable=True),
        sa.Column("picture_checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["bot_id", "channel_id"],
            ["channels.bot_id", "channels.id"],
            name=op.f("identities_bot_id_channel_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["bot_id", "user_id"],
            ["users.bot_id", "users.id"],
            name=op.f("identities_bot_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bot_id", "id", name=op.f("identities_pkey")),
        sa.UniqueConstraint(
            "bot_id", "channel_id", "external_id", name=op.f("identities_bot_id_channel_id_external_id_key")
        ),
    )
    op.create_index("identities_user", "identities", ["bot_id", "user_id"], unique=False)
    op.create_table(
        "infinite_toggles",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bot_id", "user_id"],
            ["users.bot_id", "users.id"],
            name=op.f("infinite_toggles_bot_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bot_id", "user_id", "effective_at", name=op.f("infinite_toggles_pkey")),
    )
    op.create_table(
        "messages",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("channel_id", sa.UUID(), nullable=False),
        sa.Column("session_id", sa.UUID(), nullable=True),
        sa.Column("dedupe_key", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("member_id", sa.UUID(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("sentiment", sa.SmallInteger(), nullable=True),
        sa.Column("sentiment_words", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["bot_id", "channel_id"], ["channels.bot_id", "channels.id"], name=op.f("messages_bot_id_channel_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["bot_id", "user_id"],
            ["user_stats.bot_id", "user_stats.user_id"],
            name=op.f("messages_bot_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bot_id", "id", name=op.f("messages_pkey")),
    )
    op.create_index(
        "messages_dedupe",
        "messages",
        ["bot_id", "channel_id", "dedupe_key"],
        unique=True,
        postgresql_where=sa.text("dedupe_key IS NOT NULL"),
    )
    op.create_index(
        "messages_external",
        "messages",
        ["bot_id", "channel_id", "external_id"],
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )
    op.create_index("messages_user", "messages", ["bot_id", "user_id", "sent_at", "sequence", "id"], unique=False)
    op.create_table(
        "notes",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.UUID(), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["bot_id", "user_id"],
            ["users.bot_id", "users.id"],
            name=op.f("notes_bot_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bot_id", "id", name=op.f("notes_pkey")),
    )
    op.create_index("notes_user", "notes", ["bot_id", "user_id", "at"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_activity_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activities", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("messages", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("time_spent_us", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("context", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(
            ["bot_id", "user_id"],
            ["user_stats.bot_id", "user_stats.user_id"],
            name=op.f("sessions_bot_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bot_id", "id", name=op.f("sessions_pkey")),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index("sessions_user", "sessions", ["bot_id", "user_id", "started_at"], unique=False)
    op.create_table(
        "user_tags",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("tag_id", sa.UUID(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["bot_id", "tag_id"],
            ["tags.bot_id", "tags.id"],
            name=op.f("user_tags_bot_id_tag_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["bot_id", "user_id"],
            ["users.bot_id", "users.id"],
            name=op.f("user_tags_bot_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bot_id", "user_id", "tag_id", name=op.f("user_tags_pkey")),
    )
    op.create_index("user_tags_tag", "user_tags", ["bot_id", "tag_id", "user_id"], unique=False)
    op.create_table(
        "links",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("message_id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["bot_id", "message_id"],
            ["messages.bot_id", "messages.id"],
            name=op.f("links_bot_id_message_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["bot_id", "user_id"],
            ["users.bot_id", "users.id"],
            name=op.f("links_bot_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bot_id", "id", name=op.f("links_pkey")),
        sa.UniqueConstraint("bot_id", "code", name=op.f("links_bot_id_code_key")),
    )
    op.create_index("links_message", "links", ["bot_id", "message_id"], unique=False)
    op.create_index("links_user", "links", ["bot_id", "user_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("channel_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("identity_id", sa.UUID(), nullable=False),
        sa.Column("message_id", sa.UUID(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'queued'"), nullable=False),
        sa.Column("parts_sent", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["bot_id", "user_id"],
            ["user_stats.bot_id", "user_stats.user_id"],
            name=op.f("outbox_bot_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["bot_id", "message_id"],
            ["messages.bot_id", "messages.id"],
            name=op.f("outbox_bot_id_message_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bot_id", "id", name=op.f("outbox_pkey")),
    )
    op.create_index("outbox_message", "outbox", ["bot_id", "message_id"], unique=False)
    op.create_index(
        "outbox_due",
        "outbox",
        ["channel_id", "bot_id", "kind", "next_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "outbox_sending",
        "outbox",
        ["channel_id", "bot_id", "next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index(
        "outbox_open",
        "outbox",
        ["bot_id", "identity_id", "id"],
        unique=False,
        postgresql_where=sa.text("kind = 'message' AND state IN ('queued', 'sending')"),
    )
    op.create_table(
        "clicks",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("link_id", sa.UUID(), nullable=False),
        sa.Column("session_id", sa.UUID(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bot_id", "link_id"],
            ["links.bot_id", "links.id"],
            name=op.f("clicks_bot_id_link_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["bot_id", "user_id"],
            ["users.bot_id", "users.id"],
            name=op.f("clicks_bot_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bot_id", "id", name=op.f("clicks_pkey")),
    )
    op.create_index("clicks_user", "clicks", ["bot_id", "user_id", "at"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_index("clicks_user", table_name="clicks")
    op.drop_table("clicks")
    op.drop_index(
        "outbox_open",
        table_name="outbox",
        postgresql_where=sa.text("kind = 'message' AND state IN ('queued', 'sending')"),
    )
    op.drop_index("outbox_sending", table_name="outbox", postgresql_where=sa.text("state = 'sending'"))
    op.drop_index("outbox_due", table_name="outbox", postgresql_where=sa.text("state = 'queued'"))
    op.drop_index("outbox_message", table_name="outbox")
    op.drop_table("outbox")
    op.drop_index("links_user", table_name="links")
    op.drop_index("links_message", table_name="links")
    op.drop_table("links")
    op.drop_index("user_tags_tag", table_name="user_tags")
    op.drop_table("user_tags")
    op.drop_index("sessions_user", table_name="sessions")
    op.drop_table("sessions")
    op.drop_index("notes_user", table_name="notes")
    op.drop_table("notes")
    op.drop_index("messages_user", table_name="messages")
    op.drop_index("messages_external", table_name="messages")
    op.drop_index("messages_dedupe", table_name="messages")
    op.drop_table("messages")
    op.drop_table("infinite_toggles")
    op.drop_index("identities_user", table_name="identities")
    op.drop_table("identities")
    op.drop_index("conversation_events_user", table_name="conversation_events")
    op.drop_index(
        "conversation_events_external",
        table_name="conversation_events",
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )
    op.drop_table("conversation_events")
    op.drop_index("user_stats_last_message", table_name="user_stats")
    op.drop_table("user_stats")
    op.drop_index("changes_user", table_name="changes")
    op.drop_table("changes")
    op.drop_index("users_phone", table_name="users", postgresql_where=sa.text("phone IS NOT NULL"))
    op.drop_index("users_email", table_name="users", postgresql_where=sa.text("email IS NOT NULL"))
    op.drop_index(
        "users_attributes", table_name="users", postgresql_using="gin", postgresql_ops={"attributes": "jsonb_path_ops"}
    )
    op.drop_table("users")
    op.drop_table("quarantine")
    op.drop_index("api_tokens_hash", table_name="api_tokens")
    op.drop_table("api_tokens")
    op.drop_index("tags_name", table_name="tags")
    op.drop_table("tags")
    op.drop_index("sign_ins_account", table_name="sign_ins")
    op.drop_table("sign_ins")
    op.drop_table("sign_in_links")
    op.drop_table("session_lengths")
    op.drop_index("members_account", table_name="members")
    op.drop_table("members")
    op.drop_table("media")
    op.drop_index("channels_id", table_name="channels")
    op.drop_table("channels")
    op.drop_table("attributes")
    op.drop_table("bots")
    op.drop_table("accounts")
