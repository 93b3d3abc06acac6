"""What must stay true of the whole, however it grows."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Table, create_engine
from sqlalchemy.pool import NullPool

from botfolk.db.schema import INSTALLATION_TABLES, metadata

PACKAGE = Path(__file__).resolve().parents[1] / "botfolk"
OF_THE_INSTALLATION = [table for table in metadata.tables.values() if table.name in INSTALLATION_TABLES]
OF_A_BOT = [table for table in metadata.tables.values() if table.name not in INSTALLATION_TABLES]


@pytest.mark.parametrize("table", OF_A_BOT, ids=lambda table: table.name)
def test_every_table_starts_its_key_with_the_bot(table: Table) -> None:
    assert next(iter(table.primary_key.columns)).name == "bot_id"


@pytest.mark.parametrize("table", OF_A_BOT, ids=lambda table: table.name)
def test_every_reference_inside_a_bot_carries_the_bot(table: Table) -> None:
    for key in table.foreign_key_constraints:
        if key.referred_table.name not in INSTALLATION_TABLES:
            assert key.column_keys[0] == "bot_id", key.name


def test_the_installations_own_tables_exist() -> None:
    assert {table.name for table in OF_THE_INSTALLATION} == INSTALLATION_TABLES


def test_the_migrations_make_exactly_the_schema(dsn: str) -> None:
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(dsn), poolclass=NullPool)

    def ours(_: object, name: str | None, kind: str, *__: object) -> bool:
        return not (kind == "table" and (name or "").startswith("procrastinate"))

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        assert compare_metadata(context, metadata) == []


def imports() -> Iterator[tuple[Path, str]]:
    """Every module of the package and the name of each thing it imports."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield path, alias.name
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield path, node.module


def test_every_outgoing_request_goes_through_the_one_client() -> None:
    clients = {"httpx", "httpx2", "httpcore2", "requests", "aiohttp", "urllib3", "http.client", "urllib.request"}
    users = {
        path.relative_to(PACKAGE).parts[0]
        for path, name in imports()
        if name in clients or name.split(".")[0] in clients
    }
    assert users == {"outgoing"}


def test_nobody_but_the_clock_asks_what_time_it_is() -> None:
    asking = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if "datetime.now(" in path.read_text() or "datetime.utcnow(" in path.read_text()
    }
    assert asking == {"clock.py"}


_BUILD_ALL = """
import warnings
from types import SimpleNamespace as Some
from litestar.exceptions.base_exceptions import LitestarDeprecationWarning
warnings.simplefilter("error", LitestarDeprecationWarning)
from botfolk.web import build_litestar
from botfolk.webchat.app import build_chat
settings = Some(public_url="http://x", secret_key="k" * 40, shutdown_seconds=1)
services = Some(settings=settings, hub=Some(on=print), pool=None, clock=None, http=None, channels=None, box=None)
for build in (build_litestar, build_chat):
    build(services, Some(depth=0))
"""


def test_routes_are_declared_as_the_framework_wants_them() -> None:
    """Else each run of the tests ends in a page of warnings, in which the next that matters is not seen."""
    built = subprocess.run([sys.executable, "-c", _BUILD_ALL], capture_output=True, text=True, check=False)
    assert (built.returncode, built.stderr) == (0, "")
