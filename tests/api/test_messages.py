"""What was said, by the API, and saying something."""

from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from botfolk.channels import registry
from botfolk.channels.contract import Features
from botfolk.channels.events import ReactionChanged, Sender
from botfolk.channels.faking import FakeServer
from botfolk.channels.setup import Template
from botfolk.channels.telegram.fake import FakeTelegram
from botfolk.conversations.attaching import MOST_BYTES
from tests.channels.way import connected
from tests.conversations.test_composer import a_picture
from tests.telling import at, full
from tests.web import Web


async def _address(web: Web) -> str:
    return f"/api/v1/users/{await web.tale.user_id()}"


async def _reactions(web: Web) -> Any:
    listed = (await web.client.get(f"{await _address(web)}/messages", headers=await web.token())).json()
    return [message["details"].get("reactions") for message in listed["items"] if message["direction"] == "in"]


async def test_a_message_shows_the_last_reaction_of_each_sender(web: Web) -> None:
    first = await web.tale.says(0, "look")
    await web.tale.says(1, "and this")

    async def reacts(key: str, minutes: float, who: str, *emoji: str) -> None:
        await web.tale.deliver(
            ReactionChanged(
                dedupe_key=key,
                at=at(minutes),
                emoji=emoji,
                external_user_id="1",
                external_id=first.external_id,
                sender=Sender(external_id=who, name=who),
            )
        )

    assert await _reactions(web) == [None, None]
    await reacts("r1", 2, "Ben", "👍")
    await reacts("r2", 3, "Cai", "🔥", "🎉")
    assert await _reactions(web) == [None, ["👍", "🔥", "🎉"]]
    await reacts("r4", 5, "Ben", "👎")
    await reacts("r3", 4, "Ben", "😱")  # a late one of before
    assert await _reactions(web) == [None, ["👎", "🔥", "🎉"]]
    await reacts("r5", 6, "Ben")
    assert await _reactions(web) == [None, ["🔥", "🎉"]]
    await reacts("r6", 7, "Cai")
    assert await _reactions(web) == [None, None]


async def test_a_message_pauses_the_bot_when_asked_to(web: Web) -> None:
    await web.tale.says(0, profile=full("Aisha"))
    address, token = await _address(web), await web.token("agent")
    await web.client.post(f"{address}/messages", json={"text": "Hi"}, headers=token)
    assert await web.tale.stats("paused_until") == (None,)
    await web.client.post(f"{address}/messages", json={"text": "I am a human", "pause": True}, headers=token)
    assert await web.tale.stats("paused_until") == (at(10),)


async def test_a_message_never_shortens_a_pause(web: Web) -> None:
    await web.tale.says(0)
    address, token = await _address(web), await web.token("agent")
    await web.client.patch(address, json={"pause_bot": {"paused": True, "until_resumed": True}}, headers=token)
    await web.client.post(f"{address}/messages", json={"text": "Hi", "pause": True}, headers=token)
    pause = (await web.client.get(address, headers=token)).json()["pause_bot"]
    assert (pause["paused"], pause["forever"], pause["until"]) == (True, True, None)


async def test_a_queued_message_stands_in_the_outbox_as_it_was_given(web: Web) -> None:
    await web.tale.says(0)
    address, token = await _address(web), await web.token("agent")
    before = await web.tale.rows("SELECT count(*) FROM outbox")
    body = {
        "text": "Which?",
        "buttons": [{"title": "This", "data": "this"}, {"title": "Shop", "url": "https://example.com/a"}],
        "channel": str(web.tale.channel.id),
    }
    answer = await web.client.post(f"{address}/messages", json=body, headers=token)
    assert answer.status_code == 202
    message = answer.json()
    assert (message["direction"], message["channel"], message["session_id"]) == ("out", str(web.tale.channel.id), None)
    rows = await web.tale.rows(
        "SELECT o.payload, o.state, m.text, m.author FROM outbox o JOIN messages m ON m.id = o.message_id"
        " WHERE o.message_id = %s",
        UUID(message["id"]),
    )
    assert [(row[1], row[2], row[3]) for row in rows] == [("queued", "Which?", "member")]
    assert [button["title"] for button in rows[0][0]["buttons"]] == ["This", "Shop"]
    assert await web.tale.rows("SELECT count(*) FROM outbox") == [(before[0][0] + 1,)]


