"""Migrations, and that finding out there are none costs little."""

import subprocess
import sys
from uuid import uuid4

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


def test_a_rescoring_under_way_becomes_a_job(dsn: str) -> None:
    from alembic import command

    bots = [uuid4(), uuid4()]
    command.downgrade(migrate.alembic_config(dsn), "0018")
    with psycopg.connect(dsn) as connection:
        for bot_id in bots:
            connection.execute("INSERT INTO bots (bot_id, name) VALUES (%s, 'A bot')", [bot_id])
            connection.execute(
                "INSERT INTO rescorings (bot_id, id, started_at, finished_at) VALUES (%s, %s, now(), %s)",
                [bot_id, bot_id, None if bot_id == bots[0] else "2026-03-02"],
            )
    assert migrate.upgrade(dsn)
    with psycopg.connect(dsn) as connection:
        jobs = connection.execute("SELECT bot_id, id, kind, state, cursor FROM jobs").fetchall()
        tasks = connection.execute("SELECT task_name, args ->> 'job_id' FROM procrastinate_jobs").fetchall()
    assert jobs == [(bots[0], bots[0], "rescore", "waiting", None)]
    assert tasks == [("jobs.run", str(bots[0]))]
