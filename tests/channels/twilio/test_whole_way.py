"""The whole way: a person writes by SMS and WhatsApp, is known by phone, is answered, gets it, says STOP."""

from collections.abc import AsyncIterator

import pytest

from botfolk.channels.faking import FakeServer
from botfolk.channels.twilio.fake import FakeTwilio
from botfolk.db.pool import Pool
from botfolk.http import open_http
from tests.channels.twilio.conftest import PERSON, TOKEN, make_channel
from tests.channels.way import Way, connected
from tests.telling import a_tale

WHATSAPP = "whatsapp:+15550000002"


@pytest.fixture
async def way(pool: Pool, dsn: str) -> AsyncIterator[Way]:
    """A channel that is connected by what a member types."""
    async with a_tale(pool, dsn) as tale, open_http() as http, open_http(allow_private=True) as outgoing:
        fake = FakeTwilio(http=outgoing)
        fake.state.token = TOKEN
        async with FakeServer(fake.handle) as server:
            config, secrets = make_channel(server.url).config, {"auth_token": TOKEN}
            async with connected(tale, "twilio", config, secrets, server.url, http) as way:
                yield way


async def test_a_person_writes_is_known_is_answered_and_gets_it(way: Way) -> None:
    tale = way.tale
    await way.tell("say", From=PERSON, Body="Grüße 👋")
    assert await tale.rows("SELECT text FROM messages WHERE direction = 'in'") == [("Grüße 👋",)]
    assert await tale.rows("SELECT first_name, phone FROM users") == [(None, PERSON)]
    said = await way.say(PERSON, "Good day")
    sid = await way.status(said, "sent")
    # Statuses come in any order, and lead forward only.
    await way.tell("status", sid=sid, status="delivered")
    await way.status(said, "delivered")
    await way.tell("status", sid=sid, status="sent")
    await way.status(said, "delivered")
    assert await tale.rows("SELECT reason FROM quarantine") == []


async def test_who_hides_their_number_on_whatsapp_is_still_the_same(way: Way) -> None:
    own = "whatsapp:US.1234"
    await way.tell("say", From=WHATSAPP, ExternalUserId=own, ProfileName="Ana Ruiz", Body="one")
    await way.tell("say", From=own, ExternalUserId=own, Body="two")
    known = await way.tale.rows("SELECT first_name, last_name, phone FROM users")
    assert known == [("Ana", "Ruiz", "+15550000002")]
    assert len(await way.tale.rows("SELECT id FROM messages WHERE direction = 'in'")) == 2


async def test_who_says_stop_is_not_written_to_until_start(way: Way) -> None:
    state = "SELECT state FROM identities WHERE external_id = %s"
    await way.tell("say", From=PERSON, Body="hello")
    await way.tell("say", From=PERSON, Body="STOP")
    assert await way.tale.rows(state, PERSON) == [("opted_out",)]
    await way.tell("say", From=PERSON, Body="START")
    assert await way.tale.rows(state, PERSON) != [("opted_out",)]
    await way.status(await way.say(PERSON, "Welcome back"), "sent")


async def test_a_failure_that_comes_later_says_why(way: Way) -> None:
    await way.tell("say", From=PERSON, Body="hello")
    said = await way.say(PERSON, "Good day")
    sid = await way.status(said, "sent")
    await way.tell("status", sid=sid, status="undelivered", error=30005)
    await way.status(said, "failed")
    assert await way.tale.rows("SELECT state FROM identities WHERE external_id = %s", PERSON) == [("gone",)]
