"""Segments: saved filters, who is in each, who entered and left, how many there were each day"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_NOW = sa.text("now()")


def _uuid(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, postgresql.UUID(), nullable=null)


def _text(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=null)


def _number(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), server_default=sa.text("0"), autoincrement=False, nullable=False)


def _moment(name: str, *, null: bool = False, default: sa.TextClause | None = None) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=null)


def _yes_no(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text("true"), nullable=False)


def _of(table: str, column: str, key: str = "id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["bot_id", column], [f"{table}.bot_id", f"{table}.{key}"], ondelete="CASCADE")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "segments",
        _uuid("bot_id"),
        _uuid("id"),
        _text("name"),
        _text("filter"),
        _yes_no("shared"),
        _uuid("owner_id", null=True),
        _text("owner", null=True),
        _moment("created_at", default=_NOW),
        _moment("updated_at", default=_NOW),
        _text("updated_by", null=True),
        _number("users"),
        _moment("counted_at", null=True),
        _yes_no("is_new"),
        _text("problem", null=True),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.bot_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("bot_id", "id"),
    )
    name, shared = sa.text("lower(name)"), sa.text("shared")
    op.create_index("segments_shared_name", "segments", ["bot_id", name], unique=True, postgresql_where=shared)
    private = sa.text("NOT shared")
    op.create_index(
        "segments_private_name", "segments", ["bot_id", "owner_id", name], unique=True, postgresql_where=private
    )
    op.create_table(
        "segment_users",
        _uuid("bot_id"),
        _uuid("segment_id"),
        _uuid("user_id"),
        _moment("since"),
        _of("segments", "segment_id"),
        sa.PrimaryKeyConstraint("bot_id", "segment_id", "user_id"),
    )
    op.create_index("segment_users_user", "segment_users", ["bot_id", "user_id"])
    op.create_table(
        "segment_events",
        _uuid("bot_id"),
        _uuid("id"),
        _uuid("user_id"),
        _uuid("segment_id"),
        _text("name"),
        _text("kind"),
        _moment("at"),
        _of("user_stats", "user_id", "user_id"),
        sa.PrimaryKeyConstraint("bot_id", "id"),
    )
    for column in ("user", "segment"):
        op.create_index(f"segment_events_{column}", "segment_events", ["bot_id", f"{column}_id", "at"])
    op.create_table(
        "segment_days",
        _uuid("bot_id"),
        _uuid("segment_id"),
        sa.Column("day", sa.Date(), nullable=False),
        *map(_number, ("users", "entered", "left")),
        _of("segments", "segment_id"),
        sa.PrimaryKeyConstraint("bot_id", "segment_id", "day"),
    )


def downgrade() -> None:
    """Take back."""
    for table in ("segment_days", "segment_events", "segment_users", "segments"):
        op.drop_table(table)
