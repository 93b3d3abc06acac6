"""A WhatsApp channel, the fake Cloud API behind it over real HTTP, and the one client."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from botfolk.channels.contract import Channel, ChannelKind
from botfolk.channels.events import AnyEvent, NotUnderstood
from botfolk.channels.faking import FakeServer, Reply, Request
from botfolk.channels.whatsapp.fake import FakeWhatsApp
from botfolk.channels.whatsapp.fake_state import ACCOUNT_ID, NUMBER_ID
from botfolk.channels.whatsapp.kind import WhatsApp
from botfolk.http import Http, open_http
from botfolk.ids import new_id
from tests.channels.control import Controlled

TOKEN, APP_SECRET, VERIFY_TOKEN = "EAAJ-a-token-of-nobody", "the-secret-of-the-app", "the-word-of-the-hook"
RECEIVED = datetime(2026, 9, 2, 3, 4, 5, tzinfo=UTC)
SAID_AT = datetime(2026, 9, 2, 3, 0, tzinfo=UTC)
SECONDS = str(int(SAID_AT.timestamp()))

KIND: ChannelKind = WhatsApp()


def make_channel(api_base: str | None = None, **secrets: str) -> Channel:
    """A channel of a bot on the number that the fake has."""
    config: dict[str, Any] = {"phone_number_id": NUMBER_ID, "business_account_id": ACCOUNT_ID, "account": NUMBER_ID}
    if api_base is not None:
        config["api_base"] = api_base
    known = {"access_token": TOKEN, "app_secret": APP_SECRET, "verify_token": VERIFY_TOKEN}
    return Channel(id=new_id(), bot_id=new_id(), kind="whatsapp", name="shop", config=config, secrets=known | secrets)


def heard(body: object) -> tuple[list[AnyEvent], list[NotUnderstood]]:
    """Parse a delivery: a value, or the bytes of one."""
    return KIND.parse(make_channel(), body if isinstance(body, bytes) else msgspec.json.encode(body), RECEIVED)


def one(body: object) -> AnyEvent:
    """The one event of a delivery that is understood whole."""
    [event], strange = heard(body)
    assert strange == []
    return event


def change(value: Mapping[str, Any], field: str = "messages") -> dict[str, Any]:
    """A delivery of one change on the channel's number."""
    metadata = {"display_phone_number": "+1 555-078-3881", "phone_number_id": NUMBER_ID}
    told = {"messaging_product": "whatsapp", "metadata": metadata, **value}
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": ACCOUNT_ID, "changes": [{"field": field, "value": told}]}],
    }


ANA = {"profile": {"name": "Ana"}, "wa_id": "16505551234"}
SCOPED = {"profile": {"name": "Ana"}, "user_id": "US.1349"}
"""Ana as a contact: with her number, and without."""


def said(*messages: Mapping[str, Any], contacts: tuple[Mapping[str, Any], ...] = (ANA,)) -> dict[str, Any]:
    """A delivery of messages; each is Ana's unless it says otherwise."""
    plain = {"from": "16505551234", "timestamp": SECONDS}
    told = [plain | {"id": f"wamid.{number}"} | dict(message) for number, message in enumerate(messages, 1)]
    return change({"contacts": list(contacts), "messages": told})


class Service(Controlled):
    """The fake Cloud API, where it is, and a channel that speaks to it."""

    def __init__(self, fake: FakeWhatsApp, url: str, http: Http) -> None:
        super().__init__(url, http, "path")
        self.fake = fake
        self.channel = make_channel(url)


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    """The fake on a port of its own; our client may reach it only because its channel says so."""
    async with open_http() as http, open_http(allow_private=True) as outgoing:
        fake = FakeWhatsApp(outgoing)
        async with FakeServer(fake.handle) as server:
            yield Service(fake, server.url, http)


class Ours:
    """Our side of the webhook, without what stands behind it: what came, and how it is answered."""

    def __init__(self) -> None:
        self.channel = make_channel()
        self.came: asyncio.Queue[AnyEvent] = asyncio.Queue()
        self.statuses: list[int] = []
        """how the next deliveries are answered, before 200"""

    async def handle(self, request: Request) -> Reply:
        """Verify and parse as the webhook's route does."""
        from botfolk.channels.requests import Request as Asked

        asked = Asked(
            method=request.method,
            url=request.path,
            headers=request.headers,
            body=request.body,
            query=request.query,
        )
        if request.method == "GET":
            answer = KIND.greet(self.channel, asked)
            assert answer is not None
            return Reply(status=answer.status, body=answer.text.encode(), content_type="text/plain")
        if self.statuses:
            return Reply(status=self.statuses.pop(0))
        async with open_http() as http:
            if not await KIND.verify(self.channel, http, asked):
                return Reply(status=401)
        for event in KIND.parse(self.channel, request.body, RECEIVED)[0]:
            self.came.put_nowait(event)
        return Reply()


@pytest.fixture
async def ours(service: Service) -> AsyncIterator[Ours]:
    """Our side, to which the fake delivers."""
    side = Ours()
    async with FakeServer(side.handle) as server:
        told = await service.tell("hook", url=f"{server.url}/hooks/1", app_secret=APP_SECRET, verify_token=VERIFY_TOKEN)
        assert told == {"success": True}
        yield side
