"""A chat on a web page, and visitors of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import httpx2
import jwt
import pytest
from litestar import Litestar

from botfolk.channels import registry
from botfolk.channels.contract import Channel
from botfolk.channels.webchat.theme import check_config
from botfolk.db.pool import Pool
from botfolk.ids import new_id
from botfolk.services import Services
from botfolk.webchat.app import build_chat
from tests.telling import Tale
from tests.web import ORIGIN, a_web

IDENTITY_SECRET = "what the shop signs whom it knows with, in tests"


@dataclass
class Visitor:
    """A browser with the chat in it."""

    chat: "Chat"
    token: str | None = None
    started: dict[str, Any] = field(default_factory=dict)

    async def start(self, *, expect: int = 200, **more: object) -> dict[str, Any]:
        """Load the page."""
        said = {"token": self.token, "page": "https://shop.example/cart", "language": "ms-MY"}
        said |= {"timezone": "Asia/Kuala_Lumpur", "referrer": "https://search.example/"}
        answer = await self.chat.client.post(f"{self.chat.path}/start", json=said | more)
        assert answer.status_code == expect, answer.text
        self.started = answer.json()
        self.token = self.started.get("token", self.token)
        return self.started

    async def post(self, what: str, body: object, **more: Any) -> httpx2.Response:
        """Send something."""
        return await self.chat.client.post(f"{self.chat.path}/{what}", json=body, headers=self.headers, **more)

    async def says(self, text: str = "hello", **more: object) -> dict[str, Any]:
        """Say something that is taken."""
        answer = await self.post("messages", {"id": str(new_id()), "text": text, **more})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def reads(self) -> list[dict[str, Any]]:
        """What the visitor sees."""
        answer = await self.chat.client.get(f"{self.chat.path}/messages", headers=self.headers)
        found: list[dict[str, Any]] = answer.json()["messages"]
        return found

    @property
    def headers(self) -> dict[str, str]:
        """Who it is."""
        return {"Authorization": f"Bearer {self.token}"}


@dataclass
class Chat:
    """The visitors' side of one web chat."""

    tale: Tale
    client: httpx2.AsyncClient
    channel: Channel
    services: Services
    app: Litestar

    @property
    def path(self) -> str:
        """Where it is."""
        return f"/chat/{self.channel.id}"

    async def visitor(self, **more: Any) -> Visitor:
        """A new visitor, on the page."""
        visitor = Visitor(self)
        await visitor.start(**more)
        return visitor

    def signed(self, subject: str, *, lives: int = 300, secret: str = IDENTITY_SECRET, **claims: object) -> str:
        """The shop's word about a customer."""
        until = int(self.tale.now.timestamp()) + lives
        return jwt.encode({"sub": subject, "exp": until, **claims}, secret, algorithm="HS256")

    async def user(self, visitor: Visitor) -> UUID:
        """The user a visitor is."""
        said = jwt.decode(str(visitor.token), options={"verify_signature": False})
        return await self.tale.user_id_on(self.channel.id, said["sub"])


@pytest.fixture
async def chat(tale: Tale, pool: Pool, dsn: str, tmp_path: Path) -> AsyncIterator[Chat]:
    """A web chat that may stand on one shop's pages."""
    async with a_web(tale, pool, dsn, tmp_path) as web:
        config = check_config({"origins": ["https://shop.example", "https://*.shop.example"]})
        secrets = {"secret": "ours", "identity": IDENTITY_SECRET}
        async with pool.connection() as connection:
            channel = await registry.add(connection, web.services.box, tale.bot_id, "webchat", "Site", config, secrets)
        app = build_chat(web.services, tale.ingest)
        transport = httpx2.ASGITransport(cast(Any, app))
        async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            yield Chat(tale, client, channel, web.services, app)
