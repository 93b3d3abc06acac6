"""Who is in a segment: found by its filter, with who entered and left since."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from botfolk.conversations.timeline import Move, before
from botfolk.db.pool import Connection
from botfolk.segments import read, segments
from botfolk.segments.members import Moved, bring_up_to_date
from botfolk.segments.passing import passes
from botfolk.segments.segments import NoSuchSegment
from botfolk.users import edits as e
from botfolk.users.edits import Actor, InvalidEdit
from botfolk.users.erase import erase
from tests.telling import BOX, Tale, full
from tests.users.two import MIA, change, join


async def made(tale: Tale, filter: str, name: str = "Some") -> UUID:
    async with tale.pool.connection() as connection:
        return await segments.create(connection, tale.bot_id, name, filter, MIA, tale.now)


async def brought(tale: Tale, segment_id: UUID, *users: UUID) -> Moved | None:
    async with tale.pool.connection() as connection:
        return await bring_up_to_date(connection, tale.bot_id, segment_id, tale.now, users or None)


async def members(tale: Tale, segment_id: UUID) -> set[UUID]:
    rows = await tale.rows("SELECT user_id FROM segment_users WHERE segment_id = %s", segment_id)
    kept = {user_id for (user_id,) in rows}
    [(number,)] = await tale.rows("SELECT users FROM segments WHERE id = %s", segment_id)
    assert number == len(kept)
    return kept


async def two_people(tale: Tale) -> tuple[UUID, UUID]:
    for name in ("ann", "ben"):
        await tale.says(0, who=name, profile=full(name.title()))
    return await tale.user_id("ann"), await tale.user_id("ben")


async def test_a_new_segment_takes_in_who_is_there_and_nobody_has_entered(tale: Tale) -> None:
    ann, ben = await two_people(tale)
    await change(tale, ann, e.AddTag("vip"))
    segment_id = await made(tale, "tag = vip")
    moved = await brought(tale, segment_id, ben)
    assert moved is not None
    assert (moved.entered, moved.left) == ([], [])
    assert await members(tale, segment_id) == {ann}
    assert await tale.rows("SELECT 1 FROM segment_events") == []


async def test_who_enters_and_leaves_is_told_once(tale: Tale) -> None:
    ann, ben = await two_people(tale)
    segment_id = await made(tale, "tag = vip")
    await brought(tale, segment_id)
    await change(tale, ann, e.AddTag("vip"))
    moved = await brought(tale, segment_id, ann, ben)
    assert moved is not None
    assert (moved.entered, moved.left) == ([ann], [])
    again = await brought(tale, segment_id, ann, ben)
    assert again is not None
    assert (again.entered, again.left) == ([], [])
    await change(tale, ann, e.RemoveTag("vip"))
    await change(tale, ben, e.AddTag("vip"))
    moved = await brought(tale, segment_id)
    assert moved is not None
    assert (moved.entered, moved.left) == ([ben], [ann])
    assert await members(tale, segment_id) == {ben}
    assert await tale.rows('SELECT users, entered, "left" FROM segment_days') == [(1, 2, 1)]


async def test_some_users_say_nothing_of_the_others(tale: Tale) -> None:
    ann, ben = await two_people(tale)
    segment_id = await made(tale, "messages > 0")
    await brought(tale, segment_id)
    await brought(tale, segment_id, ann)
    assert await members(tale, segment_id) == {ann, ben}


async def test_archived_people_leave_unless_the_filter_asks_for_a_status(tale: Tale) -> None:
    ann, ben = await two_people(tale)
    usual, asked = await made(tale, "messages > 0"), await made(tale, "status = archived", "Archived")
    for segment_id in (usual, asked):
        await brought(tale, segment_id)
    await change(tale, ann, e.SetStatus("archived"))
    for segment_id in (usual, asked):
        await brought(tale, segment_id, ann)
    assert await members(tale, usual) == {ben}
    assert await members(tale, asked) == {ann}


async def test_people_leave_as_time_passes(tale: Tale) -> None:
    ann, ben = await two_people(tale)
    segment_id = await made(tale, "last_message_at in the last 7 days")
    await brought(tale, segment_id)
    await tale.says(60 * 24 * 6, who="ben")
    tale.now += timedelta(days=2)
    moved = await brought(tale, segment_id)
    assert moved is not None
    assert moved.left == [ann]
    assert await members(tale, segment_id) == {ben}


async def test_another_filter_moves_nobody(tale: Tale) -> None:
    ann, ben = await two_people(tale)
    await change(tale, ann, e.AddTag("vip"))
    segment_id = await made(tale, "tag = vip")
    await brought(tale, segment_id)
    async with tale.pool.connection() as connection:
        await segments.change(connection, tale.bot_id, segment_id, None, MIA, tale.now, filter="name = ben")
    # Whoever was announced meanwhile is not told apart: everybody is looked at.
    await brought(tale, segment_id, ann)
    assert await members(tale, segment_id) == {ben}
    assert await tale.rows("SELECT 1 FROM segment_events") == []


async def test_a_filter_that_cannot_be_read_any_more_says_so_and_keeps_who_is_in(tale: Tale) -> None:
    ann, _ben = await two_people(tale)
    await change(tale, ann, e.SetAttribute("plan", "gold"))
    segment_id = await made(tale, "plan = gold")
    await brought(tale, segment_id)
    await tale.rows("DELETE FROM attributes RETURNING 1")
    assert await brought(tale, segment_id) is None
    [(problem,)] = await tale.rows("SELECT problem FROM segments")
    assert "no column" in problem
    assert await members(tale, segment_id) == {ann}


async def test_who_is_erased_or_merged_is_out_and_the_count_right(tale: Tale) -> None:
    ann, ben = await two_people(tale)
    await tale.says(0, who="cleo")
    cleo = await tale.user_id("cleo")
    segment_id = await made(tale, "messages > 0")
    await brought(tale, segment_id)
    async with tale.pool.connection() as connection:
        await erase(connection, BOX, tale.bot_id, ann, MIA, now=tale.now)
    await brought(tale, segment_id, ann)
    assert await members(tale, segment_id) == {ben, cleo}
    await join(tale, cleo, ben)
    await brought(tale, segment_id, ben, cleo)
    assert await members(tale, segment_id) == {ben}


async def test_a_hearer_is_told_and_what_it_refuses_is_taken_back(tale: Tale) -> None:
    ann, _ben = await two_people(tale)
    segment_id = await made(tale, "tag = vip")
    await brought(tale, segment_id)
    await change(tale, ann, e.AddTag("vip"))
    heard: list[Moved] = []

    async def hear(connection: Connection, moved: Moved) -> None:
        heard.append(moved)
        if len(heard) == 1:
            raise RuntimeError("not now")

    async def once() -> None:
        async with tale.pool.connection() as connection:
            await bring_up_to_date(connection, tale.bot_id, segment_id, tale.now, [ann], [hear])

    with pytest.raises(RuntimeError):
        await once()
    assert await members(tale, segment_id) == set()
    await once()
    assert [moved.entered for moved in heard] == [[ann], [ann]]
    assert await members(tale, segment_id) == {ann}


async def test_the_conversation_tells_it_but_of_a_private_segment(tale: Tale) -> None:
    ann, _ben = await two_people(tale)
    segment_id = await made(tale, "tag = vip")
    await brought(tale, segment_id)
    await change(tale, ann, e.AddTag("vip"))
    await brought(tale, segment_id, ann)

    async def moves() -> list[tuple[str, str]]:
        async with tale.pool.connection() as connection:
            told = (await before(connection, tale.bot_id, ann, None)).beside
        return [(one.kind, one.name) for one in told if isinstance(one, Move)]

    assert await moves() == [("entered", "Some")]
    await tale.rows("UPDATE segments SET shared = false RETURNING 1")
    assert await moves() == []


async def test_a_private_segment_is_its_owners_alone(tale: Tale) -> None:
    mia, ben = UUID(int=1), UUID(int=2)
    async with tale.pool.connection() as connection:
        segment_id = await segments.create(
            connection, tale.bot_id, "Mine", "messages > 0", Actor("member", "Mia", mia), tale.now,
            shared=False, member_id=mia,
        )  # fmt: skip
        assert [found.name for found in await segments.by_name(connection, tale.bot_id, mia)] == ["Mine"]
        assert await segments.by_name(connection, tale.bot_id, ben) == []
        with pytest.raises(NoSuchSegment):
            await segments.delete(connection, tale.bot_id, segment_id, ben)


@pytest.mark.parametrize(
    ("name", "filter", "field"),
    [("", "messages > 0", "name"), ("x" * 101, "messages > 0", "name"), ("some", "messages > 0", "name"),
     ("Other", "nonsense", "filter")],
)  # fmt: skip
async def test_what_cannot_be_saved_says_why(tale: Tale, name: str, filter: str, field: str) -> None:
    await made(tale, "messages > 1")
    with pytest.raises(InvalidEdit) as refused:
        await made(tale, filter, name)
    assert list(refused.value.errors) == [field]


@pytest.mark.parametrize(
    ("text", "said"),
    [("messages > 1", False), ("created_at > 7 days ago", True), ("not_seen is set", False), ("paused = yes", True),
     ("last_message_at not in the last 2 days", True), ('name = "7 days ago"', True), ("created_at = today", True)],
)  # fmt: skip
def test_whether_time_moves_people(text: str, said: bool) -> None:
    assert passes(text) is said


def test_days_without_a_count_are_as_the_one_before() -> None:
    known = [read.Day(date(2026, 1, 1), 5, 0, 0), read.Day(date(2026, 1, 4), 7, 3, 1)]
    filled = read.filled(known, date(2026, 1, 2), date(2026, 1, 5))
    assert [(day.day.day, day.users, day.entered) for day in filled] == [(2, 5, 0), (3, 5, 0), (4, 7, 3), (5, 7, 0)]
