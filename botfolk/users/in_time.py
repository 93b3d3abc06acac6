"""A limit on how long the database may look for who is in a filter."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection
from psycopg.errors import QueryCanceled

SECONDS = 10


class TooSlow(Exception):
    """The filter takes the database longer than it may."""

    def __init__(self) -> None:
        super().__init__(
            f"This filter takes longer than {SECONDS} seconds to answer. Narrow it by a condition that few people"
            " meet, such as a tag or a date."
        )


@asynccontextmanager
async def in_time(connection: AsyncConnection[Any], seconds: float = SECONDS) -> AsyncIterator[None]:
    """Let each statement of the block, part of a transaction, take so long at most. Raises TooSlow."""
    cursor = await connection.execute("SELECT current_setting('statement_timeout')")
    row = await cursor.fetchone()
    await connection.execute("SELECT set_config('statement_timeout', %s, true)", [f"{int(seconds * 1000)}ms"])
    try:
        yield
    except QueryCanceled:
        raise TooSlow from None
    await connection.execute("SELECT set_config('statement_timeout', %s, true)", [row[0] if row else "0"])
