"""Merge, then undo, at any moment of any history: the same as if the two had never been merged."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from botfolk.bot import personality
from botfolk.channels.contract import Channel
from botfolk.channels.events import MessageEdited, ReactionChanged
from botfolk.conversations.recount import Mismatch, check, recount_user
from botfolk.ids import new_id
from botfolk.outbox.queue import enqueue_message
from botfolk.users import edits as e
from tests.telling import MINUTE, NOON, Act, Tale, full
from tests.users.two import another_channel, change, everything, join, says_on, undo

SLOW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
WHO = ("1", "2")

who = st.sampled_from(WHO)
minutes = st.floats(0, 25)
lags = st.one_of(st.just(0.0), st.floats(0, 40), st.floats(0, 3000))
texts = st.sampled_from(["hello", "hahaha", "so slow!", "12345"])
names = st.sampled_from(["Ann", "Anna", "Ben"])
says = st.tuples(st.just("say"), minutes, st.tuples(who, lags, texts))
edited = st.tuples(st.just("edit"), minutes, st.tuples(st.integers(0, 50), texts))
before = st.one_of(
    says,
    says,
    edited,
    st.tuples(st.just("name"), minutes, st.tuples(who, names)),
    st.tuples(st.just("field"), minutes, st.tuples(who, st.sampled_from(["email", "language"]), st.integers(0, 2))),
    st.tuples(st.just("attribute"), minutes, st.tuples(who, st.sampled_from(["plan", "size"]), st.integers(0, 2))),
    st.tuples(st.just("tag"), minutes, st.tuples(who, st.sampled_from(["vip", "new"]))),
    st.tuples(st.just("note"), minutes, who),
    st.tuples(st.just("infinite"), minutes, st.tuples(who, st.booleans())),
    st.tuples(st.just("pause"), minutes, st.tuples(who, st.booleans())),
    st.tuples(st.just("reply"), minutes, who),
    st.tuples(st.just("click"), minutes, who),
    st.tuples(st.just("recount"), minutes, who),
    st.tuples(st.just("length"), minutes, st.integers(1, 5000)),
)
# What is edited after the merge, by nobody's identity, stays with the one who stays: "2".
after = st.one_of(
    says,
    says,
    edited,
    st.tuples(st.just("reaction"), minutes, who),
    st.tuples(st.just("length"), minutes, st.integers(1, 5000)),
    st.tuples(st.just("field"), minutes, st.tuples(st.just("2"), st.just("email"), st.integers(5, 7))),
    st.tuples(st.just("attribute"), minutes, st.tuples(st.just("2"), st.just("plan"), st.integers(5, 7))),
    st.tuples(st.just("tag"), minutes, st.tuples(st.just("2"), st.just("later"))),
    st.tuples(st.just("note"), minutes, st.just("2")),
)
sides = st.dictionaries(
    st.sampled_from(["first_name", "email", "language", "infinite_session"]), st.sampled_from(["this", "other"])
)
Step = tuple[str, float, Any]


class World:
    """One run of a history, with or without the merge in it."""

    def __init__(self, tale: Tale, second: Channel) -> None:
        self.tale = tale
        self.channels = {"1": tale.channel, "2": second}
        self.said: list[tuple[str, str]] = []
        self.users: dict[str, UUID] = {}
        self.number = 0

    async def begin(self) -> None:
        """Let both have been heard of."""
        for name in WHO:
            await self.say(name, 0, "hello")
            self.users[name] = await self.tale.user_id_on(self.channels[name].id, name)

    async def say(self, name: str, lag: float, text: str, **more: Any) -> None:
        at = (self.tale.now - NOON) / MINUTE - lag
        number = len(self.said)
        self.said.append((name, f"m{number}"))
        unique = {"external_id": f"m{number}", "dedupe_key": f"d{number}", "sequence": number}
        await says_on(self.tale, self.channels[name], at, text, who=name, **unique, **more)

    async def take(self, step: Step) -> None:
        kind, later, what = step
        self.tale.now += timedelta(minutes=later)
        self.number += 1
        match kind:
            case "say":
                await self.say(*what)
            case "name":
                await self.say(what[0], 0, "hello", profile=full(what[1]))
            case "edit" | "reaction":
                await self.about(kind, what)
            case "reply" | "click" | "recount" | "length":
                await self.beside(kind, what)
            case _:
                name, edit = self.edit(kind, what)
                await change(self.tale, self.users[name], edit)

    def edit(self, kind: str, what: Any) -> tuple[str, e.Edit]:
        match kind:
            case "field":
                value = f"{what[2]}@example.com" if what[1] == "email" else ["en", "ms", "ta"][what[2] % 3]
                return what[0], e.SetField(what[1], value)
            case "attribute":
                return what[0], e.SetAttribute(what[1], f"value {what[2]}")
            case "tag":
                return what[0], e.AddTag(what[1])
            case "note":
                return what, e.AddNote(f"note {self.number}")
            case "infinite":
                return what[0], e.SetInfiniteSession(what[1])
            case _:
                return what[0], e.PauseBot(300, reason="a talk") if what[1] else e.ResumeBot()

    async def about(self, kind: str, what: Any) -> None:
        """Something about a message: it goes to whoever wrote it."""
        number = what[0] % len(self.said) if kind == "edit" else 0
        name = self.said[number][0] if kind == "edit" else what
        about: dict[str, Any] = {"dedupe_key": f"e{self.number}", "external_user_id": name, "at": self.tale.now}
        about["external_id"] = self.said[number][1]
        event = MessageEdited(**about, text=what[1]) if kind == "edit" else ReactionChanged(**about, emoji=("👍",))
        delivery = msgspec.structs.replace(self.tale.delivery([event]), channel=self.channels[name])
        await self.tale.ingest.submit(delivery)

    async def beside(self, kind: str, what: Any) -> None:
        """Something that is no edit and nothing a person says."""
        tale = self.tale
        async with tale.pool.connection() as connection:
            if kind == "length":
                await personality.change(connection, tale.bot_id, {"session_length_seconds": what}, None, tale.now)
                return
            user_id = self.users[what]
            if kind == "recount":
                await recount_user(connection, tale.bot_id, user_id, tale.now)
                return
            message_id = await enqueue_message(
                connection, tale.bot_id, user_id, f"reply {self.number}", author="member", now=tale.now
            )
            if kind == "click":
                link, bot = new_id(), tale.bot_id
                await connection.execute(
                    "INSERT INTO links (bot_id, id, user_id, message_id, code, url) VALUES (%s, %s, %s, %s, %s, 'x')",
                    [bot, link, user_id, message_id, link.hex],
                )
                await connection.execute(
                    "INSERT INTO clicks (bot_id, id, user_id, link_id, at) VALUES (%s, %s, %s, %s, %s)",
                    [bot, new_id(), user_id, link, tale.now],
                )
                # As whoever follows a link does: a toggle of the same moment does not judge it any more.
                await connection.execute(
                    "UPDATE user_stats SET last_received_at = greatest(last_received_at, %s) WHERE user_id = %s",
                    [tale.now, user_id],
                )
                await recount_user(connection, tale.bot_id, user_id, tale.now)


async def lived(
    tale: Tale, same_channel: bool, first: list[Step], then: list[Step], choices: Any, *, merged: bool
) -> list[dict[str, Any]]:
    """Live a history, with or without a merge between its parts that is undone at its end; return what there is."""
    world = World(tale, tale.channel if same_channel else await another_channel(tale))
    await world.begin()
    for step in first:
        await world.take(step)
    # A pause that runs at the merge silences the bot for both: what comes after would not be the same talk.
    tale.now += timedelta(minutes=6)
    merged_at: datetime = tale.now
    merge_id = await join(tale, world.users["1"], world.users["2"], choices) if merged else None
    if merged:
        world.users = dict.fromkeys(WHO, world.users["2"])
    tale.now += timedelta(seconds=1)
    for step in then:
        await world.take(step)
    if merge_id is not None:
        assert await differences(tale) == []
        await undo(tale, merge_id)
    assert await differences(tale) == []
    users = [await tale.user_id_on(world.channels[name].id, name) for name in WHO]
    return [await everything(tale, user_id, merged_at) for user_id in users]


async def differences(tale: Tale) -> list[Mismatch]:
    """What a recount finds different."""
    async with tale.pool.connection() as connection:
        try:
            return [each async for each in check(connection, tale.bot_id) if isinstance(each, Mismatch)]
        finally:
            await connection.set_isolation_level(None)


def test_a_merge_that_is_undone_was_never(run: Callable[[Act], None]) -> None:
    @SLOW
    @example(False, [("tag", 0.0, ("1", "vip")), ("tag", 0.0, ("1", "new"))], [], {})
    @given(st.booleans(), st.lists(before, max_size=14), st.lists(after, max_size=10), sides)
    def holds(same_channel: bool, first: list[Step], then: list[Step], choices: Any) -> None:
        ends: list[list[dict[str, Any]]] = []
        for merged in (False, True):

            async def act(tale: Tale, merged: bool = merged) -> None:
                ends.append(await lived(tale, same_channel, first, then, choices, merged=merged))

            run(act)
        never, undone = ends
        for ours, theirs in zip(undone, never, strict=True):
            for what in theirs:
                assert ours[what] == theirs[what], what

    holds()
