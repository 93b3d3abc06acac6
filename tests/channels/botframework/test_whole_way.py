"""The whole way: a person writes in Teams, is known by name, timezone and email, is answered, reads it, goes."""

from collections.abc import AsyncIterator

import pytest

from botfolk.channels.botframework.fake import FakeBotFramework
from botfolk.channels.faking import FakeServer
from botfolk.db.pool import Pool
from botfolk.http import open_http
from tests.channels.botframework.conftest import PASSWORD, USER, make_channel
from tests.channels.way import Way, connected
from tests.telling import a_tale


@pytest.fixture
async def way(pool: Pool, dsn: str) -> AsyncIterator[Way]:
    """A channel that is connected by what a member types; what Azure's page takes is typed in there."""
    async with (
        a_tale(pool, dsn) as tale,
        open_http() as http,
        open_http(allow_private=True) as outgoing,
        FakeServer(FakeBotFramework(http=outgoing).handle) as server,
    ):
        config, secrets = make_channel(server.url).config, {"password": PASSWORD}
        async with connected(tale, "botframework", config, secrets, server.url, http) as way:
            await way.tell("webhook", url=way.hook_url)
            yield way


async def test_a_person_writes_is_known_is_answered_and_reads(way: Way) -> None:
    tale = way.tale
    await way.tell("say", user=USER, text="Grüße 👋", name="Meg Bowen", local_timestamp="2026-01-02T05:00:00+03:00")
    assert await tale.rows("SELECT text FROM messages WHERE direction = 'in'") == [("Grüße 👋",)]
    known = "SELECT first_name, last_name, email, timezone FROM users"
    assert await tale.rows(known) == [("Meg", "Bowen", None, "UTC+03:00")]
    await way.know(USER)
    assert await tale.rows(known) == [("Megan", "Bowen", "megan@example.com", "UTC+03:00")]

    said = await way.say(USER, "Good day")
    number = (await way.status(said, "sent")).removeprefix(f"a:{USER}:")
    await way.tell("read", user=USER, number=number)
    await way.status(said, "read")
    await way.tell("react", user=USER, number=number, added=["heart"])
    await way.tell("tap", user=USER, verb="order", title="Order", number=number)
    taps = await tale.rows("SELECT text, details->>'data' FROM messages WHERE kind = 'button'")
    assert taps == [("Order", "order")]
    assert await tale.rows("SELECT reason FROM quarantine") == []


async def test_who_removed_the_bot_is_not_written_to(way: Way) -> None:
    await way.tell("say", user=USER, text="hello")
    # Teams has not said so: only what is sent finds out.
    await way.tell("person", id=USER, blocked=True)
    await way.status(await way.say(USER, "Good day"), "failed")
    state = "SELECT state FROM identities WHERE external_id = %s"
    assert await way.tale.rows(state, USER) == [("blocked",)]
    await way.tell("install", user=USER)
    assert await way.tale.rows(state, USER) != [("blocked",)]
    await way.status(await way.say(USER, "Welcome back"), "sent")


async def test_a_group_is_answered_in_its_thread(way: Way) -> None:
    thread = "19:g@thread.tacv2;messageid=17"
    await way.tell("say", user=USER, text="hello", group=thread, title="General", mentions=True)
    assert await way.tale.rows("SELECT text FROM messages WHERE direction = 'in'") == [("hello",)]
    said = await way.say("19:g@thread.tacv2", "Good day")
    assert (await way.status(said, "sent")).startswith("19:g@thread.tacv2:")
