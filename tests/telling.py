"""Builders: a bot, its people and what they say, in one line each."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from botfolk.bot import personality
from botfolk.channels.contract import Channel
from botfolk.channels.events import AnyEvent, InboundMessage, Profile
from botfolk.db.pool import Pool, make_pool
from botfolk.db.secrets import SecretBox
from botfolk.ids import new_id
from botfolk.ingest.delivery import Delivery
from botfolk.ingest.queue import Ingest
from botfolk.ingest.score import scores_of

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
KEY = "a key of tests, long enough to be one"
BOX = SecretBox(KEY)


def at(minutes: float) -> datetime:
    """Noon and so many minutes."""
    return NOON + timedelta(minutes=minutes)


@dataclass
class Tale:
    """A bot with one channel, a clock that can be set, and ingest running."""

    pool: Pool
    ingest: Ingest
    bot_id: UUID
    channel: Channel
    now: datetime = NOON
    _numbers: Any = field(default_factory=lambda: count(1))

    def clock(self) -> datetime:
        return self.now

    def message(self, minutes: float, text: str | None = "hello", *, who: str = "1", **more: Any) -> InboundMessage:
        """A message at noon and so many minutes."""
        number = next(self._numbers)
        values: dict[str, Any] = {
            "dedupe_key": str(number),
            "external_user_id": who,
            "at": at(minutes),
            "external_id": f"{who}:{number}",
            "kind": "text",
            "text": text,
            "sequence": number,
        }
        return InboundMessage(**(values | more))

    async def deliver(self, *events: AnyEvent) -> None:
        """Deliver events in one request; the clock moves to the newest of them when it was behind."""
        self.now = max(self.now, *(event.at for event in events))
        await self.ingest.submit(self.delivery(events))

    def delivery(self, events: Sequence[AnyEvent]) -> Delivery:
        """One request of the service."""
        return Delivery(
            channel=self.channel,
            events=list(events),
            not_understood=[],
            body=b"{}",
            received_at=self.now,
            scores=scores_of(self.channel.bot_id, events),
        )

    async def says(self, minutes: float, text: str | None = "hello", **more: Any) -> InboundMessage:
        """Somebody says something; returns what was delivered."""
        message = self.message(minutes, text, **more)
        await self.deliver(message)
        return message

    async def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Ask the database."""
        async with self.pool.connection() as connection:
            cursor = await connection.execute(query.encode(), parameters or None)
            return await cursor.fetchall()

    async def until_somebody_waits(self) -> None:
        """Return when somebody waits for a lock that another has."""
        waits = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        while not await self.rows(waits):  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.01)

    async def user_id(self, who: str = "1") -> UUID:
        """The id of a person by the channel's id."""
        return await self.user_id_on(self.channel.id, who)

    async def user_id_on(self, channel_id: UUID, who: str) -> UUID:
        """The id of a person by the id on a channel."""
        rows = await self.rows(
            "SELECT user_id FROM identities WHERE channel_id = %s AND external_id = %s", channel_id, who
        )
        found: UUID = rows[0][0]
        return found

    async def stats(self, columns: str, who: str = "1") -> tuple[Any, ...]:
        """Columns of user_stats of a person."""
        user_id = await self.user_id(who)
        return (await self.rows(f"SELECT {columns} FROM user_stats WHERE user_id = %s", user_id))[0]


def full(first_name: str, last_name: str | None = None, **fields: str) -> Profile:
    """What a channel that knows everything says of a person."""
    return Profile(fields={"first_name": first_name, "last_name": last_name, **fields}, full=True)


@asynccontextmanager
async def a_tale(pool: Pool, dsn: str) -> AsyncIterator[Tale]:
    """A bot with a channel, ready to be talked to."""
    tale = Tale(pool, None, UUID(int=0), None)  # type: ignore[arg-type]
    await renew(tale)
    tale.ingest = Ingest(dsn, tale.clock, BOX, queue_size=1000, batch_size=100)
    stop = asyncio.Event()
    running = asyncio.create_task(tale.ingest.run(stop))
    try:
        yield tale
    finally:
        stop.set()
        await running


async def renew(tale: Tale) -> None:
    """Begin anew: another bot with another channel, at noon, on the same ingest."""
    async with tale.pool.connection() as connection:
        bot_id = await personality.create(connection, "Testbot", NOON - timedelta(days=400))
        channel = Channel(id=new_id(), bot_id=bot_id, kind="telegram", name="t", config={}, secrets={})
        await connection.execute(
            "INSERT INTO channels (bot_id, id, kind, name, secrets) VALUES (%s, %s, 'telegram', 't', '')",
            [bot_id, channel.id],
        )
    tale.bot_id, tale.channel, tale.now, tale._numbers = bot_id, channel, NOON, count(1)


Act = Callable[[Tale], Awaitable[None]]
"""What happens to a bot."""


@contextmanager
def performing(dsn: str) -> Iterator[Callable[[Act], None]]:
    """Perform acts, each on a bot of its own; the database and ingest stay open between them."""
    with asyncio.Runner() as runner:
        opened = AsyncExitStack()

        async def stage() -> Tale:
            pool = await opened.enter_async_context(make_pool(dsn, 6))
            return await opened.enter_async_context(a_tale(pool, dsn))

        tale = runner.run(stage())

        def perform(act: Act) -> None:
            async def go() -> None:
                await renew(tale)
                await act(tale)

            runner.run(go())

        yield perform
        runner.run(opened.aclose())
