"""An index answers with all that is committed, and nothing that is not; it outlives no doubt about what it has seen."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from botfolk.counts import asking, bringing, keeper, kept, pruning
from botfolk.counts.contract import Answer
from botfolk.counts.index import Index
from botfolk.counts.keeper import Counts
from botfolk.db.pool import Connection
from botfolk.filters import load_catalogue, parse
from botfolk.filters.columns import COLUMNS
from botfolk.users import edits as e
from botfolk.users.apply import apply
from botfolk.users.erase import erase
from tests.outbox.world import until
from tests.telling import BOX, Tale
from tests.users.two import MIA
from tests.web import Web

ROOM = 10**9


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is waited for in vain in production is not waited for here; only what is asked brings an index near."""
    monkeypatch.setattr(keeper, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(kept, "AGAIN_SECONDS", 0.05)
    monkeypatch.setattr(kept, "NEAR_SECONDS", 600.0)
    monkeypatch.setattr(kept, "IDLE_SECONDS", 600.0)
    monkeypatch.setattr(kept, "WAIT_SECONDS", 30.0)


@asynccontextmanager
async def counting(tale: Tale, dsn: str, most_bytes: int = ROOM) -> AsyncIterator[Counts]:
    """A process that has the tale's bot in memory."""
    counts, stop = Counts(dsn, most_bytes, fewest=1), asyncio.Event()
    running = asyncio.create_task(counts.run(stop))

    async def known() -> bool:
        return counts.knows(tale.bot_id)

    try:
        await until(known)
        yield counts
    finally:
        stop.set()
        await asyncio.wait_for(running, 30)


async def count(tale: Tale, counts: Counts, text: str) -> int | None:
    async with tale.pool.connection() as connection:
        catalogue = await load_catalogue(connection, tale.bot_id)
    [number] = await asking.counted(counts, tale.bot_id, [parse(text, catalogue)], "active", catalogue, tale.now)
    return number


async def change(tale: Tale, user_id: UUID, *edits: e.Edit) -> None:
    async with tale.pool.connection() as connection:
        await apply(connection, tale.bot_id, user_id, edits, MIA, now=tale.now)


async def test_what_is_committed_counts_at_once_in_whatever_order_it_is(tale: Tale, dsn: str, conn: Connection) -> None:
    await tale.says(0, who="ann")
    await tale.says(0, who="ben")
    ann, ben = await tale.user_id("ann"), await tale.user_id("ben")
    async with counting(tale, dsn) as counts:
        assert await count(tale, counts, "tag = vip") == 0
        # Ann's change begins first and is not yet there when Ben's is.
        await apply(conn, tale.bot_id, ann, [e.AddTag("vip"), e.SetAttribute("plan", "gold")], MIA, now=tale.now)
        await tale.says(1, who="ben")
        await change(tale, ben, e.SetField("first_name", "Ben"))
        assert await count(tale, counts, "first_name = ben and messages = 2") == 1
        assert await count(tale, counts, "tag = vip") == 0
        await conn.commit()
        assert await count(tale, counts, "tag = vip and plan = GOLD") == 1
        # What is taken back never was.
        await apply(conn, tale.bot_id, ben, [e.AddTag("vip")], MIA, now=tale.now)
        await conn.rollback()
        assert await count(tale, counts, "tag = vip") == 1
        await tale.says(2, who="eve")
        assert await count(tale, counts, "") == 3
        async with tale.pool.connection() as connection:
            await erase(connection, BOX, tale.bot_id, ann, MIA, now=tale.now)
        assert await count(tale, counts, "") == 2
        assert await count(tale, counts, "tag = vip") == 0


async def test_an_index_ends_with_its_connection_and_is_built_anew(tale: Tale, dsn: str, conn: Connection) -> None:
    await tale.says(0, who="ann")
    async with counting(tale, dsn) as counts:
        assert await count(tale, counts, "messages = 1") == 1
        await conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '%counts'"
        )
        # What it has seen cannot be told from what is: nobody answers by it, however changes were lost.
        await conn.execute("TRUNCATE touched")
        await conn.commit()
        await tale.says(1, who="ann")
        assert await count(tale, counts, "messages = 2") in (None, 1)

        async def again() -> bool:
            return await count(tale, counts, "messages = 2") == 1

        await until(again)


