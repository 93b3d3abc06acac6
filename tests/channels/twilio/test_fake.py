"""The fake delivers, signs and refuses as Twilio does, so that what passes with it means something."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from typing import Any

import pytest

from botfolk.channels.contract import Failed, Outgoing, Sent
from botfolk.channels.events import ConsentChanged, InboundMessage, StatusChanged
from botfolk.channels.faking import FakeServer, Reply, Request
from botfolk.channels.requests import Request as Delivered
from botfolk.channels.twilio.fake_state import NUMBER
from botfolk.http import open_http
from tests.channels.twilio.conftest import KIND, PERSON, RECEIVED, TOKEN, Service


class Hook:
    """A webhook that judges and reads what comes, and answers as it is told, in turn, and then as it should."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.answers: list[Reply] = []
        self.events: list[Any] = []
        self.url = ""

    async def handle(self, request: Request) -> Reply:
        if self.answers:
            return self.answers.pop(0)
        delivered = Delivered(method="POST", url=self.url, headers=request.headers, body=request.body)
        if not await KIND.verify(self.service.channel, self.service.http, delivered):
            return Reply(status=401)
        self.events += KIND.parse(self.service.channel, request.body, RECEIVED)[0]
        answer = KIND.acknowledge(request.body)
        return Reply(status=answer.status, body=answer.text.encode(), content_type=answer.content_type)


@pytest.fixture
async def hook(service: Service) -> AsyncIterator[Hook]:
    """A webhook that connecting has told the fake."""
    hook = Hook(service)
    await service.tell("account", token=TOKEN)
    async with FakeServer(hook.handle) as server:
        hook.url = f"{server.url}/hooks/1"
        service.channel.config.update(await KIND.connect(service.channel, service.http, hook.url))
        yield hook


def to(person: str = PERSON) -> Outgoing:
    """A message."""
    return Outgoing(external_user_id=person, kind="message", text="hi", address={"from": NUMBER})


async def test_what_is_said_arrives_signed_and_its_answer_comes_back_as_statuses(service: Service, hook: Hook) -> None:
    told = await service.tell("say", From=PERSON, Body="Grüße 👋")
    assert (told["ok"], told["answer"].endswith("<Response/>")) == (True, True)
    outcome = await KIND.send(service.channel, service.http, to())
    assert isinstance(outcome, Sent)
    for status in ("sent", "delivered"):
        assert (await service.tell("status", sid=outcome.external_id, status=status))["ok"]
    await service.tell("status", sid=outcome.external_id, status="undelivered", error=30005)
    said, *statuses = hook.events
    assert isinstance(said, InboundMessage)
    assert said.text == "Grüße 👋"
    assert all(isinstance(event, StatusChanged) for event in statuses)
    assert [event.status for event in statuses] == ["sent", "delivered", "failed"]
    assert {event.external_id for event in statuses} == {outcome.external_id}
    assert {event.external_user_id for event in statuses} == {PERSON}


async def test_who_says_stop_gets_nothing_until_start(service: Service, hook: Hook) -> None:
    await service.tell("say", From=PERSON, Body="Stop")
    outcome = await KIND.send(service.channel, service.http, to())
    assert isinstance(outcome, Failed)
    assert outcome.state == "opted_out"
    await service.tell("say", From=PERSON, Body="START")
    assert isinstance(await KIND.send(service.channel, service.http, to()), Sent)
    assert [event.allowed for event in hook.events if isinstance(event, ConsentChanged)] == [False, True]


async def test_a_delivery_signed_by_another_token_is_refused(service: Service, hook: Hook) -> None:
    fields = {"MessageSid": "SM1", "From": PERSON, "Body": "hi"}
    assert (await service.tell("deliver", fields=fields, token="another"))["status"] == 401
    assert (await service.tell("deliver", fields=fields))["status"] == 200


async def test_a_connection_that_fails_is_tried_once_more(service: Service, hook: Hook) -> None:
    hook.answers = [Reply(close=True)]
    told = await service.tell("say", From=PERSON, Body="hi")
    assert (told["ok"], told["attempts"]) == (True, 2)
    hook.answers = [Reply(status=503)]
    assert (await service.tell("say", From=PERSON, Body="hi"))["status"] == 503


async def test_it_refuses_as_twilio_does(service: Service) -> None:
    assert isinstance(await KIND.send(service.channel, service.http, to("no number!")), Failed)
    assert (await service.tell("say", From=PERSON, Body="hi"))["status"] == 409
    assert (await service.tell("dance"))["code"] == 20404
    assert (await service.tell("script", behaviour="sulk"))["code"] == 20001


async def test_a_reset_forgets_all_but_the_token_and_the_webhook(service: Service, hook: Hook) -> None:
    await service.tell("person", id=PERSON, opted_out=True)
    await service.tell("script", method="send", behaviour="5xx")
    await service.tell("reset")
    assert isinstance(await KIND.send(service.channel, service.http, to()), Sent)
    assert (await service.tell("say", From=PERSON, Body="hi"))["ok"]


async def test_it_runs_by_itself() -> None:
    command = (sys.executable, "-m", "botfolk.channels.twilio.fake", "--port", "0")
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
    assert process.stdout is not None
    try:
        url = (await process.stdout.readline()).decode().split()[-1]
        async with open_http() as http:
            answer = await http.request("GET", f"{url}/_fake/calls", trusted_origin=url)
        assert answer.status == 200
    finally:
        process.terminate()
        await process.wait()
