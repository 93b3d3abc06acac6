"""Whatever comes in whatever order: kept statistics equal a recount of the raw messages, and what is worked out plainly
from all that was said; the order is no matter."""

import asyncio
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from botfolk.bot import personality
from botfolk.channels.events import IdentityMoved, InboundMessage, MessageEdited
from botfolk.conversations.recount import Mismatch, check, recount_user
from botfolk.ids import new_id
from botfolk.links.count import count as count_clicks
from botfolk.links.journal import Click
from botfolk.outbox.queue import enqueue_message
from botfolk.users import edits as e
from botfolk.users.apply import apply
from tests.ingest.reckoning import Said, Settings, reckon
from tests.telling import MINUTE, NOON, Act, Tale

OWNER = e.Actor("member", "Mia")
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

minutes = st.floats(0, 25)
lags = st.one_of(st.just(0.0), st.floats(0, 40), st.floats(0, 3000), st.floats(-20, 0))
people = st.sampled_from(["1", "2"])
contents = st.sampled_from(
    [("text", "hello"), ("text", "hahaha"), ("text", "this is terrible"), ("text", "12345"), ("text", " so slow!"),
     ("photo", None), ("photo", "so beautiful"), ("sticker", None), ("button", "Yes"), ("button", None)]
)  # fmt: skip
whole_seconds = st.booleans()
said = st.tuples(people, lags, contents, whole_seconds)
toggled = st.tuples(people, st.booleans())
steps = st.one_of(
    st.tuples(st.just("say"), minutes, said),
    st.tuples(st.just("say"), minutes, said),
    st.tuples(st.just("burst"), minutes, st.lists(said, min_size=2, max_size=6)),
    st.tuples(st.just("withhold"), minutes, said),
    st.tuples(st.just("deliver late"), minutes, st.integers(0, 50)),
    st.tuples(st.just("again"), minutes, st.integers(0, 50)),
    st.tuples(st.just("edit"), minutes, st.tuples(st.integers(0, 50), st.sampled_from(["hahaha", "so slow!", None]))),
    st.tuples(st.just("infinite"), minutes, toggled),
    st.tuples(st.just("length"), minutes, st.integers(1, 5000)),
    st.tuples(st.just("meanwhile"), minutes, st.tuples(st.lists(said, min_size=1, max_size=4), toggled)),
    st.tuples(st.just("recount"), minutes, people),
    st.tuples(st.just("click"), minutes, st.tuples(people, lags, st.integers(0, 2))),
    st.tuples(st.just("click"), minutes, st.tuples(people, lags, st.integers(0, 2))),
    st.tuples(st.just("join"), minutes, st.none()),
)
Step = tuple[str, float, Any]


