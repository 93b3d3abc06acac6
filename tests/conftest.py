"""What every test may ask for: a PostgreSQL of its own, a database fresh from the migrations, the shared material."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from botfolk.db import embedded, migrate
from botfolk.db.pool import Connection, Pool, make_pool
from botfolk.ids import new_id
from tests.telling import Act, Tale, a_tale, performing
from tests.web import Web, a_web

SHARED = Path(__file__).resolve().parents[2] / "shared"
_ROOM = 2 * 1024**3
"""Bytes free in memory from which on databases are kept there."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@pytest.fixture
def shared() -> Path:
    """The folder of recorded payloads and data beside the repository."""
    if not SHARED.is_dir():
        pytest.skip(f"no folder {SHARED.name} beside the repository: it holds the recorded payloads")
    return SHARED


@pytest.fixture(scope="session")
def browser_path() -> str:
    """The path of a Chromium or Chrome for Playwright."""
    found = os.environ.get("BOTFOLK_TEST_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("no Chromium or Chrome here: install one, or name it in BOTFOLK_TEST_BROWSER")
    return found


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A PostgreSQL for this run of tests (for each worker of it); the conninfo of its database, which stays empty."""
    # Not pytest's own folder: the path of a socket must be short, and the server may run as another user.
    folder = Path(tempfile.mkdtemp(prefix="botfolk-test-", dir=_quick_folder()))
    running = embedded.start(folder, fsync=False)
    try:
        yield running.dsn
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(server: str) -> str:
    """The name of a database with all migrations applied, to be copied."""
    name = "botfolk_template"
    _run(server, "CREATE DATABASE {}", name)
    migrate.upgrade(make_conninfo(server, dbname=name))
    return name


@pytest.fixture
def dsn(server: str, template: str) -> Iterator[str]:
    """The conninfo of a database for this test alone, migrated and empty."""
    name = f"test_{new_id().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    yield make_conninfo(server, dbname=name)
    _run(server, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
async def pool(dsn: str) -> AsyncIterator[Pool]:
    """A small open pool; each block of use is one transaction."""
    async with make_pool(dsn, size=4) as opened:
        yield opened


@pytest.fixture
async def conn(dsn: str) -> AsyncIterator[Connection]:
    """One connection, outside the pool."""
    connection = await Connection.connect(dsn, options="-c timezone=UTC")
    try:
        yield connection
    finally:
        await connection.close()


def _quick_folder() -> str | None:
    """Return a folder in memory where there is room for one: thousands of databases are copied, at a tenth of the time
    that a disk takes. None for the folder that is usual."""
    memory = Path("/dev/shm")
    is_wide = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= _ROOM
    return str(memory) if is_wide else None


def _run(dsn: str, statement: str, name: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))


@pytest.fixture
async def tale(pool: Pool, dsn: str) -> AsyncIterator[Tale]:
    """A bot with a channel and ingest running."""
    async with a_tale(pool, dsn) as opened:
        yield opened


@pytest.fixture
async def web(tale: Tale, pool: Pool, dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    """The application of the tale's bot."""
    async with a_web(tale, pool, dsn, tmp_path) as opened:
        yield opened


@pytest.fixture
def run(dsn: str) -> Iterator[Callable[[Act], None]]:
    """Runs an act against a bot of its own."""
    with performing(dsn) as perform:
        yield perform
