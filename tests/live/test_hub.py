"""What changes in the database is heard by the pages that show it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import psycopg
import pytest

from botfolk.db.pool import Connection, Pool
from botfolk.ids import new_id
from botfolk.live.hub import Hub, Message, Subscription
from botfolk.live.notify import CHANNEL, announce, users_changed
from botfolk.live.words import words


@asynccontextmanager
async def listening(dsn: str) -> AsyncIterator[Hub]:
    hub, stop = Hub(dsn), asyncio.Event()
    running = asyncio.create_task(hub.run(stop))
    try:
        await hub.listening()
        yield hub
    finally:
        stop.set()
        await running


async def next_of(heard: Subscription) -> Message:
    return await asyncio.wait_for(anext(heard), 10)


async def change(pool: Pool, bot_id: UUID, *users: UUID) -> None:
    async with pool.connection() as connection:
        await users_changed(connection, bot_id, users)


async def test_a_change_is_heard_by_who_looks_at_that_bot_and_by_nobody_else(dsn: str, pool: Pool) -> None:
    bot, other, person, stranger = (new_id() for _ in range(4))
    async with listening(dsn) as hub:
        with hub.subscribe(bot) as heard:
            await change(pool, other, stranger)
            await change(pool, bot, person)
            assert await next_of(heard) == Message(users=frozenset({person}))


async def test_nothing_is_heard_of_a_change_that_is_taken_back(dsn: str, pool: Pool) -> None:
    bot, taken_back, person = (new_id() for _ in range(3))
    async with listening(dsn) as hub:
        with hub.subscribe(bot) as heard:
            async with pool.connection() as connection:
                await users_changed(connection, bot, [taken_back])
                await connection.rollback()
            await change(pool, bot, person)
            assert (await next_of(heard)).users == {person}


async def test_what_comes_while_a_reader_is_busy_is_joined(dsn: str, pool: Pool) -> None:
    bot, people, last = new_id(), [new_id() for _ in range(400)], new_id()
    async with listening(dsn) as hub:
        with hub.subscribe(bot) as busy, hub.subscribe(bot) as quick:
            await change(pool, bot, *people)
            await change(pool, bot, last)
            seen: set[UUID] = set()
            while last not in seen:
                seen |= (await next_of(quick)).users
            assert (await next_of(busy)).users == {*people, last}


async def test_a_reader_far_behind_is_told_that_anything_may_have_changed(dsn: str, pool: Pool) -> None:
    bot, last = new_id(), new_id()
    async with listening(dsn) as hub:
        with hub.subscribe(bot) as busy, hub.subscribe(bot) as quick:
            await change(pool, bot, *(new_id() for _ in range(600)), last)
            seen: set[UUID] = set()
            while last not in seen:
                seen |= (await next_of(quick)).users
            assert (await next_of(busy)).everything


async def test_a_page_that_connects_late_hears_what_changed_since_it_was_made(dsn: str, pool: Pool) -> None:
    bot, person, later = (new_id() for _ in range(3))
    async with listening(dsn) as hub:
        with hub.subscribe(bot) as first:
            await change(pool, bot, person)
            await next_of(first)
        with hub.subscribe(bot, ago=0.000001) as too_late:
            await change(pool, bot, later)
            assert (await next_of(too_late)).users == {later}
        with hub.subscribe(bot, ago=3600) as from_before_the_hub:
            assert (await next_of(from_before_the_hub)).everything


async def test_a_lost_connection_is_made_anew_and_everybody_looks_again(dsn: str, pool: Pool, conn: Connection) -> None:
    bot, person = new_id(), new_id()
    async with listening(dsn) as hub:
        asked: list[UUID | None] = []
        hub.on("outbox", asked.append)
        with hub.subscribe(bot) as heard:
            await conn.set_autocommit(True)
            await conn.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'botfolk live'"
                " AND datname = current_database()"
            )
            assert (await next_of(heard)).everything
            assert asked == [None]
            await change(pool, bot, person)
            assert (await next_of(heard)).users == {person}


async def test_a_word_about_a_bot_wakes_who_asked_for_it(dsn: str, pool: Pool) -> None:
    bot = new_id()
    async with listening(dsn) as hub:
        woken: asyncio.Queue[UUID | None] = asyncio.Queue()
        hub.on("outbox", woken.put_nowait)
        async with pool.connection() as connection:
            await announce(connection, bot, "outbox")
        assert await asyncio.wait_for(woken.get(), 10) == bot


async def test_a_payload_nobody_understands_ends_nothing(dsn: str, pool: Pool) -> None:
    bot, person = new_id(), new_id()
    async with listening(dsn) as hub:
        with hub.subscribe(bot) as heard:
            async with pool.connection() as connection:
                for payload in ("", "{", '{"bot": 5}', "[]"):
                    await connection.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])
            await change(pool, bot, person)
            assert (await next_of(heard)).users == {person}


async def test_streams_end_when_the_process_does(dsn: str) -> None:
    async with listening(dsn) as hub:
        heard = hub.subscribe(new_id())
    with pytest.raises(StopAsyncIteration):
        await anext(heard)


async def test_the_hub_waits_for_a_database_that_is_not_there(dsn: str) -> None:
    hub, stop = Hub(psycopg.conninfo.make_conninfo(dsn, dbname="nothing_here")), asyncio.Event()
    running = asyncio.create_task(hub.run(stop))
    await asyncio.sleep(0)
    stop.set()
    await asyncio.wait_for(running, 10)


def test_a_page_of_a_user_hears_of_that_user_only() -> None:
    shown, other = new_id(), new_id()
    assert words(Message(users=frozenset({shown, other})), shown) == "user"
    assert words(Message(users=frozenset({other})), shown) is None
    assert words(Message(what=frozenset({"personality", "outbox"})), shown) == "personality"


def test_the_list_hears_of_everybody() -> None:
    assert words(Message(users=frozenset({new_id()})), None) == "users"
    assert words(Message(what=frozenset({"outbox"})), None) is None
