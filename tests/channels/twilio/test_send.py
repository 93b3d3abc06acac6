"""Sending over real HTTP: what each answer of Twilio means; files, templates, connecting."""

import base64
from typing import Any

import msgspec
import pytest
from msgspec import structs

from botfolk.channels.contract import (
    Button,
    ChannelError,
    Failed,
    Later,
    Outcome,
    Outgoing,
    OutgoingFile,
    Sent,
    TemplateUse,
    TryLater,
    Unknown,
)
from botfolk.channels.setup import Template
from botfolk.channels.twilio.fake_state import ACCOUNT, NUMBER
from tests.channels.twilio.conftest import HOOK, KIND, PERSON, TOKEN, Service, make_channel

SERVICE = "MG" + "1" * 32
CONTENT = "HX" + "2" * 32


def message(text: str = "Hello", **more: Any) -> Outgoing:
    """A message to somebody who wrote to our number."""
    usual = {"external_user_id": PERSON, "kind": "message", "text": text, "address": {"to": PERSON, "from": NUMBER}}
    return Outgoing(**(usual | more))


async def sent(service: Service, outgoing: Outgoing) -> Outcome:
    """Send it."""
    return await KIND.send(service.channel, service.http, outgoing)


async def fields(service: Service) -> dict[str, str]:
    """The form that was sent last."""
    found: dict[str, str] = (await service.calls("send"))[-1]["fields"]
    return found


async def test_a_message_is_a_form_with_basic_authentication(service: Service) -> None:
    outcome = await sent(service, message("Hi 👋"))
    assert isinstance(outcome, Sent)
    assert outcome.external_id in service.fake.state.sent
    (call,) = await service.calls("send")
    assert call["fields"] == {"To": PERSON, "From": NUMBER, "Body": "Hi 👋", "StatusCallback": HOOK}
    assert call["path"] == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert base64.b64decode(call["headers"]["authorization"].removeprefix("Basic ")).decode() == f"{ACCOUNT}:{TOKEN}"


async def test_an_api_key_is_used_where_there_is_one(service: Service) -> None:
    secrets = service.channel.secrets | {"api_secret": "s"}
    channel = structs.replace(service.channel, config=service.channel.config | {"api_key": "SK1"}, secrets=secrets)
    assert isinstance(await KIND.send(channel, service.http, message()), Sent)
    (call,) = await service.calls("send")
    assert base64.b64decode(call["headers"]["authorization"].removeprefix("Basic ")).decode() == "SK1:s"


@pytest.mark.parametrize(
    ("to", "wrote_to", "config", "expected"),
    [
        (PERSON, "+15550000001", {}, {"From": "+15550000001"}),
        (PERSON, "12345", {}, {"From": "12345"}),
        (PERSON, None, {}, {"From": NUMBER}),
        ("whatsapp:+1", None, {}, {"From": f"whatsapp:{NUMBER}"}),
        ("whatsapp:+1", None, {"sender": f"whatsapp:{NUMBER}"}, {"From": f"whatsapp:{NUMBER}"}),
        ("whatsapp:US.1", "whatsapp:+1555", {}, {"From": "whatsapp:+1555"}),
        (PERSON, "+15550000001", {"messaging_service_sid": SERVICE}, {"MessagingServiceSid": SERVICE}),
        (
            "whatsapp:+1",
            "whatsapp:+1555",
            {"messaging_service_sid": SERVICE},
            {"MessagingServiceSid": SERVICE, "From": "whatsapp:+1555"},
        ),
    ],
)
async def test_an_answer_leaves_from_where_the_person_wrote_to(
    service: Service, to: str, wrote_to: str | None, config: dict[str, str], expected: dict[str, str]
) -> None:
    channel = structs.replace(service.channel, config=service.channel.config | config)
    address = {"from": wrote_to} if wrote_to else {}
    await KIND.send(channel, service.http, message(external_user_id=to, address=address))
    found = await fields(service)
    assert {name: found[name] for name in ("From", "MessagingServiceSid") if name in found} == expected
    assert found["To"] == to


async def test_choices_are_numbered(service: Service) -> None:
    choices = (Button(title="Yes", data="y"), Button(title="See", url="https://x.example"), Button(title="No"))
    await sent(service, message(buttons=(*choices, Button(title="Where?", ask="location"))))
    assert (await fields(service))["Body"] == "Hello\n\n1. Yes\nSee: https://x.example\n2. No"


async def test_a_file_goes_by_its_address(service: Service) -> None:
    file = OutgoingFile(content_type="image/png", name="a.png", content=b"x", url="https://crm.example.com/f")
    assert isinstance(await sent(service, message("", file=file)), Sent)
    assert (await fields(service))["MediaUrl"] == "https://crm.example.com/f"


