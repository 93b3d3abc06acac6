"""Changes and tags hang on the narrow row of their user, which whoever changes them holds; it counts them too"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TABLES = ("changes", "user_tags")


def _hang(on: str, column: str) -> None:
    for table in _TABLES:
        name = f"{table}_bot_id_user_id_fkey"
        op.drop_constraint(name, table, type_="foreignkey")
        op.create_foreign_key(name, table, on, ["bot_id", "user_id"], ["bot_id", column], ondelete="CASCADE")


def upgrade() -> None:
    """Apply."""
    op.add_column("user_stats", sa.Column("version", sa.Integer(), server_default=sa.text("0"), nullable=False))
    _hang("user_stats", "user_id")


def downgrade() -> None:
    """Take back."""
    _hang("users", "id")
    op.execute(
        "UPDATE users u SET version = u.version + s.version FROM user_stats s"
        " WHERE s.bot_id = u.bot_id AND s.user_id = u.id AND s.version > 0"
    )
    op.drop_column("user_stats", "version")
