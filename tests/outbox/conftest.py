"""A world to send in."""

import pytest

from botfolk.db.pool import Pool
from tests.outbox.world import World


@pytest.fixture
async def world(pool: Pool) -> World:
    """A bot with one channel."""
    return await World.make(pool)
