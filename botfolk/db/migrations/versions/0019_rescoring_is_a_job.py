"""Scoring history anew is a job like any other: what was under way is asked for again"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_AGAIN = """
WITH again AS (
    INSERT INTO jobs (bot_id, id, kind, source, actor_id, actor, created_at)
    SELECT r.bot_id, r.id, 'rescore', 'member', r.member_id, coalesce(a.name, ''), r.started_at
    FROM rescorings r LEFT JOIN members m ON m.bot_id = r.bot_id AND m.id = r.member_id
        LEFT JOIN accounts a ON a.id = m.account_id
    WHERE r.finished_at IS NULL RETURNING bot_id, id)
SELECT procrastinate_defer_jobs_v1(array_agg(ROW('default', 'jobs.run', 0, NULL, NULL,
    jsonb_build_object('bot_id', bot_id, 'job_id', id), NULL)::procrastinate_job_to_defer_v1))
FROM again HAVING count(*) > 0
"""


def upgrade() -> None:
    """Apply."""
    op.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'sentiment.rescore'")
    op.get_bind().exec_driver_sql(_AGAIN)
    op.drop_table("rescorings")


def downgrade() -> None:
    """Take back."""
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
