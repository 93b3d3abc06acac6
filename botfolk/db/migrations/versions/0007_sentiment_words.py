"""A bot's own words for sentiment, and scoring its history anew"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "sentiment_words",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.UUID(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["bot_id"], ["bots.bot_id"], name=op.f("sentiment_words_bot_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("bot_id", "word", name=op.f("sentiment_words_pkey")),
    )
    op.create_table(
        "rescorings",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("member_id", sa.UUID(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("users", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("done", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("changed", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("after", sa.UUID(), nullable=True),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.bot_id"], name=op.f("rescorings_bot_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("bot_id", name=op.f("rescorings_pkey")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("rescorings")
    op.drop_table("sentiment_words")
