"""Bring a database to this version's schema. Safe to run beside other nodes: one migrates, the rest wait.

Alembic is imported only where there is something to migrate: it is half of the time a start takes.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK = 0x0B0F_01C4
"""Advisory lock held while migrating."""

MIGRATIONS = Path(__file__).parent / "migrations"


def alembic_config(dsn: str) -> "Config":
    """Return Alembic's configuration for a database."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["dsn"] = dsn
    return config


def revisions() -> list[str]:
    """Return the revisions this version knows, oldest first: the numbers their files' names begin with."""
    return sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def head() -> str:
    """Return the newest revision this version knows."""
    return revisions()[-1]


def current(dsn: str) -> str | None:
    """Return the revision the database is at; None for an empty database."""
    with psycopg.connect(dsn) as connection:
        found = connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL").fetchone()
        if not found or not found[0]:
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return None if row is None else str(row[0])


def upgrade(dsn: str) -> bool:
    """Upgrade the database at a libpq conninfo or URL to the newest revision; return whether there was anything to do.

    Raises RuntimeError when the database is newer than this version of Botfolk.
    """
    found = current(dsn)
    if found == head():
        return False
    if found is not None and found not in revisions():
        raise RuntimeError(f"the database is at revision {found}, newer than this version of Botfolk: upgrade Botfolk")
    from alembic import command

    with psycopg.connect(dsn, autocommit=True) as lock:
        lock.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        command.upgrade(alembic_config(dsn), "head")
    return True
