"""The whole way, for both services: connect, a person writes, is known by name and picture, is answered, reads it."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from botfolk.channels import registry
from botfolk.channels.contract import Channel
from botfolk.channels.faking import FakeServer
from botfolk.channels.instagram.fake import FakeInstagram
from botfolk.channels.messenger.fake import FakeMessenger
from botfolk.channels.meta.fake_graph import Hook
from botfolk.channels.registry import KINDS, Channels
from botfolk.clock import utc_now
from botfolk.db.pool import Pool
from botfolk.http import Http, open_http
from botfolk.jobs.fetching import Reach, fetch_picture, fetch_profile
from botfolk.outbox.queue import enqueue_message
from botfolk.outbox.sender import Sender
from tests.channels.messenger.conftest import PERSON, SECRET, TOKEN, VERIFY
from tests.channels.way import hooked
from tests.outbox.world import BOX, running, until
from tests.telling import Tale, a_tale

SERVICES = {"messenger": FakeMessenger, "instagram": FakeInstagram}


class Way:
    """A bot with a channel that is connected to a fake, and everything that runs between them."""

    def __init__(self, tale: Tale, channel: Channel, fake: FakeMessenger, url: str, http: Http) -> None:
        self.tale, self.channel, self.fake, self.url, self.http = tale, channel, fake, url, http
        self.channels = Channels(tale.pool, BOX)

    async def does(self, act: str, **given: object) -> None:
        """A person does something, which is delivered and taken."""
        address = f"{self.url}/_fake/{act}"
        answer = await self.http.request("POST", address, json={"person": PERSON, **given}, trusted_origin=self.url)
        assert answer.status == 200
        assert b'"ok":true' in answer.content

    async def say(self, text: str) -> UUID:
        """A member answers."""
        async with self.tale.pool.connection() as connection:
            user_id = await self.tale.user_id_on(self.channel.id, PERSON)
            return await enqueue_message(connection, self.tale.bot_id, user_id, text, author="member", now=utc_now())

    async def status(self, message_id: UUID, wanted: str) -> None:
        """Wait until a message has a status."""

        async def there() -> bool:
            rows = await self.tale.rows("SELECT status FROM messages WHERE id = %s", message_id)
            return rows == [(wanted,)]

        await until(there, lambda: f"the message was never {wanted}")


@pytest.fixture(params=SERVICES)
async def way(request: pytest.FixtureRequest, pool: Pool, dsn: str) -> AsyncIterator[Way]:
    """A channel of each service, connected by the credentials a member types."""
    kind = KINDS[request.param]
    async with a_tale(pool, dsn) as tale, open_http() as http, open_http(allow_private=True) as outgoing:
        tale.now = utc_now()
        fake = SERVICES[request.param](outgoing)
        fake.hook = Hook(app_secret=SECRET)
        async with FakeServer(fake.handle) as server, hooked(tale, http) as public_url:
            secrets = {"access_token": TOKEN, "app_secret": SECRET, "verify_token": VERIFY}
            config = {"api_base": server.url}
            async with pool.connection() as connection:
                channel = await registry.add(connection, BOX, tale.bot_id, kind.kind, "shop", config, secrets)
            hook_url = f"{public_url}/hooks/{channel.id}"
            remembered = await kind.connect(channel, http, hook_url)
            async with pool.connection() as connection:
                channel = await registry.update(
                    connection, BOX, tale.bot_id, channel.id, config=channel.config | remembered
                )
            if not fake.hook.url:
                # What only the dashboard can do.
                await fake.set_hook(Hook(url=hook_url, app_secret=SECRET, verify_token=VERIFY))
            way = Way(tale, channel, fake, server.url, http)
            sender = Sender(pool, http, way.channels, KINDS, clock=utc_now, luck=lambda: 0.5)
            async with running(sender):
                yield way


async def test_a_person_writes_is_known_is_answered_and_reads(way: Way) -> None:
    tale = way.tale
    await way.does("say", text="Grüße 👋")
    assert await tale.rows("SELECT text FROM messages WHERE direction = 'in'") == [("Grüße 👋",)]

    ((identity,),) = await tale.rows("SELECT id FROM identities WHERE external_id = %s", PERSON)
    reach = Reach(pool=tale.pool, http=way.http, channels=way.channels, kinds=KINDS, clock=utc_now)
    await fetch_profile(reach, tale.bot_id, identity)
    await fetch_picture(reach, tale.bot_id, identity)
    names = [("Fay", "Fake")] if way.channel.kind == "messenger" else [("Fay Fake", None)]
    assert await tale.rows("SELECT first_name, last_name FROM users WHERE picture_id IS NOT NULL") == names

    said = await way.say("Good day")
    await way.status(said, "sent")
    named = await tale.rows("SELECT external_id FROM messages WHERE id = %s", said)
    mid = str(named[0][0])
    assert mid.startswith("m_fake_")
    await way.does("delivered", mids=[mid])
    await way.status(said, "delivered")
    await way.does("seen", **({"mid": mid} if way.channel.kind == "instagram" else {}))
    await way.status(said, "read")

    # The echoes of what we sent ourselves are nobody else's words; what the team writes in Meta's inbox is.
    await way.does("inbox", text="from the inbox")
    outgoing = "SELECT text FROM messages WHERE direction = 'out' AND author = 'member' ORDER BY id"
    assert await tale.rows(outgoing) == [("Good day",), ("from the inbox",)]
    assert await tale.rows("SELECT reason FROM quarantine") == []


async def test_who_has_blocked_the_page_is_not_written_to_again(way: Way) -> None:
    await way.does("say", text="hello")
    way.fake.people[PERSON] = way.fake.person(PERSON)
    way.fake.people[PERSON].blocked = True
    said = await way.say("Good day")
    await way.status(said, "failed")
    rows = await way.tale.rows("SELECT state FROM identities WHERE external_id = %s", PERSON)
    assert rows == [("blocked",)]
