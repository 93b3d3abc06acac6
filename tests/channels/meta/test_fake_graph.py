"""The base of the fakes: it words errors, misbehaves and signs as Meta does."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from botfolk.channels.contract import Channel
from botfolk.channels.faking import FakeServer, Reply, reply_json
from botfolk.channels.faking import Request as FakeRequest
from botfolk.channels.meta import graph
from botfolk.channels.meta.fake_graph import Call, FakeGraph, as_meta_writes
from botfolk.channels.meta.files import download
from botfolk.channels.meta.webhook import greet, verify
from botfolk.channels.requests import Request
from botfolk.http import Broken, Http, open_http
from botfolk.outgoing.forms import File, multipart, urlencoded
from tests.channels.meta.conftest import SECRET, TOKEN, VERIFY, make_channel

PAYLOAD = {"object": "page", "entry": [{"id": "1", "text": "ü 😀 a/b"}]}


class Echo(FakeGraph):
    """A service whose every call answers what it was given."""

    async def api(self, call: Call) -> Reply:
        return reply_json({"path": call.path, "given": call.given, "bytes": call.file_bytes})

    def file(self, name: str) -> Reply | None:
        return Reply(body=name.encode()) if name != "gone" else None


class World:
    """The fake, a channel that calls it, and the hook it delivers to."""

    def __init__(self, fake: Echo, url: str, hook: str, http: Http) -> None:
        self.fake, self.url, self.hook, self.http = fake, url, hook, http
        self.channel: Channel = make_channel(url, media_hosts=[url.removeprefix("http://")])
        self.delivered: list[Request] = []
        self.statuses: list[int] = []

    async def take(self, request: FakeRequest) -> Reply:
        """Be the hook: answer the handshake, take deliveries."""
        asked = Request(
            method=request.method, url=self.hook, headers=request.headers, body=request.body, query=request.query
        )
        if request.method == "GET":
            answer = greet(self.channel, asked)
            return Reply(status=answer.status, body=answer.text.encode()) if answer else Reply(status=405)
        self.delivered.append(asked)
        return Reply(status=self.statuses.pop(0) if self.statuses else 200)

    async def tell(self, what: str, **given: object) -> dict[str, Any]:
        """Ask something of the control side."""
        answer = await self.http.request("POST", f"{self.url}/_fake/{what}", json=given, trusted_origin=self.url)
        told: dict[str, Any] = msgspec.json.decode(answer.content)
        return told


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with open_http() as http, open_http(allow_private=True) as outgoing:
        fake = Echo(outgoing)
        made: list[World] = []

        async def take(request: FakeRequest) -> Reply:
            return await made[0].take(request)

        async with FakeServer(fake.handle) as server, FakeServer(take) as hook:
            made.append(World(fake, server.url, hook.url, http))
            yield made[0]


async def test_calls_are_understood_in_every_form(world: World) -> None:
    parts = multipart(
        {"recipient": '{"id":"7"}'}, {"filedata": File(name="a.png", content_type="image/png", content=b"\x00\r\n\xff")}
    )
    for body, json in (
        (None, {"recipient": {"id": "7"}}),
        (urlencoded({"recipient": '{"id":"7"}'}), None),
        (parts, None),
    ):
        answer = await graph.call(world.channel, world.http, "POST", "me/messages", json=json, body=body)
        assert answer.result["given"]["recipient"] == {"id": "7"}
    assert answer.result["bytes"] == 4
    assert answer.result["path"] == "me/messages"


async def test_a_revoked_token_is_refused(world: World) -> None:
    await world.tell("token", token=TOKEN)
    answer = await graph.call(world.channel, world.http, "GET", "me")
    assert answer.error is not None
    assert (answer.status, answer.error.code) == (401, 190)
    await world.tell("token", token=TOKEN, revoked=False)
    assert (await graph.call(world.channel, world.http, "GET", "me")).error is None


@pytest.mark.parametrize(
    ("script", "code", "wait"),
    [
        ({"behaviour": "429", "retry_after": 7}, 80006, 7.0),
        ({"behaviour": "5xx"}, 2, None),
        ({"behaviour": "refuse", "error": 551, "parameters": {"error_subcode": 1545041}}, 551, None),
    ],
)
async def test_it_misbehaves_as_it_is_told(
    world: World, script: dict[str, object], code: int, wait: float | None
) -> None:
    await world.tell("script", method="messages", **script)
    assert (await graph.call(world.channel, world.http, "GET", "me")).error is None
    answer = await graph.call(world.channel, world.http, "POST", "me/messages", json={})
    assert answer.error is not None
    assert (answer.error.code, answer.wait) == (code, wait)
    assert (await graph.call(world.channel, world.http, "POST", "me/messages", json={})).error is None


@pytest.mark.parametrize(("behaviour", "taken"), [("reset", False), ("drop", True)])
async def test_it_breaks_the_connection_before_or_after(world: World, behaviour: str, taken: bool) -> None:
    await world.tell("script", behaviour=behaviour)
    with pytest.raises(Broken):
        await graph.call(world.channel, world.http, "POST", "me/messages", json={})
    assert [call.taken for call in world.fake.calls] == ([True] if taken else [False])


async def test_a_file_needs_no_token(world: World) -> None:
    assert await download(world.channel, world.http, f"{world.url}/files/1.jpg") == b"1.jpg"


async def test_the_address_is_asked_before_anything_is_delivered(world: World) -> None:
    told = await world.tell("hook", url=world.hook, app_secret=SECRET, verify_token="wrong")
    assert told["error"]["code"] == 2200
    assert world.fake.hook.url == ""
    assert await world.tell("hook", url=world.hook, app_secret=SECRET, verify_token=VERIFY) == {"success": True}
    assert world.fake.hook.url == world.hook


async def test_what_it_delivers_is_signed_over_what_meta_would_write(world: World) -> None:
    await world.tell("hook", url=world.hook, app_secret=SECRET, verify_token=VERIFY)
    assert await world.tell("deliver", payload=PAYLOAD) == {"ok": True, "status": 200, "attempts": 1}
    (request,) = world.delivered
    assert verify(world.channel, request)
    assert request.body == as_meta_writes(PAYLOAD)
    assert rb"\u00fc \ud83d\ude00 a\/b" in request.body
    assert msgspec.json.decode(request.body) == PAYLOAD


async def test_what_is_not_taken_is_delivered_again(world: World) -> None:
    await world.tell("hook", url=world.hook, app_secret=SECRET, verify_token=VERIFY)
    world.statuses = [503, 500]
    assert await world.tell("deliver", payload=PAYLOAD) == {"ok": True, "status": 200, "attempts": 3}
    assert len({request.body for request in world.delivered}) == 1
