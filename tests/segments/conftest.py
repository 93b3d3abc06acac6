"""Who is in segments, over a real database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from botfolk.db.pool import Pool
from tests.telling import Tale, a_tale
from tests.web import Web, a_web


@pytest.fixture
async def tale(pool: Pool, dsn: str) -> AsyncIterator[Tale]:
    """A bot with a channel and ingest running."""
    async with a_tale(pool, dsn) as opened:
        yield opened


@pytest.fixture
async def web(tale: Tale, pool: Pool, dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    """The application on that bot."""
    async with a_web(tale, pool, dsn, tmp_path) as opened:
        yield opened
