"""What tests of the indexes share."""

from collections.abc import AsyncIterator

import pytest

from botfolk.counts import kept
from botfolk.db.pool import Connection


@pytest.fixture
async def reading(dsn: str) -> AsyncIterator[Connection]:
    """A connection as an index reads by it."""
    async with kept.connected(dsn) as connection:
        yield connection


@pytest.fixture
async def beside(dsn: str) -> AsyncIterator[Connection]:
    """Another such connection."""
    async with kept.connected(dsn) as connection:
        yield connection
