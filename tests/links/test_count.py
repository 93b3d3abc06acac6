"""A click is an activity of its user's sessions, counted once, whenever it comes to be counted."""

import asyncio
from datetime import timedelta

from botfolk.conversations.recount import recount_user
from botfolk.db.pool import Connection
from botfolk.ids import new_id
from botfolk.links.count import count, forget
from botfolk.links.journal import Click
from botfolk.users.apply import apply
from botfolk.users.edits import Actor, SetInfiniteSession, SetStatus
from botfolk.users.merge import merge
from tests.links.conftest import Clicked
from tests.telling import at

OWNER = Actor("member", "Mia")


async def test_a_click_goes_on_with_the_session(room: Clicked) -> None:
    await room.tale.says(0)
    code = await room.sent()
    await room.clicked(code, at(10))
    assert await room.tale.stats("clicks, unique_clicks, sessions, time_spent_us, last_activity_at") == (
        1, 1, 1, 600_000_000, at(10),
    )  # fmt: skip
    assert await room.tale.rows("SELECT activities, messages FROM sessions") == [(2, 1)]
    assert await room.differences() == []


async def test_a_click_after_the_session_opens_one(room: Clicked) -> None:
    await room.tale.says(0)
    await room.clicked(await room.sent(), at(10) + timedelta(microseconds=1))
    assert await room.tale.stats("sessions, time_spent_us, messages") == (2, 0, 1)
    assert await room.differences() == []


async def test_a_late_click_joins_two_sessions(room: Clicked) -> None:
    await room.tale.says(0)
    code = await room.sent()
    await room.tale.says(15)
    assert await room.tale.stats("sessions") == (2,)
    await room.clicked(code, at(7))
    assert await room.tale.stats("sessions, time_spent_us, clicks") == (1, 900_000_000, 1)
    assert await room.differences() == []


async def test_a_message_after_a_click_stays_in_its_session(room: Clicked) -> None:
    await room.tale.says(0)
    await room.clicked(await room.sent(), at(9))
    await room.tale.says(18)
    assert await room.tale.stats("sessions") == (1,)
    await room.tale.says(4)
    assert await room.tale.stats("sessions, time_spent_us") == (1, 18 * 60_000_000)
    assert await room.differences() == []


async def test_an_infinite_session_goes_on_with_a_click(room: Clicked) -> None:
    await room.tale.says(0)
    code = await room.sent()
    async with room.tale.pool.connection() as connection:
        who = await room.tale.user_id()
        await apply(connection, room.tale.bot_id, who, [SetInfiniteSession(True)], OWNER, now=at(1))
    await room.clicked(code, at(300))
    assert await room.tale.stats("sessions, time_spent_us") == (1, 600_000_000)
    assert await room.differences() == []


async def test_each_opening_counts_and_each_link_once_beside_it(room: Clicked) -> None:
    await room.tale.says(0)
    first, second = await room.sent(), await room.sent()
    for code, minute in ((first, 1), (first, 2), (second, 3), (first, 4)):
        await room.clicked(code, at(minute))
    assert await room.tale.stats("clicks, unique_clicks") == (4, 2)
    assert await room.differences() == []


async def test_the_same_click_counts_once(room: Clicked) -> None:
    await room.tale.says(0)
    code = await room.sent()
    click = await room.clicked(code, at(1))
    await room.clicked(code, at(1), name=click.id)
    async with room.tale.pool.connection() as connection:
        await count(connection, [click, click])
    assert await room.tale.stats("clicks, unique_clicks, time_spent_us") == (1, 1, 60_000_000)


async def test_the_same_click_counted_by_two_at_once_counts_once(room: Clicked) -> None:
    await room.tale.says(0)
    click = Click(id=new_id(), code=await room.sent(), at=at(1), counted=True, agent="")

    async def counts() -> None:
        async with room.tale.pool.connection() as connection:
            await count(connection, [click])

    await asyncio.gather(counts(), counts(), counts())
    assert await room.tale.stats("clicks") == (1,)


