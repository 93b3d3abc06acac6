"""The rooms the demo plays in, on its own clock: every message through the webhook (or the visitors' side of the web
chat) and ingest, every answer through the outbox to a fake, everything members do through the verbs the pages use."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from msgspec import Struct, structs

from botfolk.channels.contract import Button, Channel
from botfolk.clock import utc_now
from botfolk.conversations.reply import say
from botfolk.demo.kinds import DemoKind
from botfolk.demo.script import ABOUT_OURS, OF_THE_TEAM, Act, Dweller, is_served
from botfolk.ids import new_id
from botfolk.ingest.hooks import Hooks
from botfolk.ingest.queue import Ingest
from botfolk.jobs import Worker
from botfolk.links.count import count
from botfolk.links.journal import Click
from botfolk.outbox.queue import CannotSend
from botfolk.outbox.sender import Sender
from botfolk.services import Services
from botfolk.users.apply import apply
from botfolk.users.edits import Actor, AddNote, AddTag, Edit, PauseBot, SetAttribute, SetField, SetInfiniteSession
from botfolk.webchat.app import build_chat
from botfolk.webchat.limits import Limits

_PATIENCE_SECONDS = 300.0
_OFFERED = (Button(title="Yes, please", data="yes"), Button(title="No, thanks", data="no"))
_BROWSER = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Mobile Safari/537.36"
_ASKED = (Button(title="My email", ask="email"),)


class Made(Struct):
    """What the demo made. `unsent`: messages whose sending failed, or whose outcome nobody knows."""

    people: int = 0
    messages: int = 0
    answers: int = 0
    refused: int = 0
    unsent: int = 0


class _Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Stage:
    """Use it as a context manager; `channels` are those of the demo, by kind."""

    def __init__(
        self,
        services: Services,
        dsn: str,
        cast_: Mapping[str, tuple[DemoKind, Channel]],
        member: Actor,
        begin: datetime,
    ) -> None:
        self._clock = _Clock(begin)
        self._services = replace(services, clock=self._clock)
        self._cast = cast_
        self._member = member
        self._ingest = Ingest(dsn, self._clock, services.box, queue_size=1000, batch_size=100)
        self._hooks = Hooks(
            services.channels,
            self._ingest,
            self._clock,
            services.http,
            services.settings.public_url,
            exchanges=services.exchanges,
        )
        self._chat = build_chat(self._services, self._ingest, Limits(pace=0.0))
        self._sender = Sender(
            services.pool,
            services.http,
            services.channels,
            clock=self._clock,
            links_url=services.settings.links_url,
        )
        self._worker = Worker(services.pool, services.http, services.channels, clock=self._clock)
        self._stop = asyncio.Event()
        self._rooms: list[asyncio.Task[None]] = []
        self.made = Made()

    async def __aenter__(self) -> "Stage":
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
        if act.what in OF_THE_TEAM:
            await self._member_does(act)
            return
        if act.what == "opens":
            await self._open_link(act)
            return
        if act.what in ABOUT_OURS and is_served(act.who):
            await self._until_answered(act.who)
            act = structs.replace(act, about=await self._last_said(act.who))
        elif act.what in ("gives", "taps"):
            await self._until_answered(act.who)
        kind, channel = self._cast[act.who.kind]
        taken = await kind.deliver(act, channel, self._request)
        self.made.messages += taken and act.what not in ("gets", "reads")
        self.made.refused += not taken

    async def _request(self, method: str, address: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Make a request of the webhooks or the visitors' side, in memory."""
        path, _, query = address.partition("?")
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "https",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("192.0.2.1", 1),
            "server": ("botfolk.example", 443),
        }
        status, answer = 0, bytearray()

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)
            answer.extend(message.get("body", b""))

        where = self._hooks if path.startswith("/hooks/") else cast(Any, self._chat)
        await where(scope, receive, send)
        return status, bytes(answer)

    async def _until_answered(self, who: Dweller) -> None:
        """Let what is said to somebody leave first: a pause would stop it, and a button would not be there."""
        kind, channel = self._cast[who.kind]
        for _ in range(500):
            async with self._services.pool.connection() as connection:
                cursor = await connection.execute(
                    """SELECT 1 FROM outbox o JOIN identities i ON i.bot_id = o.bot_id AND i.id = o.identity_id
                       WHERE o.bot_id = %s AND i.channel_id = %s AND i.external_id = %s
                         AND o.state IN ('queued', 'sending')""",
                    [channel.bot_id, channel.id, kind.external_id(who)],
                )
                if await cursor.fetchone() is None:
                    return
            await asyncio.sleep(0.01)

    async def _last_said(self, who: Dweller) -> str:
        """Return the service's name of what was last said to somebody; empty when nothing was."""
        kind, channel = self._cast[who.kind]
        async with self._services.pool.connection() as connection:
            cursor = await connection.execute(
                """SELECT m.external_id FROM identities i
                   JOIN messages m ON m.bot_id = i.bot_id AND m.user_id = i.user_id
                   WHERE i.bot_id = %s AND i.channel_id = %s AND i.external_id = %s
                     AND m.direction = 'out' AND m.external_id IS NOT NULL
                   ORDER BY m.sent_at DESC, m.id DESC LIMIT 1""",
                [channel.bot_id, channel.id, kind.external_id(who)],
            )
            row = await cursor.fetchone()
        return "" if row is None else str(row[0])

    async def _open_link(self, act: Act) -> None:
        """Let somebody open the last link they were sent, as the redirect would tell of it."""
        await self._until_answered(act.who)
        user_id = await self._user_id(act.who)
        _, channel = self._cast[act.who.kind]
        async with self._services.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT code FROM links WHERE bot_id = %s AND user_id = %s ORDER BY id DESC LIMIT 1",
                [channel.bot_id, user_id],
            )
            for (code,) in await cursor.fetchall():
                click = Click(id=new_id(), code=code, at=act.at, counted=True, agent=_BROWSER)
                await count(connection, [click])

    async def _user_id(self, who: Dweller) -> UUID | None:
        kind, channel = self._cast[who.kind]
        async with self._services.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT user_id FROM identities WHERE bot_id = %s AND channel_id = %s AND external_id = %s",
                [channel.bot_id, channel.id, kind.external_id(who)],
            )
            row = await cursor.fetchone()
        return None if row is None else row[0]

    async def _member_does(self, act: Act) -> None:
        await self._until_answered(act.who)
        user_id = await self._user_id(act.who)
        if user_id is None:
            return
        kind, channel = self._cast[act.who.kind]
        if act.what in ("care", "infinite", "pause"):
            async with self._services.pool.connection() as connection:
                await apply(connection, channel.bot_id, user_id, _edits(act), self._member, now=self._clock.now)
            return
        if act.what in ("blocked", "lost"):
            kind.trouble(act.who, act.what)
        buttons = {"asks": _ASKED, "offers": _OFFERED}.get(act.what, ())
        try:
            async with self._services.pool.connection() as connection:
                now = self._clock.now
                await say(
                    connection, channel.bot_id, user_id, act.text, self._member, now=now, pause=True, buttons=buttons
                )
        except CannotSend:
            return
        self.made.answers += 1

    async def until_quiet(self) -> None:
        """Wait until every answer has left and every picture is there."""
        self._clock.now = utc_now()
        channels = [channel for _, channel in self._cast.values()]
        end = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
        while asyncio.get_running_loop().time() < end:
            self._sender.wake(None)
            async with self._services.pool.connection() as connection:
                cursor = await connection.execute(
                    """SELECT (SELECT count(*) FROM outbox WHERE bot_id = %(bot)s AND channel_id = ANY(%(channels)s)
                                   AND state IN ('queued', 'sending'))
                           + (SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')
                                   AND args ->> 'bot_id' = %(bot)s::text),
                           (SELECT count(*) FROM identities WHERE bot_id = %(bot)s AND channel_id = ANY(%(channels)s)),
                           (SELECT count(*) FROM messages WHERE bot_id = %(bot)s AND channel_id = ANY(%(channels)s)
                                AND status IN ('failed', 'unknown'))""",
                    {"bot": channels[0].bot_id, "channels": [channel.id for channel in channels]},
                )
                row = await cursor.fetchone()
            if row is not None:
                self.made.people, self.made.unsent = row[1], row[2]
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
    if act.who.kind != "botframework":
        edits.append(SetField("timezone", act.who.timezone))
    if story.note:
        edits.append(AddNote(story.note))
    return edits
