"""WhatsApp from end to end: webhook in, profile filled, a member's reply out, its statuses back."""

from collections.abc import AsyncIterator, MutableMapping
from typing import Any
from uuid import UUID

import pytest

from botfolk.channels import registry
from botfolk.channels.contract import Channel
from botfolk.channels.faking import FakeServer, Reply, Request
from botfolk.channels.registry import KINDS, Channels
from botfolk.channels.whatsapp.fake import FakeWhatsApp
from botfolk.clock import utc_now
from botfolk.db.pool import Pool
from botfolk.db.secrets import SecretBox
from botfolk.http import open_http
from botfolk.ingest.hooks import Hooks
from botfolk.outbox.queue import enqueue_message
from botfolk.outbox.sender import Sender
from tests.channels.whatsapp.conftest import APP_SECRET, VERIFY_TOKEN, make_channel
from tests.outbox.world import running, until
from tests.telling import Tale, a_tale

BOX = SecretBox("a key for tests, as long as a key must be")
ANA, SCOPED = "16505551234", "US.13491208655302741918"


class Line:
    """A bot's WhatsApp number, the fake behind it, and what is stored."""

    def __init__(self, tale: Tale, channel: Channel, fake: FakeWhatsApp, hooks: Hooks) -> None:
        self.tale, self.channel, self.fake, self.hooks = tale, channel, fake, hooks

    async def handle(self, request: Request) -> Reply:
        """Hand a request to the webhook's route."""
        answer: dict[str, Any] = {"status": 0, "body": b""}

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": request.body, "more_body": False}

        async def send(part: MutableMapping[str, Any]) -> None:
            answer.update({name: part[name] for name in ("status", "body") if name in part})

        query = "&".join(f"{name}={value}" for name, value in request.query.items()).encode()
        headers = [(name.encode(), value.encode()) for name, value in request.headers.items()]
        told = {"type": "http", "method": request.method, "path": request.path, "query_string": query}
        await self.hooks(told | {"headers": headers}, receive, send)
        return Reply(status=answer["status"], body=answer["body"], content_type="text/plain")

    async def one(self, query: str, *values: object) -> Any:
        """The first column of the first row."""
        rows = await self.tale.rows(query, *values)
        return rows[0][0] if rows else None

    async def reply(self, text: str) -> UUID:
        """A member answers whoever is there."""
        user_id = await self.one("SELECT id FROM users")
        async with self.tale.pool.connection() as connection:
            return await enqueue_message(
                connection, self.tale.bot_id, user_id, text, author="member", now=utc_now(), channel_id=self.channel.id
            )

    async def until(self, message_id: UUID, status: str) -> None:
        """Wait until a message stands so."""

        async def there() -> bool:
            return bool(await self.one("SELECT status FROM messages WHERE id = %s", message_id) == status)

        await until(there, lambda: f"the message never was {status}")


@pytest.fixture
async def line(pool: Pool, dsn: str) -> AsyncIterator[Line]:
    """A number whose webhook, ingest and sender are at work."""
    async with a_tale(pool, dsn) as tale, open_http(allow_private=True) as http:
        tale.clock = utc_now  # type: ignore[method-assign]
        fake = FakeWhatsApp(http)
        async with FakeServer(fake.handle) as service:
            made = make_channel(service.url)
            async with pool.connection() as connection:
                channel = await registry.add(
                    connection, BOX, tale.bot_id, "whatsapp", "shop", made.config, made.secrets
                )
            channels = Channels(pool, BOX)
            line = Line(tale, channel, fake, Hooks(channels, tale.ingest, utc_now, http, "https://crm.example"))
            async with FakeServer(line.handle) as ours:
                hook = {"app_secret": APP_SECRET, "verify_token": VERIFY_TOKEN}
                await http.request(
                    "POST", f"{service.url}/_fake/hook", json=hook | {"url": f"{ours.url}/hooks/{channel.id}"}
                )
                assert fake.hook.url
                async with running(Sender(pool, http, channels, KINDS, clock=utc_now)):
                    yield line


async def _say(line: Line, **said: object) -> None:
    from msgspec import json

    assert await line.fake.control("say", json.encode(said)) is not None


async def test_a_person_writes_is_known_and_is_answered(line: Line) -> None:
    await _say(line, wa_id=ANA, user_id=SCOPED, name="Ana", username="ana", text="Is it open? 👋")
    assert await line.one("SELECT text FROM messages WHERE direction = 'in'") == "Is it open? 👋"
    assert await line.tale.rows("SELECT first_name, phone FROM users") == [("Ana", "+16505551234")]
    names = {name for (name,) in await line.tale.rows("SELECT external_id FROM identities")}
    assert names == {SCOPED, ANA}
    answer = await line.reply("Until six")
    await line.until(answer, "delivered")
    wamid = await line.one("SELECT external_id FROM messages WHERE id = %s", answer)
    assert line.fake.state.sent[wamid]["recipient"] == SCOPED
    assert line.fake.state.sent[wamid]["biz_opaque_callback_data"] == str(answer)
    await line.fake.control("status", b'{"message_id":"%b","status":"read"}' % wamid.encode())
    await line.until(answer, "read")


async def test_the_same_person_without_a_phone_is_the_same_person(line: Line) -> None:
    await _say(line, wa_id=ANA, name="Ana", text="hello")
    await _say(line, wa_id=ANA, user_id=SCOPED, name="Ana", text="still me")
    await _say(line, wa_id=None, user_id=SCOPED, name="Ana", text="me, too")
    assert await line.one("SELECT count(*) FROM users") == 1
    assert await line.one("SELECT messages FROM user_stats") == 3
    assert await line.one("SELECT phone FROM users") == "+16505551234"


async def test_who_blocked_the_number_is_known_as_gone(line: Line) -> None:
    await _say(line, wa_id=ANA, name="Ana", text="hello")
    await line.fake.control("person", b'{"id":"16505551234","blocked":true}')
    answer = await line.reply("Until six")
    await line.until(answer, "failed")
    assert await line.one("SELECT state FROM identities WHERE external_id = %s", ANA) == "gone"
