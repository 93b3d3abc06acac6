"""Long work: it goes on where a killed process left it, does nothing twice, can be cancelled, says why it failed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace
from psycopg import OperationalError
from psycopg.conninfo import conninfo_to_dict

from botfolk.clock import utc_now
from botfolk.db.pool import Connection, Pool, make_pool
from botfolk.http import open_http
from botfolk.ids import new_id
from botfolk.jobs import Worker, files, people, running, runs
from botfolk.jobs.fetching import Reach
from botfolk.jobs.runs import Job, JobFailed, Step
from botfolk.users.edits import Actor
from tests.outbox.world import World, until

MIA = Actor("member", "Mia", new_id())


@pytest.fixture
async def world(pool: Pool) -> World:
    made = await World.make(pool)
    await made.set("CREATE TABLE said (number int)")
    return made


class Counting:
    """A kind whose every step writes down the next number in the step's own transaction; `meddle` comes between."""

    def __init__(self, to: int = 5) -> None:
        self.to = to
        self.steps = 0
        self.meddle: dict[int, Any] = {}

    async def __call__(self, reach: Reach, connection: Connection, job: Job) -> Step:
        number = (job.cursor or {"next": 0})["next"]
        await connection.execute("INSERT INTO said (number) VALUES (%s)", [number])
        self.steps += 1
        if number in self.meddle:
            await self.meddle.pop(number)(job)
        return Step(done=1, changed=1, cursor={"next": number + 1}, finished=number + 1 == self.to)


@asynccontextmanager
async def reach_of(world: World) -> AsyncIterator[Reach]:
    async with open_http(allow_private=True) as http:
        yield Reach(pool=world.pool, http=http, channels=world.channels, kinds={}, clock=world.clock)


@asynccontextmanager
async def working(world: World, **kinds: Any) -> AsyncIterator[None]:
    stop = asyncio.Event()
    async with open_http(allow_private=True) as http:
        worker = Worker(world.pool, http, world.channels, {}, job_kinds=kinds, clock=world.clock)
        task = asyncio.create_task(worker.run(stop))
        try:
            yield
        finally:
            stop.set()
            await task


async def start(world: World, kind: str = "count", **more: Any) -> UUID:
    async with world.pool.connection() as connection:
        return await runs.start(connection, world.bot_id, kind, {}, MIA, utc_now(), **more)


async def get(world: World, job_id: UUID) -> Job:
    async with world.pool.connection() as connection:
        job = await runs.get(connection, world.bot_id, job_id)
    assert job is not None
    return job


async def until_state(world: World, job_id: UUID, state: str) -> Job:
    async def is_there() -> bool:
        return (await get(world, job_id)).state == state

    await until(is_there)
    return await get(world, job_id)


async def said(world: World) -> list[int]:
    return list(await world.one("SELECT array_agg(number ORDER BY number) FROM said") or [])


async def test_a_job_is_done_step_by_step_and_says_how_far_it_is(world: World) -> None:
    async with working(world, count=Counting()):
        job_id = await start(world, total=5)
        job = await until_state(world, job_id, "done")
    assert (job.done, job.changed, job.skipped, job.failed, job.total) == (5, 5, 0, 0, 5)
    assert job.started_at is not None
    assert job.finished_at is not None
    assert job.asked_by == MIA
    assert await said(world) == [0, 1, 2, 3, 4]


async def test_a_step_may_leave_the_disk_for_later_and_the_last_waits_for_all(world: World, dsn: str) -> None:
    await world.set("CREATE TABLE waited (setting text)")
    await world.set(
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO waited VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$"
    )
    # As the transaction ends.
    await world.set(
        "CREATE CONSTRAINT TRIGGER noted AFTER INSERT ON said DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION note()"
    )
    await world.set(f"ALTER DATABASE {conninfo_to_dict(dsn)['dbname']} SET synchronous_commit = local")

    class Hurrying(Counting):
        async def __call__(self, reach: Reach, connection: Connection, job: Job) -> Step:
            await runs.hurry(connection)
            return await super().__call__(reach, connection, job)

    async with make_pool(dsn, 2) as pool, reach_of(world) as reach:
        job_id = await start(world)
        await running.run(replace(reach, pool=pool), {"count": Hurrying(3)}, world.bot_id, job_id)
    found = await world.one("SELECT array_agg(setting) FROM waited")
    assert found == ["off", "off", "local"]


