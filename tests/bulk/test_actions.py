"""One action on many users: whoever was meant is reached once, with a history, and all of it can be taken back."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from botfolk.bulk import actions, asking, work
from botfolk.bulk import selection as selecting
from botfolk.bulk.actions import ACTIONS, Action, Name
from botfolk.bulk.selection import Selection
from botfolk.clock import utc_now
from botfolk.db.pool import Connection
from botfolk.ids import new_id
from botfolk.jobs import people, running, runs
from botfolk.jobs.fetching import Reach
from botfolk.jobs.kinds import kinds
from botfolk.jobs.runs import CannotUndo, Job, Kinds, SideBySide, Step
from botfolk.users import edits as e
from botfolk.users.apply import apply
from botfolk.users.plan import Profile
from tests.bulk.conftest import MIA, Crowd

BEN = e.Actor("member", "Ben", new_id())

DONE: dict[Name, tuple[Action, Callable[[Profile], bool]]] = {
    "add_tag": (Action(action="add_tag", tag="vip"), lambda p: "vip" in p.tags),
    "remove_tag": (Action(action="remove_tag", tag="OLD"), lambda p: "old" not in p.tags),
    "set_attribute": (
        Action(action="set_attribute", name="Plan", value="pro"),
        lambda p: p.attributes["plan"] == "pro",
    ),
    "remove_attribute": (Action(action="remove_attribute", name="seats"), lambda p: "seats" not in p.attributes),
    "pause": (Action(action="pause", minutes=90), lambda p: p.paused_until is not None and p.paused_until < e.FOREVER),
    "resume": (Action(action="resume"), lambda p: p.paused_until is None),
    "infinite_session_on": (Action(action="infinite_session_on"), lambda p: p.infinite_session),
    "infinite_session_off": (Action(action="infinite_session_off"), lambda p: not p.infinite_session),
    "archive": (Action(action="archive"), lambda p: p.status == "archived"),
    "restore": (Action(action="restore"), lambda p: p.status == "active"),
    "block": (Action(action="block"), lambda p: p.status == "blocked"),
    "unblock": (Action(action="unblock"), lambda p: p.status == "active"),
}
BEFORE: dict[Name, list[e.Edit]] = {
    "remove_tag": [e.AddTag("old")],
    "remove_attribute": [e.SetAttribute("seats", 4)],
    "resume": [e.PauseBot(forever=True)],
    "infinite_session_off": [e.SetInfiniteSession(True)],
    "restore": [e.SetStatus("archived")],
    "unblock": [e.SetStatus("blocked")],
}
BESIDE = {"recount", "refresh", "erase"}


def test_each_action_is_tried_here() -> None:
    assert DONE.keys() | BESIDE >= ACTIONS.keys()


async def change(crowd: Crowd, number: int, *edits: e.Edit, actor: e.Actor = BEN) -> None:
    async with crowd.world.pool.connection() as connection:
        await apply(connection, crowd.world.bot_id, crowd.people[number], edits, actor, now=crowd.world.clock())


@pytest.mark.parametrize("name", DONE)
async def test_an_action_reaches_everybody_and_its_undo_brings_everything_back(crowd: Crowd, name: Name) -> None:
    action, holds = DONE[name]
    for number in range(len(crowd.people)):
        if name in BEFORE:
            await change(crowd, number, *BEFORE[name])
    before = await crowd.profiles()
    assert not any(holds(profile) for profile in before if name != "set_attribute")
    async with crowd.world.pool.connection() as connection:
        everybody = Selection(status="all")
        counted = await asking.look(connection, crowd.world.bot_id, action, everybody, MIA, crowd.world.clock())
    assert counted == (7, 7)
    job = await crowd.do(action, everybody)
    assert (job.state, job.total, job.done, job.changed, job.skipped, job.failed) == ("done", 7, 7, 7, 0, 0)
    assert all(map(holds, await crowd.profiles()))
    kept = await crowd.world.one("SELECT count(*) FROM changes WHERE job_id = %s AND actor = 'Mia'", job.id)
    assert kept == 7
    again = await crowd.do(action, everybody)
    assert (again.changed, again.skipped) == ((7, 0) if name == "pause" else (0, 7))
    undone = await crowd.undo(again if name == "pause" else job)
    assert (undone.state, undone.changed, undone.skipped) == ("done", 7, 0)
    if name == "pause":
        await crowd.undo(job)
    after = await crowd.profiles()
    assert [whole(profile) for profile in after] == [whole(profile) for profile in before]


def whole(profile: Profile) -> tuple[Any, ...]:
    return profile.tags, profile.attributes, profile.status, profile.infinite_session, profile.paused_until


async def test_who_was_selected_is_reached_even_when_they_no_longer_match(crowd: Crowd) -> None:
    await crowd.do(Action(action="add_tag", tag="old"))
    selection = Selection(q="old", but=[crowd.people[6]])
    job = await crowd.ask(Action(action="remove_tag", tag="old"), selection)
    await change(crowd, 0, e.SetStatus("archived"))
    late = await crowd.world.person("late")
    async with crowd.world.pool.connection() as connection:
        await apply(connection, crowd.world.bot_id, late.user_id, [e.AddTag("old")], BEN, now=utc_now())
    job = await crowd.run(job)
    assert (job.total, job.changed) == (6, 6)
    crowd.people.append(late.user_id)
    assert [bool(profile.tags) for profile in await crowd.profiles()] == [False] * 6 + [True, True]


async def test_archiving_leaves_blocked_people_blocked(crowd: Crowd) -> None:
    await change(crowd, 2, e.SetStatus("blocked"))
    job = await crowd.do(Action(action="archive"), Selection(status="all"))
    assert (job.changed, job.skipped) == (6, 1)
    await crowd.do(Action(action="restore"), Selection(status="all"))
    assert [profile.status for profile in await crowd.profiles()] == ["active", "active", "blocked"] + ["active"] * 4


async def test_the_undo_of_a_job_leaves_later_edits_alone_and_counts_them(crowd: Crowd) -> None:
    job = await crowd.do(Action(action="set_attribute", name="plan", value="pro"))
    await change(crowd, 3, e.SetAttribute("plan", "free"))
    await change(crowd, 4, e.RemoveAttribute("plan"))
    undone = await crowd.undo(job)
    assert (undone.changed, undone.skipped, undone.undoes) == (5, 2, job.id)
    plans = [profile.attributes.get("plan") for profile in await crowd.profiles()]
    assert plans == [None, None, None, "free", None, None, None]
    with pytest.raises(CannotUndo):
        await crowd.undo(job)
    redone = await crowd.undo(undone)
    assert (redone.changed, redone.skipped) == (5, 0)


async def test_what_was_typed_counts_as_it_would_be_stored(crowd: Crowd) -> None:
    await crowd.do(Action(action="set_attribute", name="seats", value=4))
    counted = []
    for value in ("4", "5", 4):
        action = Action(action="set_attribute", name=" Seats", value=value)
        async with crowd.world.pool.connection() as connection:
            counted.append(await selecting.count(connection, crowd.world.bot_id, Selection(), action, utc_now()))
    assert counted == [(7, 0), (7, 7), (7, 0)]


async def test_what_can_be_done_to_nobody_is_refused_before_it_begins(crowd: Crowd) -> None:
    await crowd.do(Action(action="set_attribute", name="seats", value=4))
    for action, field in (
        (Action(action="add_tag", tag=" "), "tag"),
        (Action(action="add_tag", tag="x" * 65), "tags"),
        (Action(action="set_attribute", name="email", value="x"), "name"),
        (Action(action="set_attribute", name="seats", value="many"), "attributes.seats"),
        (Action(action="set_attribute", name="seats"), "value"),
        (Action(action="pause", minutes=-1), "pause_bot"),
    ):
        with pytest.raises(e.InvalidEdit) as caught:
            await crowd.ask(action, Selection())
        assert set(caught.value.errors) == {field}
    with pytest.raises(e.InvalidEdit):
        await crowd.ask(Action(action="archive"), Selection(ids=[new_id()] * 10_001))
    assert await crowd.world.one("SELECT count(*) FROM jobs") == 1


async def test_a_recount_and_a_refresh_reach_everybody_and_cannot_be_undone(crowd: Crowd) -> None:
    await crowd.world.set("UPDATE user_stats SET messages = 99")
    job = await crowd.do(Action(action="recount"))
    assert (job.state, job.changed) == ("done", 7)
    assert await crowd.world.one("SELECT sum(messages) FROM user_stats") == 0
    with pytest.raises(CannotUndo):
        await crowd.undo(job)
    await crowd.do(Action(action="refresh"), Selection(ids=crowd.people[:3]))
    asked = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'profiles.fetch'"
    of_the_job = "args ->> 'job_id' = (SELECT max(id::text) FROM jobs)"
    assert await crowd.world.one(f"{asked} AND {of_the_job}") == 3


async def test_a_cancelled_job_keeps_what_it_did_and_that_can_be_undone(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(actions.ACTIONS, "add_tag", actions.Kind(edits=ACTIONS["add_tag"].edits, at_once=2))

    async def act_and_cancel(reach: Reach, connection: Connection, job: Job) -> Step:
        step = await work.act(reach, connection, job)
        async with crowd.world.pool.connection() as other:
            await runs.cancel(other, job.bot_id, job.id, utc_now())
        return step

    job = await crowd.ask(Action(action="add_tag", tag="vip"), Selection())
    async with crowd.reach() as reach:
        await running.run(reach, {"bulk": act_and_cancel}, crowd.world.bot_id, job.id)
    job = await crowd.get(job.id)
    assert (job.state, job.done, job.total) == ("cancelled", 2, 7)
    assert await crowd.world.one("SELECT count(*) FROM job_people") == 0
    undone = await crowd.undo(job)
    assert (undone.total, undone.changed) == (2, 2)
    assert not any(profile.tags for profile in await crowd.profiles())


async def test_side_by_side_everybody_is_taken_once(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    both, seen = asyncio.Barrier(2), list[UUID]()

    async def together(reach: Reach, connection: Connection, job: Job) -> Step:
        users = await people.take(connection, job.bot_id, job.id)
        seen.extend(users)
        if len(seen) <= 2:
            await both.wait()
        return Step(done=len(users), finished=not users and await people.all_seen(connection, job.bot_id, job.id))

    kind = actions.Kind(edits=ACTIONS["add_tag"].edits, at_once=1)
    monkeypatch.setitem(actions.ACTIONS, "add_tag", kind)
    job = await crowd.ask(Action(action="add_tag", tag="vip"), Selection())
    side_by_side: Kinds = {"bulk": SideBySide(together)}
    async with crowd.reach() as reach:
        await running.run(reach, side_by_side, crowd.world.bot_id, job.id)
    assert sorted(seen) == sorted(crowd.people)
    job = await crowd.get(job.id)
    assert (job.state, job.done) == ("done", 7)


def test_the_kinds_of_jobs_there_are_can_be_found() -> None:
    assert kinds().keys() >= {asking.BULK, asking.UNDO}
