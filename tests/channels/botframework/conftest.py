"""A Bot Framework channel, the fake of all its services behind it over real HTTP, and the one client."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from botfolk.channels.botframework.fake import FakeBotFramework
from botfolk.channels.botframework.fake_state import APP_ID
from botfolk.channels.botframework.kind import BotFramework
from botfolk.channels.contract import Channel
from botfolk.channels.events import AnyEvent, NotUnderstood
from botfolk.channels.faking import FakeServer
from botfolk.clock import utc_now
from botfolk.http import Http, open_http
from botfolk.ids import new_id
from tests.channels.control import Controlled

RECEIVED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
USER = "29:megan"
PASSWORD = "the-client-secret-of-no-app"


class Ticking:
    """A clock that goes on by itself, and further ahead when told."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


def make_channel(url: str = "", **config: object) -> Channel:
    """A channel of a bot, at the fake when there is one."""
    at_fake = {
        "metadata_url": f"{url}/v1/.well-known/openidconfiguration",
        "tenant_metadata_url": f"{url}/tenant/v2.0/.well-known/openidconfiguration",
        "token_url": f"{url}/{{tenant}}/oauth2/v2.0/token",
        "service_hosts": [url],
        "file_hosts": [url],
    }
    return Channel(
        id=new_id(),
        bot_id=new_id(),
        kind="botframework",
        name="shop",
        config={"app_id": APP_ID} | (at_fake if url else {}) | config,
        secrets={"password": PASSWORD},
    )


def activity(kind: str = "message", **more: object) -> dict[str, Any]:
    """An activity of Megan's in her own chat in Teams."""
    return {
        "type": kind,
        "id": "1767378504354",
        "timestamp": "2026-01-02T03:00:00.1234567Z",
        "channelId": "msteams",
        "serviceUrl": "https://smba.trafficmanager.net/amer/",
        "from": {"id": USER, "name": "Megan Bowen"},
        "conversation": {"id": "a:1", "conversationType": "personal"},
        "recipient": {"id": "28:bot", "name": "Bot"},
    } | more


GROUP = {"id": "19:g@thread.tacv2;messageid=17", "conversationType": "channel", "isGroup": True, "name": "General"}


def heard(given: object, channel: Channel | None = None) -> tuple[list[AnyEvent], list[NotUnderstood]]:
    """Parse an activity: a value, or the bytes of one."""
    body = given if isinstance(given, bytes) else msgspec.json.encode(given)
    return BotFramework().parse(channel or make_channel(), body, RECEIVED)


class Service(Controlled):
    """The fake, where it is, and a channel that speaks to it."""

    def __init__(self, fake: FakeBotFramework, url: str, http: Http) -> None:
        super().__init__(url, http)
        self.fake = fake
        self.clock = Ticking()
        self.kind = BotFramework(self.clock)
        self.channel = make_channel(url)
        self.address = {
            "service_url": f"{url}/amer/",
            "conversation_id": f"a:{USER}",
            "channel_id": "msteams",
            "bot": {"id": "28:bot", "name": "Bot"},
            "tenant_id": "t",
        }


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    """The fake on a port of its own; our client may reach it only because its channel says so."""
    async with open_http() as http, open_http(allow_private=True) as outgoing:
        fake = FakeBotFramework(http=outgoing)
        async with FakeServer(fake.handle) as server:
            yield Service(fake, server.url, http)