async def test_a_job_whose_process_dies_between_and_within_steps_goes_on_and_does_nothing_twice(world: World) -> None:
    class Killed(BaseException):
        pass

    async def die(job: Job) -> None:
        raise Killed

    counting = Counting()
    counting.meddle = {2: die}
    job_id = await start(world)
    async with reach_of(world) as reach:
        with pytest.raises(Killed):
            await running.run(reach, {"count": counting}, world.bot_id, job_id)
        half = await get(world, job_id)
        assert (half.state, half.done, half.cursor) == ("running", 2, {"next": 2})
        await running.run(reach, {"count": counting}, world.bot_id, job_id)
    assert await said(world) == [0, 1, 2, 3, 4]
    assert (await get(world, job_id)).done == 5
    assert counting.steps == 6


async def test_a_job_that_takes_long_leaves_the_rest_to_a_task_of_its_own(world: World) -> None:
    job_id = await start(world)
    async with reach_of(world) as reach:
        await running.run(reach, {"count": Counting()}, world.bot_id, job_id, seconds=0)
    assert (await get(world, job_id)).done == 1
    assert await world.one("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'jobs.run'") == 2
    async with working(world, count=Counting()):
        await until_state(world, job_id, "done")
    assert await said(world) == [0, 1, 2, 3, 4]


async def test_two_processes_never_do_one_job_at_once(world: World) -> None:
    counting, other = Counting(), Counting()

    async def run_too(job: Job) -> None:
        await running.run(reach, {"count": other}, world.bot_id, job.id)

    counting.meddle = {1: run_too}
    job_id = await start(world)
    async with reach_of(world) as reach:
        await running.run(reach, {"count": counting}, world.bot_id, job_id)
    assert other.steps == 0
    assert await said(world) == [0, 1, 2, 3, 4]


async def test_who_cancels_waits_for_nothing_and_the_step_under_way_is_counted(world: World) -> None:
    async def cancel(job: Job) -> None:
        async with world.pool.connection() as connection:
            assert await runs.cancel(connection, world.bot_id, job.id, utc_now())

    counting = Counting()
    counting.meddle = {1: cancel}
    async with working(world, count=counting):
        job_id = await start(world)
        await until_state(world, job_id, "cancelled")
        await until(lambda: no_tasks(world))
    job = await get(world, job_id)
    assert (job.state, job.done) == ("cancelled", 2)
    assert await said(world) == [0, 1]
    async with world.pool.connection() as connection:
        assert not await runs.cancel(connection, world.bot_id, job_id, utc_now())


async def no_tasks(world: World) -> bool:
    return not await world.one("SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')")


async def test_a_job_that_cannot_go_on_says_why_and_can_be_resumed(world: World) -> None:
    async def refuse(job: Job) -> None:
        raise JobFailed("Row 17 is not text.")

    counting = Counting()
    counting.meddle = {3: refuse}
    async with working(world, count=counting):
        job_id = await start(world)
        job = await until_state(world, job_id, "failed")
        assert (job.error, job.done) == ("Row 17 is not text.", 3)
        async with world.pool.connection() as connection:
            assert await runs.resume(connection, world.bot_id, job_id)
        job = await until_state(world, job_id, "done")
    assert (job.error, job.done) == (None, 5)
    assert await said(world) == [0, 1, 2, 3, 4]


async def test_a_kind_nobody_knows_fails_in_plain_words(world: World) -> None:
    async with working(world):
        job = await until_state(world, await start(world, "dance"), "failed")
    assert job.error == "This version of Botfolk does not know jobs of the kind “dance”."


async def test_an_error_that_passes_is_tried_again(world: World) -> None:
    async def lose_the_database(job: Job) -> None:
        raise OperationalError("gone")

    counting = Counting()
    counting.meddle = {1: lose_the_database}
    async with working(world, count=counting):
        job_id = await start(world)
        await until(lambda: waits_for_another_try(world))
        assert (await get(world, job_id)).state == "running"
        await world.set("UPDATE procrastinate_jobs SET scheduled_at = now()")
        # Whatever is asked for wakes the worker.
        await until_state(world, await start(world), "done")
        await until_state(world, job_id, "done")


async def waits_for_another_try(world: World) -> bool:
    return bool(await world.one("SELECT true FROM procrastinate_jobs WHERE status = 'todo' AND attempts = 1"))