@dataclass
class History:
    """What has been done so far: messages made, which of them have come (and when), and how edits left them."""

    tale: Tale
    made: list[InboundMessage] = field(default_factory=list)
    came: dict[str, Said] = field(default_factory=dict)
    """by dedupe key"""
    texts: dict[str, str | None] = field(default_factory=dict)
    """by the message's id: what the newest edit says"""
    opened: list[tuple[str, Said]] = field(default_factory=list)
    """who opened a link, and when"""
    codes: dict[tuple[str, int], str] = field(default_factory=dict)
    joined: bool = False
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def make(self, who: str, lag: float, content: tuple[str, str | None], whole: bool) -> InboundMessage:
        """Make a message of so many minutes ago."""
        arrived = (self.tale.now - NOON) / MINUTE
        kind, text = content
        message = self.tale.message(arrived - lag, text, who=who, kind=kind)
        if whole:
            message = msgspec.structs.replace(message, at=message.at.replace(microsecond=0))
        self.made.append(message)
        return message

    async def deliver(self, *messages: InboundMessage) -> None:
        """Let messages come, each in a request of its own, all at once."""
        for message in messages:
            text = self.texts.get(message.external_id, message.text)
            now, number = self.tale.now, message.sequence
            self.came.setdefault(message.dedupe_key, Said(message.at, now, number, message.kind, text))
        await asyncio.gather(*(self.tale.ingest.submit(self.tale.delivery([message])) for message in messages))

    def has(self, who: str) -> bool:
        """Whether a person has been heard of."""
        return any(m.external_user_id == who and m.dedupe_key in self.came for m in self.made)

    def of(self, who: str) -> list[Said]:
        """All that a person has said; who was joined said what both did."""
        mine = {m.dedupe_key for m in self.made if self.joined or m.external_user_id == who}
        clicks = [click for opened_by, click in self.opened if self.joined or opened_by == who]
        return [message for key, message in self.came.items() if key in mine] + clicks

    async def click(self, who: str, lag: float, link: int) -> None:
        """A person opened one of the links they were sent, so many minutes ago; each time it is told twice."""
        tale = self.tale
        async with tale.pool.connection() as connection:
            if (who, link) not in self.codes:
                user_id, text = await tale.user_id(who), f"https://shop.example/{link}"
                sent = await enqueue_message(connection, tale.bot_id, user_id, text, author="member", now=tale.now)
                cursor = await connection.execute("SELECT code FROM links WHERE message_id = %s", [sent])
                row = await cursor.fetchone()
                assert row is not None
                self.codes[who, link] = row[0]
        # Never at the very moment of a message: our clock counts in microseconds.
        at = tale.now - timedelta(minutes=lag) + timedelta(microseconds=7)
        click = Click(id=new_id(), code=self.codes[who, link], at=at, counted=True, agent="")
        for _ in range(2):
            async with tale.pool.connection() as connection:
                await count_clicks(connection, [click])
        self.opened.append((who, Said(at, at, next(self.numbers), "click", click.code)))


async def take(history: History, step: Step) -> None:
    """Carry out one step, so many minutes after the last."""
    kind, later, what = step
    tale = history.tale
    tale.now += timedelta(minutes=later)
    match kind:
        case "say":
            await history.deliver(history.make(*what))
        case "burst":
            await history.deliver(*[history.make(*each) for each in what])
        case "withhold":
            history.make(*what)
        case "deliver late":
            waiting = [message for message in history.made if message.dedupe_key not in history.came]
            if waiting:
                await history.deliver(waiting[what % len(waiting)])
        case "again":
            known = [message for message in history.made if message.dedupe_key in history.came]
            if known:
                await history.deliver(*[known[what % len(known)]] * 3)
        case "edit" if history.made:
            await edit(history, history.made[what[0] % len(history.made)], what[1])
        case "meanwhile" if history.has(what[1][0]):
            messages = [history.make(*each) for each in what[0]]
            await asyncio.gather(history.deliver(*messages), toggle(tale, *what[1]))
        case _:
            await change(history, kind, what)


async def change(history: History, kind: str, what: Any) -> None:
    """Carry out a step in which nobody says anything."""
    tale = history.tale
    match kind:
        case "infinite" if history.has(what[0]):
            await toggle(tale, *what)
        case "length":
            async with tale.pool.connection() as connection:
                await personality.change(connection, tale.bot_id, {"session_length_seconds": what}, None, tale.now)
        case "click" if history.has(what[0]):
            await history.click(*what)
        case "recount" if history.has(what):
            async with tale.pool.connection() as connection:
                await recount_user(connection, tale.bot_id, await tale.user_id(what), tale.now)
        case "join" if history.has("1") and history.has("2"):
            history.joined = True
            key = f"join {next(history.numbers)}"
            moved = IdentityMoved(dedupe_key=key, external_user_id="2", at=tale.now, new_external_user_id="1")
            await tale.ingest.submit(tale.delivery([moved]))


