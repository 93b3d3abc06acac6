"""The process that imports is killed in the middle: another goes on, and nobody comes twice."""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable

from botfolk.imports import manage
from tests.imports.conftest import Desk

_WORK = """
import asyncio, sys
from types import SimpleNamespace
from uuid import UUID
from botfolk.clock import utc_now
from botfolk.db.pool import make_pool
from botfolk.db.secrets import SecretBox
from botfolk.imports import steps
from botfolk.jobs import running
from botfolk.jobs.kinds import kinds
steps.ROWS = 100
async def work():
    async with make_pool(sys.argv[1], 2) as pool:
        channels = SimpleNamespace(box=SecretBox("k" * 40))
        reach = SimpleNamespace(pool=pool, clock=utc_now, channels=channels)
        await running.run(reach, kinds(), UUID(sys.argv[2]), UUID(sys.argv[3]), seconds=600)
asyncio.run(work())
"""
ROWS = 6000


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(120):
        while not await true():  # noqa: ASYNC110 - another process is waited for
            await asyncio.sleep(0.02)


async def test_an_import_killed_in_the_middle_goes_on_without_a_double(desk: Desk, dsn: str) -> None:
    rows = "".join(f"Person{n},p{n}@example.com,+6012{n:07},vip\n" for n in range(ROWS))
    import_id = await desk.upload("First name,Email,Phone,Tags\n" + rows)
    job = (await desk.run(import_id, "apply", until_done=False)).apply
    assert job is not None
    done = 0
    for _ in range(3):
        command = [sys.executable, "-c", _WORK, dsn, str(desk.tale.bot_id), str(job.id)]
        process = subprocess.Popen(command)  # noqa: ASYNC220
        before = done

        async def has_moved(before: int = before) -> bool:
            found = await desk.tale.rows("SELECT done FROM jobs WHERE id = %s", job.id)
            return bool(found[0][0] > before + 100)

        try:
            await until(has_moved)
        finally:
            process.kill()
            process.wait()
        done = (await desk.tale.rows("SELECT done FROM jobs WHERE id = %s", job.id))[0][0]
        assert await desk.tale.rows("SELECT count(*) FROM users") == [(done,)]

    async def is_free() -> bool:
        await desk.work(job.id)
        return not (await desk.look(import_id)).apply.is_open  # type: ignore[union-attr]

    await until(is_free)
    assert manage.tally_of((await desk.look(import_id)).apply).counts == {"create": ROWS}
    assert await desk.tale.rows("SELECT count(*), count(DISTINCT email), count(DISTINCT phone) FROM users") == [
        (ROWS, ROWS, ROWS)
    ]
    assert await desk.tale.rows("SELECT count(*) FROM user_tags") == [(ROWS,)]
    assert await desk.tale.rows("SELECT count(*) FROM changes") == [(ROWS,)]
