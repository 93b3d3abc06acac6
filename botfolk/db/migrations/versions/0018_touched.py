"""Which users a transaction changed, noted by triggers"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from botfolk.db import touching

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "touched",
        sa.Column("bot_id", postgresql.UUID(), nullable=False),
        sa.Column("xid", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("users", postgresql.ARRAY(postgresql.UUID()), nullable=False),
        sa.PrimaryKeyConstraint("bot_id", "xid", "id"),
        prefixes=["UNLOGGED"],
    )
    # Ids hardly get smaller by compressing, and trying to costs as much as writing them.
    op.execute("ALTER TABLE touched ALTER users SET STORAGE EXTERNAL")
    for statement in touching.statements():
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Take back."""
    for statement in touching.taken_back():
        op.get_bind().exec_driver_sql(statement)
    op.drop_table("touched")
