"""What the benchmarks run on: an embedded PostgreSQL with fsync on, kept between runs in .bench/, and people in it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from msgspec import Struct
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Jsonb

from benchmarks.machine import describe
from botfolk.db import embedded, migrate
from botfolk.db.secrets import SecretBox
from botfolk.ids import new_id

ROOT = Path(__file__).resolve().parents[1]
KEPT = Path(os.environ.get("BOTFOLK_BENCH_DIR") or ROOT / ".bench")
"""Databases kept between runs."""

KEY = "benchmarks-only-" * 3
SECRET = "benchmark-secret"

_SEED = """
INSERT INTO users (bot_id, id, first_name, last_name, language, field_sources)
SELECT %(bot)s, ('018f0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'Person', (1000000 + n)::text, 'en',
       '{"first_name": "channel", "last_name": "channel", "language": "channel"}'
FROM generate_series(0, %(users)s - 1) n;
INSERT INTO identities (bot_id, id, user_id, channel_id, external_id, profile)
SELECT %(bot)s, ('018f0000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid,
       ('018f0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, %(channel)s, (1000000 + n)::text,
       jsonb_build_object('fields', jsonb_build_object('first_name', 'Person', 'last_name', (1000000 + n)::text,
                          'language', 'en'), 'username', NULL, 'full', true)
FROM generate_series(0, %(users)s - 1) n;
INSERT INTO user_stats (bot_id, user_id) SELECT bot_id, id FROM users;
INSERT INTO sessions (bot_id, id, user_id, started_at, last_activity_at, activities, messages)
SELECT %(bot)s, ('018f0000-0000-7000-a000-' || lpad(to_hex(n), 12, '0'))::uuid,
       ('018f0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, now() - interval '2 days',
       now() - interval '2 days', 1, 1
FROM generate_series(0, %(users)s - 1) n;
INSERT INTO messages (bot_id, id, user_id, channel_id, session_id, dedupe_key, external_id, direction, author, kind,
                      text, sent_at, received_at, sequence, status)
SELECT bot_id, ('018f0000-0000-7000-b000-' || right(user_id::text, 12))::uuid, user_id, %(channel)s, id,
       'seed-' || user_id, 'seed-' || user_id, 'in', 'user', 'text', 'hello', started_at, started_at, 0, 'received'
FROM sessions WHERE bot_id = %(bot)s;
UPDATE user_stats s SET created_at = sent_at, sessions = 1, messages = 1, last_message = text,
    last_message_kind = kind, last_message_at = sent_at, last_message_id = id, last_activity_at = sent_at,
    last_session_id = session_id, last_received_at = sent_at
FROM messages m WHERE m.bot_id = s.bot_id AND m.user_id = s.user_id;
"""


class Stage(Struct, frozen=True):
    """A database with people in it, and the channel they write on."""

    dsn: str
    bot_id: UUID
    channel_id: UUID
    users: int


Fill = Callable[["psycopg.Connection[Any]", UUID, UUID], None]
"""Adds to a seeded database what a benchmark needs beside the people: given a connection, the bot and the channel."""


def person(number: int) -> UUID:
    """Return the id of a seeded user."""
    return UUID(f"018f0000-0000-7000-8000-{number:012x}")


@contextmanager
def people(users: int) -> Iterator[Stage]:
    """Yield a fresh copy of a database with so many users; the original is kept for the next run."""
    with staged(f"people_{users}", users) as stage:
        yield stage


@contextmanager
def staged(name: str, users: int, fill: Fill | None = None, *, copied: bool = True) -> Iterator[Stage]:
    """Say how fast the machine is, and yield a fresh copy of a database with so many users and what `fill` adds; the
    original is kept under `name`. Without `copied` it is the original itself, which must be left as it is."""
    KEPT.mkdir(exist_ok=True)
    server = embedded.start(KEPT)
    template = f"{name}_{migrate.head()}"
    copy = "run" if copied else template
    try:
        with psycopg.connect(server.dsn, autocommit=True) as admin:
            kept = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone()
            if kept is None and not _upgraded(server.dsn, admin, name, template):
                _seed(server.dsn, admin, template, users, fill)
            if copied:
                _copy(admin, template, copy)
        dsn = make_conninfo(server.dsn, dbname=copy)
        with psycopg.connect(dsn) as connection:
            row = connection.execute("SELECT bot_id, id FROM channels").fetchone()
            assert row is not None
        print(describe(dsn), flush=True)
        yield Stage(dsn, row[0], row[1], users)
    finally:
        server.stop()


def _upgraded(dsn: str, admin: psycopg.Connection[tuple[object, ...]], name: str, template: str) -> bool:
    """Bring what an older schema was kept with to this one's; say whether there was any."""
    older = admin.execute("SELECT datname FROM pg_database WHERE datname ~ %s", [f"^{name}_[0-9]{{4}}$"]).fetchone()
    if older is None or str(older[0]) > template:
        return False
    migrate.upgrade(make_conninfo(dsn, dbname=str(older[0])))
    admin.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(str(older[0])), sql.Identifier(template))
    )
    return True


def _copy(admin: psycopg.Connection[tuple[object, ...]], template: str, copy: str) -> None:
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(copy)))
    query = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
    admin.execute(query.format(sql.Identifier(copy), sql.Identifier(template)))
    admin.execute("CHECKPOINT")


def _seed(dsn: str, admin: psycopg.Connection[tuple[object, ...]], name: str, users: int, fill: Fill | None) -> None:
    print(f"seeding {users:,} users (kept for the next run)…", flush=True)
    admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name + "_new")))
    target = make_conninfo(dsn, dbname=name + "_new")
    migrate.upgrade(target)
    bot_id, channel_id = new_id(), new_id()
    with psycopg.connect(target) as connection:
        connection.execute(
            "INSERT INTO bots (bot_id, name, greeting, fallback) VALUES (%s, 'Bench', 'Welcome!', 'Sorry, what?')",
            [bot_id],
        )
        connection.execute("INSERT INTO session_lengths VALUES (%s, '0001-01-01T00:00Z', 600)", [bot_id])
        sealed = SecretBox(KEY).seal({"token": "1:bench", "secret": SECRET})
        connection.execute(
            "INSERT INTO channels (bot_id, id, kind, name, config, secrets) VALUES (%s, %s, 'telegram', 'b', %s, %s)",
            [bot_id, channel_id, Jsonb({"api_base": "http://127.0.0.1:9"}), sealed],
        )
        for statement in _SEED.split(";\n"):
            if statement.strip():
                connection.execute(statement.encode(), {"bot": bot_id, "channel": channel_id, "users": users})
        if fill is not None:
            fill(connection, bot_id, channel_id)
    with psycopg.connect(target, autocommit=True) as connection:
        connection.execute("VACUUM (FULL, ANALYZE)")
        # As autovacuum leaves it: which pages everybody sees.
        connection.execute("VACUUM")
    admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name + "_new"), sql.Identifier(name)))


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], port: int, path: str, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends, from when it answers at a path."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={**_clean(os.environ), **environment},
        stdout=subprocess.DEVNULL,
        stderr=None if "BENCH_LOGS" in os.environ else subprocess.DEVNULL,
    )
    try:
        await_answer(port, path, process)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _clean(environment: "os._Environ[str]") -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith("BOTFOLK_")}


def await_answer(port: int, path: str, process: subprocess.Popen[bytes], seconds: float = 30) -> None:
    """Wait until a server answers anything at a path. Raises RuntimeError when it does not."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"the server on port {port} did not come up")
