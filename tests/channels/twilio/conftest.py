"""A Twilio channel, the fake behind it over real HTTP, and the one client."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from botfolk.channels.contract import Channel, ChannelKind
from botfolk.channels.events import AnyEvent, NotUnderstood
from botfolk.channels.faking import FakeServer
from botfolk.channels.twilio.fake import FakeTwilio
from botfolk.channels.twilio.fake_state import ACCOUNT, NUMBER
from botfolk.channels.twilio.kind import Twilio
from botfolk.http import Http, open_http
from botfolk.ids import new_id
from botfolk.outgoing.forms import urlencoded
from tests.channels.control import Controlled

RECEIVED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
TOKEN = "the-auth-token-of-no-account"
HOOK = "https://crm.example.com/hooks/1"
PERSON = "+15551234567"

KIND: ChannelKind = Twilio()


def make_channel(url: str = "", **config: object) -> Channel:
    """A channel of a bot, at the fake when there is one."""
    at_fake = {"api_base": url, "messaging_base": url, "content_base": url} if url else {}
    return Channel(
        id=new_id(),
        bot_id=new_id(),
        kind="twilio",
        name="shop",
        config={"account_sid": ACCOUNT, "sender": NUMBER, "hook_url": HOOK} | at_fake | config,
        secrets={"auth_token": TOKEN},
    )


def form(**fields: str) -> bytes:
    """The body of a message of somebody."""
    return urlencoded({"MessageSid": "SM1", "From": PERSON, "To": NUMBER} | fields).content


def heard(body: bytes) -> tuple[list[AnyEvent], list[NotUnderstood]]:
    """Parse a body."""
    return KIND.parse(make_channel(), body, RECEIVED)


class Service(Controlled):
    """The fake, where it is, and a channel that speaks to it."""

    def __init__(self, fake: FakeTwilio, url: str, http: Http) -> None:
        super().__init__(url, http)
        self.fake = fake
        self.channel = make_channel(url)


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    """The fake on a port of its own; our client may reach it only because its channel says so."""
    async with open_http() as http, open_http(allow_private=True) as outgoing:
        fake = FakeTwilio(http=outgoing)
        async with FakeServer(fake.handle) as server:
            yield Service(fake, server.url, http)
