"""A server that answers what a test tells it, and a channel of Meta's that calls it."""

from collections.abc import AsyncIterator

import pytest

from botfolk.channels.contract import Channel
from botfolk.channels.faking import FakeServer, Reply, Request
from botfolk.channels.meta.webhook import SIGNATURE_HEADER, signature
from botfolk.channels.requests import Request as HookRequest
from botfolk.http import Http, open_http
from botfolk.ids import new_id

SECRET = "the-secret-of-the-app"
TOKEN = "EAAB-a-token-of-no-page"
VERIFY = "what-we-told-meta"


def make_channel(api_base: str = "https://graph.facebook.com", **config: object) -> Channel:
    """A channel of no kind in particular."""
    return Channel(
        id=new_id(),
        bot_id=new_id(),
        kind="messenger",
        name="shop",
        config={"api_base": api_base, "api_version": "v25.0"} | config,
        secrets={"app_secret": SECRET, "access_token": TOKEN, "verify_token": VERIFY},
    )


def posted(body: bytes, headers: dict[str, str] | None = None) -> HookRequest:
    """A delivery, signed unless other headers are given."""
    signed = {SIGNATURE_HEADER: signature(SECRET, body)}
    return HookRequest(
        method="POST", url="https://crm.example.com/hooks/1", headers=signed if headers is None else headers, body=body
    )


class Elsewhere:
    """The server: what it was asked, and the answers it will give in turn (the last one again and again)."""

    def __init__(self, http: Http) -> None:
        self.http = http
        self.asked: list[Request] = []
        self.answers: list[Reply] = []
        self.url = ""

    async def handle(self, request: Request) -> Reply:
        """Answer the next of the answers."""
        self.asked.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def channel(self) -> Channel:
        """A channel whose API is this server, which also keeps its files."""
        return make_channel(self.url, media_hosts=[self.url.removeprefix("http://")])


@pytest.fixture
async def elsewhere() -> AsyncIterator[Elsewhere]:
    """The server on a port of its own."""
    async with open_http() as http:
        server = Elsewhere(http)
        async with FakeServer(server.handle) as running:
            server.url = running.url
            yield server
