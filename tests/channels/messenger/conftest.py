"""A Messenger channel, the fake of the platform behind it over real HTTP, and a hook that it delivers to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from botfolk.channels.contract import Channel, ChannelKind
from botfolk.channels.events import AnyEvent, NotUnderstood
from botfolk.channels.faking import FakeServer, Reply
from botfolk.channels.faking import Request as FakeRequest
from botfolk.channels.messenger.fake import FakeMessenger
from botfolk.channels.messenger.kind import Messenger
from botfolk.channels.meta.fake_graph import Hook
from botfolk.channels.requests import Request
from botfolk.http import Http, open_http
from botfolk.ids import new_id

TOKEN = "EAAB-a-token-of-no-page"
SECRET = "the-secret-of-the-app"
VERIFY = "what-we-told-meta"
PAGE = "100000000000001"
PERSON = "200000000000001"
RECEIVED = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)
AT = datetime(2026, 5, 6, 7, 0, 0, tzinfo=UTC)
MILLISECONDS = int(AT.timestamp() * 1000)

KIND: ChannelKind = Messenger()


def make_channel(kind: str = "messenger", token: str = TOKEN, **config: object) -> Channel:
    """A channel that was connected."""
    return Channel(
        id=new_id(),
        bot_id=new_id(),
        kind=kind,
        name="shop",
        config={"account": PAGE, "app_id": "300000000000001"} | config,
        secrets={"access_token": token, "app_secret": SECRET, "verify_token": VERIFY},
    )


def entry(*items: dict[str, Any], where: str = "messaging", about: str = "page") -> dict[str, Any]:
    """A delivery of items, each of the person to the page unless it says otherwise."""
    around = {"sender": {"id": PERSON}, "recipient": {"id": PAGE}, "timestamp": MILLISECONDS}
    whole = [around | item for item in items]
    return {"object": about, "entry": [{"id": PAGE, "time": MILLISECONDS + 5, where: whole}]}


def heard(payload: object, kind: ChannelKind = KIND) -> tuple[list[AnyEvent], list[NotUnderstood]]:
    """Parse a delivery: a value, or the bytes of one."""
    body = payload if isinstance(payload, bytes) else msgspec.json.encode(payload)
    return kind.parse(make_channel(kind.kind), body, RECEIVED)


def only(payload: object, kind: ChannelKind = KIND) -> AnyEvent:
    """The one event of a delivery that is understood."""
    (event,), strange = heard(payload, kind)
    assert strange == []
    return event


class Service:
    """The fake, where it is, a channel that speaks to it, and what it has delivered to the channel's hook."""

    def __init__(self, kind: ChannelKind, fake: FakeMessenger, url: str, http: Http, hook: str, token: str) -> None:
        self.kind, self.fake, self.url, self.http, self.hook = kind, fake, url, http, hook
        self.channel = make_channel(kind.kind, token, api_base=url)
        self.delivered: list[Request] = []
        self.come = asyncio.Condition()
        fake.hook = Hook(app_secret=SECRET)

    async def take(self, request: FakeRequest) -> Reply:
        """Be the channel's hook."""
        asked = Request(
            method=request.method, url=self.hook, headers=request.headers, body=request.body, query=request.query
        )
        if request.method == "GET":
            answer = self.kind.greet(self.channel, asked)
            return Reply(status=answer.status, body=answer.text.encode()) if answer else Reply(status=405)
        if not await self.kind.verify(self.channel, self.http, asked):
            return Reply(status=401)
        async with self.come:
            self.delivered.append(asked)
            self.come.notify_all()
        return Reply()

    async def tell(self, what: str, **given: object) -> dict[str, Any]:
        """Ask something of the control side."""
        answer = await self.http.request("POST", f"{self.url}/_fake/{what}", json=given, trusted_origin=self.url)
        told: dict[str, Any] = msgspec.json.decode(answer.content)
        return told

    async def listen(self) -> None:
        """Let the fake deliver to the hook."""
        told = await self.tell("hook", url=self.hook, app_secret=SECRET, verify_token=VERIFY)
        assert told == {"success": True}

    async def events(self, count: int) -> list[AnyEvent]:
        """Wait until so many deliveries have come, and return what they are."""
        async with asyncio.timeout(30), self.come:
            await self.come.wait_for(lambda: len(self.delivered) >= count)
        now = datetime.now(UTC)
        parsed = [self.kind.parse(self.channel, request.body, now) for request in self.delivered]
        assert [strange for _, kept in parsed for strange in kept] == []
        return [event for found, _ in parsed for event in found]

    def given(self) -> dict[str, Any]:
        """What the last call was given."""
        return self.fake.calls[-1].given


@asynccontextmanager
async def running(
    kind: ChannelKind, make: Callable[[Http], FakeMessenger], token: str = TOKEN
) -> AsyncIterator[Service]:
    """Run a fake on a port of its own; our client may reach it only because its channel says so."""
    async with open_http() as http, open_http(allow_private=True) as outgoing:
        fake = make(outgoing)
        made: list[Service] = []

        async def take(request: FakeRequest) -> Reply:
            return await made[0].take(request)

        async with FakeServer(fake.handle) as server, FakeServer(take) as hook:
            made.append(Service(kind, fake, server.url, http, hook.url, token))
            yield made[0]


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    """The fake of Messenger."""
    async with running(KIND, FakeMessenger) as service:
        yield service
