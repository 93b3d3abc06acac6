"""How fast users come in by a file, beside the naive way: `python -m benchmarks.importing [--rows N] [--kill]`.

The file: names, email, phone, language, two tags, four attributes. Measured: a dry run, the import of people who are
all new, of the same file again (nothing changes), and of a file that changes one attribute of each. The naive way: a
row, a transaction, one statement after the other, as an ORM does it. Memory is that of this process, which does it all.
With --kill: an import of 1,000,000 rows that is killed halfway and gone on with (`import_killed.py`).
"""

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from benchmarks import import_killed
from benchmarks.stage import KEY, Stage, people
from botfolk.clock import utc_now
from botfolk.db.pool import Pool, make_pool
from botfolk.db.secrets import SecretBox
from botfolk.ids import new_id
from botfolk.imports import manage, upload
from botfolk.imports.delimited import Format, read_rows
from botfolk.jobs import running
from botfolk.jobs.kinds import kinds
from botfolk.serve import spare_the_collector, take_turns
from botfolk.services import Services
from botfolk.users.edits import Actor
from botfolk.users.fields import clean

PROMISED = 20_000
TIMES_AS_FAST = 10
"""What is asked of a machine like this one beside the naive way; the rows that are promised are of a faster one."""
ROWS = 50_000
NAIVE_ROWS = 1500
HEADER = "First name,Last name,Email,Phone,Language,Tags,Plan,Country,Score,Since\n"
ME = Actor("member", "Mia", UUID(int=1))


def row(number: int, plan: str) -> str:
    """One person."""
    phone = f"+6012{number:07}"
    return (
        f'Person,No {number},person{number}@example.org,{phone},en,"customer, group {number % 10}",{plan},'
        f"Malaysia,{number % 1000},2026-01-31\n"
    )


def content(rows: int, plan: str = "gold") -> bytes:
    """A file of so many people."""
    return (HEADER + "".join(row(number, plan) for number in range(rows))).encode()


