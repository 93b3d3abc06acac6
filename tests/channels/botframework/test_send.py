"""Sending over real HTTP: what each answer of the service means."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from botfolk.channels.botframework.cards import size
from botfolk.channels.botframework.fake_state import APP_ID
from botfolk.channels.botframework.send import MAX_BYTES, split
from botfolk.channels.contract import (
    Button,
    Failed,
    Later,
    Outcome,
    Outgoing,
    OutgoingFile,
    Sent,
    TemplateUse,
    Unknown,
)
from botfolk.channels.setup import rotated
from tests.channels.botframework.conftest import PASSWORD, USER, Service


def message(service: Service, text: str = "Hello", **more: Any) -> Outgoing:
    """A message to Megan."""
    return Outgoing(**({"external_user_id": USER, "kind": "message", "text": text, "address": service.address} | more))


async def sent(service: Service, outgoing: Outgoing) -> Outcome:
    """Send it."""
    return await service.kind.send(service.channel, service.http, outgoing)


async def body(service: Service) -> dict[str, Any]:
    """The activity that was sent last."""
    found: dict[str, Any] = (await service.calls("send"))[-1]["body"]
    return found


async def test_a_message_arrives_and_is_named_as_its_edits_will_name_it(service: Service) -> None:
    outcome = await sent(service, message(service, "Hi 👋 *b*"))
    assert isinstance(outcome, Sent)
    assert outcome.external_id == f"a:{USER}:{service.fake.state.last_number}"
    assert await body(service) == {
        "type": "message",
        "from": {"id": "28:bot", "name": "Bot"},
        "recipient": {"id": USER},
        "conversation": {"id": f"a:{USER}", "isGroup": False, "tenantId": "t"},
        "text": "Hi 👋 *b*",
        "textFormat": "plain",
    }


async def test_a_thread_is_answered_in_the_thread(service: Service) -> None:
    address = service.address | {"conversation_id": "19:g@thread.tacv2;messageid=17"}
    outcome = await sent(
        service, message(service, external_user_id="19:g@thread.tacv2", is_group=True, address=address)
    )
    assert isinstance(outcome, Sent)
    assert outcome.external_id == f"19:g@thread.tacv2:{service.fake.state.last_number}"
    (call,) = await service.calls("send")
    assert call["path"] == "/amer/v3/conversations/19%3Ag%40thread.tacv2%3Bmessageid%3D17/activities"
    assert "recipient" not in call["body"]


async def test_a_tap_needs_no_call(service: Service) -> None:
    assert await sent(service, message(service, kind="tap", tap="1")) == Sent(external_id=None)
    assert service.fake.state.calls == []


def buttons(*titles: str) -> tuple[Button, ...]:
    """Some buttons."""
    return tuple(Button(title=title) for title in titles)


async def test_up_to_three_plain_choices_are_suggested(service: Service) -> None:
    await sent(service, message(service, buttons=buttons("Yes", "No")))
    actions = [{"type": "imBack", "title": title, "value": title} for title in ("Yes", "No")]
    assert (await body(service))["suggestedActions"] == {"to": [USER], "actions": actions}


async def test_what_teams_cannot_ask_for_is_left_to_the_person(service: Service) -> None:
    await sent(service, message(service, buttons=(Button(title="Share", ask="location"),)))
    assert (await body(service)).keys().isdisjoint({"suggestedActions", "attachments"})


@pytest.mark.parametrize(
    ("given", "action"),
    [
        (
            Button(title="Yes", data="y"),
            {
                "type": "messageBack",
                "title": "Yes",
                "displayText": "Yes",
                "text": "Yes",
                "value": {"data": "y", "title": "Yes"},
            },
        ),
        (
            Button(title="See", url="https://x.example"),
            {"type": "openUrl", "title": "See", "value": "https://x.example"},
        ),
    ],
)
async def test_links_and_data_stand_on_a_card(service: Service, given: Button, action: dict[str, Any]) -> None:
    await sent(service, message(service, buttons=(given,)))
    made = await body(service)
    assert made["attachments"] == [
        {"contentType": "application/vnd.microsoft.card.hero", "content": {"buttons": [action]}}
    ]
    assert made["text"] == "Hello"


async def test_elsewhere_than_in_teams_only_the_data_comes_back(service: Service) -> None:
    address = service.address | {"channel_id": "webchat"}
    await sent(service, message(service, address=address, buttons=(Button(title="Yes", data="y"),)))
    assert (await body(service))["attachments"][0]["content"]["buttons"] == [
        {"type": "postBack", "title": "Yes", "value": "y"}
    ]


async def test_four_to_six_stand_on_a_card_and_more_are_numbered(service: Service) -> None:
    await sent(service, message(service, buttons=buttons(*"abcdef")))
    assert len((await body(service))["attachments"][0]["content"]["buttons"]) == 6
    more = (*buttons(*"abcdef"), Button(title="See", url="https://x.example"))
    await sent(service, message(service, buttons=more))
    made = await body(service)
    assert made["text"] == "Hello\n\n1. a\n2. b\n3. c\n4. d\n5. e\n6. f\nSee: https://x.example"
    assert "attachments" not in made


def file(content_type: str = "image/png", size: int = 10, url: str | None = None) -> OutgoingFile:
    """A file to send."""
    return OutgoingFile(content_type=content_type, name="a.bin", content=b"x" * size, url=url)


@pytest.mark.parametrize(
    ("given", "content_type", "content_url"),
    [
        (file(url="https://crm.example/f"), "image/png", "https://crm.example/f"),
        (file("image/gif"), "image/gif", "data:image/gif;base64,eHh4eHh4eHh4eA=="),
        (file("application/pdf", url="https://crm.example/f"), "application/vnd.microsoft.card.hero", None),
        (file(size=1_000_001, url="https://crm.example/f"), "application/vnd.microsoft.card.hero", None),
    ],
)
async def test_a_picture_is_shown_and_another_file_is_a_link(
    service: Service, given: OutgoingFile, content_type: str, content_url: str | None
) -> None:
    assert isinstance(await sent(service, message(service, "", file=given)), Sent)
    (attached,) = (await body(service))["attachments"]
    assert (attached["contentType"], attached.get("contentUrl")) == (content_type, content_url)
    if content_url is None:
        assert attached["content"]["buttons"][0]["value"] == given.url


async def test_elsewhere_than_in_teams_a_file_is_a_file(service: Service) -> None:
    address = service.address | {"channel_id": "webchat"}
    given = file("application/pdf", url="https://crm.example/f")
    await sent(service, message(service, "", file=given, address=address))
    assert (await body(service))["attachments"][0]["contentType"] == "application/pdf"


async def test_a_large_picture_within_the_message_does_not_count(service: Service) -> None:
    assert isinstance(await sent(service, message(service, "", file=file(size=100_000))), Sent)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"text": " "}, "nothing to read"),
        ({"buttons": buttons(" ")}, "needs a title"),
        ({"template": TemplateUse(name="x", language="en")}, "no message templates"),
        ({"file": file("application/pdf")}, "public address"),
        ({"file": file(size=200_000)}, "public address"),
        ({"address": {}}, "must write first"),
        ({"text": "x" * 14_000}, "larger than Teams takes"),
    ],
)
async def test_what_teams_could_never_take_is_not_sent(service: Service, more: dict[str, Any], reason: str) -> None:
    outcome = await sent(service, message(service, **more))
    assert isinstance(outcome, Failed)
    assert reason in outcome.reason
    assert not outcome.unreachable
    assert service.fake.state.calls == []


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/amer/",
        "https://smba.trafficmanager.net.evil.example/",
        "https://evilbotframework.com/",
        "https://botframework.com/",
        "http://smba.trafficmanager.net/amer/",
        "https://smba.trafficmanager.net:8443/amer/",
        "https://smba.trafficmanager.net@evil.example/",
        "https://evil.example\\@smba.trafficmanager.net/",
        "https://evil.example/?@smba.trafficmanager.net/",
        "//smba.trafficmanager.net/",
        "",
        None,
        7,
    ],
)
async def test_no_token_is_sent_where_it_may_not_go(service: Service, url: object) -> None:
    strict = {name: value for name, value in service.channel.config.items() if name != "service_hosts"}
    channel = structs.replace(service.channel, config=strict)
    outgoing = message(service, address=service.address | {"service_url": url})
    outcome = await service.kind.send(channel, service.http, outgoing)
    assert isinstance(outcome, Failed)
    assert "service_hosts" in outcome.reason
    assert service.fake.state.calls == []


def test_a_text_is_cut_so_that_it_fits_with_six_buttons() -> None:
    parts = split("ä" * 30_000)
    assert [len(part) for part in parts] == [12_000, 12_000, 6000]
    assert "".join(parts) == "ä" * 30_000
    assert size({"text": parts[0], "from": {"id": "x" * 200}, "conversation": {"id": "y" * 200}}) < MAX_BYTES - 2000


REFUSALS = [
    (403, "ForbiddenOperationException", "MessageWritesBlocked", "blocked"),
    (403, "ConversationBlockedByUser", "", "blocked"),
    (403, "BotDisabledByAdmin", "", "gone"),
    (403, "BotNotInConversationRoster", "", "gone"),
    (403, "ForbiddenOperationException", "", "gone"),
    (403, "OfTheFuture", "", "gone"),
    (404, "ConversationNotFound", "", "gone"),
    (404, "ActivityNotFoundInConversation", "", "gone"),
]


@pytest.mark.parametrize(("code", "description", "subcode", "state"), REFUSALS)
async def test_a_person_who_is_gone_or_blocked_the_bot_cannot_be_reached(
    service: Service, code: int, description: str, subcode: str, state: str
) -> None:
    parameters = {"subCode": subcode} if subcode else {}
    await service.tell(
        "script", method="send", behaviour="refuse", code=code, description=description, parameters=parameters
    )
    outcome = await sent(service, message(service))
    assert isinstance(outcome, Failed)
    assert (outcome.unreachable, outcome.state, outcome.channel_broken) == (True, state, False)


async def test_a_thread_that_is_gone_does_not_end_the_group(service: Service) -> None:
    await service.tell(
        "script", method="send", behaviour="refuse", code=404, description="ActivityNotFoundInConversation"
    )
    address = service.address | {"conversation_id": "19:g@thread.tacv2;messageid=17"}
    outcome = await sent(service, message(service, is_group=True, address=address))
    assert outcome == Failed(reason="the thread that would be answered no longer exists")


@pytest.mark.parametrize(
    ("code", "description", "reason"),
    [(413, "MessageSizeTooBig", "larger"), (400, "BadSyntax", "refused it: BadSyntax"), (405, "X", "refused it")],
)
async def test_what_is_our_fault_is_said(service: Service, code: int, description: str, reason: str) -> None:
    await service.tell("script", method="send", behaviour="refuse", code=code, description=description)
    outcome = await sent(service, message(service))
    assert isinstance(outcome, Failed)
    assert reason in outcome.reason
    assert (outcome.unreachable, outcome.channel_broken) == (False, False)


async def test_too_many_requests_wait_as_long_as_teams_says(service: Service) -> None:
    await service.tell("script", method="send", behaviour="429", retry_after=17)
    assert await sent(service, message(service)) == Later(reason="Teams asks to wait", after=17)
    assert isinstance(await sent(service, message(service)), Sent)


@pytest.mark.parametrize("code", [412, 502, 503, 504])
async def test_what_was_not_taken_may_be_sent_again(service: Service, code: int) -> None:
    await service.tell("script", method="send", behaviour="refuse", code=code, description="x")
    assert isinstance(await sent(service, message(service)), Later)


@pytest.mark.parametrize("code", [500, 501, 408])
async def test_a_failure_of_the_service_leaves_us_not_knowing(service: Service, code: int) -> None:
    await service.tell("script", method="send", behaviour="refuse", code=code, description="x")
    assert isinstance(await sent(service, message(service)), Unknown)


@pytest.mark.parametrize(("behaviour", "taken"), [("reset", False), ("drop", True)])
async def test_a_connection_that_breaks_leaves_us_not_knowing(service: Service, behaviour: str, taken: bool) -> None:
    await service.tell("script", method="send", behaviour=behaviour)
    assert isinstance(await sent(service, message(service)), Unknown)
    assert [call["taken"] for call in await service.calls("send")] == [taken]


async def test_a_service_that_is_not_there_can_be_tried_again(service: Service) -> None:
    nowhere = "http://127.0.0.1:1"
    service.channel.config["service_hosts"] = [nowhere]
    outcome = await sent(service, message(service, address=service.address | {"service_url": nowhere}))
    assert isinstance(outcome, Later)
    assert not outcome.whole_channel


async def test_a_token_is_asked_for_once_and_shared(service: Service) -> None:
    await service.tell("script", method="token", behaviour="delay", seconds=0.05)
    outcomes = await asyncio.gather(*(sent(service, message(service)) for _ in range(7)))
    assert all(isinstance(outcome, Sent) for outcome in outcomes)
    (call,) = await service.calls("token")
    assert call["body"] == {
        "grant_type": "client_credentials",
        "client_id": APP_ID,
        "client_secret": PASSWORD,
        "scope": "https://api.botframework.com/.default",
    }
    assert call["path"] == "/botframework.com/oauth2/v2.0/token"


async def test_a_single_tenant_app_signs_in_at_its_tenant(service: Service) -> None:
    service.channel.config["tenant_id"] = "contoso.example"
    await sent(service, message(service))
    (call,) = await service.calls("token")
    assert call["path"] == "/contoso.example/oauth2/v2.0/token"


async def test_a_token_is_kept_until_five_minutes_before_its_end(service: Service) -> None:
    await sent(service, message(service))
    service.clock.ahead = timedelta(minutes=54)
    await sent(service, message(service))
    assert len(await service.calls("token")) == 1
    service.clock.ahead = timedelta(minutes=56)
    await sent(service, message(service))
    assert len(await service.calls("token")) == 2


async def test_a_token_that_is_no_longer_accepted_is_replaced_once(service: Service) -> None:
    await sent(service, message(service))
    await service.tell("app", secret=PASSWORD)
    assert isinstance(await sent(service, message(service)), Sent)
    assert len(await service.calls("token")) == 2
    await service.tell("script", method="send", behaviour="refuse", code=401, description="Unauthorized", times=2)
    outcome = await sent(service, message(service))
    assert isinstance(outcome, Failed)
    assert outcome.channel_broken


async def test_a_bot_that_is_not_registered_is_not_tried_again(service: Service) -> None:
    await service.tell("script", method="send", behaviour="refuse", code=401, description="BotNotRegistered")
    outcome = await sent(service, message(service))
    assert isinstance(outcome, Failed)
    assert (outcome.channel_broken, "not registered" in outcome.reason) == (True, True)
    assert len(await service.calls("send")) == 1


async def test_a_secret_that_is_no_longer_right_breaks_the_channel(service: Service) -> None:
    await service.tell("app", secret="another")
    outcome = await sent(service, message(service))
    assert isinstance(outcome, Failed)
    assert outcome.channel_broken
    assert "client secret" in outcome.reason
    assert PASSWORD not in outcome.reason
    changed = rotated(service.channel.secrets, "password", "another")
    outcome = await service.kind.send(structs.replace(service.channel, secrets=changed), service.http, message(service))
    assert isinstance(outcome, Sent)


@pytest.mark.parametrize("behaviour", ["5xx", "429", "reset", "drop"])
async def test_without_a_token_for_now_everybody_waits(service: Service, behaviour: str) -> None:
    await service.tell("script", method="token", behaviour=behaviour)
    outcome = await sent(service, message(service))
    assert isinstance(outcome, Later)
    assert outcome.whole_channel
    assert isinstance(await sent(service, message(service)), Sent)


async def test_typing_is_shown_and_never_fails(service: Service) -> None:
    await service.kind.typing(service.channel, service.http, USER, service.address)
    assert (await body(service))["type"] == "typing"
    await service.tell("script", method="send", behaviour="reset")
    await service.kind.typing(service.channel, service.http, USER, service.address)
    await service.kind.typing(service.channel, service.http, USER, {})
    await service.kind.typing(
        service.channel, service.http, USER, service.address | {"service_url": "https://evil.example"}
    )