def test_what_a_member_is_told_of_an_error_is_plain() -> None:
    assert "could not be reached" in running.reason(OperationalError("secret host"))
    assert "secret" not in running.reason(OperationalError("secret host"))
    assert "KeyError" in running.reason(KeyError("x"))


async def test_a_job_is_undone_once_and_only_when_it_has_ended(world: World) -> None:
    job_id = await start(world)
    with pytest.raises(runs.CannotUndo, match="under way"):
        await start(world, undoes=job_id)
    with pytest.raises(runs.NoSuchJob):
        await start(world, undoes=new_id())
    await world.set("UPDATE jobs SET state = 'done'")
    first = await start(world, undoes=job_id)
    with pytest.raises(runs.CannotUndo, match="being undone"):
        await start(world, undoes=job_id)
    await world.set("UPDATE jobs SET state = 'cancelled' WHERE id = %s", first)
    second = await start(world, undoes=job_id)
    assert (await get(world, job_id)).undone_by == second
    assert (await get(world, second)).undoes == job_id


async def test_the_newest_job_comes_first_and_nobody_sees_another_bots(world: World) -> None:
    ids = [await start(world) for _ in range(3)]
    other = await World.make(world.pool)
    await start(other)
    async with world.pool.connection() as connection:
        assert [job.id for job in await runs.newest(connection, world.bot_id)] == ids[::-1]
        assert [job.id for job in await runs.newest(connection, world.bot_id, before=ids[1])] == [ids[0]]
        assert await runs.newest(connection, world.bot_id, kinds=["dance"]) == []
        assert await runs.get(connection, other.bot_id, ids[0]) is None
        assert not await runs.cancel(connection, other.bot_id, ids[0], utc_now())


async def test_people_are_fixed_when_asked_for_and_taken_in_the_order_of_their_ids(world: World) -> None:
    persons = [(await world.person(f"p{number}")).user_id for number in range(5)]
    job_id = await start(world)
    query = "SELECT id FROM users WHERE bot_id = %(bot)s AND id <> %(not)s"
    async with world.pool.connection() as connection:
        count = await people.choose(connection, world.bot_id, job_id, query, {"not": persons[1]}, at_once=3)
        assert count == 4
    await world.person("late")
    taken = []
    async with world.pool.connection() as connection:
        while portion := await people.take(connection, world.bot_id, job_id):
            taken.append(list(portion))
    assert taken == [[persons[0], persons[2], persons[3]], [persons[4]]]
    assert (await get(world, job_id)).total == 4


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


@pytest.mark.parametrize("sizes", [(), (1,), (files.PIECE_BYTES,), (700_000, 700_000, 3_000_000, 5)])
async def test_a_file_is_read_as_it_was_written(world: World, sizes: tuple[int, ...]) -> None:
    job_id = await start(world)
    parts = [bytes([number + 1]) * size for number, size in enumerate(sizes)]
    async with world.pool.connection() as connection:
        for _ in range(2):
            written = await files.write(connection, world.bot_id, job_id, "out.csv", pieces(*parts), utc_now())
        assert written == sum(sizes) == await files.size(connection, world.bot_id, job_id, "out.csv")
        assert await files.size(connection, world.bot_id, job_id, "other.csv") is None
    read = [part async for part in files.read(world.pool, world.bot_id, job_id, "out.csv")]
    assert b"".join(read) == b"".join(parts)
    assert all(len(part) <= files.PIECE_BYTES for part in read)


async def test_a_file_grows_by_what_is_appended_and_goes_after_a_week(world: World) -> None:
    job_id = await start(world)
    for part in (b"a,b\n", b"1,2\n"):
        async with world.pool.connection() as connection:
            await files.append(connection, world.bot_id, job_id, "out.csv", part, utc_now())
    read = [part async for part in files.read(world.pool, world.bot_id, job_id, "out.csv")]
    assert read == [b"a,b\n", b"1,2\n"]
    later = utc_now() + files.KEPT + timedelta(minutes=1)
    async with world.pool.connection() as connection:
        assert await files.forget_old(connection, later) == 0
        await runs.cancel(connection, world.bot_id, job_id, utc_now())
        assert await files.forget_old(connection, utc_now()) == 0
        assert await files.forget_old(connection, later) == 2
