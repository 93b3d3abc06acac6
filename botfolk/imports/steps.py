"""The steps of an import's two jobs: rehearse, and carry out. Each takes the next rows of the file."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from psycopg import AsyncConnection

from botfolk.imports import store
from botfolk.imports.carry_out import Run, carry_out, plan_ahead
from botfolk.imports.delimited import Place, Unreadable
from botfolk.imports.mapping import BadMapping, Plan, check
from botfolk.imports.people import Reader
from botfolk.imports.portion import Ahead, Portion, Source, Window
from botfolk.imports.rehearse import rehearse
from botfolk.imports.store import Import
from botfolk.imports.verdicts import ERRORS, VERDICTS, WHY, Tally, Verdict, as_csv, error_lines, verdict_lines
from botfolk.jobs import files
from botfolk.jobs.runs import Job, JobFailed, Step, hurry
from botfolk.users.edits import Actor
from botfolk.users.plan import Context

if TYPE_CHECKING:
    from botfolk.jobs.fetching import Reach

Connection = AsyncConnection[Any]

CHECK, APPLY = "import.check", "import.apply"
"""The kinds of the jobs: a rehearsal, and the import itself."""

ROWS = 4000
"""Rows of a step; those they name are locked for some tenths of a second."""


class Spec(Struct, frozen=True, kw_only=True):
    """What a job is to do: of which import, of `size` bytes, under which mapping."""

    import_id: UUID
    name: str
    size: int
    mapping: Plan


async def check_step(reach: "Reach", connection: Connection, job: Job) -> Step:
    """Rehearse the next rows."""
    return await _step(reach, connection, job, is_real=False)


async def apply_step(reach: "Reach", connection: Connection, job: Job) -> Step:
    """Carry out the next rows."""
    return await _step(reach, connection, job, is_real=True)


async def _step(reach: "Reach", connection: Connection, job: Job, *, is_real: bool) -> Step:
    spec = msgspec.convert(job.spec, Spec)
    try:
        found = await store.get(connection, job.bot_id, spec.import_id)
    except store.NoSuchImport:
        raise JobFailed("The import is gone.") from None
    await hurry(connection)
    start = found.starts if job.cursor is None else msgspec.convert(job.cursor, Place)
    run = await _run(reach, connection, job, spec)
    try:
        targets = check(spec.mapping, found.columns, run.channels, run.types)
        # What was read ahead counts when it was read knowing the same.
        read_as = (targets, dict(run.types))
        portion = _ahead.take(job.id, start, read_as)
        if portion is None:
            reader = Reader(found.columns, targets, spec.mapping)
            portion = await Source(job.bot_id, found.id, found.format, reader, ROWS).portion(connection, start)
    except (Unreadable, BadMapping) as error:
        raise JobFailed(f"{error}. What came before it stays.") from None
    source = portion.source
    run = replace(run, planned=portion.planned, founding=source.founding)
    if portion.is_last:
        verdicts, again = await _do(connection, job, run, portion, is_real=is_real)
    else:
        window = await source.fetch(connection, portion.ends, portion.rest)
        # Worth the while where most people are new; who is a user already is planned by what they are.
        context = replace(run.context, attribute_types=read_as[1]) if _makes_most(job) else None
        read = partial(_read_ahead, source, portion.ends, window, context, write=is_real)
        begun = asyncio.Event()
        work = _do(connection, job, replace(run, leave_to_database=begun.set), portion, is_real=is_real)
        verdicts, again = await _ahead.beside(work, begun, job.id, portion.ends, read_as, read)
    tally = msgspec.convert(job.result, Tally)
    tally.duplicates += again
    tally.add(verdicts)
    await _write(reach, connection, job, found, verdicts, is_first=job.cursor is None)
    if portion.is_last and not is_real:
        await store.forget_keys(connection, job.bot_id, job.id)
    return _done(job, spec, portion, verdicts, tally)


_ahead = Ahead()


async def _do(
    connection: Connection, job: Job, run: Run, portion: Portion, *, is_real: bool
) -> tuple[list[Verdict], int]:
    """Carry rows out, or rehearse them; return what becomes of each, and how many name somebody a second time."""
    if not is_real:
        return await rehearse(connection, run, portion.rows)
    verdicts = await carry_out(connection, run, portion.rows)
    await _count_anew(connection, job.done, job.done + len(verdicts))
    return verdicts, 0


def _read_ahead(
    source: Source, start: Place, window: Window, context: Context | None, *, write: bool
) -> Portion | None:
    portion = source.read(start, window)
    if portion is not None and context is not None:
        portion.planned = plan_ahead(portion.rows, source.founding, context, write=write)
    return portion


def _makes_most(job: Job) -> bool:
    """Say whether most of the rows so far made somebody."""
    return 2 * msgspec.convert(job.result, Tally).of("create") >= job.done


_COUNTED_AT = (2_000, 20_000, 200_000, 2_000_000)


async def _count_anew(connection: Connection, before: int, after: int) -> None:
    """Let the planner know how large the tables have become: believing them small, it reads them whole each step."""
    if any(before < rows <= after for rows in _COUNTED_AT):
        await connection.execute("ANALYZE users, user_stats, identities, user_tags, tags, changes")


async def _run(reach: "Reach", connection: Connection, job: Job, spec: Spec) -> Run:
    types = await store.attribute_types(connection, job.bot_id)
    return Run(
        bot_id=job.bot_id,
        job_id=job.id,
        actor=Actor("import", spec.name, job.actor_id),
        mapping=spec.mapping,
        types=types,
        channels=await store.channels(connection, job.bot_id),
        box=reach.channels.box,
        now=reach.clock(),
    )


async def _write(
    reach: "Reach", connection: Connection, job: Job, found: Import, verdicts: list[Verdict], *, is_first: bool
) -> None:
    """Write on at the files that can be downloaded."""
    now = reach.clock()
    all_rows, refused = verdict_lines(verdicts), error_lines(verdicts)
    if is_first:
        all_rows = as_csv([("Line", "Verdict", "What")]) + all_rows
        refused = as_csv([(*found.columns, WHY)]) + refused
    for name, content in ((VERDICTS, all_rows), (ERRORS, refused)):
        if content:
            await files.append(connection, job.bot_id, job.id, name, content, now)


def _done(job: Job, spec: Spec, portion: Portion, verdicts: list[Verdict], tally: Tally) -> Step:
    here = Tally()
    here.add(verdicts)
    rows = job.done + len(verdicts)
    # How many rows there are is known at the end; until then it is judged by the bytes.
    share = portion.ends.offset / spec.size if spec.size else 1
    return Step(
        done=len(verdicts),
        changed=here.of("create", "update"),
        skipped=here.of("unchanged", "skipped"),
        failed=here.of("error"),
        cursor=msgspec.to_builtins(portion.ends),
        finished=portion.is_last,
        result=msgspec.to_builtins(tally),
        total=rows if portion.is_last or not share else max(rows, round(rows / share)),
    )
