"""Other names of an identity, and who stopped marketing"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("identities", sa.Column("marketing_stopped_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("identities", sa.Column("alias_of", sa.UUID(), nullable=True))
    op.create_foreign_key(
        op.f("identities_bot_id_alias_of_fkey"),
        "identities",
        "identities",
        ["bot_id", "alias_of"],
        ["bot_id", "id"],
        ondelete="CASCADE",
    )
    op.create_index(
        "identities_alias",
        "identities",
        ["bot_id", "alias_of"],
        postgresql_where=sa.text("alias_of IS NOT NULL"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("identities_alias", "identities")
    op.drop_constraint(op.f("identities_bot_id_alias_of_fkey"), "identities")
    op.drop_column("identities", "alias_of")
    op.drop_column("identities", "marketing_stopped_at")
