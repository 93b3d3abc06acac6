"""What passed between us and each service"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "exchanges",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("channel_id", sa.UUID(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("seconds", sa.REAL(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bot_id", "channel_id"],
            ["channels.bot_id", "channels.id"],
            name=op.f("exchanges_bot_id_channel_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bot_id", "id", name=op.f("exchanges_pkey")),
    )
    op.create_index("exchanges_channel", "exchanges", ["bot_id", "channel_id", "id"])


def downgrade() -> None:
    """Take back."""
    op.drop_index("exchanges_channel", "exchanges")
    op.drop_table("exchanges")
