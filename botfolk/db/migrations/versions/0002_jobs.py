"""The tables of the job queue"""

from alembic import op

from botfolk.jobs.schema import REMOVE, whole_schema

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    _run(whole_schema())


def downgrade() -> None:
    """Take back."""
    _run(REMOVE)


def _run(statements: str) -> None:
    # By the driver's own connection: it takes many statements at once and reads no % as a parameter.
    driver = op.get_bind().connection.driver_connection
    if driver is None:
        raise RuntimeError("migrations need a connection")
    driver.execute(statements)