async def test_a_template_goes_by_its_sid_and_placeholders(service: Service) -> None:
    use = TemplateUse(name=f"order ({CONTENT})", language="en", parameters=("Ana", "12"))
    assert isinstance(await sent(service, message("", template=use)), Sent)
    found = await fields(service)
    assert found["ContentSid"] == CONTENT
    assert msgspec.json.decode(found["ContentVariables"]) == {"1": "Ana", "2": "12"}
    assert "Body" not in found


@pytest.mark.parametrize(
    ("outgoing", "reason"),
    [
        (message(" "), "nothing to read"),
        (message("x" * 1600, buttons=(Button(title="Yes"),)), "shorten it"),
        (message("", file=OutgoingFile(content_type="a/b", name="a", content=b"x")), "no public one"),
        (message("", template=TemplateUse(name="order", language="en")), "HX"),
    ],
)
async def test_what_twilio_could_never_take_is_not_sent(service: Service, outgoing: Outgoing, reason: str) -> None:
    outcome = await sent(service, outgoing)
    assert isinstance(outcome, Failed)
    assert reason in outcome.reason
    assert service.fake.state.calls == []


async def test_without_a_sender_nothing_is_sent(service: Service) -> None:
    channel = structs.replace(service.channel, config=service.channel.config | {"sender": ""})
    outcome = await KIND.send(channel, service.http, message(address={}))
    assert isinstance(outcome, Failed)
    assert "no sender" in outcome.reason


def test_a_text_is_cut_at_1600() -> None:
    assert [len(part) for part in KIND.split("x" * 3300)] == [1600, 1600, 100]
    assert len(KIND.split("👋" * 801)) == 2


async def test_a_tap_needs_no_call(service: Service) -> None:
    assert await sent(service, message(kind="tap", tap="1")) == Sent(external_id=None)


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (21610, "opted_out"),
        (21211, "gone"),
        (21614, "gone"),
        (30005, "gone"),
        (30006, "gone"),
        (63003, "gone"),
        (63024, "gone"),
        (63014, "blocked"),
        (63032, "blocked"),
        (63033, "blocked"),
    ],
)
async def test_a_person_who_cannot_be_written_to_is_known_from_then_on(service: Service, code: int, state: str) -> None:
    await service.tell("person", id=PERSON, error=code)
    outcome = await sent(service, message())
    assert isinstance(outcome, Failed)
    assert (outcome.unreachable, outcome.state) == (True, state)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (21612, "cannot write to this number"),
        (30003, "switched off"),
        (30007, "filtered"),
        (63016, "24 hours"),
        (21617, "longer"),
        (21606, "not a number of this account"),
        (21408, "Geo Permissions"),
        (12345, "error 12345"),
    ],
)
async def test_a_refusal_is_said_in_plain_words(service: Service, code: int, words: str) -> None:
    await service.tell("person", id=PERSON, error=code)
    outcome = await sent(service, message())
    assert isinstance(outcome, Failed)
    assert words in outcome.reason
    assert not outcome.unreachable


@pytest.mark.parametrize("code", [30001, 30022, 63017, 63018])
async def test_what_is_too_much_for_now_is_sent_later(service: Service, code: int) -> None:
    await service.tell("person", id=PERSON, error=code)
    outcome = await sent(service, message())
    assert isinstance(outcome, Later)
    assert not outcome.whole_channel


async def test_too_many_requests_wait_as_long_as_twilio_says(service: Service) -> None:
    await service.tell("script", method="send", behaviour="429", retry_after=17)
    assert await sent(service, message()) == Later(reason="Twilio asks to wait", after=17, whole_channel=True)
    await service.tell("script", method="send", behaviour="5xx")
    assert isinstance(await sent(service, message()), Later)
    assert isinstance(await sent(service, message()), Sent)


@pytest.mark.parametrize("code", [500, 502, 504])
async def test_a_failure_of_twilio_leaves_us_not_knowing(service: Service, code: int) -> None:
    await service.tell("script", method="send", behaviour="refuse", code=code)
    assert isinstance(await sent(service, message()), Unknown)


@pytest.mark.parametrize(("behaviour", "taken"), [("reset", False), ("drop", True)])
async def test_a_connection_that_breaks_leaves_us_not_knowing(service: Service, behaviour: str, taken: bool) -> None:
    await service.tell("script", method="send", behaviour=behaviour)
    assert isinstance(await sent(service, message()), Unknown)
    assert [call["taken"] for call in await service.calls("send")] == [taken]


async def test_a_service_that_is_not_there_can_be_tried_again(service: Service) -> None:
    nowhere = make_channel("http://127.0.0.1:1")
    assert isinstance(await KIND.send(nowhere, service.http, message()), Later)


@pytest.mark.parametrize(("code", "error"), [(401, 20003), (401, 0), (404, 0), (403, 30002)])
async def test_an_account_that_is_no_longer_accepted_breaks_the_channel(
    service: Service, code: int, error: int
) -> None:
    await service.tell("script", method="send", behaviour="refuse", code=code, error=error)
    outcome = await sent(service, message())
    assert isinstance(outcome, Failed)
    assert outcome.channel_broken
    assert TOKEN not in outcome.reason


