"""By what a rehearsal's rows name people is checked a statement at a time, too"""

from alembic import op

from botfolk.db import referring

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_NAME = "import_keys_bot_id_job_id_fkey"


def upgrade() -> None:
    """Apply."""
    op.drop_constraint(_NAME, "import_keys", type_="foreignkey")
    for statement in referring.statements("import_keys"):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Take back."""
    for statement in referring.taken_back("import_keys"):
        op.get_bind().exec_driver_sql(statement)
    op.create_foreign_key(_NAME, "import_keys", "jobs", ["bot_id", "job_id"], ["bot_id", "id"], ondelete="CASCADE")
