"""What users are searched and sorted by, the locale of members"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NAME = (
    "lower(left(coalesce(group_title, nullif(btrim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), '')),"
    " 500))"
)
WORDS = (
    "lower(left(coalesce(group_title || ' ', '') || coalesce(first_name || ' ', '') || coalesce(last_name || ' ', '')"
    " || coalesce(email || ' ', '') || coalesce(phone, ''), 600))"
)


def upgrade() -> None:
    """Apply."""
    op.add_column("accounts", sa.Column("locale", sa.Text(), server_default=sa.text("'en-GB'"), nullable=False))
    op.add_column("users", sa.Column("sorted_as", sa.Text(), sa.Computed(NAME, persisted=True), nullable=True))
    op.add_column("users", sa.Column("words", sa.Text(), sa.Computed(WORDS, persisted=True), nullable=True))
    op.create_index("users_sorted_as", "users", ["bot_id", "sorted_as", "id"], unique=False)
    op.create_index("users_words", "users", ["bot_id", "words", "id"], unique=False)
    username = sa.Computed("lower(left(username, 200))", persisted=True)
    op.add_column("identities", sa.Column("words", sa.Text(), username, nullable=True))
    op.create_index(
        "identities_words",
        "identities",
        ["bot_id", "words", "user_id"],
        unique=False,
        postgresql_where=sa.text("words IS NOT NULL"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("identities_words", table_name="identities")
    op.drop_column("identities", "words")
    op.drop_index("users_words", table_name="users")
    op.drop_index("users_sorted_as", table_name="users")
    op.drop_column("users", "words")
    op.drop_column("users", "sorted_as")
    op.drop_column("accounts", "locale")
