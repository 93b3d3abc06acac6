"""The steps of jobs on many users: a portion of the people, by the same function as a single edit."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace
from psycopg import AsyncConnection

from botfolk.bulk.actions import Action
from botfolk.conversations.recount import recount_user
from botfolk.jobs import people
from botfolk.jobs.defer import Job as Deferred
from botfolk.jobs.defer import defer_all
from botfolk.jobs.fetching import Reach
from botfolk.jobs.runs import Job, Step, hurry
from botfolk.users import reading
from botfolk.users.apply import Asked, Outcome, apply_to_many
from botfolk.users.edits import Applied, InvalidEdit, UserNotFound
from botfolk.users.erase import erase
from botfolk.users.undo import undo_many

Connection = AsyncConnection[Any]


async def act(reach: Reach, connection: Connection, job: Job) -> Step:
    """Do an action to the next of its people."""
    users = await people.take(connection, job.bot_id, job.id)
    if not users:
        return Step(finished=await people.all_seen(connection, job.bot_id, job.id))
    action = msgspec.convert(job.spec["action"], Action)
    edits = action.edits()
    if not edits:
        return await _act_beside(reach, connection, job, action, users)
    await hurry(connection)
    asked = [Asked(user_id=user_id, edits=edits) for user_id in users]
    outcomes = await apply_to_many(connection, job.bot_id, asked, job.asked_by, now=reach.clock(), job_id=job.id)
    return _counted(outcomes)


async def take_back(reach: Reach, connection: Connection, job: Job) -> Step:
    """Take back what another job changed of the next people; one in whom anything stands was skipped."""
    users = await people.take(connection, job.bot_id, job.id)
    if not users or job.undoes is None:
        return Step(finished=await people.all_seen(connection, job.bot_id, job.id))
    await hurry(connection)
    changes = await reading.changes_of_job(connection, job.bot_id, job.undoes, users)
    outcomes = await undo_many(connection, job.bot_id, changes, job.asked_by, now=reach.clock(), job_id=job.id)
    left = {kept.user_id for kept, outcome in zip(changes, outcomes, strict=True) if not _has_changed(outcome)}
    taken = {kept.user_id for kept in changes} - left
    return Step(done=len(users), changed=len(taken), skipped=len(users) - len(taken))


def _counted(outcomes: list[Outcome]) -> Step:
    changed = sum(map(_has_changed, outcomes))
    wrong = [outcome for outcome in outcomes if isinstance(outcome, InvalidEdit)]
    return Step(
        done=len(outcomes),
        changed=changed,
        failed=len(wrong),
        skipped=len(outcomes) - changed - len(wrong),
        result={"problem": str(wrong[0])} if wrong else None,
    )


def _has_changed(outcome: Outcome) -> bool:
    return isinstance(outcome, Applied) and bool(outcome.changes)


async def _act_beside(reach: Reach, connection: Connection, job: Job, action: Action, users: Iterable[UUID]) -> Step:
    """Do what is no edit of a profile."""
    if action.action == "erase":
        return await _erase(reach, connection, job, users)
    standing = sorted(await reading.lock(connection, job.bot_id, users, (), versions=False))
    if action.action == "recount":
        for user_id in standing:
            await recount_user(connection, job.bot_id, user_id, reach.clock())
    elif action.action == "refresh":
        await _ask_channels(connection, job, standing)
    count = len(list(users))
    return Step(done=count, changed=len(standing), skipped=count - len(standing))


async def _erase(reach: Reach, connection: Connection, job: Job, users: Iterable[UUID]) -> Step:
    """Erase people. A portion is one person: an erasure locks whom it concerns in an order of its own."""
    step = Step()
    for user_id in users:
        try:
            await erase(connection, reach.channels.box, job.bot_id, user_id, job.asked_by, now=reach.clock())
        except UserNotFound:
            step = replace(step, done=step.done + 1, skipped=step.skipped + 1)
        else:
            step = replace(step, done=step.done + 1, changed=step.changed + 1)
    return step


async def _ask_channels(connection: Connection, job: Job, users: list[UUID]) -> None:
    """Have each person's channels asked who they are, as patiently as a service wants; they fill what they may."""
    cursor = await connection.execute(
        "SELECT id FROM identities WHERE bot_id = %s AND user_id = ANY(%s) AND alias_of IS NULL",
        [job.bot_id, users],
    )
    of_each = [
        {"bot_id": str(job.bot_id), "identity_id": str(identity_id), "job_id": str(job.id)}
        for (identity_id,) in await cursor.fetchall()
    ]
    tasks = ("profiles.fetch", "pictures.fetch")
    await defer_all(connection, [Deferred(task, each) for each in of_each for task in tasks])
