"""A bot with people who were sent links, and what opens them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from botfolk.conversations.recount import Mismatch, check
from botfolk.ids import new_id
from botfolk.links.clicks import Clicks
from botfolk.links.count import count
from botfolk.links.journal import Click
from botfolk.links.lookup import Lookup
from botfolk.links.redirect import Redirects
from botfolk.outbox.queue import enqueue_message
from tests.telling import Tale, at

PHONE = {
    "user-agent": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Mobile"
    " Safari/537.36",
    "accept-language": "en",
}


@dataclass
class Answer:
    """What a redirect answered."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Clicked:
    """The rooms that a click passes, over a tale's bot."""

    tale: Tale
    dsn: str
    folder: Path
    lookup: Lookup
    clicks: Clicks
    redirects: Redirects

    async def sent(self, text: str = "https://shop.example/offer", *, who: str = "1") -> str:
        """Send a link to a person; returns its code. It left an hour before the tale began."""
        tale = self.tale
        async with tale.pool.connection() as connection:
            user_id = await tale.user_id(who)
            message_id = await enqueue_message(connection, tale.bot_id, user_id, text, author="member", now=tale.now)
            await connection.execute(
                "UPDATE outbox SET state = 'sent', finished_at = %s WHERE message_id = %s", [at(-60), message_id]
            )
        return str((await tale.rows("SELECT code FROM links WHERE message_id = %s", message_id))[0][0])

    async def opens(self, path: str, method: str = "GET", headers: dict[str, str] | None = None) -> Answer:
        """Ask for a path, as a telephone does unless told otherwise."""
        given = PHONE if headers is None else headers
        scope: dict[str, Any] = {
            "type": "http",
            "method": method,
            "path": path,
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        }
        answer = Answer(0, {}, b"")

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            answer.status = message.get("status", answer.status)
            pairs = message.get("headers", ())
            answer.headers.update({name.decode(): value.decode("latin-1") for name, value in pairs})
            answer.body += message.get("body", b"")

        await self.redirects(scope, receive, send)
        return answer

    async def count(self) -> None:
        """Count all that waits; on a slow machine a database that is there may not answer in time at first."""
        stop = asyncio.Event()
        stop.set()
        for _ in range(10):
            await self.clicks.run(stop)
            if not self.clicks._is_down or self.clicks._dsn != self.dsn:
                break

    async def clicked(self, code: str, when: datetime, *, counted: bool = True, name: UUID | None = None) -> Click:
        """Count one click, past the redirect."""
        click = Click(id=name or new_id(), code=code, at=when, counted=counted, agent="test")
        async with self.tale.pool.connection() as connection:
            await count(connection, [click])
        return click

    async def differences(self) -> list[Mismatch]:
        """What a recount finds different."""
        async with self.tale.pool.connection() as connection:
            try:
                return [each async for each in check(connection, self.tale.bot_id) if isinstance(each, Mismatch)]
            finally:
                await connection.set_isolation_level(None)


@asynccontextmanager
async def a_room(tale: Tale, dsn: str, folder: Path) -> AsyncIterator[Clicked]:
    """The rooms of a process that keeps its journal in a folder."""
    lookup, clicks = Lookup(dsn), Clicks(dsn, folder)
    opened = Clicked(tale, dsn, folder, lookup, clicks, Redirects(lookup, clicks, tale.clock))
    yield opened
    await lookup.close()


@pytest.fixture
async def room(tale: Tale, dsn: str, tmp_path: Path) -> AsyncIterator[Clicked]:
    """The rooms that a click passes."""
    async with a_room(tale, dsn, tmp_path) as opened:
        yield opened
