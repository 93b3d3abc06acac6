"""Users that turned out to be one person, and by which identity a message came"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("messages", sa.Column("identity_id", sa.UUID(), nullable=True))
    op.add_column("conversation_events", sa.Column("identity_id", sa.UUID(), nullable=True))
    op.create_table(
        "merges",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("stays", sa.UUID(), nullable=False),
        sa.Column("gone", sa.UUID(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.UUID(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("snapshot", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.bot_id"], name=op.f("merges_bot_id_fkey"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["bot_id", "user_id"],
            ["users.bot_id", "users.id"],
            name=op.f("merges_bot_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bot_id", "id", name=op.f("merges_pkey")),
    )
    op.create_index("merges_user", "merges", ["bot_id", "user_id"])
    op.create_index("merges_gone", "merges", ["bot_id", "gone"])
    op.create_table(
        "merged_rows",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("merge_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("row_id", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bot_id", "merge_id"],
            ["merges.bot_id", "merges.id"],
            name=op.f("merged_rows_bot_id_merge_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bot_id", "merge_id", "kind", "row_id", name=op.f("merged_rows_pkey")),
    )
    op.create_table(
        "never_merged",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("a", sa.UUID(), nullable=False),
        sa.Column("b", sa.UUID(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bot_id", "a"],
            ["users.bot_id", "users.id"],
            name=op.f("never_merged_bot_id_a_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["bot_id", "b"],
            ["users.bot_id", "users.id"],
            name=op.f("never_merged_bot_id_b_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bot_id", "a", "b", name=op.f("never_merged_pkey")),
    )
    op.create_index("never_merged_b", "never_merged", ["bot_id", "b"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("never_merged")
    op.drop_table("merged_rows")
    op.drop_table("merges")
    op.drop_column("conversation_events", "identity_id")
    op.drop_column("messages", "identity_id")