def memory_mb() -> float:
    """What this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1_048_576


async def run(
    services: Services, pool: Pool, bot_id: UUID, data: bytes, what: Any
) -> tuple[float, float, dict[str, int], list[float]]:
    """Upload a file and rehearse or import it; return seconds, of CPU too, the verdicts, the memory."""

    async def stream() -> AsyncIterator[bytes]:
        for start in range(0, len(data), 65_536):
            yield data[start : start + 65_536]

    made = await upload.upload(services, bot_id, ME, "bench.csv", stream())
    async with pool.connection() as connection:
        job_id = await manage.start(connection, bot_id, made.id, what, ME, utc_now(), unchecked=True)
    reach = cast(Any, SimpleNamespace(pool=pool, clock=utc_now, channels=SimpleNamespace(box=services.box)))
    memory: list[float] = []

    async def watch() -> None:
        while True:
            memory.append(memory_mb())
            await asyncio.sleep(0.25)

    watching = asyncio.create_task(watch())
    started, worked = time.perf_counter(), time.process_time()
    await running.run(reach, kinds(), bot_id, job_id, seconds=100_000)
    took, worked = time.perf_counter() - started, time.process_time() - worked
    watching.cancel()
    async with pool.connection() as connection:
        whole = await manage.whole(connection, bot_id, made.id)
    job = whole.apply or whole.check
    assert job is not None
    assert job.state == "done", job.error
    return took, worked, manage.tally_of(job).counts, memory


async def ours(stage: Stage, rows: int) -> dict[str, float]:
    """Measure Botfolk; return rows a second by what was done."""
    found: dict[str, float] = {}
    async with make_pool(stage.dsn, 4) as pool:
        settings = SimpleNamespace(data_dir=Path("/nowhere"), import_mb=4096)
        services = cast(Services, SimpleNamespace(settings=settings, pool=pool, clock=utc_now, box=SecretBox(KEY)))
        for name, data, what in (
            ("dry run", content(rows), "check"),
            ("new people", content(rows), "apply"),
            ("the same again", content(rows), "apply"),
            ("one attribute of each", content(rows, "silver"), "apply"),
        ):
            took, worked, counts, memory = await run(services, pool, stage.bot_id, data, what)
            found[name] = rows / took
            flat = f"memory {memory[len(memory) // 4]:.0f} MB after a quarter, {memory[-1]:.0f} MB at the end"
            cpu = f"{worked / rows * 1e6:.0f} µs of this process's CPU a row"
            print(f"  {name:24} {rows / took:9,.0f} rows/s   {cpu}   {counts}   {flat}", flush=True)
    return found


def naive(stage: Stage, where: str) -> float:
    """A row, a transaction: look for the email, insert or update, a statement for each thing. Return rows a second."""
    data = content(NAIVE_ROWS).replace(b"@example.org", f"@{where}.example".encode()).replace(b",+6012", b",+6013")
    started = time.perf_counter()
    with psycopg.connect(stage.dsn) as connection:
        for number, each in enumerate(read_rows([data], Format("utf-8", ","))):
            if number:
                _naive_row(connection, stage.bot_id, each.cells)
                connection.commit()
    return NAIVE_ROWS / (time.perf_counter() - started)


def _naive_row(connection: "psycopg.Connection[Any]", bot_id: UUID, cells: list[str]) -> None:
    first, last, email, phone, language, tags, plan, country, score, since = cells
    email, phone = clean("email", email) or "", clean("phone", phone) or ""
    look = "SELECT id FROM users WHERE bot_id = %s AND lower(email) = lower(%s)"
    if connection.execute(look, [bot_id, email]).fetchone():
        return
    user_id, attributes = new_id(), {"plan": plan, "country": country, "score": int(score), "since": since}
    fields = {"first_name": first, "last_name": last, "email": email, "phone": phone, "language": language}
    connection.execute(
        "INSERT INTO users (bot_id, id, first_name, last_name, email, phone, language, attributes)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [bot_id, user_id, *fields.values(), Jsonb(attributes)],
    )
    connection.execute("INSERT INTO user_stats (bot_id, user_id) VALUES (%s, %s)", [bot_id, user_id])
    for tag in tags.split(","):
        connection.execute(
            "INSERT INTO tags (bot_id, id, name) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [bot_id, new_id(), tag.strip()],
        )
        connection.execute(
            "INSERT INTO user_tags (bot_id, user_id, tag_id)"
            " SELECT bot_id, %s, id FROM tags WHERE bot_id = %s AND name = %s",
            [user_id, bot_id, tag.strip()],
        )
    for name, value in {**fields, **{f"attributes.{key}": value for key, value in attributes.items()}}.items():
        connection.execute(
            "INSERT INTO changes (bot_id, id, user_id, source, field, new) VALUES (%s, %s, %s, 'import', %s, %s)",
            [bot_id, new_id(), user_id, name, Jsonb(value)],
        )


def main() -> None:
    """Measure, and print the ratio; exits with 1 when new people do not come in as many times as fast. The machine is
    shared: the naive way is measured before and after."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int)
    parser.add_argument("--kill", action="store_true")
    arguments = parser.parse_args()
    if arguments.kill:
        sys.exit(0 if import_killed.run(HEADER, row, arguments.rows or 1_000_000) else 1)
    rows = arguments.rows or ROWS
    spare_the_collector()
    take_turns()
    with people(1000) as stage:
        print(f"importing {rows:,} people", flush=True)
        before = naive(stage, "before")
        found = asyncio.run(ours(stage, rows))
        after = naive(stage, "after")
    slow = (before + after) / 2
    print(f"  the naive way            {before:9,.0f} rows/s before, {after:,.0f} after ({NAIVE_ROWS:,} rows each)")
    ratio = found["new people"] / slow
    print(f"  new people: {ratio:.1f} times the naive way; promised {PROMISED:,} rows/s (a faster machine)")
    sys.exit(0 if ratio >= TIMES_AS_FAST else 1)


if __name__ == "__main__":
    main()
