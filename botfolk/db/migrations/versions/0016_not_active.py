"""The few users who are archived or blocked stand in an index of their own"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index(
        "users_not_active", "users", ["bot_id", "id"], unique=False, postgresql_where=sa.text("status <> 'active'")
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("users_not_active", "users")
