"""Credentials that run out are renewed, and kept beside the others; a refusal changes nothing."""

from datetime import datetime

import pytest

from botfolk.channels.contract import Channel, ChannelError, Renewed
from botfolk.db.pool import Pool
from botfolk.http import Http, open_http
from botfolk.jobs.fetching import Reach
from botfolk.jobs.renewing import renew_all
from tests.outbox.world import Service, World


class Expiring(Service):
    """A service whose credentials run out: `renewal` is what the world's channel is given, or what is raised."""

    def __init__(self, world: World, answer: Renewed | Exception | None) -> None:
        super().__init__()
        self.world, self.renewal = world, answer

    async def renew(self, channel: Channel, http: Http, now: datetime) -> Renewed | None:
        if channel.id != self.world.channel_id or self.renewal is None:
            return None
        if isinstance(self.renewal, Exception):
            raise self.renewal
        return self.renewal


async def after(world: World, answer: Renewed | Exception | None) -> Channel:
    """Return the channel after the service was asked."""
    async with open_http() as http:
        kinds = {"plain": Expiring(world, answer)}
        reach = Reach(pool=world.pool, http=http, channels=world.channels, kinds=kinds, clock=world.clock)
        await renew_all(reach)
    channel = await world.channels.get(world.channel_id)
    assert channel is not None
    return channel


@pytest.fixture
async def world(pool: Pool) -> World:
    return await World.make(pool)


async def test_what_was_renewed_is_kept_beside_what_there_was(world: World) -> None:
    assert (await after(world, Renewed(config={"token_renewed_at": "now"}))).secrets == {}
    channel = await after(world, Renewed(secrets={"access_token": "new"}, config={"at": 1}))
    assert channel.secrets == {"access_token": "new"}
    assert channel.config == {"token_renewed_at": "now", "at": 1}


async def test_a_refusal_changes_nothing(world: World) -> None:
    before = await after(world, Renewed(secrets={"access_token": "new"}))
    assert await after(world, ChannelError("the token is no longer taken")) == before
    assert await after(world, None) == before
