"""Tracked links are found by their code alone; links of erased people"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TABLES = ("links", "clicks")


def upgrade() -> None:
    """Apply."""
    op.drop_constraint(op.f("links_bot_id_code_key"), "links")
    op.create_index("links_code", "links", ["code"], unique=True)
    op.create_index("clicks_link", "clicks", ["bot_id", "link_id"], unique=False)
    for table in _TABLES:
        _refer(table, "user_stats", "user_id")
    op.create_table(
        "forgotten_links",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bot_id"], ["bots.bot_id"], name=op.f("forgotten_links_bot_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("bot_id", "code", name=op.f("forgotten_links_pkey")),
    )
    op.create_index("forgotten_links_code", "forgotten_links", ["code"], unique=True)


def downgrade() -> None:
    """Take back."""
    op.drop_table("forgotten_links")
    for table in _TABLES:
        _refer(table, "users", "id")
    op.drop_index("clicks_link", "clicks")
    op.drop_index("links_code", "links")
    op.create_unique_constraint(op.f("links_bot_id_code_key"), "links", ["bot_id", "code"])


def _refer(table: str, to: str, column: str) -> None:
    name = op.f(f"{table}_bot_id_user_id_fkey")
    op.drop_constraint(name, table)
    op.create_foreign_key(name, table, to, ["bot_id", "user_id"], ["bot_id", column], ondelete="CASCADE")
