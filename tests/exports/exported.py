"""An export carried out, and its file."""

from typing import Any
from uuid import UUID

from botfolk.channels.registry import Channels
from botfolk.exports import exporting, forgetting
from botfolk.exports.exporting import Export
from botfolk.http import open_http
from botfolk.jobs import files, running, runs
from botfolk.jobs.fetching import Reach
from botfolk.jobs.runs import Job
from tests.telling import BOX, Tale
from tests.users.two import MIA


async def ask(tale: Tale, **asked: Any) -> UUID:
    """Ask for an export."""
    async with tale.pool.connection() as connection:
        return await exporting.start(connection, tale.bot_id, Export(**asked), MIA, tale.now)


async def run(tale: Tale, job_id: UUID, seconds: float = 600) -> None:
    """Do the steps of an export; with 0 seconds, one."""
    async with open_http(allow_private=True) as http:
        reach = Reach(pool=tale.pool, http=http, channels=Channels(tale.pool, BOX), kinds={}, clock=tale.clock)
        await running.run(reach, {forgetting.KIND: exporting.step}, tale.bot_id, job_id, seconds=seconds)


async def job(tale: Tale, job_id: UUID) -> Job:
    """The job of an export."""
    async with tale.pool.connection() as connection:
        found = await runs.get(connection, tale.bot_id, job_id)
    assert found is not None
    return found


async def file_of(tale: Tale, job_id: UUID) -> bytes:
    """The file of an export."""
    name = exporting.file_name(await job(tale, job_id))
    return b"".join([piece async for piece in files.read(tale.pool, tale.bot_id, job_id, name)])


async def exported(tale: Tale, **asked: Any) -> bytes:
    """Ask for an export, let it be done, and return its file."""
    job_id = await ask(tale, **asked)
    await run(tale, job_id)
    assert (await job(tale, job_id)).state == "done"
    return await file_of(tale, job_id)
