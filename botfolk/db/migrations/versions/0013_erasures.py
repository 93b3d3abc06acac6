"""People are erased: receipts, tombstones, and whose a file is"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "erasures",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.UUID(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("counts", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.bot_id"], name=op.f("erasures_bot_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("bot_id", "id", name=op.f("erasures_pkey")),
    )
    op.create_index("erasures_user", "erasures", ["bot_id", "user_id"])
    op.create_table(
        "tombstones",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.bot_id"], name=op.f("tombstones_bot_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("bot_id", "digest", name=op.f("tombstones_pkey")),
    )
    op.create_index(
        "tombstones_deliveries", "tombstones", ["bot_id", "at"], postgresql_where=sa.text("kind = 'delivery'")
    )
    op.add_column("identities", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("media", sa.Column("owner", sa.Text(), nullable=True))
    op.create_index("media_owner", "media", ["bot_id", "owner"], postgresql_where=sa.text("owner IS NOT NULL"))
    op.create_index(
        "users_picture", "users", ["bot_id", "picture_id"], postgresql_where=sa.text("picture_id IS NOT NULL")
    )
    op.drop_constraint("outbox_bot_id_user_id_fkey", "outbox", type_="foreignkey")
    op.create_index("outbox_taps", "outbox", ["bot_id", "user_id"], postgresql_where=sa.text("message_id IS NULL"))
    op.create_index(
        "messages_sender",
        "messages",
        ["bot_id", "channel_id", sa.text("((details -> 'sender') ->> 'id')")],
        postgresql_where=sa.text("details ? 'sender'"),
    )
    op.create_index(
        "messages_media_out",
        "messages",
        [sa.text("(details -> 'media')")],
        postgresql_using="gin",
        postgresql_where=sa.text("direction = 'out' AND details ? 'media'"),
    )
    op.create_index(
        "conversation_events_people",
        "conversation_events",
        ["bot_id", "channel_id"],
        postgresql_where=sa.text("details ? 'sender' OR details ? 'people' OR details ? 'members'"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("conversation_events_people", "conversation_events")
    op.drop_index("messages_media_out", "messages")
    op.drop_index("messages_sender", "messages")
    op.drop_index("outbox_taps", "outbox")
    op.create_foreign_key(
        "outbox_bot_id_user_id_fkey",
        "outbox",
        "user_stats",
        ["bot_id", "user_id"],
        ["bot_id", "user_id"],
        ondelete="CASCADE",
    )
    op.drop_index("users_picture", "users")
    op.drop_index("media_owner", "media")
    op.drop_column("media", "owner")
    op.drop_column("identities", "erased_at")
    op.drop_table("tombstones")
    op.drop_table("erasures")
