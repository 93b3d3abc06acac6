"""The doctor: says what is wrong, in words that say how to mend it, and changes nothing."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from botfolk import address
from botfolk.bot import personality
from botfolk.channels import registry
from botfolk.clock import utc_now
from botfolk.db import migrate
from botfolk.db.pool import Connection
from botfolk.db.secrets import SecretBox
from botfolk.doctor import Finding, examine
from botfolk.ids import new_id
from tests.routes import a_world
from tests.telling import a_tale

KEY = "a key for tests, as long as a key must be"


def url(dsn: str) -> str:
    """A conninfo of a socket as the address a setting takes."""
    parts = conninfo_to_dict(dsn)
    return f"postgresql://{parts['user']}@/{parts['dbname']}?host={parts['host']}&port={parts['port']}"


def look(dsn: str, folder: Path, **env: str) -> dict[str, Finding]:
    """What the doctor finds, by what was looked at."""
    given = {"BOTFOLK_DATABASE_URL": url(dsn), "BOTFOLK_SECRET_KEY": KEY} | {f"BOTFOLK_{n}": v for n, v in env.items()}
    return {finding.what: finding for finding in examine(given, str(folder))}


def wrong(found: dict[str, Finding]) -> set[str]:
    """What is not well; the pages need not be built for these tests."""
    return {what for what, finding in found.items() if not finding.ok} - {"pages"}


@pytest.fixture
async def bot_id(conn: Connection) -> UUID:
    """A bot."""
    made = await personality.create(conn, "Testbot", utc_now())
    await conn.commit()
    return made


@pytest.fixture
def empty(server: str) -> Iterator[str]:
    """The conninfo of a database with nothing in it."""
    name = f"test_{new_id().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield make_conninfo(server, dbname=name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


async def test_a_healthy_installation(conn: Connection, bot_id: UUID, dsn: str, tmp_path: Path) -> None:
    await registry.add(conn, SecretBox(KEY), bot_id, "telegram", "Shop", {}, {"secret": "s"})
    await conn.commit()
    found = look(dsn, tmp_path)
    # Tests run without fsync, which is what the doctor is to notice.
    assert wrong(found) == {"durability"}
    assert found["channel Shop (telegram)"].text == "switched on"
    assert found["schema"].text.endswith(migrate.head())
    assert found["quarantine"].text.startswith("0 ")


def test_wrong_settings_are_all_named(tmp_path: Path) -> None:
    [finding] = examine({"BOTFOLK_PORT": "x", "BOTFOLK_LOG_LEVEL": "y"}, str(tmp_path))
    assert (finding.what, finding.ok) == ("settings", False)
    assert "BOTFOLK_PORT" in finding.text
    assert "BOTFOLK_LOG_LEVEL" in finding.text


def test_a_lost_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("")
    [finding] = examine({}, str(tmp_path))
    assert (finding.ok, "secret.key" in finding.text) == (False, True)


def test_a_database_that_cannot_be_reached(dsn: str, tmp_path: Path) -> None:
    found = look(make_conninfo(dsn, dbname="nowhere"), tmp_path)
    assert (found["database"].ok, "nowhere" in found["database"].text) == (False, True)


def test_an_empty_database_is_left_empty(empty: str, tmp_path: Path) -> None:
    found = look(empty, tmp_path)
    assert (found["schema"].ok, "first" in found["schema"].text) == (True, True)
    assert migrate.current(empty) is None


@pytest.mark.parametrize(("revision", "advice"), [("9999", "upgrade Botfolk"), ("0001", "botfolk migrate")])
def test_another_versions_schema_is_named_and_left_as_it_is(
    dsn: str, tmp_path: Path, revision: str, advice: str
) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("UPDATE alembic_version SET version_num = %s", [revision])
    found = look(dsn, tmp_path)
    assert (found["schema"].ok, advice in found["schema"].text) == (False, True)
    assert migrate.current(dsn) == revision


async def test_channels_that_do_not_work(conn: Connection, bot_id: UUID, dsn: str, tmp_path: Path) -> None:
    await registry.add(conn, SecretBox("another key, as long as a key must be!"), bot_id, "telegram", "Old", {}, {})
    await registry.add(conn, SecretBox(KEY), bot_id, "telegram", "Refused", {}, {})
    await registry.add(conn, SecretBox(KEY), bot_id, "telegram", "Future", {}, {})
    await conn.execute("UPDATE channels SET last_error = 'Unauthorized' WHERE name = 'Refused'")
    await conn.execute("UPDATE channels SET kind = 'smoke' WHERE name = 'Future'")
    await conn.commit()
    found = look(dsn, tmp_path)
    names = {"channel Old (telegram)", "channel Refused (telegram)", "channel Future (smoke)"}
    assert wrong(found) == names | {"durability"}
    assert "Unauthorized" in found["channel Refused (telegram)"].text


async def test_what_waits_and_what_is_unknown(dsn: str, tmp_path: Path) -> None:
    from botfolk.db.pool import make_pool
    from botfolk.users.edits import Actor

    async with make_pool(dsn, 2) as pool, a_tale(pool, dsn) as tale:
        await a_world(tale, Actor("member", "Mia"))
        await tale.rows("UPDATE outbox SET next_at = now() - %s RETURNING 1", timedelta(hours=1))
        await tale.rows("UPDATE channels SET secrets = %s RETURNING 1", SecretBox(KEY).seal({}))
        waiting = (await tale.rows("SELECT count(*) FROM outbox WHERE state = 'queued'"))[0][0]
        found = look(dsn, tmp_path)
        assert wrong(found) == {"durability", "outbox"}
        assert found["outbox"].text.startswith(f"{waiting} due, the oldest for 36")
        await tale.rows("UPDATE outbox SET state = 'unknown' RETURNING 1")
        found = look(dsn, tmp_path)
        assert wrong(found) == {"durability"}
        assert "members decide" in found["unknown sends"].text


def test_an_address_services_cannot_deliver_to(dsn: str, tmp_path: Path) -> None:
    assert "public address" in wrong(look(dsn, tmp_path, PUBLIC_URL="http://crm.example.com"))
    assert "public address" not in look(dsn, tmp_path, PUBLIC_URL="https://crm.example.com")


def test_it_is_reached_where_its_server_last_said(dsn: str, tmp_path: Path) -> None:
    address.say(tmp_path, "http://127.0.0.1:9123")
    assert "http://127.0.0.1:9123" in look(dsn, tmp_path)["settings"].text
    assert "9123" not in look(dsn, tmp_path, PORT="8001")["settings"].text