async def test_a_robot_is_recorded_apart_and_is_no_activity(room: Clicked) -> None:
    await room.tale.says(0)
    code = await room.sent()
    await room.clicked(code, at(100), counted=False)
    assert await room.tale.stats("clicks, unique_clicks, sessions, last_activity_at") == (0, 0, 1, at(0))
    assert await room.tale.rows("SELECT counted, agent, session_id FROM clicks") == [(False, "test", None)]
    assert await room.differences() == []


async def test_of_an_archived_or_blocked_user_nothing_is_counted(room: Clicked) -> None:
    await room.tale.says(0)
    code = await room.sent()
    for status in ("archived", "blocked"):
        async with room.tale.pool.connection() as connection:
            user_id = await room.tale.user_id()
            await apply(connection, room.tale.bot_id, user_id, [SetStatus(status)], OWNER, now=at(1))
        await room.clicked(code, at(2))
    assert await room.tale.rows("SELECT 1 FROM clicks") == []
    assert await room.tale.stats("clicks") == (0,)


async def test_an_unknown_code_counts_nothing(room: Clicked) -> None:
    await room.clicked("0" * 12, at(1))
    assert await room.tale.rows("SELECT 1 FROM clicks") == []


async def test_clicks_of_many_people_are_counted_together(room: Clicked) -> None:
    clicks = []
    for who in ("1", "2", "3"):
        await room.tale.says(0, who=who)
        code = await room.sent(who=who)
        clicks += [Click(id=new_id(), code=code, at=at(minute), counted=True, agent="") for minute in (30, 5, 12)]
    async with room.tale.pool.connection() as connection:
        await count(connection, clicks)
    for who in ("1", "2", "3"):
        assert await room.tale.stats("clicks, unique_clicks, sessions", who) == (3, 1, 2)
    assert await room.differences() == []


async def test_a_click_on_a_link_of_who_was_joined_counts_for_who_stays(room: Clicked) -> None:
    await room.tale.says(0)
    await room.tale.says(0, who="2")
    code = await room.sent(who="2")
    await room.clicked(code, at(1))
    stays, gone = await room.tale.user_id(), await room.tale.user_id("2")
    async with room.tale.pool.connection() as connection:
        await merge(connection, room.tale.bot_id, gone, stays, OWNER, now=at(2))
    await room.clicked(code, at(3))
    assert await room.tale.stats("clicks, unique_clicks") == (2, 1)
    assert await room.differences() == []


async def test_a_recount_gives_the_same_with_clicks_in_it(room: Clicked) -> None:
    await room.tale.says(0)
    code = await room.sent()
    for minute in (9, 40, 41):
        await room.clicked(code, at(minute))
    before = await room.tale.stats("clicks, unique_clicks, sessions, time_spent_us")
    async with room.tale.pool.connection() as connection:
        await recount_user(connection, room.tale.bot_id, await room.tale.user_id(), at(60))
    assert await room.tale.stats("clicks, unique_clicks, sessions, time_spent_us") == before
    assert await room.differences() == []


async def test_a_counted_click_is_announced(room: Clicked, conn: Connection) -> None:
    await room.tale.says(0)
    code = await room.sent()
    await conn.set_autocommit(True)
    await conn.execute("LISTEN botfolk_live")
    await room.clicked(code, at(1))
    async for heard in conn.notifies(timeout=30, stop_after=1):
        assert str(await room.tale.user_id()) in heard.payload


async def test_what_is_kept_of_an_erased_persons_link_says_nothing_of_them(room: Clicked) -> None:
    await room.tale.says(0)
    code = await room.sent("https://aisha:secret@shop.example/offer?email=aisha%40example.com#aisha")
    async with room.tale.pool.connection() as connection:
        user_id = await room.tale.user_id()
        await forget(connection, room.tale.bot_id, user_id)
        await connection.execute("DELETE FROM users WHERE id = %s", [user_id])
    assert await room.tale.rows("SELECT code, url FROM forgotten_links") == [(code, "https://shop.example/offer")]
    assert await room.tale.rows("SELECT 1 FROM links") == []
    answer = await room.opens(f"/l/{code}")
    assert (answer.status, answer.headers["location"]) == (302, "https://shop.example/offer")
    await room.count()
    assert await room.tale.rows("SELECT 1 FROM clicks") == []
