"""A bot with people, and a worker for its jobs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from botfolk.bulk import asking
from botfolk.bulk.actions import Action
from botfolk.bulk.selection import Selection
from botfolk.db.pool import Pool
from botfolk.http import open_http
from botfolk.jobs import running, runs
from botfolk.jobs.fetching import Reach
from botfolk.jobs.kinds import kinds
from botfolk.jobs.runs import Job
from botfolk.users import reading
from botfolk.users.edits import Actor
from botfolk.users.plan import Profile
from tests.outbox.world import World

MIA = Actor("member", "Mia", UUID(int=1))


class Crowd:
    """Some people of a bot, and what is done to all of them."""

    def __init__(self, world: World, people: list[UUID]) -> None:
        self.world = world
        self.people = people

    @asynccontextmanager
    async def reach(self) -> AsyncIterator[Reach]:
        async with open_http(allow_private=True) as http:
            yield Reach(pool=self.world.pool, http=http, channels=self.world.channels, kinds={}, clock=self.world.clock)

    async def ask(self, action: Action, selection: Selection) -> Job:
        async with self.world.pool.connection() as connection:
            return await asking.start(connection, self.world.bot_id, action, selection, MIA, self.world.clock())

    async def run(self, job: Job) -> Job:
        """Run a job to its end, as the worker does."""
        async with self.reach() as reach:
            await running.run(reach, kinds(), self.world.bot_id, job.id)
        return await self.get(job.id)

    async def do(self, action: Action, selection: Selection | None = None) -> Job:
        return await self.run(await self.ask(action, selection or Selection()))

    async def undo(self, job: Job) -> Job:
        async with self.world.pool.connection() as connection:
            asked = await asking.undo(connection, self.world.bot_id, job.id, MIA, self.world.clock())
        return await self.run(asked)

    async def get(self, job_id: UUID) -> Job:
        async with self.world.pool.connection() as connection:
            job = await runs.get(connection, self.world.bot_id, job_id)
        assert job is not None
        return job

    async def profiles(self) -> list[Profile]:
        """Everybody's profile, in the order of `people`."""
        async with self.world.pool.connection() as connection:
            found = await reading.lock(connection, self.world.bot_id, self.people)
        return [found[user_id] for user_id in self.people]


@pytest.fixture
async def crowd(pool: Pool) -> Crowd:
    world = await World.make(pool)
    return Crowd(world, [(await world.person(f"p{number}")).user_id for number in range(7)])
