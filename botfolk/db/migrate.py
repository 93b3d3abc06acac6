"""Bring a database to this version's schema. Safe to run beside other nodes: one migrates, the rest wait."""

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

_LOCK = 0x0B0F_01C4
"""Advisory lock held while migrating."""


def _config(dsn: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["dsn"] = dsn
    return config


def head() -> str:
    """Return the newest revision this version knows."""
    revision = ScriptDirectory.from_config(_config("")).get_current_head()
    if revision is None:
        raise RuntimeError("the package holds no migrations")
    return revision


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
    known = {script.revision for script in ScriptDirectory.from_config(_config(dsn)).walk_revisions()}
    if found is not None and found not in known:
        raise RuntimeError(f"the database is at revision {found}, newer than this version of Botfolk: upgrade Botfolk")
    with psycopg.connect(dsn, autocommit=True) as lock:
        lock.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        command.upgrade(_config(dsn), "head")
    return True
