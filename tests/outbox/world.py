"""A bot, its channel, people on it, and a service that answers as a test wants."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection, OperationalError

from botfolk.channels.contract import (
    Channel,
    ChannelKind,
    Limits,
    Outcome,
    Outgoing,
    Sent,
)
from botfolk.channels.events import AnyEvent, NotUnderstood
from botfolk.channels.registry import Channels
from botfolk.channels.requests import Request
from botfolk.clock import utc_now
from botfolk.db.pool import Pool
from botfolk.db.secrets import SecretBox
from botfolk.http import Http, open_http
from botfolk.ids import new_id
from botfolk.outbox.queue import enqueue_message
from botfolk.outbox.sender import Sender

UNLIMITED = Limits(per_second=10_000, per_person_seconds=0, per_group_seconds=0)


BOX = SecretBox("a key for tests, as long as a key must be")


class Clock:
    """A clock that a test can move; otherwise it goes as clocks go."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead

    def pass_(self, **time: float) -> None:
        self.ahead += timedelta(**time)


Answer = Callable[[Outgoing], Awaitable[Outcome]]


async def accept(outgoing: Outgoing) -> Outcome:
    return Sent(external_id=f"m-{outgoing.text or outgoing.tap}")


class Service(ChannelKind):
    """A channel kind whose service is a function: everything it hears is kept in `heard`."""

    kind = "plain"
    label = "Plain"
    max_body_bytes = 1000

    def __init__(self, answer: Answer = accept, limits: Limits = UNLIMITED) -> None:
        self.answer = answer
        self.limits = limits
        self.heard: list[Outgoing] = []
        self.at_once = 0
        self.most_at_once = 0
        self.talking_to: set[str] = set()

    @property
    def texts(self) -> list[str]:
        return [outgoing.text for outgoing in self.heard]

    def split(self, text: str) -> list[str]:
        return text.split("|")

    async def send(self, channel: Channel, http: Http, outgoing: Outgoing) -> Outcome:
        person = f"{outgoing.kind} {outgoing.external_user_id}"
        assert person not in self.talking_to, "two calls at once for one person"
        self.talking_to.add(person)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.heard.append(outgoing)
        try:
            return await self.answer(outgoing)
        finally:
            self.at_once -= 1
            self.talking_to.discard(person)

    async def verify(self, channel: Channel, http: Http, request: Request) -> bool:
        return False

    def parse(self, channel: Channel, body: bytes, received_at: datetime) -> tuple[list[AnyEvent], list[NotUnderstood]]:
        return [], []

    async def connect(self, channel: Channel, http: Http, hook_url: str) -> dict[str, Any]:
        return {}


class Person(Struct, frozen=True):
    """Someone who can be written to."""

    user_id: UUID
    identity_id: UUID
    name: str


class Message(Struct, frozen=True):
    """How a message stands."""

    status: str
    external_id: str | None
    details: dict[str, Any] | None


class World:
    """One bot with one channel, and what happened to it."""

    def __init__(self, pool: Pool, bot_id: UUID, channel_id: UUID) -> None:
        self.pool = pool
        self.bot_id = bot_id
        self.channel_id = channel_id
        self.clock = Clock()
        self.channels = Channels(pool, BOX)

    @classmethod
    async def make(cls, pool: Pool) -> "World":
        bot_id, channel_id = new_id(), new_id()
        async with pool.connection() as connection:
            await connection.execute("INSERT INTO bots (bot_id, name) VALUES (%s, 'Bot')", [bot_id])
            await connection.execute(
                "INSERT INTO channels (bot_id, id, kind, name, secrets) VALUES (%s, %s, 'plain', 'Plain', %s)",
                [bot_id, channel_id, BOX.seal({})],
            )
        return cls(pool, bot_id, channel_id)

    async def person(self, name: str = "ann", *, is_group: bool = False) -> Person:
        user_id, identity_id = new_id(), new_id()
        async with self.pool.connection() as connection:
            await connection.execute(
                "INSERT INTO users (bot_id, id, is_group) VALUES (%s, %s, %s)", [self.bot_id, user_id, is_group]
            )
            await connection.execute("INSERT INTO user_stats (bot_id, user_id) VALUES (%s, %s)", [self.bot_id, user_id])
            await connection.execute(
                """INSERT INTO identities (bot_id, id, user_id, channel_id, external_id)
                   VALUES (%s, %s, %s, %s, %s)""",
                [self.bot_id, identity_id, user_id, self.channel_id, name],
            )
        return Person(user_id, identity_id, name)

    async def say(self, person: Person, text: str, *, author: str = "member", **more: Any) -> UUID:
        async with self.pool.connection() as connection:
            return await enqueue_message(
                connection,
                self.bot_id,
                person.user_id,
                text,
                author="bot" if author == "bot" else "member",
                now=self.clock(),
                **more,
            )

    async def message(self, message_id: UUID) -> Message:
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT status, external_id, details FROM messages WHERE bot_id = %s AND id = %s",
                [self.bot_id, message_id],
            )
            row = await cursor.fetchone()
        assert row is not None
        return Message(*row)

    async def one(self, query: str, *values: object) -> Any:
        """Return the first column of the first row."""
        async with self.pool.connection() as connection:
            row = await (await connection.execute(query.encode(), values)).fetchone()
        return None if row is None else row[0]

    async def set(self, query: str, *values: object) -> None:
        async with self.pool.connection() as connection:
            await connection.execute(query.encode(), values)

    async def until(self, message_id: UUID, status: str) -> Message:
        """Wait until a message has a status."""
        found: list[Message] = []

        async def there() -> bool:
            # A test may have taken the database away for a moment.
            with suppress(OperationalError):
                found[:] = [await self.message(message_id)]
            return bool(found) and found[0].status == status

        await until(there, lambda: f"the message is {found}")
        return found[0]

    def sender(self, service: Service, http: Http, **more: Any) -> Sender:
        return Sender(self.pool, http, self.channels, {"plain": service}, clock=self.clock, luck=lambda: 0.5, **more)

    @asynccontextmanager
    async def sending(self, service: Service, **more: Any) -> AsyncIterator[Sender]:
        """Run a sender over a block, and stop it cleanly."""
        async with open_http(allow_private=True) as http:
            sender = self.sender(service, http, **more)
            async with running(sender):
                yield sender


@asynccontextmanager
async def running(sender: Sender) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(sender.run(stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def until(holds: Callable[[], Awaitable[bool]], otherwise: Callable[[], str] = lambda: "it never came") -> None:
    """Wait until something holds; it fails when that takes unreasonably long."""
    for _ in range(1500):
        if await holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(otherwise())


async def all_sent(connection: AsyncConnection[Any]) -> bool:
    row = await (
        await connection.execute("SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')")
    ).fetchone()
    assert row is not None
    return int(row[0]) == 0


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
