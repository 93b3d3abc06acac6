"""Whatever comes in whatever order: kept statistics equal a recount of the raw messages; the order is no matter."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from botfolk.bot import personality
from botfolk.channels.events import MessageEdited
from botfolk.conversations.recount import Mismatch, check, recount_user
from botfolk.db.pool import make_pool
from botfolk.users import edits as e
from botfolk.users.apply import apply
from tests.telling import MINUTE, NOON, Tale, a_tale

OWNER = e.Actor("member", "Mia")
SLOW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))

lags = st.one_of(st.just(0.0), st.floats(0, 40), st.floats(0, 3000), st.floats(-20, 0))
texts = st.sampled_from(["hello", "hahaha", "this is terrible", "12345", "so slow!", None])
steps = st.one_of(
    st.tuples(st.just("say"), st.floats(0, 25), lags, texts),
    st.tuples(st.just("say"), st.floats(0, 25), lags, texts),
    st.tuples(st.just("burst"), st.floats(0, 25), st.lists(lags, min_size=2, max_size=6), st.just(None)),
    st.tuples(st.just("again"), st.floats(0, 25), st.integers(0, 50), st.just(None)),
    st.tuples(st.just("edit"), st.floats(0, 25), st.integers(0, 50), texts),
    st.tuples(st.just("infinite"), st.floats(0, 25), st.booleans(), st.just(None)),
    st.tuples(st.just("length"), st.floats(0, 25), st.integers(1, 5000), st.just(None)),
    st.tuples(st.just("recount"), st.floats(0, 25), st.just(0), st.just(None)),
)
Step = tuple[str, float, object, str | None]
Act = Callable[[Tale], Awaitable[None]]


@pytest.fixture
def run(dsn: str) -> Iterator[Callable[[Act], None]]:
    """Run an act against a bot of its own; database and ingest stay open between acts."""
    with asyncio.Runner() as runner:

        @asynccontextmanager
        async def stage() -> AsyncIterator[Tale]:
            async with make_pool(dsn, 4) as pool, a_tale(pool, dsn) as tale:
                yield tale

        def perform(act: Act) -> None:
            async def go() -> None:
                async with stage() as tale:
                    await act(tale)

            runner.run(go())

        yield perform


async def take(tale: Tale, step: Step, said: list[object], number: int) -> None:
    """Carry out one step, so many minutes after the last."""
    kind, minutes, what, text = step
    tale.now += timedelta(minutes=minutes)
    arrived = (tale.now - NOON) / MINUTE
    match kind, what:
        case "say", float(lag):
            said.append(message := tale.message(arrived - lag, text))
            await tale.ingest.submit(tale.delivery([message]))
        case "burst", list(lags_of_burst):
            messages = [tale.message(arrived - lag, "hello") for lag in lags_of_burst]
            said += messages
            await asyncio.gather(*(tale.ingest.submit(tale.delivery([message])) for message in messages))
        case "again", int(which) if said:
            await tale.ingest.submit(tale.delivery([said[which % len(said)]]))  # type: ignore[list-item]
        case "edit", int(which) if said:
            target = said[which % len(said)]
            edit = MessageEdited(
                dedupe_key=f"edit {number}",
                external_user_id="1",
                at=tale.now,
                external_id=target.external_id,  # type: ignore[attr-defined]
                text=text,
            )
            await tale.ingest.submit(tale.delivery([edit]))
        case "length", int(seconds):
            async with tale.pool.connection() as connection:
                await personality.change(connection, tale.bot_id, {"session_length_seconds": seconds}, None, tale.now)
        case (("infinite" | "recount"), _) if said:
            user_id = await tale.user_id()
            async with tale.pool.connection() as connection:
                if kind == "recount":
                    await recount_user(connection, tale.bot_id, user_id, tale.now)
                else:
                    edits = [e.SetInfiniteSession(bool(what))]
                    await apply(connection, tale.bot_id, user_id, edits, OWNER, now=tale.now)


async def differences(tale: Tale) -> list[Mismatch]:
    """What a recount finds different."""
    async with tale.pool.connection() as connection:
        found = [each async for each in check(connection, tale.bot_id) if isinstance(each, Mismatch)]
        await connection.close()
        return found


def test_kept_statistics_equal_a_recount_after_any_history(run: Callable[[Act], None]) -> None:
    @SLOW
    @given(st.lists(steps, min_size=1, max_size=25))
    def holds(history: list[Step]) -> None:
        async def act(tale: Tale) -> None:
            said: list[object] = []
            for number, step in enumerate(history):
                await take(tale, step, said, number)
            assert await differences(tale) == []

        run(act)

    holds()


def test_any_order_of_the_same_messages_ends_in_the_same_profile(run: Callable[[Act], None]) -> None:
    moments = st.lists(st.integers(0, 120), min_size=1, max_size=12)

    @SLOW
    @given(moments.flatmap(lambda times: st.tuples(st.just(times), st.permutations(range(len(times))))))
    def holds(story: tuple[list[int], list[int]]) -> None:
        times, order = story
        results: list[object] = []

        async def act(tale: Tale) -> None:
            tale.now = NOON + timedelta(days=1)
            messages = [tale.message(minute, f"text {number}") for number, minute in enumerate(times)]
            # The last run delivers in order of time.
            chosen = [messages[index] for index in order] if not results else sorted(messages, key=lambda m: m.at)
            for message in chosen:
                await tale.ingest.submit(tale.delivery([message]))
            stats = await tale.stats(
                "created_at, sessions, messages, time_spent_us, last_message, last_message_at, last_activity_at"
            )
            sessions = await tale.rows(
                "SELECT started_at, last_activity_at, activities, messages, time_spent_us FROM sessions"
                " WHERE bot_id = %s ORDER BY started_at",
                tale.bot_id,
            )
            results.append((stats, sessions))

        run(act)
        run(act)
        assert results[0] == results[1]

    holds()


def test_the_check_finds_a_statistic_that_is_wrong(run: Callable[[Act], None]) -> None:
    async def act(tale: Tale) -> None:
        await tale.says(0)
        await tale.rows("UPDATE user_stats SET messages = messages + 1, time_spent_us = 5 RETURNING 1")
        assert {found.what for found in await differences(tale)} == {"messages", "time_spent_us"}

    run(act)