REF = "/2010-04-01/Accounts/" + ACCOUNT + "/Messages/MM1/Media/ME1"


async def test_a_file_is_fetched_with_our_credentials_from_twilio_only(service: Service) -> None:
    service.channel.config["media_hosts"] = [service.url]
    assert (await KIND.media(service.channel, service.http, service.url + REF)).startswith(b"\xff\xd8")
    (first,), (then,) = await service.calls("media"), await service.calls("cdn")
    assert "authorization" in first["headers"]
    assert "authorization" not in then["headers"]


@pytest.mark.parametrize(
    "ref",
    [
        "http://example.com/media",
        "http://api.twilio.com/media",
        "https://api.twilio.com.evil.example/",
        "https://x@api.twilio.com/",
        "https://evil.example\\@api.twilio.com/",
        "",
    ],
)
async def test_nothing_else_is_asked_for_with_them(service: Service, ref: str) -> None:
    with pytest.raises(ChannelError, match="media_hosts"):
        await KIND.media(service.channel, service.http, ref)
    assert service.fake.state.calls == []


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ({"behaviour": "429"}, TryLater),
        ({"behaviour": "5xx"}, TryLater),
        ({"behaviour": "reset"}, TryLater),
        ({"behaviour": "refuse", "code": 404}, ChannelError),
    ],
)
async def test_a_file_may_fail(service: Service, script: dict[str, Any], error: type[Exception]) -> None:
    await service.tell("script", method="media", **script)
    with pytest.raises(error):
        await KIND.media(service.channel, service.http, service.url + REF)


async def test_the_approved_templates_are_listed(service: Service) -> None:
    types = {"twilio/quick-reply": {"body": "Hi {{1}}, {{2}}?", "actions": [{"title": "Yes", "id": "y"}]}}
    known = {"sid": CONTENT, "friendly_name": "order", "language": "en", "types": types}
    approved = known | {"approval_requests": {"status": "approved", "category": "UTILITY"}}
    waiting = known | {"approval_requests": {"status": "pending"}}
    await service.tell("contents", contents=[approved, waiting, known, approved | {"types": {"x": {}}}])
    assert await KIND.templates(service.channel, service.http) == [
        Template(
            name=f"order ({CONTENT})",
            language="en",
            body="Hi {{1}}, {{2}}?",
            buttons=("Yes",),
            category="UTILITY",
            placeholders=2,
        )
    ]


@pytest.mark.parametrize("config", [{}, {"messaging_service_sid": SERVICE}])
async def test_connecting_tells_twilio_where_to_deliver(service: Service, config: dict[str, str]) -> None:
    channel = structs.replace(service.channel, config=service.channel.config | config)
    remembered = await KIND.connect(channel, service.http, HOOK)
    assert remembered == {"account_sid": ACCOUNT, "name": NUMBER, "hook_url": HOOK}
    assert service.fake.state.webhook == HOOK
    assert [(check.name, check.ok) for check in await KIND.check(channel, service.http, HOOK)] == [
        ("Account", True),
        ("Webhook", True),
    ]
    service.fake.state.webhook = "https://elsewhere.example/"
    assert [check.ok for check in await KIND.check(channel, service.http, HOOK)] == [True, False]


async def test_another_sender_is_told_in_the_console(service: Service) -> None:
    channel = structs.replace(service.channel, config=service.channel.config | {"sender": f"whatsapp:{NUMBER}"})
    await KIND.connect(channel, service.http, HOOK)
    assert service.fake.state.webhook == ""
    assert HOOK in (await KIND.check(channel, service.http, HOOK))[1].words


@pytest.mark.parametrize(
    ("config", "secrets", "words"),
    [
        ({"account_sid": "x"}, {}, "not an Account SID"),
        ({}, {"auth_token": ""}, "auth token is missing"),
        ({}, {"auth_token": "wrong"}, "no longer accepts"),
        ({"messaging_service_sid": "x"}, {}, "not the SID of a messaging service"),
        ({"sender": "+1 (555)"}, {}, "not a sender"),
        ({"sender": ""}, {}, "is needed"),
        ({"sender": "+15550000000"}, {}, "not a number of this account"),
    ],
)
async def test_connecting_says_what_is_wrong(
    service: Service, config: dict[str, Any], secrets: dict[str, str], words: str
) -> None:
    await service.tell("account", token=TOKEN)
    channel = structs.replace(
        service.channel, config=service.channel.config | config, secrets=service.channel.secrets | secrets
    )
    with pytest.raises(ChannelError, match=words):
        await KIND.connect(channel, service.http, HOOK)


async def test_the_check_never_fails(service: Service) -> None:
    for method, behaviour in (("account", "reset"), ("account", "5xx"), ("numbers", "reset")):
        await service.tell("script", method=method, behaviour=behaviour)
        assert not all(check.ok for check in await KIND.check(service.channel, service.http, HOOK))
