"""An import of 1,000,000 people, killed (-9) halfway and gone on with: `python -m benchmarks.importing --kill`.

Each time another process does the job; its memory is watched. Counted afterwards: nobody twice, nobody missing, each
with one change in the history. Not covered: a machine that loses its disk's cache; more than one such import at once.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import psycopg

from benchmarks.stage import KEY, Stage, people
from botfolk.clock import utc_now
from botfolk.db.pool import make_pool
from botfolk.db.secrets import SecretBox
from botfolk.imports import manage, upload
from botfolk.jobs import running
from botfolk.jobs.kinds import kinds
from botfolk.serve import spare_the_collector, take_turns
from botfolk.services import Services
from botfolk.users.edits import Actor

_LINES = 10_000
_LOOK_SECONDS = 0.02


async def work(dsn: str, bot_id: UUID, job_id: UUID) -> None:
    """Do a job to its end."""
    spare_the_collector()
    take_turns()
    async with make_pool(dsn, 4) as pool:
        channels = SimpleNamespace(box=SecretBox(KEY))
        reach = cast(Any, SimpleNamespace(pool=pool, clock=utc_now, channels=channels))
        await running.run(reach, kinds(), bot_id, job_id, seconds=100_000)


async def _start(stage: Stage, header: str, row: Any, rows: int) -> UUID:
    async def stream() -> AsyncIterator[bytes]:
        yield header.encode()
        for start in range(0, rows, _LINES):
            yield "".join(row(number, "gold") for number in range(start, min(rows, start + _LINES))).encode()

    me = Actor("member", "Mia", UUID(int=1))
    async with make_pool(stage.dsn, 2) as pool:
        settings = SimpleNamespace(data_dir=Path("/nowhere"), import_mb=4096)
        services = cast(Services, SimpleNamespace(settings=settings, pool=pool, clock=utc_now, box=SecretBox(KEY)))
        made = await upload.upload(services, stage.bot_id, me, "bench.csv", stream())
        async with pool.connection() as connection:
            return await manage.start(connection, stage.bot_id, made.id, "apply", me, utc_now(), unchecked=True)


def _watched(stage: Stage, job_id: UUID, until: int | None) -> tuple[int, list[float]]:
    """Let a process do the job, until so many rows are done or to its end; kill it then. Return how many are done, and
    the process's memory in MB as it went."""
    command = [sys.executable, "-m", "benchmarks.import_killed", stage.dsn, str(stage.bot_id), str(job_id)]
    process, memory, done = subprocess.Popen(command), list[float](), 0
    with psycopg.connect(stage.dsn, autocommit=True) as connection:
        while process.poll() is None:
            time.sleep(_LOOK_SECONDS)
            found = connection.execute("SELECT done FROM jobs WHERE id = %s", [job_id]).fetchone()
            done = found[0] if found else 0
            try:
                memory.append(int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * 4096 / 1_048_576)
            except (OSError, IndexError):
                break
            if until is not None and done >= until:
                process.kill()
        process.wait()
        found = connection.execute("SELECT done FROM jobs WHERE id = %s", [job_id]).fetchone()
    return (found[0] if found else 0), memory


def run(header: str, row: Any, rows: int) -> bool:
    """Measure, and print; say whether everybody came once."""
    with people(1000) as stage:
        print(f"importing {rows:,} people, killed halfway", flush=True)
        job_id = asyncio.run(_start(stage, header, row, rows))
        began = time.perf_counter()
        half, before = _watched(stage, job_id, rows // 2)
        print(f"  killed (-9) at {half:,} rows after {time.perf_counter() - began:.0f} s; {_flat(before)}", flush=True)
        with psycopg.connect(stage.dsn) as connection:
            stood = connection.execute("SELECT count(*) FROM users WHERE email LIKE '%@example.org'").fetchone()
        done, after = _watched(stage, job_id, None)
        took = time.perf_counter() - began
        print(f"  gone on to {done:,} rows; {_flat(after)}; {rows / took:,.0f} rows/s with the kill")
        with psycopg.connect(stage.dsn) as connection:
            counted = connection.execute(
                """SELECT count(*), count(DISTINCT email), count(DISTINCT phone),
                       (SELECT count(*) FROM changes WHERE job_id = %s), (SELECT state FROM jobs WHERE id = %s)
                   FROM users WHERE email LIKE %s""",
                [job_id, job_id, "%@example.org"],
            ).fetchone()
        assert stood is not None
        assert counted is not None
        print(
            f"  at the kill {stood[0]:,} users stood there for {half:,} rows counted; in the end {counted[0]:,} users,"
            f" {counted[1]:,} emails, {counted[2]:,} phones, {counted[3]:,} changes; the job is {counted[4]}"
        )
        return stood[0] == half and counted == (rows, rows, rows, rows, "done")


def _flat(memory: list[float]) -> str:
    # A process that has just ended holds nothing.
    memory = [each for each in memory if each] or [0.0]
    quarter, last = memory[len(memory) // 4], memory[-1]
    return f"memory {quarter:.0f} MB after a quarter of it, {max(memory):.0f} MB at most, {last:.0f} MB at the end"


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], UUID(sys.argv[2]), UUID(sys.argv[3])))
