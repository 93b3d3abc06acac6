"""A bot to talk to, whose users are exported."""

from collections.abc import AsyncIterator

import pytest

from botfolk.db.pool import Pool
from tests.telling import Tale, a_tale


@pytest.fixture
async def tale(pool: Pool, dsn: str) -> AsyncIterator[Tale]:
    """A bot with a channel and ingest running."""
    async with a_tale(pool, dsn) as opened:
        yield opened
