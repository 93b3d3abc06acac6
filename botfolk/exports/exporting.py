"""Exports as jobs: asked for, done a portion at a time into a file of the job, downloaded when it is whole.

Each user is read whole at the moment of their portion, in the order of ids: everybody who was there when it began
stands in it once, as they were within those minutes. (`botfolk export` reads one snapshot instead.)
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from msgspec import Struct, convert, structs, to_builtins
from psycopg import AsyncConnection

from botfolk.bulk.selection import Selection, meant_by
from botfolk.exports import portions
from botfolk.exports.columns import chosen, columns_of, types_of
from botfolk.exports.forgetting import KIND, LOCK
from botfolk.exports.forms import NAMES, form_of
from botfolk.exports.portions import Asked
from botfolk.jobs import files, runs
from botfolk.jobs.runs import Job, Step
from botfolk.users.edits import Actor, InvalidEdit

if TYPE_CHECKING:
    from botfolk.jobs.fetching import Reach

STATUSES = ("active", "archived", "blocked", "all")

Connection = AsyncConnection[Any]


class Export(Struct, frozen=True, kw_only=True):
    """What to export. Whom: as of a selection of `ids`, or `filter`, `q`, `status` and `but`. `columns`: their names,
    all without. `mark`: let CSV begin with the mark by which Excel knows UTF-8."""

    form: str = "csv"
    ids: list[UUID] | None = None
    filter: str = ""
    q: str = ""
    status: str = ""
    but: list[UUID] = []
    columns: list[str] | None = None
    mark: bool = False

    @property
    def whom(self) -> Selection:
        """Who is exported."""
        return Selection(ids=self.ids, filter=self.filter, q=self.q, status=self.status, but=self.but)


def of(job: Job) -> Export:
    """Return what a job exports."""
    return convert(job.spec, Export)


async def asked_of(connection: Connection, bot_id: UUID, export: Export, now: datetime) -> Asked:
    """Return what an export asks for, of what the bot has. Raises InvalidEdit, FilterError."""
    if export.form not in NAMES:
        raise InvalidEdit({"form": f"choose one of {', '.join(NAMES)}"})
    if export.status not in ("", *STATUSES):
        raise InvalidEdit({"status": f"choose one of {', '.join(STATUSES)}"})
    where, status = await meant_by(connection, bot_id, export.whom, now)
    columns = chosen(export.columns, columns_of(await types_of(connection, bot_id)))
    return Asked(bot_id=bot_id, where=where, columns=columns, now=now, status=status)


async def start(connection: Connection, bot_id: UUID, export: Export, actor: Actor, now: datetime) -> UUID:
    """Ask for an export, in the caller's transaction; return the job's id. Raises InvalidEdit, FilterError."""
    asked = await asked_of(connection, bot_id, export, now)
    columns = [column.name for column in asked.columns]
    whole = structs.replace(export, columns=columns, filter=export.filter.strip(), status=asked.status or "all")
    return await runs.start(connection, bot_id, KIND, to_builtins(whole), actor, now)


def file_name(job: Job) -> str:
    """Return the name of an export's file."""
    return f"users-{job.created_at:%Y-%m-%d-%H%M}.{form_of(str(job.spec['form']), job.spec).suffix}"


async def step(reach: "Reach", connection: Connection, job: Job) -> Step:
    """Write the next portion of an export."""
    await connection.execute(LOCK, [job.bot_id])
    # Whoever was erased while we waited has let it begin anew.
    job = await runs.get(connection, job.bot_id, job.id) or job
    export = of(job)
    asked = await asked_of(connection, job.bot_id, export, job.created_at)
    form, name, now = form_of(export.form, job.spec), file_name(job), reach.clock()
    if job.cursor is None:
        await files.remove(connection, job.bot_id, job.id, name)
        until = await portions.newest(connection, job.bot_id)
        content, state = form.begin(asked.columns)
        await files.append(connection, job.bot_id, job.id, name, content, now)
        cursor = {"after": str(portions.LOWEST), "until": str(until), "size": portions.FIRST, "state": state}
        return Step(cursor=cursor, total=await portions.how_many(connection, asked, until), done=-job.done)
    after, until, size = UUID(job.cursor["after"]), UUID(job.cursor["until"]), int(job.cursor["size"])
    portion = await portions.portion_after(connection, asked, after, until, size)
    if portion is None:
        content = form.end(asked.columns, job.cursor["state"])
        await files.append(connection, job.bot_id, job.id, name, content, now)
        written = await files.size(connection, job.bot_id, job.id, name)
        if written is None:
            await files.write(connection, job.bot_id, job.id, name, _nothing(), now)
        return Step(finished=True, result={"file": name, "bytes": written or 0})
    read = await form.read(connection, asked, portion)
    content, state = await form.write(read, asked.columns, job.cursor["state"])
    await files.append(connection, job.bot_id, job.id, name, content, now)
    next_size = portions.next_size(portion.size, len(content))
    cursor = {"after": str(portion.last), "until": str(until), "size": next_size, "state": state}
    return Step(done=portion.size, cursor=cursor)


async def end(connection: Connection, job: Job, now: datetime) -> None:
    """Let an export end, and remove its file."""
    await runs.cancel(connection, job.bot_id, job.id, now)
    await files.remove(connection, job.bot_id, job.id, file_name(job))
    await connection.execute(
        "UPDATE jobs SET result = '{}', cursor = NULL WHERE bot_id = %s AND id = %s", [job.bot_id, job.id]
    )


def is_there(job: Job, now: datetime) -> bool:
    """Say whether an export's file can be downloaded."""
    return (
        job.state == "done" and "file" in job.result and job.finished_at is not None
        and now - job.finished_at < files.KEPT
    )  # fmt: skip


async def _nothing() -> AsyncIterator[bytes]:
    """An export of nobody is a file as well."""
    for _ in ():
        yield b""
