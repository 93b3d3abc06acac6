"""Long work with its progress, people and files, and which job made a change"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "jobs",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("spec", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        *(
            sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)
            for name in ("done", "changed", "skipped", "failed")
        ),
        sa.Column("cursor", postgresql.JSONB(), nullable=True),
        sa.Column("result", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.UUID(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undoes", sa.UUID(), nullable=True),
        sa.Column("undone_by", sa.UUID(), nullable=True),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.bot_id"], name=op.f("jobs_bot_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("bot_id", "id", name=op.f("jobs_pkey")),
    )
    op.create_table(
        "job_people",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("job_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("users", postgresql.ARRAY(sa.UUID()), nullable=False),
        sa.ForeignKeyConstraint(
            ["bot_id", "job_id"],
            ["jobs.bot_id", "jobs.id"],
            name=op.f("job_people_bot_id_job_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bot_id", "job_id", "number", name=op.f("job_people_pkey")),
    )
    op.create_table(
        "job_files",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("job_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["bot_id", "job_id"],
            ["jobs.bot_id", "jobs.id"],
            name=op.f("job_files_bot_id_job_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bot_id", "job_id", "name", "number", name=op.f("job_files_pkey")),
    )
    op.add_column("changes", sa.Column("job_id", sa.UUID(), nullable=True))
    op.create_index(
        "changes_job",
        "changes",
        ["bot_id", "job_id", "user_id"],
        postgresql_where=sa.text("job_id IS NOT NULL"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("changes_job", table_name="changes")
    op.drop_column("changes", "job_id")
    op.drop_table("job_files")
    op.drop_table("job_people")
    op.drop_table("jobs")
