"""Connecting a number, and examining whether it still works."""

import pytest

from botfolk.channels.contract import ChannelError
from botfolk.channels.whatsapp.fake_state import NUMBER_ID
from tests.channels.whatsapp.conftest import APP_SECRET, KIND, TOKEN, Service, make_channel

HOOK = "https://crm.example.com/hooks/1"


async def test_connecting_learns_the_number_and_subscribes_to_its_account(service: Service) -> None:
    remembered = await KIND.connect(service.channel, service.http, HOOK)
    assert remembered == {"account": NUMBER_ID, "phone_number": "+1 555-078-3881", "name": "Fake Shop"}
    assert service.fake.state.subscribed
    assert all("appsecret_proof" in call.query for call in service.fake.calls)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("phone_number_id", "", "phone number ID"),
        ("phone_number_id", "+1 555", "phone number ID"),
        ("business_account_id", "../me", "Business Account ID"),
        ("phone_number_id", "999", "not one of that"),
    ],
)
async def test_ids_that_are_none_are_said_so(service: Service, name: str, value: str, words: str) -> None:
    service.channel.config[name] = value
    with pytest.raises(ChannelError, match=words):
        await KIND.connect(service.channel, service.http, HOOK)
    assert not service.fake.state.subscribed


async def test_without_the_app_secret_nothing_is_connected(service: Service) -> None:
    service.channel.secrets["app_secret"] = ""
    with pytest.raises(ChannelError, match="app secret"):
        await KIND.connect(service.channel, service.http, HOOK)
    assert service.fake.calls == []


async def test_a_dead_token_is_said_so_without_showing_it(service: Service) -> None:
    await service.tell("token", token=TOKEN)
    with pytest.raises(ChannelError, match="access token") as refused:
        await KIND.connect(service.channel, service.http, HOOK)
    assert TOKEN not in str(refused.value)


@pytest.mark.parametrize("method", ["phone_numbers", "subscribed_apps"])
@pytest.mark.parametrize("behaviour", ["429", "5xx", "reset"])
async def test_a_service_that_cannot_answer_now_is_said_so(service: Service, method: str, behaviour: str) -> None:
    await service.tell("script", method=method, behaviour=behaviour)
    with pytest.raises(ChannelError, match=r"Meta|WhatsApp") as refused:
        await KIND.connect(service.channel, service.http, HOOK)
    assert TOKEN not in str(refused.value)
    assert APP_SECRET not in str(refused.value)


async def test_a_check_of_a_number_that_works(service: Service) -> None:
    await KIND.connect(service.channel, service.http, HOOK)
    checks = await KIND.check(service.channel, service.http, HOOK)
    assert [(check.name, check.ok) for check in checks] == [("Access token and phone number", True), ("Webhook", True)]
    assert "Fake Shop" in checks[0].words


async def test_a_check_says_what_is_wrong_and_how_to_mend_it(service: Service) -> None:
    number, webhook = await KIND.check(service.channel, service.http, HOOK)
    assert (number.ok, webhook.ok) == (True, False)
    assert "connect the channel again" in webhook.words
    await service.tell("token", token=TOKEN)
    for check in await KIND.check(service.channel, service.http, HOOK):
        assert not check.ok
        assert "access token" in check.words


async def test_a_check_never_raises(service: Service) -> None:
    for channel in (make_channel("http://127.0.0.1:1"), make_channel(service.url)):
        channel.config.pop("business_account_id")
        assert [check.ok for check in await KIND.check(channel, service.http, HOOK)] == [False, False]


def test_what_a_member_types_and_does_is_said() -> None:
    assert [field.name for field in KIND.setup if field.secret] == ["access_token", "app_secret"]
    assert {step.copy for step in KIND.steps if step.copy} == {"hook_url", "verify_token"}
    assert KIND.made == ("verify_token",)
