"""Column shapes shared by the schema's modules."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, ForeignKeyConstraint, Integer, MetaData, Text, text
from sqlalchemy.dialects.postgresql import JSONB, UUID

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
    }
)


def uuid(name: str, *, key: bool = False, null: bool = False) -> Column[Any]:
    """A UUID column; `key` makes it part of the primary key."""
    return Column(name, UUID(), primary_key=key, nullable=null)


def string(name: str, default: str | None = None, *, null: bool = False, key: bool = False) -> Column[Any]:
    """A text column with an optional default."""
    server = None if default is None else text("'" + default.replace("'", "''") + "'")
    return Column(name, Text(), nullable=null, server_default=server, primary_key=key)


def number(
    name: str, default: int | None = None, *, null: bool = False, big: bool = False, key: bool = False
) -> Column[Any]:
    """A whole number; `big` for 64 bits."""
    server = None if default is None else text(str(default))
    return Column(
        name,
        BigInteger() if big else Integer(),
        nullable=null,
        server_default=server,
        primary_key=key,
        autoincrement=False,
    )


def yes_no(name: str, default: bool) -> Column[Any]:
    """A yes/no column."""
    return Column(name, Boolean(), nullable=False, server_default=text("true" if default else "false"))


def moment(name: str, *, null: bool = False, now: bool = False, key: bool = False) -> Column[Any]:
    """A point in time, in UTC; `now` defaults to the transaction's time."""
    return Column(
        name,
        DateTime(timezone=True),
        nullable=null,
        server_default=text("now()") if now else None,
        primary_key=key,
    )


def document(name: str, *, null: bool = False, default: str | None = "{}") -> Column[Any]:
    """A JSONB column."""
    server = None if null or default is None else text(f"'{default}'")
    return Column(name, JSONB(), nullable=null, server_default=server)


def belongs_to(table: str, column: str, *, cascade: bool = False) -> ForeignKeyConstraint:
    """A reference inside the same bot: (bot_id, column) → table (bot_id, id)."""
    return ForeignKeyConstraint(
        ["bot_id", column], [f"{table}.bot_id", f"{table}.id"], ondelete="CASCADE" if cascade else None
    )


def belongs_to_user() -> ForeignKeyConstraint:
    """A reference to the user by their statistics: whoever writes holds that row, so the check locks no other."""
    return ForeignKeyConstraint(["bot_id", "user_id"], ["user_stats.bot_id", "user_stats.user_id"], ondelete="CASCADE")


def of_bot() -> ForeignKeyConstraint:
    """The row belongs to a bot and goes with it."""
    return ForeignKeyConstraint(["bot_id"], ["bots.bot_id"], ondelete="CASCADE")
