"""A job whose process is killed halfway: everybody is reached, nobody twice."""

import asyncio
import sys

from botfolk.bulk.asking import BULK
from botfolk.clock import utc_now
from botfolk.jobs import people, runs
from tests.bulk.conftest import MIA, Crowd
from tests.outbox.world import until

PEOPLE, AT_ONCE = 40, 4
HELD = (17, 22)
"""Two people somebody else holds: each of the two lanes comes to stand there."""

_WORK = """
import asyncio, sys
from uuid import UUID
from botfolk.channels.registry import Channels
from botfolk.clock import utc_now
from botfolk.db.pool import make_pool
from botfolk.db.secrets import SecretBox
from botfolk.http import open_http
from botfolk.jobs import running
from botfolk.jobs.fetching import Reach
from botfolk.jobs.kinds import kinds

async def main(dsn, bot_id, job_id):
    async with make_pool(dsn, 4) as pool, open_http() as http:
        channels = Channels(pool, SecretBox("a key for tests, as long as a key must be"))
        reach = Reach(pool=pool, http=http, channels=channels, kinds={}, clock=utc_now)
        await running.run(reach, kinds(), UUID(bot_id), UUID(job_id))

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_job_killed_halfway_goes_on_where_it_stood_and_does_nothing_twice(crowd: Crowd, dsn: str) -> None:
    world = crowd.world
    while len(crowd.people) < PEOPLE:
        crowd.people.append((await world.person(f"q{len(crowd.people)}")).user_id)
    async with world.pool.connection() as connection:
        spec = {"action": {"action": "add_tag", "tag": "vip"}}
        job_id = await runs.start(connection, world.bot_id, BULK, spec, MIA, utc_now())
        query = "SELECT id FROM users WHERE bot_id = %(bot)s"
        await people.choose(connection, world.bot_id, job_id, query, {}, at_once=AT_ONCE)
    async with world.pool.connection() as holding:
        held = [sorted(crowd.people)[number] for number in HELD]
        await holding.execute("SELECT 1 FROM user_stats WHERE user_id = ANY(%s) FOR UPDATE", [held])
        command = [sys.executable, "-c", _WORK, dsn, str(world.bot_id), str(job_id)]
        process = await asyncio.create_subprocess_exec(*command)

        async def both_stand() -> bool:
            waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            return bool(await world.one(f"{waiting} AND wait_event_type = 'Lock'") == len(HELD))

        try:
            await until(both_stand)
        finally:
            process.kill()
            await process.wait()
    half = await crowd.get(job_id)
    assert (half.state, half.done, half.total) == ("running", PEOPLE // AT_ONCE // 2 * AT_ONCE - AT_ONCE, PEOPLE)
    done = await crowd.run(half)
    assert (done.state, done.done, done.changed, done.skipped) == ("done", PEOPLE, PEOPLE, 0)
    twice = "SELECT count(*), count(DISTINCT user_id) FROM changes WHERE job_id = %s"
    async with world.pool.connection() as connection:
        assert await (await connection.execute(twice, [job_id])).fetchone() == (PEOPLE, PEOPLE)
    assert all("vip" in profile.tags for profile in await crowd.profiles())
