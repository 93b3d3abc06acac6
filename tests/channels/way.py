"""The whole way between a fake of a service and a bot: its webhooks over real HTTP, and a sender that runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from botfolk.channels import registry
from botfolk.channels.contract import Channel
from botfolk.channels.faking import FakeServer, Reply, Request
from botfolk.channels.registry import KINDS, Channels
from botfolk.clock import utc_now
from botfolk.http import Http
from botfolk.ingest.hooks import Hooks
from botfolk.jobs.fetching import Reach, fetch_profile
from botfolk.outbox.queue import enqueue_message
from botfolk.outbox.sender import Sender
from tests.outbox.world import BOX, running, until
from tests.telling import Tale


class Way:
    """A bot with a channel that is connected to a fake, and everything that runs between them."""

    def __init__(self, tale: Tale, channel: Channel, url: str, hook_url: str, http: Http) -> None:
        self.tale, self.channel, self.url, self.hook_url, self.http = tale, channel, url, hook_url, http
        self.channels = Channels(tale.pool, BOX)

    async def tell(self, what: str, **given: object) -> None:
        """Ask something of the fake's control side, which it can do; what it delivers is taken."""
        answer = await self.http.request("POST", f"{self.url}/_fake/{what}", json=given, trusted_origin=self.url)
        assert answer.status == 200
        assert b'"ok":true' in answer.content

    async def say(self, person: str, text: str) -> UUID:
        """A member answers."""
        async with self.tale.pool.connection() as connection:
            user_id = await self.tale.user_id_on(self.channel.id, person)
            return await enqueue_message(connection, self.tale.bot_id, user_id, text, author="member", now=utc_now())

    async def status(self, message_id: UUID, wanted: str) -> str:
        """Wait until a message has a status; returns the service's name of it."""

        async def there() -> bool:
            rows = await self.tale.rows("SELECT status FROM messages WHERE id = %s", message_id)
            return rows == [(wanted,)]

        await until(there, lambda: f"the message was never {wanted}")
        rows = await self.tale.rows("SELECT external_id FROM messages WHERE id = %s", message_id)
        return str(rows[0][0])

    async def know(self, person: str) -> None:
        """Ask the service who a person is, as the job does."""
        ((identity,),) = await self.tale.rows("SELECT id FROM identities WHERE external_id = %s", person)
        reach = Reach(pool=self.tale.pool, http=self.http, channels=self.channels, kinds=KINDS, clock=utc_now)
        await fetch_profile(reach, self.tale.bot_id, identity)


@asynccontextmanager
async def connected(
    tale: Tale, kind: str, config: dict[str, Any], secrets: dict[str, str], url: str, http: Http
) -> AsyncIterator[Way]:
    """Connect a channel to a fake at `url` by what a member types, and let everything run."""
    tale.now = utc_now()
    async with hooked(tale, http) as public_url:
        async with tale.pool.connection() as connection:
            channel = await registry.add(connection, BOX, tale.bot_id, kind, "shop", config, secrets)
        hook_url = f"{public_url}/hooks/{channel.id}"
        remembered = await KINDS[kind].connect(channel, http, hook_url)
        async with tale.pool.connection() as connection:
            channel = await registry.update(connection, BOX, tale.bot_id, channel.id, config=config | remembered)
        way = Way(tale, channel, url, hook_url, http)
        async with running(Sender(tale.pool, http, way.channels, KINDS, clock=utc_now, luck=lambda: 0.5)):
            yield way


@asynccontextmanager
async def hooked(tale: Tale, http: Http) -> AsyncIterator[str]:
    """Serve the webhooks of a bot over real HTTP; returns their public address."""
    channels = Channels(tale.pool, BOX)
    served: list[Hooks] = []

    async def take(request: Request) -> Reply:
        parts: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": request.body, "more_body": False}

        async def send(message: Any) -> None:
            parts.append(message)

        query = "&".join(f"{name}={value}" for name, value in request.query.items())
        headers = [(name.encode(), value.encode()) for name, value in request.headers.items()]
        scope = {"type": "http", "method": request.method, "path": request.path, "headers": headers}
        await served[0](scope | {"query_string": query.encode()}, receive, send)
        return Reply(status=parts[0]["status"], body=parts[1]["body"])

    async with FakeServer(take) as server:
        served.append(Hooks(channels, tale.ingest, utc_now, http, server.url))
        yield server.url
