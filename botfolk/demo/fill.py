"""Let the demo happen: every message through the webhook and ingest, every answer through the outbox to a fake of the
service, everything members do through the verbs the pages use; only the clock is the demo's."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from botfolk.bot import personality
from botfolk.channels.connect import connect
from botfolk.channels.contract import Channel
from botfolk.channels.faking import FakeServer
from botfolk.channels.telegram.fake import FakeTelegram
from botfolk.clock import utc_now
from botfolk.conversations.reply import say
from botfolk.demo.script import Act, Dweller, acts
from botfolk.demo.stand_in import MARK
from botfolk.demo.updates import Updates
from botfolk.ingest.hooks import Hooks
from botfolk.ingest.queue import Ingest
from botfolk.jobs import Worker
from botfolk.outbox.queue import CannotSend
from botfolk.outbox.sender import Sender
from botfolk.services import Services
from botfolk.users.apply import apply
from botfolk.users.edits import Actor, AddNote, AddTag, Edit, PauseBot, SetAttribute, SetField, SetInfiniteSession

NAME = "Demo"
_TOKEN = "1000000001:the-demo-has-no-bot-at-telegram-at-all"  # noqa: S105 - of nobody
_PATIENCE_SECONDS = 300.0
_BOT: dict[str, object] = {
    "name": "Kopi & Co",
    "description": "A small coffee roaster that answers by chat.",
    "greeting": "Hi! Welcome to Kopi & Co ☕ Ask me anything about beans, orders and opening hours.",
    "fallback": "",
}


class AlreadyThere(Exception):
    """The bot has the demo."""


class Made(Struct):
    """What the demo made."""

    people: int = 0
    messages: int = 0
    answers: int = 0
    refused: int = 0


class _Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


async def fill(
    services: Services,
    dsn: str,
    bot_id: UUID,
    *,
    people: int,
    months: int,
    seed: int,
    progress: Callable[[int, int], None] = lambda done, all_: None,
) -> Made:
    """Fill a bot with the demo; `progress` hears of each act. Raises AlreadyThere."""
    async with services.pool.connection() as connection:
        cursor = await connection.execute("SELECT 1 FROM channels WHERE bot_id = %s AND name = %s", [bot_id, NAME])
        if await cursor.fetchone() is not None:
            raise AlreadyThere
        member = await _owner(connection, bot_id)
        if (await personality.get(connection, bot_id)).name == "My bot":
            await personality.change(connection, bot_id, _BOT, None, services.clock())
    async with AsyncExitStack() as stack:
        fake = await stack.enter_async_context(FakeServer(FakeTelegram().handle))
        channel = await connect(
            services, bot_id, "telegram", NAME, {"api_base": fake.url, MARK: True}, {"token": _TOKEN}
        )
        script = acts(seed, people, months, utc_now())
        stage = _Stage(services, dsn, channel, member, script[0].at)
        await stack.enter_async_context(stage)
        for number, act in enumerate(script):
            await stage.play(act)
            progress(number + 1, len(script))
        await stage.until_quiet()
        return stage.made


async def _owner(connection: Any, bot_id: UUID) -> Actor:
    cursor = await connection.execute(
        """SELECT m.id, a.name FROM members m JOIN accounts a ON a.id = m.account_id
           WHERE m.bot_id = %s AND m.is_active AND m.role = 'owner' ORDER BY m.created_at LIMIT 1""",
        [bot_id],
    )
    row = await cursor.fetchone()
    return Actor("member", row[1], row[0])


class _Stage:
    """The rooms the demo plays in, on its own clock."""

    def __init__(self, services: Services, dsn: str, channel: Channel, member: Actor, begin: datetime) -> None:
        self._services = services
        self._channel = channel
        self._member = member
        self._clock = _Clock(begin)
        self._ingest = Ingest(dsn, self._clock, queue_size=1000, batch_size=100)
        self._hooks = Hooks(services.channels, self._ingest, self._clock, services.http, services.settings.public_url)
        self._sender = Sender(services.pool, services.http, services.channels, clock=self._clock)
        self._worker = Worker(services.pool, services.http, services.channels, clock=self._clock)
        self._updates = Updates()
        self._stop = asyncio.Event()
        self._rooms: list[asyncio.Task[None]] = []
        self.made = Made()

    async def __aenter__(self) -> "_Stage":
        self._services.hub.on("outbox", self._sender.wake)
        runs = (self._ingest.run, self._sender.run, self._worker.run, self._services.hub.run)
        self._rooms = [asyncio.create_task(run(self._stop)) for run in runs]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        await asyncio.gather(*self._rooms)

    async def play(self, act: Act) -> None:
        """Let one act happen."""
        self._clock.now = max(self._clock.now, act.at + timedelta(seconds=1))
        if act.what in ("answer", "care", "infinite", "pause"):
            await self._member_does(act)
            return
        status = await self._post(self._updates.of(act))
        self.made.messages += status == 200
        self.made.refused += status != 200

    async def _post(self, update: dict[str, Any]) -> int:
        """Deliver an update as the service does; returns the status."""
        body = msgspec.json.encode(update)
        headers = [(b"x-telegram-bot-api-secret-token", self._channel.secrets["secret"].encode())]
        scope = {"type": "http", "method": "POST", "path": f"/hooks/{self._channel.id}", "headers": headers}
        answered: list[int] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answered.append(message["status"])

        await self._hooks(scope, receive, send)
        return answered[0]

    async def _until_answered(self, who: Dweller) -> None:
        """Let what the bot says to somebody leave first: a pause would stop it."""
        for _ in range(500):
            async with self._services.pool.connection() as connection:
                cursor = await connection.execute(
                    """SELECT 1 FROM outbox o JOIN identities i ON i.bot_id = o.bot_id AND i.id = o.identity_id
                       WHERE o.bot_id = %s AND i.channel_id = %s AND i.external_id = %s
                         AND o.state IN ('queued', 'sending')""",
                    [self._channel.bot_id, self._channel.id, str(who.chat_id)],
                )
                if await cursor.fetchone() is None:
                    return
            await asyncio.sleep(0.01)

    async def _member_does(self, act: Act) -> None:
        await self._until_answered(act.who)
        async with self._services.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT user_id FROM identities WHERE bot_id = %s AND channel_id = %s AND external_id = %s",
                [self._channel.bot_id, self._channel.id, str(act.who.chat_id)],
            )
            row = await cursor.fetchone()
            if row is None:
                return
            if act.what == "answer":
                try:
                    await say(
                        connection,
                        self._channel.bot_id,
                        row[0],
                        act.text,
                        self._member,
                        now=self._clock.now,
                        pause=True,
                    )
                except CannotSend:
                    return
                self.made.answers += 1
                return
            edits = _edits(act)
            await apply(connection, self._channel.bot_id, row[0], edits, self._member, now=self._clock.now)

    async def until_quiet(self) -> None:
        """Wait until every answer has left and every picture is there."""
        self._clock.now = utc_now()
        end = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
        while asyncio.get_running_loop().time() < end:
            self._sender.wake(None)
            async with self._services.pool.connection() as connection:
                cursor = await connection.execute(
                    """SELECT (SELECT count(*) FROM outbox WHERE bot_id = %(bot)s AND channel_id = %(channel)s
                                   AND state IN ('queued', 'sending'))
                           + (SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')
                                   AND args ->> 'bot_id' = %(bot)s::text),
                           (SELECT count(*) FROM identities WHERE bot_id = %(bot)s AND channel_id = %(channel)s)""",
                    {"bot": self._channel.bot_id, "channel": self._channel.id},
                )
                row = await cursor.fetchone()
            if row is not None:
                self.made.people = row[1]
                if row[0] == 0:
                    return
            await asyncio.sleep(0.2)


def _edits(act: Act) -> list[Edit]:
    if act.what == "infinite":
        return [SetInfiniteSession(True)]
    if act.what == "pause":
        return [PauseBot(reason="I take this one")]
    story = act.story
    if story is None:
        return []
    edits: list[Edit] = [AddTag(tag) for tag in story.tags]
    edits += [SetAttribute(name, value) for name, value in story.attributes.items()]
    edits.append(SetField("timezone", act.who.timezone))
    if story.note:
        edits.append(AddNote(story.note))
    return edits
