"""A Telegram channel, the fake Bot API behind it over real HTTP, and the one client."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from botfolk.channels.contract import Channel, ChannelKind
from botfolk.channels.events import AnyEvent, NotUnderstood
from botfolk.channels.faking import FakeServer
from botfolk.channels.telegram.fake import FakeTelegram
from botfolk.channels.telegram.kind import Telegram
from botfolk.http import Http, open_http
from botfolk.ids import new_id
from tests.channels.control import Controlled

FIXTURES = Path(__file__).parent / "fixtures"
TOKEN = "42:a-token-of-no-bot"
SECRET = "the_secret-of-the-hook"
RECEIVED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

KIND: ChannelKind = Telegram()


def make_channel(api_base: str = "https://api.telegram.org", **secrets: str) -> Channel:
    """A channel of a bot that Telegram calls shop_bot."""
    return Channel(
        id=new_id(),
        bot_id=new_id(),
        kind="telegram",
        name="shop",
        config={"api_base": api_base, "bot_id": 42, "username": "shop_bot"},
        secrets={"token": TOKEN, "secret": SECRET} | secrets,
    )


def heard(update: object) -> tuple[list[AnyEvent], list[NotUnderstood]]:
    """Parse an update: a value, or the bytes of one."""
    body = update if isinstance(update, bytes) else msgspec.json.encode(update)
    return KIND.parse(make_channel(), body, RECEIVED)


def fixture(name: str) -> dict[str, Any]:
    """An update of the folder beside this file."""
    found: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text())
    return found


class Service(Controlled):
    """The fake Bot API, where it is, and a channel that speaks to it."""

    def __init__(self, fake: FakeTelegram, url: str, http: Http) -> None:
        super().__init__(url, http)
        self.fake = fake
        self.channel = make_channel(url)


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    """The fake on a port of its own; our client may reach it only because its channel says so."""
    async with open_http() as http, open_http(allow_private=True) as outgoing:
        fake = FakeTelegram(http=outgoing)
        async with FakeServer(fake.handle) as server:
            yield Service(fake, server.url, http)
