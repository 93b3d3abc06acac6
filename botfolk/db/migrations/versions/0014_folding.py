"""Texts compared without regard to case, in every language"""

import sqlalchemy as sa
from alembic import op

from botfolk.db import folding

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    version = op.get_bind().execute(sa.text("SELECT current_setting('server_version_num')::int")).scalar_one()
    for statement in folding.statements(version):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Take back."""
    op.execute("DROP FUNCTION botfolk_fold(text)")
    op.execute("DROP FUNCTION IF EXISTS botfolk_fold_wide(text)")
