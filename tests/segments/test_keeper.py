"""Segments are kept up to date by one process of all, over restarts, and while people change."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest

from botfolk.live.hub import Hub
from botfolk.segments import keeper, segments
from botfolk.segments.keeper import Keeper
from botfolk.users import edits as e
from tests.outbox.world import until as wait_until
from tests.telling import Tale, full
from tests.users.two import MIA, change


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is waited for in vain in production is not waited for here."""
    for name in ("TAKE_OVER_SECONDS", "LOOK_SECONDS", "GATHER_SECONDS"):
        monkeypatch.setattr(keeper, name, 0.05)


@asynccontextmanager
async def keeping(tale: Tale, dsn: str) -> AsyncIterator[None]:
    """A process that keeps segments."""
    hub, stop = Hub(dsn), asyncio.Event()
    kept = Keeper(tale.pool, hub, dsn, tale.clock)
    running = [asyncio.create_task(hub.run(stop)), asyncio.create_task(kept.run(stop))]
    try:
        await hub.listening()
        yield
    finally:
        stop.set()
        await asyncio.wait_for(asyncio.gather(*running), 30)


async def until(asked: Callable[[], Awaitable[Any]], wanted: object) -> None:
    """Wait until an answer is as wanted."""

    async def holds() -> bool:
        return bool(await asked() == wanted)

    await wait_until(holds)


async def ann_of(tale: Tale) -> UUID:
    await tale.says(0, who="ann", profile=full("Ann"))
    return await tale.user_id("ann")


def inside(tale: Tale, segment_id: UUID) -> Callable[[], Awaitable[set[UUID]]]:
    async def asked() -> set[UUID]:
        rows = await tale.rows("SELECT user_id FROM segment_users WHERE segment_id = %s", segment_id)
        return {user_id for (user_id,) in rows}

    return asked


def is_new(tale: Tale) -> Callable[[], Awaitable[bool]]:
    async def asked() -> bool:
        return bool((await tale.rows("SELECT bool_or(is_new) FROM segments"))[0][0])

    return asked


async def made(tale: Tale, filter: str) -> UUID:
    async with tale.pool.connection() as connection:
        return await segments.create(connection, tale.bot_id, "Some", filter, MIA, tale.now)


async def test_a_change_is_seen_without_being_asked_for(tale: Tale, dsn: str) -> None:
    ann = await ann_of(tale)
    async with keeping(tale, dsn):
        segment_id = await made(tale, "tag = vip")
        await until(is_new(tale), False)
        await change(tale, ann, e.AddTag("vip"))
        await until(inside(tale, segment_id), {ann})
        await change(tale, ann, e.RemoveTag("vip"))
        await until(inside(tale, segment_id), set())
    assert [kind for (kind,) in await tale.rows("SELECT kind FROM segment_events ORDER BY at, kind")] == [
        "entered",
        "left",
    ]


async def test_who_writes_for_the_first_time_enters(tale: Tale, dsn: str) -> None:
    async with keeping(tale, dsn):
        segment_id = await made(tale, "first_name = ann")
        await until(is_new(tale), False)
        ann = await ann_of(tale)
        await until(inside(tale, segment_id), {ann})


async def test_what_happened_while_nobody_kept_them_is_caught_up(tale: Tale, dsn: str) -> None:
    ann = await ann_of(tale)
    async with keeping(tale, dsn):
        segment_id = await made(tale, "tag = vip")
        await until(is_new(tale), False)
    await change(tale, ann, e.AddTag("vip"))
    async with keeping(tale, dsn):
        await until(inside(tale, segment_id), {ann})
    assert await tale.rows("SELECT user_id, kind FROM segment_events") == [(ann, "entered")]


async def test_of_two_processes_one_keeps_and_the_other_takes_over(tale: Tale, dsn: str) -> None:
    ann = await ann_of(tale)
    async with keeping(tale, dsn):
        async with keeping(tale, dsn):
            segment_id = await made(tale, "tag = vip")
            await until(is_new(tale), False)
            await change(tale, ann, e.AddTag("vip"))
            await until(inside(tale, segment_id), {ann})
        await change(tale, ann, e.RemoveTag("vip"))
        await until(inside(tale, segment_id), set())
    kinds = await tale.rows("SELECT kind FROM segment_events ORDER BY at, kind")
    assert kinds == [("entered",), ("left",)]


async def test_a_changed_filter_is_followed(tale: Tale, dsn: str) -> None:
    ann = await ann_of(tale)
    async with keeping(tale, dsn):
        segment_id = await made(tale, "tag = vip")
        await until(is_new(tale), False)
        async with tale.pool.connection() as connection:
            await segments.change(connection, tale.bot_id, segment_id, None, MIA, tale.now, filter="name = ann")
        await until(inside(tale, segment_id), {ann})
    assert await tale.rows("SELECT 1 FROM segment_events") == []
