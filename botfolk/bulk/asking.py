"""Ask for an action on many users, or for all that a job changed to be taken back."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from botfolk.bulk import selection as selecting
from botfolk.bulk.actions import ACTIONS, Action
from botfolk.bulk.selection import Counted, Selection
from botfolk.imports.steps import APPLY as IMPORT
from botfolk.imports.undo import UNDO as UNDO_IMPORT
from botfolk.jobs import people, runs
from botfolk.jobs.runs import CannotUndo, Job
from botfolk.users import reading
from botfolk.users.edits import Actor
from botfolk.users.plan import Context

BULK, UNDO = "bulk", "undo"

Connection = AsyncConnection[Any]


async def look(
    connection: Connection, bot_id: UUID, action: Action, selection: Selection, actor: Actor, now: datetime
) -> Counted:
    """Say how many an action would be for, and how many it would change; nothing is done. Raises InvalidEdit."""
    await _check(connection, bot_id, action, actor, now)
    return await selecting.count(connection, bot_id, selection, action, now)


async def start(
    connection: Connection, bot_id: UUID, action: Action, selection: Selection, actor: Actor, now: datetime
) -> Job:
    """Ask for an action on all who are selected at this moment, in the caller's transaction. Raises InvalidEdit."""
    await _check(connection, bot_id, action, actor, now)
    query, given = await selecting.query_of(connection, bot_id, selection, now)
    spec = {"action": msgspec.to_builtins(action), "selection": selection.told()}
    job_id = await runs.start(connection, bot_id, BULK, spec, actor, now)
    await people.choose(connection, bot_id, job_id, query, given, ACTIONS[action.action].at_once)
    return await _get(connection, bot_id, job_id)


async def undo(connection: Connection, bot_id: UUID, job_id: UUID, actor: Actor, now: datetime) -> Job:
    """Ask for all that a job changed of users to be taken back. Raises NoSuchJob, CannotUndo."""
    job = await runs.get(connection, bot_id, job_id)
    if job is None:
        raise runs.NoSuchJob(str(job_id))
    if not can_undo(job) and not job.is_open and job.undone_by is None:
        raise CannotUndo("it changed nothing that can be taken back")
    if job.kind == IMPORT:
        spec = {"name": job.spec["name"]}
        undo_id = await runs.start(connection, bot_id, UNDO_IMPORT, spec, actor, now, undoes=job_id)
        return await _get(connection, bot_id, undo_id)
    spec = {"action": job.spec.get("action", {}), "kind": job.kind}
    undo_id = await runs.start(connection, bot_id, UNDO, spec, actor, now, undoes=job_id)
    query = "SELECT DISTINCT user_id AS id FROM changes WHERE bot_id = %(bot)s AND job_id = %(undoes)s"
    await people.choose(connection, bot_id, undo_id, query, {"undoes": job_id})
    return await _get(connection, bot_id, undo_id)


def can_undo(job: Job) -> bool:
    """Say whether a job changed profiles of users, so that it could be undone when it has ended."""
    if job.kind in (UNDO, IMPORT):
        return job.changed > 0
    if job.kind != BULK or job.changed == 0:
        return False
    return bool(msgspec.convert(job.spec["action"], Action).edits())


async def _check(connection: Connection, bot_id: UUID, action: Action, actor: Actor, now: datetime) -> None:
    names = [action.name.strip().lower()] if action.name and "\x00" not in action.name else []
    pause_seconds, types = await reading.settings(connection, bot_id, names)
    action.check(Context(actor=actor, now=now, pause_seconds=pause_seconds, attribute_types=types))


async def _get(connection: Connection, bot_id: UUID, job_id: UUID) -> Job:
    job = await runs.get(connection, bot_id, job_id)
    if job is None:
        raise runs.NoSuchJob(str(job_id))
    return job