async def test_what_is_said_at_the_very_time_of_a_message_stands_after_it(web: Web) -> None:
    await web.tale.says(0, "hello?", sequence=4711)
    address, token = await _address(web), await web.token("agent")
    await web.client.post(f"{address}/messages", json={"text": "Hi!"}, headers=token)
    listed = (await web.client.get(f"{address}/messages", headers=token)).json()["items"]
    assert next(each["text"] for each in listed) == "Hi!"
    assert len({each["sent_at"] for each in listed}) == 1


async def test_a_template_is_sent_by_its_name_with_its_placeholders(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    async def offered(*_: object) -> list[Template]:
        return [Template(name="order", language="en", body="Your order {{1}} is ready", placeholders=1)]

    await web.tale.says(0)
    async with web.tale.pool.connection() as connection:
        await registry.update(connection, web.services.box, web.tale.bot_id, web.tale.channel.id, secrets={})
    kind, channel = registry.KINDS[web.tale.channel.kind], str(web.tale.channel.id)
    address, token = await _address(web), await web.token("agent")
    order = {"name": "order", "language": "en", "parameters": ["4711"]}
    refused = await web.client.post(f"{address}/messages", json={"template": order, "channel": channel}, headers=token)
    assert (refused.status_code, "has no templates" in refused.text) == (409, True)
    monkeypatch.setattr(type(kind), "features", Features(templates=True))
    monkeypatch.setattr(type(kind), "templates", offered)
    for body, status, word in (
        ({"template": order}, 422, "channel"),
        ({"template": order, "channel": channel, "text": "x"}, 422, "template"),
        ({"template": order | {"name": "odrer"}, "channel": channel}, 409, "odrer"),
        ({"template": order | {"parameters": []}, "channel": channel}, 409, "placeholders"),
    ):
        answer = await web.client.post(f"{address}/messages", json=body, headers=token)
        assert (answer.status_code, word in answer.text) == (status, True), answer.text
    answer = await web.client.post(f"{address}/messages", json={"template": order, "channel": channel}, headers=token)
    assert (answer.status_code, answer.json()["text"]) == (202, "Your order 4711 is ready")
    [(payload,)] = await web.tale.rows("SELECT payload FROM outbox WHERE message_id = %s", UUID(answer.json()["id"]))
    assert payload["template"] == order


async def test_files_are_uploaded_and_sent_to_the_service(web: Web) -> None:
    fake = FakeTelegram()
    async with FakeServer(fake.handle) as server:
        config, secrets = {"api_base": server.url}, {"token": "42:a-token-of-no-bot", "secret": "of_the_hook"}
        async with connected(web.tale, "telegram", config, secrets, server.url, web.services.http) as way:
            message = web.tale.message(0, who="7")
            await web.tale.ingest.submit(replace(web.tale.delivery([message]), channel=way.channel))
            address = f"/api/v1/users/{await web.tale.user_id_on(way.channel.id, '7')}"
            token = await web.token("agent")
            files = []
            for name, content in (("offer.pdf", b"%PDF-1.7 offer"), ("me.png", a_picture("PNG"))):
                upload = f"{address}/files?name={name}"
                answer = await web.client.post(upload, content=content, headers=token)
                assert answer.status_code == 201, answer.text
                files.append(answer.json())
            assert [(each["name"], each["is_picture"]) for each in files] == [("offer.pdf", False), ("me.jpg", True)]
            body = {"text": "Our offer", "files": [each["id"] for each in files]}
            answer = await web.client.post(f"{address}/messages", json=body, headers=token)
            assert answer.status_code == 202, answer.text
            await way.status(UUID(answer.json()["id"]), "sent")
    greeting, document, photo, text = [call for call in fake.state.calls if call.method.startswith("send")]
    assert (document.method, photo.method) == ("sendDocument", "sendPhoto")
    assert "Our offer" not in (greeting.arguments["text"], document.arguments.get("caption"))
    assert text.arguments["text"] == "Our offer"


async def test_a_file_that_cannot_be_sent_says_why(web: Web) -> None:
    await web.tale.says(0)
    await web.tale.says(0, who="2")
    address, token = await _address(web), await web.token("agent")
    other = f"/api/v1/users/{await web.tale.user_id('2')}"
    of_other = (await web.client.post(f"{other}/files?name=a.txt", content=b"a", headers=token)).json()["id"]
    before = await web.tale.rows("SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM media)")
    for path, given, status, word in (
        ("files?name=x.svg", {"content": b"<svg/>"}, 422, "SVG"),
        ("files?name=x", {"content": b""}, 422, "empty"),
        ("files", {"content": b"x"}, 400, "name"),
        ("files?name=x", {"content": b"x" * (MOST_BYTES + 1)}, 422, "larger than 25 MB"),
        ("messages", {"json": {"files": [of_other]}}, 422, "upload it first"),
        ("messages", {"json": {"files": [str(UUID(int=n % 11)) for n in range(99)]}}, 422, "10 files, these are 11"),
        ("messages", {"json": {"files": []}}, 422, "files"),
        ("messages", {"json": {"files": ["x"]}}, 400, "files"),
    ):
        answer = await web.client.post(f"{address}/{path}", headers=token, **given)
        assert (answer.status_code, word in answer.text) == (status, True), (path, answer.text)
    assert await web.tale.rows("SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM media)") == before


async def test_a_file_for_somebody_who_is_merged_can_still_be_sent(web: Web) -> None:
    for who in ("12345", "2", "3"):
        await web.tale.says(0, who=who)
    first, second, third = [f"/api/v1/users/{await web.tale.user_id(who)}" for who in ("12345", "2", "3")]
    token = await web.token("agent")
    file = (await web.client.post(f"{third}/files?name=a.txt", content=b"a", headers=token)).json()["id"]
    # Both are the first by now: the one whom the file was for, and the one they were merged into.
    for stays, gone in ((second, third), (first, second)):
        asked = {"with": gone.rpartition("/")[2]}
        assert (await web.client.post(f"{stays}/merge", json=asked, headers=token)).status_code == 200
    sent = await web.client.post(f"{first}/messages", json={"files": [file]}, headers=token)
    assert sent.status_code == 202, sent.text


async def test_what_cannot_be_sent_says_why_and_leaves_nothing(web: Web) -> None:
    await web.tale.says(0)
    address, token = await _address(web), await web.token("agent")
    before = await web.tale.rows("SELECT count(*) FROM messages")
    for body, status, word in (
        ({"text": "x", "channel": str(UUID(int=7)), "pause": True}, 409, "channel"),
        ({"text": "   ", "pause": True}, 409, "empty"),
        ({"text": "x", "buttons": [{"title": ""}]}, 422, "buttons.0.title"),
        ({"text": "x", "buttons": [{"title": "t", "url": "javascript:alert(1)"}]}, 422, "buttons.0.url"),
        ({"text": 7}, 400, "text"),
        ({}, 422, "text"),
        ({"text": "x", "channel": "telegram"}, 400, "channel"),
        ({"text": "x", "pauze": True}, 400, "pauze"),
    ):
        answer = await web.client.post(f"{address}/messages", json=body, headers=token)
        assert answer.status_code == status, (body, answer.text)
        assert word in answer.text, answer.text
    assert await web.tale.rows("SELECT count(*) FROM messages") == before
    assert await web.tale.stats("paused_until") == (None,)


async def test_a_channel_that_is_off_is_named(web: Web) -> None:
    await web.tale.says(0)
    async with web.tale.pool.connection() as connection:
        await connection.execute("UPDATE channels SET enabled = false")
    answer = await web.client.post(
        f"{await _address(web)}/messages", json={"text": "x"}, headers=await web.token("agent")
    )
    assert (answer.status_code, answer.json()["detail"]) == (409, "The channel t is switched off")
