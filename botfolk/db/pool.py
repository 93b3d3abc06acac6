"""Connections to PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg_pool import AsyncConnectionPool

Connection = AsyncConnection[tuple[Any, ...]]
Pool = AsyncConnectionPool[Connection]

# Documents come and go by the same fast codec as payloads.
set_json_loads(msgspec.json.decode)
set_json_dumps(msgspec.json.encode)


BY_KEY = ("plan_cache_mode=force_generic_plan", "enable_seqscan=off")
"""Planning a statement that looks a few rows up by their keys takes longer than carrying it out, and finds the same."""


def options_of(*settings: str) -> str:
    """Return the options of a connection: settings of its session ("jit=off"), with all times in UTC."""
    return " ".join(f"-c {setting}" for setting in ("timezone=UTC", *settings))


def make_pool(dsn: str, size: int, *, by_key: bool = False) -> Pool:
    """Return a pool, not yet open, of at most `size` connections; each block of use is one transaction. `by_key`: its
    statements look up rows by their keys and are planned once.

    Broken connections are found before they are handed out, so that a restarted database costs nobody an error twice.
    """
    options = options_of(*(BY_KEY if by_key else ()))
    return AsyncConnectionPool(
        dsn,
        min_size=min(2, size),
        max_size=size,
        open=False,
        timeout=10,
        check=None,
        kwargs={"application_name": "botfolk", "options": options},
    )


@asynccontextmanager
async def reading(pool: Pool) -> AsyncIterator[Connection]:
    """Lend a connection to who only reads: each statement for itself, which spares the two trips that begin and end a
    transaction. READ COMMITTED gives the statements of a transaction no more than that in common."""
    async with pool.connection() as connection:
        await connection.set_autocommit(True)
        try:
            yield connection
        finally:
            if not connection.closed:
                await connection.set_autocommit(False)


async def connect_hot(dsn: str) -> Connection:
    """Open a connection for the hot path: each statement is planned once, by the indexes it is written for.

    A plan made while tables were small would read them whole, and planning anew costs as much as running.
    """
    options = options_of(*BY_KEY, "enable_hashjoin=off", "enable_mergejoin=off")
    return await AsyncConnection.connect(dsn, application_name="botfolk ingest", options=options, prepare_threshold=0)