async def test_who_changed_is_forgotten_only_long_after_it_was_done(
    tale: Tale, dsn: str, conn: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = 0.0
    monkeypatch.setattr(pruning, "monotonic", lambda: clock)
    await conn.set_autocommit(True)

    async def left() -> int:
        cursor = await conn.execute("SELECT count(DISTINCT xid) FROM touched")
        row = await cursor.fetchone()
        return row[0] if row else 0

    pruned = pruning.Pruning()
    await tale.says(0, who="ann")
    before = await left()
    async with await Connection.connect(dsn) as open_long:
        await open_long.execute("UPDATE user_stats SET messages = messages")
        await pruned.prune(conn)
        await open_long.commit()
        clock += pruning.KEEP_SECONDS - 1
        await pruned.prune(conn)
        assert await left() == before + 1
        clock += 1
        await pruned.prune(conn)
        # It was not yet done when the first was noted.
        assert await left() == 1


async def test_with_little_memory_the_largest_columns_are_left_to_the_database(
    tale: Tale, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tale.says(0, who="ann")
    async with counting(tale, dsn, most_bytes=300_000) as counts:
        left_out = await counts.ask(tale.bot_id, lambda index: index.left_out)
        assert left_out
        assert "status" not in left_out
        assert await count(tale, counts, "messages = 1") is None
        assert await count(tale, counts, "") == 1
    monkeypatch.setattr(bringing, "MOST_ATTRIBUTES", 0)
    await change(tale, await tale.user_id("ann"), e.SetAttribute("plan", "gold"))
    async with counting(tale, dsn) as counts:
        assert await count(tale, counts, "plan = gold") is None
        assert await count(tale, counts, "messages = 1") == 1


class Remembered:
    """A memory in which the index stands still."""

    def __init__(self, index: Index) -> None:
        self.index = index

    async def ask(self, bot_id: UUID, question: Callable[[Any], Answer]) -> Answer | None:
        return question(self.index)


async def test_pages_and_api_count_by_it(
    web: Web, reading: Connection, conn: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers, token = await web.member(), await web.token()
    await web.tale.says(0, who="ann")
    async with reading.transaction():
        index, _ = await bringing.build(reading, web.tale.bot_id, ROOM)
    state = web.client.app.state
    state.services = replace(state.services, memory=Remembered(index))
    monkeypatch.setattr("botfolk.users.how_many._FEW", -1)
    # Whom memory names is looked up, and left out where the database has learned better.
    await web.tale.says(1, who="ann")
    assert (await web.client.get("/api/v1/users?filter=messages+%3D+2", headers=token)).json()["items"] == []
    assert (await web.client.get("/api/v1/users?filter=messages+%3D+1", headers=token)).json()["items"] == []
    # Nobody is in the database any more: whoever is counted is counted in memory.
    await conn.execute("DELETE FROM users")
    await conn.commit()
    page = await web.client.get("/users?filter=messages+%3D+1", headers=headers)
    assert 'data-count="1"' in page.text
    counted = await web.client.get("/users/count?filter=messages+%3D+2", headers=headers)
    assert 'data-count="0"' in counted.text
    searched = await web.client.get("/users/count?q=ann", headers=headers)
    assert 'data-count="0"' in searched.text
    for filter, number in (("messages+%3D+1", 1), ("has+note", 0)):
        by_api = await web.client.get(f"/api/v1/users/count?filter={filter}", headers=token)
        assert by_api.json() == {"count": number}


async def test_every_table_a_kept_column_comes_from_notes_who_changed(conn: Connection) -> None:
    cursor = await conn.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'touched%'")
    noted = {table for (table,) in await cursor.fetchall()}
    named = {"u": "users", "s": "user_stats"}
    asked = {
        named.get(letter, letter)
        for column in COLUMNS.values()
        if column.name not in ("note", "username")
        for letter in re.findall(r"\b([us])\.|FROM (\w+) ", column.sql)
        for letter in letter
        if letter
    }
    assert asked <= noted
