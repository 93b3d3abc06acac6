"""Many users changed at once: each as if alone, no bad wish in the way of another, all in a few statements."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from psycopg import AsyncConnection

from botfolk.ids import new_id
from botfolk.users import apply as applying
from botfolk.users import edits as e
from botfolk.users import reading
from botfolk.users.apply import Asked, Outcome, apply, apply_to_many
from botfolk.users.plan import Plan, Profile, plan
from botfolk.users.undo import undo_many
from tests.telling import Tale, full

MIA = e.Actor("member", "Mia", UUID(int=1))
BEN = e.Actor("member", "Ben", UUID(int=2))


@pytest.fixture
async def people(tale: Tale) -> list[UUID]:
    """Three people, each with a first name."""
    await tale.deliver(*(tale.message(n, who=str(n), profile=full(f"P{n}")) for n in (1, 2, 3)))
    return [await tale.user_id(str(n)) for n in (1, 2, 3)]


async def more_people(tale: Tale) -> list[UUID]:
    """Two more."""
    await tale.deliver(*(tale.message(n, who=str(n), profile=full(f"P{n}")) for n in (4, 5)))
    return [await tale.user_id(str(n)) for n in (4, 5)]


async def ask(tale: Tale, *asked: Asked, job_id: UUID | None = None) -> list[Outcome]:
    async with tale.pool.connection() as connection:
        return await apply_to_many(connection, tale.bot_id, asked, MIA, now=tale.now, job_id=job_id)


async def tags(tale: Tale, user_id: UUID) -> list[str]:
    async with tale.pool.connection() as connection:
        profile = await reading.lock_one(connection, tale.bot_id, user_id)
    assert profile is not None
    return sorted(profile.tags.values())


async def test_each_has_the_change_and_its_history_names_the_job(tale: Tale, people: list[UUID]) -> None:
    job_id = new_id()
    edits: list[e.Edit] = [
        e.AddTag("vip"),
        e.SetAttribute("plan", "pro"),
        e.PauseBot(forever=True),
        e.SetStatus("archived"),
    ]
    outcomes = await ask(tale, *(Asked(user_id=user_id, edits=edits) for user_id in people), job_id=job_id)
    assert [isinstance(outcome, e.Applied) and len(outcome.changes) for outcome in outcomes] == [4, 4, 4]
    kept = await tale.rows("SELECT user_id, field, actor FROM changes WHERE job_id = %s ORDER BY id", job_id)
    fields = ["tags", "attributes.plan", "pause_bot", "status"]
    assert kept == [(user_id, field, "Mia") for user_id in people for field in fields]
    assert await tags(tale, people[2]) == ["vip"]


async def test_one_that_cannot_be_done_keeps_no_other_from_being_done(tale: Tale, people: list[UUID]) -> None:
    nobody = new_id()
    outcomes = await ask(
        tale,
        Asked(user_id=people[0], edits=[e.SetField("email", "nope"), e.AddTag("vip")]),
        Asked(user_id=nobody, edits=[e.AddTag("vip")]),
        Asked(user_id=people[1], edits=[e.AddTag("vip")], expected_version=17),
        Asked(user_id=people[2], edits=[e.AddTag("vip")]),
    )
    assert [type(outcome) for outcome in outcomes] == [e.InvalidEdit, e.UserNotFound, e.Clash, e.Applied]
    assert [await tags(tale, user_id) for user_id in people] == [[], [], ["vip"]]


async def test_a_new_attribute_has_the_type_of_who_came_first(tale: Tale, people: list[UUID]) -> None:
    outcomes = await ask(
        tale,
        Asked(user_id=people[0], edits=[e.SetAttribute("Seats", 4)]),
        Asked(user_id=people[1], edits=[e.SetAttribute("seats", "many")]),
        Asked(user_id=people[2], edits=[e.SetAttribute("SEATS", 5)]),
    )
    assert [type(outcome) for outcome in outcomes] == [e.Applied, e.InvalidEdit, e.Applied]
    assert await tale.rows("SELECT label, type FROM attributes") == [("Seats", "number")]


async def test_what_is_asked_of_one_user_twice_comes_in_order_and_is_written_once(
    tale: Tale, people: list[UUID]
) -> None:
    first, second = await ask(
        tale,
        Asked(user_id=people[0], edits=[e.SetField("first_name", "Ann"), e.AddTag("a")]),
        Asked(user_id=people[0], edits=[e.SetField("first_name", "Anna"), e.RemoveTag("a"), e.AddTag("b")]),
    )
    assert isinstance(first, e.Applied)
    assert isinstance(second, e.Applied)
    assert first.version == second.version
    assert await tale.rows("SELECT first_name FROM users WHERE id = %s", people[0]) == [("Anna",)]
    assert await tags(tale, people[0]) == ["b"]


async def test_a_version_counts_tags_as_it_counts_fields(tale: Tale, people: list[UUID]) -> None:
    versions = []
    for edit in (e.AddTag("vip"), e.SetField("first_name", "Ann"), e.SetInfiniteSession(True), e.AddNote("Hm")):
        async with tale.pool.connection() as connection:
            versions.append((await apply(connection, tale.bot_id, people[0], [edit], MIA, now=tale.now)).version)
    assert versions == list(range(versions[0], versions[0] + 4))


async def test_a_thousand_take_as_many_statements_as_one(
    tale: Tale, people: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    executed: list[int] = [0]
    execute = AsyncConnection.execute

    async def counting(self: AsyncConnection[Any], *args: Any, **more: Any) -> Any:
        executed[-1] += 1
        return await execute(self, *args, **more)

    monkeypatch.setattr(AsyncConnection, "execute", counting)
    edits: list[e.Edit] = [e.AddTag("vip"), e.SetAttribute("plan", "pro"), e.SetInfiniteSession(True)]
    for asked in (people[:1], people[1:]):
        await ask(tale, *(Asked(user_id=user_id, edits=edits) for user_id in asked))
        executed.append(0)
    # A new attribute is one more.
    assert executed[1] <= executed[0]


async def test_undo_of_many_leaves_alone_what_was_edited_since(tale: Tale, people: list[UUID]) -> None:
    job_id, undoing = new_id(), new_id()
    edits: list[e.Edit] = [
        e.SetAttribute("plan", "pro"),
        e.AddTag("vip"),
        e.SetStatus("archived"),
        e.SetInfiniteSession(True),
    ]
    await ask(tale, *(Asked(user_id=user_id, edits=edits) for user_id in people), job_id=job_id)
    async with tale.pool.connection() as connection:
        later: list[e.Edit] = [e.SetAttribute("plan", "free"), e.SetStatus("blocked")]
        await apply(connection, tale.bot_id, people[0], later, BEN, now=tale.now)
        changes = await reading.changes_of_job(connection, tale.bot_id, job_id, people)
        outcomes = await undo_many(connection, tale.bot_id, changes, MIA, now=tale.now, job_id=undoing)
    assert sum(isinstance(outcome, e.Clash) for outcome in outcomes) == 2
    assert sum(isinstance(outcome, e.Applied) for outcome in outcomes) == 10
    rows = await tale.rows(
        """SELECT attributes ->> 'plan', status, s.infinite_session FROM users u JOIN user_stats s ON s.user_id = u.id
           ORDER BY u.id"""
    )
    assert sorted(rows, key=str) == sorted(
        [("free", "blocked", False), (None, "active", False), (None, "active", False)], key=str
    )
    assert [await tags(tale, user_id) for user_id in people] == [[], [], []]
    taken = await tale.rows(
        """SELECT count(*) FROM changes c JOIN changes o ON o.id = c.undoes AND o.user_id = c.user_id
               AND o.field = c.field WHERE c.job_id = %s AND o.job_id = %s""",
        undoing, job_id,
    )  # fmt: skip
    assert taken == [(10,)]


async def test_alike_are_planned_once_and_the_others_by_what_they_are(
    tale: Tale, people: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    fourth, fifth = await more_people(tale)
    await ask(tale, Asked(user_id=people[2], edits=[e.AddTag("VIP"), e.SetAttribute("plan", "pro")]))
    await ask(tale, Asked(user_id=fourth, edits=[e.SetAttribute(f"a{n}", "x") for n in range(2000)]))
    planned: list[Profile] = []

    def counted(profile: Profile, *rest: Any) -> Plan:
        planned.append(profile)
        return plan(profile, *rest)

    monkeypatch.setattr(applying, "plan", counted)
    edits: list[e.Edit] = [e.SetAttribute("plan", "pro"), e.AddTag("vip")]
    outcomes = await ask(tale, *(Asked(user_id=user_id, edits=edits) for user_id in (*people, fourth, fifth)))
    assert len(planned) == 3
    fields = [[c.field for c in o.changes] if isinstance(o, e.Applied) else type(o) for o in outcomes]
    both = ["attributes.plan", "tags"]
    assert fields == [both, both, [], e.InvalidEdit, both]
    assert [await tags(tale, user_id) for user_id in (*people, fourth)] == [["VIP"], ["VIP"], ["VIP"], []]
    held = await tale.rows(
        "SELECT (SELECT count(*) FROM jsonb_object_keys(attributes)) FROM users WHERE id = %s", fourth
    )
    assert held == [(2000,)]


async def test_a_note_asked_of_many_is_one_of_each(tale: Tale, people: list[UUID]) -> None:
    edits: list[e.Edit] = [e.AddNote("Called")]
    await ask(tale, *(Asked(user_id=user_id, edits=edits) for user_id in people))
    assert await tale.rows("SELECT count(DISTINCT id), count(DISTINCT user_id) FROM notes") == [(3, 3)]


async def test_a_tag_is_taken_away_whatever_the_database_thinks_its_small_letters_are(
    tale: Tale, people: list[UUID]
) -> None:
    names = ["ΠΕΛΑΤΗΣ", "İstanbul", "VIP"]
    edits: list[e.Edit] = [e.AddTag(name) for name in names]
    await ask(tale, *(Asked(user_id=user_id, edits=edits) for user_id in people), job_id=new_id())
    await ask(tale, Asked(user_id=people[0], edits=[e.AddTag(name.lower()) for name in names]))
    assert await tags(tale, people[0]) == sorted(names)
    # One tag in the database, and two here: nothing is lost, and nothing breaks.
    await ask(tale, Asked(user_id=people[0], edits=[e.AddTag("istanbul")]))
    await ask(tale, *(Asked(user_id=user_id, edits=[e.RemoveTag(name) for name in names]) for user_id in people))
    assert [await tags(tale, user_id) for user_id in people] == [[], [], []]


async def test_a_job_that_waits_for_a_user_goes_by_what_the_one_before_made_of_them(
    tale: Tale, people: list[UUID]
) -> None:
    pause: list[e.Edit] = [e.PauseBot(forever=True, reason="Ben")]
    async with tale.pool.connection() as other:
        await apply(other, tale.bot_id, people[0], pause, BEN, now=tale.now)
        resume: list[e.Edit] = [e.ResumeBot(), e.AddTag("vip")]
        job = asyncio.create_task(
            ask(tale, *(Asked(user_id=user_id, edits=resume) for user_id in people), job_id=new_id())
        )
        waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        while not await tale.rows(waiting):
            assert not job.done()
            await asyncio.sleep(0.01)
    outcomes = await job
    fields = [[change.field for change in each.changes] for each in outcomes if isinstance(each, e.Applied)]
    assert fields == [["pause_bot", "tags"], ["tags"], ["tags"]]
