"""Actions on 100,000 of 1,000,000 users: `python -m benchmarks.bulk`.

Whom an action is for is said by a filter; it runs as the job a member starts, with history, live pages told and undo.
Beside it, in the same run on the same database (1,000,000 users × 8 attributes × 3 tags, kept between runs), the naive
way: one transaction a user, as a program with an ORM does it. Not covered: ingest at the same time, a database larger
than the memory.
"""

import argparse
import asyncio
import sys
import time
from uuid import UUID

from benchmarks.million import USERS, million
from benchmarks.stage import KEY, Stage
from botfolk.bulk import asking
from botfolk.bulk.actions import Action
from botfolk.bulk.selection import Selection
from botfolk.channels.registry import Channels
from botfolk.clock import utc_now
from botfolk.db.pool import Pool, make_pool
from botfolk.db.secrets import SecretBox
from botfolk.http import open_http
from botfolk.jobs import running, runs
from botfolk.jobs.fetching import Reach
from botfolk.jobs.kinds import kinds
from botfolk.jobs.runs import Job
from botfolk.users import edits as e
from botfolk.users.apply import apply

MIA = e.Actor("member", "Mia")
TIMES_AS_FAST = 8
"""What is asked of a machine like this one beside the naive way; the seconds that are promised are of a faster one."""

ACTIONS = (
    ("tag", 2.0, Action(action="add_tag", tag="bench")),
    ("set an attribute of", 5.0, Action(action="set_attribute", name="bench", value="pro")),
    ("pause", None, Action(action="pause", until_resumed=True)),
)


def main() -> None:
    """Measure and print; exits with 1 when an action is not as many times as fast as the naive way."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--users", type=int, default=USERS, help="in the database; a tenth of them is acted on")
    parser.add_argument("--naive", type=int, default=1_000)
    arguments = parser.parse_args()
    with million(arguments.users) as stage:
        ratios = asyncio.run(_measure(stage, arguments.naive))
    sys.exit(0 if min(ratios) >= TIMES_AS_FAST else 1)


async def _measure(stage: Stage, naive: int) -> list[float]:
    async with make_pool(stage.dsn, size=6) as pool, open_http() as http:
        reach = Reach(pool=pool, http=http, channels=Channels(pool, SecretBox(KEY)), kinds={}, clock=utc_now)
        return [await _one(reach, stage.bot_id, naive, *each) for each in ACTIONS]


async def _one(reach: Reach, bot_id: UUID, naive: int, what: str, promised: float | None, action: Action) -> float:
    alone = await _some(reach.pool, bot_id, naive)
    began = time.perf_counter()
    for user_id in alone:
        async with reach.pool.connection() as connection:
            await apply(connection, bot_id, user_id, action.edits(), MIA, now=utc_now())
    slow = (time.perf_counter() - began) / len(alone)
    began = time.perf_counter()
    async with reach.pool.connection() as connection:
        tenth = Selection(filter='tag = "group 3"')
        job = await asking.start(connection, bot_id, action, tenth, MIA, utc_now())
    chosen = time.perf_counter() - began
    job = await _run(reach, job)
    seconds = time.perf_counter() - began
    began = time.perf_counter()
    async with reach.pool.connection() as connection:
        undoing = await asking.undo(connection, bot_id, job.id, MIA, utc_now())
    undoing = await _run(reach, undoing)
    undone = time.perf_counter() - began
    per = seconds / max(job.done, 1)
    print(
        f"{what} {job.changed:,} users: {seconds:.2f} s, {per * 1e6:.0f} µs each ({chosen:.2f} s to choose them;"
        f"{f' promised {promised:g} s for 100,000;' if promised else ''} undone in {undone:.2f} s:"
        f" {undoing.changed:,} changed back); one transaction each: {slow * 1e6:,.0f} µs each,"
        f" {slow / per:.1f} times as long",
        flush=True,
    )
    return slow / per


async def _some(pool: Pool, bot_id: UUID, count: int) -> list[UUID]:
    """Return users of another tenth."""
    async with pool.connection() as connection:
        cursor = await connection.execute(
            """SELECT ut.user_id FROM user_tags ut JOIN tags t ON t.bot_id = ut.bot_id AND t.id = ut.tag_id
               WHERE ut.bot_id = %s AND t.name = 'group 4' LIMIT %s""",
            [bot_id, count],
        )
        return [row[0] for row in await cursor.fetchall()]


async def _run(reach: Reach, job: Job) -> Job:
    """Do a job to its end, as the worker does: half a minute at a time."""
    found: Job | None = job
    while found is not None and found.is_open:
        await running.run(reach, kinds(), job.bot_id, job.id)
        async with reach.pool.connection() as connection:
            found = await runs.get(connection, job.bot_id, job.id)
    assert found is not None
    return found


if __name__ == "__main__":
    main()
