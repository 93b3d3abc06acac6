"""The fake Bot API delivers and refuses as the real one does, so that what passes with it means something."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from botfolk.channels.events import InboundMessage, MessageEdited, ReachabilityChanged, ReactionChanged
from botfolk.channels.faking import FakeServer, Reply, Request
from botfolk.channels.telegram.receive import verify
from botfolk.http import open_http
from tests.channels.telegram.conftest import KIND, RECEIVED, Service


class Hook:
    """A webhook that answers as it is told, in turn, and then 200."""

    def __init__(self) -> None:
        self.answers: list[Reply] = []
        self.heard: list[int] = []
        self.updates: list[dict[str, Any]] = []
        self.url = ""

    async def handle(self, request: Request) -> Reply:
        update = request.json()
        self.heard.append(update["update_id"])
        reply = self.answers.pop(0) if self.answers else Reply(body=b"ok")
        if reply.status == 200:
            self.updates.append({"headers": request.headers, "body": request.body})
        return reply


@pytest.fixture
async def hook(service: Service) -> AsyncIterator[Hook]:
    """A webhook that the fake knows, set as a channel sets it."""
    hook = Hook()
    async with FakeServer(hook.handle) as server:
        hook.url = f"{server.url}/hooks/1"
        await KIND.connect(service.channel, service.http, hook.url)
        yield hook


async def test_an_update_comes_with_the_secret_token_and_is_genuine(service: Service, hook: Hook) -> None:
    told = await service.tell("deliver", update={"update_id": 9})
    assert (told["ok"], told["status"], told["attempts"]) == (True, 200, 1)
    (update,) = hook.updates
    assert verify(service.channel, update["headers"])


async def test_an_update_that_is_not_taken_comes_again_before_the_next_of_its_chat(
    service: Service, hook: Hook
) -> None:
    hook.answers = [Reply(status=503, headers={"retry-after": "0"}), Reply(close=True)]
    told = await asyncio.gather(*(service.tell("say", chat_id=5001, text=text) for text in ("one", "two")))
    assert [each["ok"] for each in told] == [True, True]
    first, second = hook.heard[0], hook.heard[-1]
    assert first != second
    assert hook.heard == [first, first, first, second]


async def test_an_update_is_given_up_at_last(service: Service, hook: Hook) -> None:
    hook.answers = [Reply(status=500), Reply(status=401)]
    told = await service.tell("deliver", update={"update_id": 9}, attempts=2)
    assert (told["ok"], told["status"], told["attempts"]) == (False, 401, 2)


async def test_nothing_can_be_delivered_without_a_webhook(service: Service) -> None:
    assert (await service.tell("say", chat_id=5001, text="hello"))["error_code"] == 409


@pytest.mark.parametrize(
    ("act", "given", "kind"),
    [
        ("say", {"text": "hello", "last_name": "Ruiz"}, InboundMessage),
        ("say", {"text": "hullo", "edits": 3}, MessageEdited),
        ("tap", {"data": "yes", "title": "Yes!", "message_id": 3}, InboundMessage),
        ("tap", {"data": "yes"}, InboundMessage),
        ("react", {"message_id": 3, "emoji": ["👍"]}, ReactionChanged),
        ("block", {}, ReachabilityChanged),
        ("block", {"blocked": False}, ReachabilityChanged),
    ],
)
@pytest.mark.parametrize("group", [None, "Tea lovers"])
async def test_what_a_person_is_told_to_do_is_understood(
    service: Service, hook: Hook, act: str, given: dict[str, Any], kind: type, group: str | None
) -> None:
    chat = {"chat_id": -1007, "group": group, "from_id": 5001} if group else {"chat_id": 5001}
    await service.tell(act, **chat, **given)
    (update,) = hook.updates
    (event,), strange = KIND.parse(service.channel, update["body"], RECEIVED)
    # Telegram does not say where the button was when it does not show its message.
    where = 5001 if act == "tap" and "message_id" not in given else chat["chat_id"]
    assert (type(event), event.external_user_id, strange) == (kind, str(where), [])


async def test_who_blocks_the_bot_cannot_be_sent_to(service: Service, hook: Hook) -> None:
    address = f"{service.url}/bot{service.channel.secrets['token']}/sendMessage"
    await service.tell("block", chat_id=5001)
    answer = await service.http.request(
        "POST", address, json={"chat_id": 5001, "text": "hello"}, trusted_origin=service.url
    )
    assert answer.status == 403
    assert msgspec.json.decode(answer.content) == {
        "ok": False,
        "error_code": 403,
        "description": "Forbidden: bot was blocked by the user",
    }


@pytest.mark.parametrize(
    ("method", "arguments", "code", "text"),
    [
        ("sendMessage", {"chat_id": 1, "text": " "}, 400, "message text is empty"),
        ("sendMessage", {"chat_id": 1, "text": "x" * 4097}, 400, "message is too long"),
        ("sendMessage", {"text": "x"}, 400, "chat_id is empty"),
        ("sendMessage", {"chat_id": "@nobody", "text": "x"}, 400, "chat not found"),
        ("sendChatAction", {"chat_id": 1}, 400, "wrong parameter action"),
        ("answerCallbackQuery", {}, 400, "query is too old"),
        ("setWebhook", {"url": "https://x", "secret_token": "no spaces"}, 400, "unallowed characters"),
        ("getUpdatesOfTheFuture", {}, 404, "method not found"),
    ],
)
async def test_what_the_real_one_refuses_is_refused(
    service: Service, method: str, arguments: dict[str, Any], code: int, text: str
) -> None:
    address = f"{service.url}/bot1:x/{method}"
    answer = await service.http.request("POST", address, json=arguments, trusted_origin=service.url)
    told = msgspec.json.decode(answer.content)
    assert (answer.status, told["ok"], told["error_code"]) == (code, False, code)
    assert text in told["description"]


async def test_the_webhook_can_be_asked_for_and_taken_away(service: Service, hook: Hook) -> None:
    api = f"{service.url}/bot{service.channel.secrets['token']}"

    async def url() -> str:
        answer = await service.http.request("GET", f"{api}/getWebhookInfo", trusted_origin=service.url)
        return str(msgspec.json.decode(answer.content)["result"]["url"])

    assert await url() == hook.url
    await service.http.request("POST", f"{api}/deleteWebhook", trusted_origin=service.url)
    assert await url() == ""


@pytest.mark.parametrize(
    ("what", "given"), [("script", {"method": "getMe", "behaviour": "sulk"}), ("person", {}), ("deliver", {})]
)
async def test_an_order_it_does_not_understand_is_refused(service: Service, what: str, given: dict[str, Any]) -> None:
    assert (await service.tell(what, **given))["error_code"] == 400


async def test_a_reset_forgets_all_but_the_webhook(service: Service, hook: Hook) -> None:
    await service.tell("script", method="getMe", behaviour="5xx", times=9)
    await service.tell("person", id=5001, blocked=True)
    await service.tell("reset")
    assert await service.calls("") == []
    assert (await KIND.connect(service.channel, service.http, hook.url))["bot_id"] == 42
    assert service.fake.state.webhook["url"] == hook.url


async def test_it_runs_by_itself() -> None:
    command = (sys.executable, "-m", "botfolk.channels.telegram.fake", "--port", "0")
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
    assert process.stdout is not None
    try:
        url = (await process.stdout.readline()).decode().split()[-1]
        async with open_http() as http:
            answer = await http.request("GET", f"{url}/bot7:x/getMe", trusted_origin=url)
        assert msgspec.json.decode(answer.content)["result"]["id"] == 7
    finally:
        process.terminate()
        await process.wait()
