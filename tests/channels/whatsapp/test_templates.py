"""Templates: fetched, shown with numbered placeholders, and filled in."""

from typing import Any

import pytest

from botfolk.channels.contract import ChannelError, Failed, Later, Outcome, Outgoing, Sent, TemplateUse, TryLater
from botfolk.channels.setup import Template
from tests.channels.whatsapp.conftest import KIND, Service, make_channel

ANA = "16505551234"
BODY = {"type": "BODY", "text": "Hi {{1}}, your order {{2}} is on its way, {{1}}."}
ORDER = {
    "name": "order",
    "components": [
        BODY,
        {"type": "HEADER", "format": "TEXT", "text": "Order {{1}}"},
        {"type": "FOOTER", "text": "Lucky Shrub"},
        {
            "type": "BUTTONS",
            "buttons": [
                {"type": "QUICK_REPLY", "text": "Thanks"},
                {"type": "URL", "text": "Track", "url": "https://shop.example/t/{{1}}"},
                {"type": "COPY_CODE", "text": "Copy code"},
                {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+1650"},
            ],
        },
    ],
}
SHOWN = Template(
    name="order",
    language="en",
    category="utility",
    header="Order {{1}}",
    body="Hi {{2}}, your order {{3}} is on its way, {{2}}.",
    footer="Lucky Shrub",
    buttons=("Thanks", "Track (https://shop.example/t/{{4}})", "Copy code: {{5}}", "Call"),
    placeholders=5,
)


async def sent(service: Service, *parameters: str, name: str = "order", language: str = "en") -> Outcome:
    """Send a template to Ana."""
    use = TemplateUse(name=name, language=language, parameters=parameters)
    message = Outgoing(external_user_id=ANA, kind="message", template=use)
    return await KIND.send(service.channel, service.http, message)


async def test_approved_templates_are_fetched_from_all_pages(service: Service) -> None:
    for number in range(5):
        await service.tell("template", name=f"t{number}", components=[{"type": "BODY", "text": "Hello"}])
    await service.tell("template", name="waiting", status="PENDING")
    await service.tell("template", **ORDER)
    found = await KIND.templates(service.channel, service.http)
    assert [template.name for template in found] == ["t0", "t1", "t2", "t3", "t4", "order"]
    assert found[-1] == SHOWN


async def test_placeholders_with_names_and_files_are_numbered_too(service: Service) -> None:
    components = [
        {"type": "HEADER", "format": "IMAGE"},
        {"type": "BODY", "text": "Hi {{ first_name }}, {{shop}}"},
    ]
    await service.tell("template", name="named", parameter_format="NAMED", components=components)
    (found,) = await KIND.templates(service.channel, service.http)
    assert (found.header, found.body, found.placeholders) == ("[Image: {{1}}]", "Hi {{2}}, {{3}}", 3)
    outcome = await sent(service, "https://shop.example/a.png", "Ana", "Lucky\n Shrub", name="named")
    assert isinstance(outcome, Sent)
    (call,) = await service.calls("messages")
    assert call["given"]["template"]["components"] == [
        {
            "type": "header",
            "parameters": [{"type": "image", "image": {"link": "https://shop.example/a.png"}}],
        },
        {
            "type": "body",
            "parameters": [
                {"type": "text", "parameter_name": "first_name", "text": "Ana"},
                {"type": "text", "parameter_name": "shop", "text": "Lucky Shrub"},
            ],
        },
    ]


@pytest.mark.parametrize(
    "part",
    [
        {"type": "CAROUSEL", "cards": []},
        {"type": "LIMITED_TIME_OFFER"},
        {"type": "HEADER", "format": "LOCATION"},
        {"type": "BUTTONS", "buttons": [{"type": "OTP", "text": "Copy"}]},
        {"type": "BUTTONS", "buttons": [{"type": "FLOW", "text": "Fill in"}]},
    ],
)
async def test_templates_that_cannot_be_sent_from_here_are_not_offered(service: Service, part: dict[str, Any]) -> None:
    await service.tell("template", name="other", components=[{"type": "BODY", "text": "Hi"}, part])
    assert await KIND.templates(service.channel, service.http) == []
    assert isinstance(await sent(service, name="other"), Failed)


async def test_a_template_is_filled_in_part_by_part(service: Service) -> None:
    await service.tell("template", **ORDER)
    await service.tell("person", id=ANA, window=False)
    assert isinstance(await sent(service, "A7", "Ana", "A7", "a7", "SAVE5"), Sent)
    (call,) = await service.calls("messages")
    assert call["given"]["template"] == {
        "name": "order",
        "language": {"code": "en"},
        "components": [
            {"type": "header", "parameters": [{"type": "text", "text": "A7"}]},
            {"type": "body", "parameters": [{"type": "text", "text": "Ana"}, {"type": "text", "text": "A7"}]},
            {"type": "button", "sub_type": "url", "index": "1", "parameters": [{"type": "text", "text": "a7"}]},
            {
                "type": "button",
                "sub_type": "copy_code",
                "index": "2",
                "parameters": [{"type": "coupon_code", "coupon_code": "SAVE5"}],
            },
        ],
    }


async def test_how_a_template_is_laid_out_is_asked_once(service: Service) -> None:
    await service.tell("template", name="hello", components=[{"type": "BODY", "text": "Hi"}])
    for _ in range(3):
        assert isinstance(await sent(service, name="hello"), Sent)
    assert len(await service.calls("message_templates")) == 1


@pytest.mark.parametrize(
    ("parameters", "words"),
    [(("A7",), "5 placeholders, and 1"), (("A7", " ", "A7", "a7", "S"), "placeholder 2"), ((), "0 are filled")],
)
async def test_placeholders_that_are_missing_are_said_before(
    service: Service, parameters: tuple[str, ...], words: str
) -> None:
    await service.tell("template", **ORDER)
    outcome = await sent(service, *parameters)
    assert isinstance(outcome, Failed)
    assert words in outcome.reason
    assert await service.calls("messages") == []


@pytest.mark.parametrize(("name", "language"), [("order", "fr"), ("ord", "en"), ("nothing", "en")])
async def test_a_template_that_is_not_there_is_said_before(service: Service, name: str, language: str) -> None:
    await service.tell("template", **ORDER)
    outcome = await sent(service, name=name, language=language)
    assert isinstance(outcome, Failed)
    assert "no approved template" in outcome.reason


async def test_a_template_that_was_changed_is_asked_for_again(service: Service) -> None:
    await service.tell("template", name="hello", components=[{"type": "BODY", "text": "Hi"}])
    assert isinstance(await sent(service, name="hello"), Sent)
    service.fake.state.templates[0]["components"] = [{"type": "BODY", "text": "Hi {{1}}"}]
    assert isinstance(await sent(service, name="hello"), Failed)
    assert isinstance(await sent(service, "Ana", name="hello"), Sent)


@pytest.mark.parametrize("behaviour", ["reset", "429", "5xx"])
async def test_templates_that_cannot_be_had_now(service: Service, behaviour: str) -> None:
    await service.tell("script", method="message_templates", behaviour=behaviour, times=2)
    assert isinstance(await sent(service, "x"), Later)
    with pytest.raises(TryLater):
        await KIND.templates(service.channel, service.http)


async def test_a_dead_token_or_an_account_that_is_not_known_is_said_so(service: Service) -> None:
    await service.tell("script", method="message_templates", behaviour="refuse", error=190, times=2)
    outcome = await sent(service, "x")
    assert isinstance(outcome, Failed)
    assert outcome.channel_broken
    with pytest.raises(ChannelError):
        await KIND.templates(service.channel, service.http)
    channel = make_channel(service.url)
    del channel.config["business_account_id"]
    with pytest.raises(ChannelError, match="Business Account"):
        await KIND.templates(channel, service.http)
