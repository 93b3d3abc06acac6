"""Migrations, and that finding out there are none costs little."""

import subprocess
import sys

import psycopg
import pytest
from alembic.script import ScriptDirectory

from botfolk.db import migrate


def test_the_files_names_are_the_revisions_alembic_knows() -> None:
    scripts = ScriptDirectory.from_config(migrate.alembic_config(""))
    assert scripts.get_current_head() == migrate.head()
    assert sorted(script.revision for script in scripts.walk_revisions()) == migrate.revisions()


def test_a_migrated_database_has_nothing_to_do(dsn: str) -> None:
    assert migrate.current(dsn) == migrate.head()
    assert migrate.upgrade(dsn) is False


def test_a_database_of_a_newer_version_is_refused(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(RuntimeError, match="newer than this version"):
        migrate.upgrade(dsn)


def test_serving_a_migrated_database_loads_neither_what_migrates_nor_what_counts_in_memory() -> None:
    loaded = "import sys, botfolk.cli, botfolk.serve; print({'alembic', 'sqlalchemy', 'numpy'} & {*sys.modules})"
    found = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
