"""Fixtures everybody uses: a real PostgreSQL, a fresh database for each test that wants one."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from botfolk.db import embedded, migrate
from botfolk.db.pool import Connection, Pool, make_pool
from botfolk.ids import new_id

_SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real payloads and data, which is kept beside the repository and not in it."""
    if not (_SHARED / "payloads").is_dir():
        pytest.skip("the folder ../shared with real payloads is not beside this repository")
    return _SHARED


@pytest.fixture(scope="session")
def cluster() -> Iterator[embedded.Embedded]:
    """An embedded PostgreSQL of this test process, with a migrated database to copy."""
    # Not pytest's tmp_path: its private parents would have to be opened for PostgreSQL's own user.
    folder = Path(tempfile.mkdtemp(prefix="botfolk-test-"))
    server = embedded.start(folder, fsync=False)
    migrate.upgrade(server.dsn)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def dsn(cluster: embedded.Embedded) -> Iterator[str]:
    """A fresh, migrated database of this test alone."""
    name = f"test_{new_id().hex}"
    admin = cluster.dsn.replace("dbname=botfolk", "dbname=postgres")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE botfolk STRATEGY file_copy')
        yield cluster.dsn.replace("dbname=botfolk", f"dbname={name}")
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def pool(dsn: str) -> AsyncIterator[Pool]:
    """A pool of connections to the test's database."""
    async with make_pool(dsn, 6) as opened:
        yield opened


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[Connection]:
    """A connection to the test's database."""
    async with pool.connection() as connection:
        yield connection
