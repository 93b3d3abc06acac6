"""Imports, the mappings remembered, and whom a rehearsal has met"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "imports",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("is_workbook", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("encoding", sa.Text(), nullable=False),
        sa.Column("delimiter", sa.Text(), nullable=False),
        sa.Column("columns", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("samples", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("starts", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("known_as", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("mapping", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("check_id", sa.UUID(), nullable=True),
        sa.Column("apply_id", sa.UUID(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bot_id", "id"], ["jobs.bot_id", "jobs.id"], name=op.f("imports_bot_id_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("bot_id", "id", name=op.f("imports_pkey")),
    )
    op.create_index("imports_jobs", "imports", ["bot_id", "apply_id"], postgresql_where=sa.text("apply_id IS NOT NULL"))
    op.create_table(
        "import_mappings",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["bot_id"], ["bots.bot_id"], name=op.f("import_mappings_bot_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("bot_id", "signature", name=op.f("import_mappings_pkey")),
    )
    op.create_table(
        "import_keys",
        sa.Column("bot_id", sa.UUID(), nullable=False),
        sa.Column("job_id", sa.UUID(), nullable=False),
        sa.Column("digest", sa.UUID(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bot_id", "job_id"],
            ["jobs.bot_id", "jobs.id"],
            name=op.f("import_keys_bot_id_job_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bot_id", "job_id", "digest", name=op.f("import_keys_pkey")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("import_keys")
    op.drop_table("import_mappings")
    op.drop_table("imports")