async def edit(history: History, message: InboundMessage, text: str | None) -> None:
    """A person changes what they said, even where it has not come yet."""
    tale, number = history.tale, next(history.numbers)
    changed = MessageEdited(
        dedupe_key=f"edit {number}",
        external_user_id=message.external_user_id,
        at=tale.now + timedelta(microseconds=number),
        external_id=message.external_id,
        text=text,
    )
    history.texts[message.external_id] = text
    if message.dedupe_key in history.came:
        history.came[message.dedupe_key].text = text
    await tale.ingest.submit(tale.delivery([changed]))


async def toggle(tale: Tale, who: str, on: bool) -> None:
    """Turn a person's infinite session on or off."""
    async with tale.pool.connection() as connection:
        await apply(connection, tale.bot_id, await tale.user_id(who), [e.SetInfiniteSession(on)], OWNER, now=tale.now)


async def differences(tale: Tale) -> list[Mismatch]:
    """What a recount finds different."""
    async with tale.pool.connection() as connection:
        try:
            return [each async for each in check(connection, tale.bot_id) if isinstance(each, Mismatch)]
        finally:
            await connection.set_isolation_level(None)


async def in_force(tale: Tale, user_id: object) -> Settings:
    """The settings that judge a user, over time."""
    lengths: list[tuple[datetime, int]] = await tale.rows(
        "SELECT effective_at, seconds FROM session_lengths WHERE bot_id = %s ORDER BY effective_at", tale.bot_id
    )
    toggles: list[tuple[datetime, bool]] = await tale.rows(
        "SELECT effective_at, is_on FROM infinite_toggles WHERE user_id = %s ORDER BY effective_at", user_id
    )
    rows = await tale.rows("SELECT recounted_at FROM user_stats WHERE user_id = %s", user_id)
    return Settings(lengths, toggles, rows[0][0])


async def expect_what_was_said(history: History, who: str) -> None:
    """The statistics and sessions of a person are those worked out from all they said."""
    tale = history.tale
    user_id = await tale.user_id(who)
    reckoned = reckon(history.of(who), await in_force(tale, user_id))
    names = list(reckoned.statistics)
    rows = await tale.rows(f"SELECT {', '.join(names)} FROM user_stats WHERE user_id = %s", user_id)
    assert dict(zip(names, rows[0], strict=True)) == reckoned.statistics
    sessions = await tale.rows(
        "SELECT started_at, last_activity_at, messages, time_spent_us FROM sessions WHERE user_id = %s"
        " ORDER BY started_at",
        user_id,
    )
    assert [list(session) for session in sessions] == reckoned.sessions


def test_statistics_are_those_of_all_that_was_said_after_any_history(run: Callable[[Act], None]) -> None:
    @SLOW
    @given(st.lists(steps, min_size=1, max_size=25))
    def holds(history: list[Step]) -> None:
        async def act(tale: Tale) -> None:
            done = History(tale)
            for step in history:
                await take(done, step)
            assert await differences(tale) == []
            for who in ("1", "2"):
                if done.has(who):
                    await expect_what_was_said(done, who)

        run(act)

    holds()


def test_any_order_of_the_same_messages_ends_in_the_same_profile(run: Callable[[Act], None]) -> None:
    moments = st.lists(st.integers(0, 120), min_size=1, max_size=12)

    @SLOW
    @given(moments, st.randoms(use_true_random=False))
    def holds(times: list[int], chance: random.Random) -> None:
        results: list[object] = []

        async def act(tale: Tale) -> None:
            tale.now = NOON + timedelta(days=1)
            messages = [tale.message(minute, f"text {number}") for number, minute in enumerate(times)]
            # The second run delivers in order of time, each twice.
            if results:
                messages = [message for each in sorted(messages, key=lambda m: m.at) for message in (each, each)]
            else:
                chance.shuffle(messages)
            for message in messages:
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
        user_id = await tale.user_id()
        await tale.rows("UPDATE user_stats SET messages = 7, time_spent_us = 5 WHERE user_id = %s RETURNING 1", user_id)
        assert {found.what for found in await differences(tale)} == {"messages", "time_spent_us"}

    run(act)
