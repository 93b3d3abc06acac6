"""The fake delivers and refuses as the real services do, so that what passes with it means something."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from typing import Any

import pytest

from botfolk.channels.botframework.kind import BotFramework
from botfolk.channels.contract import Outgoing
from botfolk.channels.events import (
    InboundMessage,
    MessageDeleted,
    MessageEdited,
    ReachabilityChanged,
    ReactionChanged,
    StatusChanged,
)
from botfolk.channels.faking import FakeServer, Reply, Request
from botfolk.channels.requests import Request as Delivered
from botfolk.http import open_http
from tests.channels.botframework.conftest import RECEIVED, USER, Service


class Hook:
    """A webhook that judges and reads what comes, and answers as it is told, in turn, and then as it should."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.answers: list[Reply] = []
        self.events: list[Any] = []
        self.genuine: list[bool] = []
        self.url = ""

    async def handle(self, request: Request) -> Reply:
        if self.answers:
            return self.answers.pop(0)
        kind, channel = self.service.kind, self.service.channel
        delivered = Delivered(method="POST", url=self.url, headers=request.headers, body=request.body)
        self.genuine.append(await kind.verify(channel, self.service.http, delivered))
        if not self.genuine[-1]:
            return Reply(status=401)
        self.events += kind.parse(channel, request.body, RECEIVED)[0]
        answer = kind.acknowledge(request.body)
        return Reply(status=answer.status, body=answer.text.encode(), content_type=answer.content_type)


@pytest.fixture
async def hook(service: Service) -> AsyncIterator[Hook]:
    """A webhook that the fake knows."""
    hook = Hook(service)
    async with FakeServer(hook.handle) as server:
        hook.url = f"{server.url}/hooks/1"
        await service.tell("webhook", url=hook.url)
        yield hook


@pytest.mark.parametrize(
    ("act", "given", "kind"),
    [
        ("say", {"text": "hello", "timezone": "Asia/Tokyo"}, InboundMessage),
        ("say", {"text": "hello", "group": "19:g@thread.tacv2", "mentions": True}, InboundMessage),
        ("say", {"text": "better", "edits": "5"}, MessageEdited),
        ("delete", {"number": "5"}, MessageDeleted),
        ("tap", {"value": {"data": "yes", "title": "Yes"}, "number": "5"}, InboundMessage),
        ("tap", {"verb": "order", "title": "Order"}, InboundMessage),
        ("react", {"number": "5", "added": ["like"]}, ReactionChanged),
        ("react", {"number": "5", "removed": ["like"]}, ReactionChanged),
        ("read", {"number": "5"}, StatusChanged),
        ("install", {}, ReachabilityChanged),
    ],
)
async def test_what_a_person_does_arrives_signed_and_is_understood(
    service: Service, hook: Hook, act: str, given: dict[str, Any], kind: type
) -> None:
    told = await service.tell(act, user=USER, **given)
    assert (told["ok"], told["status"]) == (True, 200)
    assert hook.genuine == [True]
    (event,) = hook.events
    assert isinstance(event, kind)
    if "verb" in given:
        assert '"statusCode":200' in told["answer"]


async def test_what_is_said_can_be_answered_by_its_own_address(service: Service, hook: Hook) -> None:
    await service.tell("say", user=USER, text="hello")
    (event,) = hook.events
    outgoing = Outgoing(external_user_id=event.external_user_id, kind="message", text="hi", address=event.address)
    outcome = await service.kind.send(service.channel, service.http, outgoing)
    number = str(service.fake.state.last_number)
    await service.tell("react", user=USER, number=number, added=["heart"])
    await service.tell("read", user=USER, number=number)
    reaction, exact, _ = hook.events[1:]
    assert reaction.external_id == exact.external_id == getattr(outcome, "external_id", None)


async def test_a_token_with_other_claims_is_refused_and_not_given_up_at_once(service: Service, hook: Hook) -> None:
    told = await service.tell("deliver", activity={"type": "typing", "channelId": "msteams"}, claims={"aud": "x"})
    assert (told["ok"], told["status"], told["attempts"]) == (False, 401, 3)


async def test_what_is_not_taken_comes_again(service: Service, hook: Hook) -> None:
    hook.answers = [Reply(status=503), Reply(close=True)]
    told = await service.tell("say", user=USER, text="hello")
    assert (told["ok"], told["attempts"], len(hook.events)) == (True, 3, 1)


async def test_keys_may_change(service: Service, hook: Hook) -> None:
    await service.tell("keys", endorsements=["skype"])
    assert not (await service.tell("say", user=USER, text="hello"))["ok"]
    assert (await service.tell("say", user=USER, text="hello", channel_id="skype"))["ok"]


async def test_who_removes_the_bot_gets_nothing(service: Service, hook: Hook) -> None:
    outgoing = Outgoing(external_user_id=USER, kind="message", text="hi", address=service.address)
    await service.tell("install", user=USER, added=False)
    outcome = await service.kind.send(service.channel, service.http, outgoing)
    assert getattr(outcome, "state", None) == "blocked"


async def test_more_than_seven_in_a_second_are_too_many(service: Service) -> None:
    outgoing = Outgoing(external_user_id=USER, kind="message", text="hi", address=service.address)
    service.fake.state.sent_at[f"a:{USER}"] = [float("inf")] * 7
    assert "wait" in getattr(await service.kind.send(service.channel, service.http, outgoing), "reason", "")


@pytest.mark.parametrize(
    ("what", "given"), [("script", {"behaviour": "sulk"}), ("person", {}), ("deliver", {}), ("dance", {})]
)
async def test_an_order_it_does_not_understand_is_refused(service: Service, what: str, given: dict[str, Any]) -> None:
    assert "error" in await service.tell(what, **given)


async def test_a_reset_forgets_all_but_the_webhook_and_the_keys(service: Service, hook: Hook) -> None:
    await service.tell("person", id=USER, blocked=True)
    await service.tell("script", method="send", behaviour="5xx")
    await service.tell("reset")
    assert service.fake.state.calls == []
    assert (await service.tell("say", user=USER, text="hello"))["ok"]
    outgoing = Outgoing(external_user_id=USER, kind="message", text="hi", address=service.address)
    assert getattr(await service.kind.send(service.channel, service.http, outgoing), "external_id", None)


async def test_it_runs_by_itself() -> None:
    command = (sys.executable, "-m", "botfolk.channels.botframework.fake", "--port", "0")
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
    assert process.stdout is not None
    try:
        url = (await process.stdout.readline()).decode().split()[-1]
        async with open_http() as http:
            answer = await http.request("GET", f"{url}/v1/.well-known/openidconfiguration", trusted_origin=url)
        assert answer.status == 200
    finally:
        process.terminate()
        await process.wait()
    assert BotFramework().kind == "botframework"
