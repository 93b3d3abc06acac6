"""The schema, one module per room, as SQLAlchemy Core tables that migrations are compared with.

The bot is the tenant: every table's key starts with bot_id and every foreign key carries it, but for the tables of the
installation itself (`INSTALLATION_TABLES`).
"""

from botfolk.db.schema import (
    bots,
    channels,
    conversations,
    erasures,
    imports,
    jobs,
    merges,
    outbox,
    segments,
    sentiment,
    team,
    touched,
    users,
)
from botfolk.db.schema.columns import metadata

INSTALLATION_TABLES = frozenset({"accounts", "sign_in_links", "sign_ins", "passkeys", "passkey_challenges"})
"""People who sign in belong to the installation, their memberships to a bot."""

__all__ = [
    "INSTALLATION_TABLES",
    "bots",
    "channels",
    "conversations",
    "erasures",
    "imports",
    "jobs",
    "merges",
    "metadata",
    "outbox",
    "segments",
    "sentiment",
    "team",
    "touched",
    "users",
]
