"""Many users at once: references checked a statement at a time, no index nobody asks, room for changed profiles"""

from alembic import op

from botfolk.db import referring

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_TABLES = ("users", "user_stats", "user_tags", "changes")
_KEYS = {
    "users_bot_id_fkey": ("users", "bots", ["bot_id"], ["bot_id"]),
    "user_stats_bot_id_user_id_fkey": ("user_stats", "users", ["bot_id", "user_id"], ["bot_id", "id"]),
    "user_tags_bot_id_user_id_fkey": ("user_tags", "user_stats", ["bot_id", "user_id"], ["bot_id", "user_id"]),
    "user_tags_bot_id_tag_id_fkey": ("user_tags", "tags", ["bot_id", "tag_id"], ["bot_id", "id"]),
    "changes_bot_id_user_id_fkey": ("changes", "user_stats", ["bot_id", "user_id"], ["bot_id", "user_id"]),
}


def upgrade() -> None:
    """Apply: none of it reads or writes what is stored, however many users there are."""
    for name, (table, *_) in _KEYS.items():
        op.drop_constraint(name, table, type_="foreignkey")
    for statement in referring.statements(*_TABLES):
        op.get_bind().exec_driver_sql(statement)
    op.drop_index("users_attributes", "users")
    op.execute("ALTER TABLE users SET (fillfactor = 85)")


def downgrade() -> None:
    """Take back."""
    op.execute("ALTER TABLE users RESET (fillfactor)")
    op.create_index(
        "users_attributes",
        "users",
        ["attributes"],
        postgresql_using="gin",
        postgresql_ops={"attributes": "jsonb_path_ops"},
    )
    for statement in referring.taken_back(*_TABLES):
        op.get_bind().exec_driver_sql(statement)
    for name, (table, to, columns, keys) in _KEYS.items():
        op.create_foreign_key(name, table, to, columns, keys, ondelete="CASCADE")
