"""Connecting a page: token and secret are tried, its events are asked for, the errors are for members."""

import pytest

from botfolk.channels.contract import ChannelError
from botfolk.channels.setup import Check
from tests.channels.messenger.conftest import KIND, PAGE, SECRET, TOKEN, VERIFY, Service, make_channel


async def connected(service: Service) -> dict[str, object]:
    remembered = await KIND.connect(service.channel, service.http, service.hook)
    service.channel.config.update(remembered)
    return remembered


async def checks(service: Service) -> dict[str, Check]:
    found = await KIND.check(service.channel, service.http, service.hook)
    return {check.name: check for check in found}


async def test_connecting_learns_who_the_page_is_asks_for_its_events_and_sets_the_hook(service: Service) -> None:
    assert await connected(service) == {
        "account": PAGE,
        "name": "Fake page",
        "app_id": "300000000000001",
        "api_base": service.url,
        "api_version": "v25.0",
        "hook_url": service.hook,
    }
    assert {"messages", "messaging_postbacks", "message_echoes", "standby", "message_edits"} <= set(
        service.fake.subscribed
    )
    assert (service.fake.hook.url, service.fake.hook.verify_token) == (service.hook, VERIFY)
    assert {name: check.ok for name, check in (await checks(service)).items()} == {
        "token": True,
        "secret": True,
        "subscription": True,
        "webhook": True,
    }


async def test_an_app_that_delivers_elsewhere_is_left_as_it_is_and_the_check_says_so(service: Service) -> None:
    service.fake.hook.url = "https://other.example.com/webhook"
    await connected(service)
    assert service.fake.hook.url == "https://other.example.com/webhook"
    webhook = (await checks(service))["webhook"]
    assert webhook.ok is False
    assert "https://other.example.com/webhook" in webhook.words


async def test_another_hook_of_the_same_installation_serves_as_well(service: Service) -> None:
    await connected(service)
    service.fake.hook.url = "https://crm.example.com/hooks/1"
    here = "https://crm.example.com/hooks/2"
    found = {check.name: check.ok for check in await KIND.check(service.channel, service.http, here)}
    assert found["webhook"] is True


async def test_a_hook_that_does_not_answer_yet_is_left_to_the_member(service: Service) -> None:
    remembered = await KIND.connect(service.channel, service.http, "http://127.0.0.1:1/hooks/1")
    service.channel.config.update(remembered)
    assert service.fake.hook.url == ""
    webhook = (await checks(service))["webhook"]
    assert (webhook.ok, "delivers nowhere" in webhook.words) == (False, True)


async def test_an_unknown_token_is_said_so_without_showing_it(service: Service) -> None:
    await service.tell("token", token=TOKEN)
    with pytest.raises(ChannelError, match="make a new one") as refused:
        await KIND.connect(service.channel, service.http, service.hook)
    assert TOKEN not in str(refused.value)
    assert service.fake.subscribed == []
    assert [check.ok for check in await KIND.check(service.channel, service.http, service.hook)] == [False]


async def test_the_secret_of_another_app_is_found_out(service: Service) -> None:
    service.channel.secrets["app_secret"] = "the-secret-of-another-app"
    with pytest.raises(ChannelError, match="not that of the app"):
        await KIND.connect(service.channel, service.http, service.hook)
    assert service.fake.subscribed == []
    assert {name: check.ok for name, check in (await checks(service)).items()} == {"token": True, "secret": False}


async def test_the_token_of_another_page_is_found_out(service: Service) -> None:
    await connected(service)
    await service.tell("account", id="999", name="Other page")
    (check,) = await KIND.check(service.channel, service.http, service.hook)
    assert check.ok is False
    assert "another account (Other page)" in check.words


async def test_what_is_not_told_is_named(service: Service) -> None:
    await connected(service)
    service.fake.subscribed.remove("standby")
    subscription = (await checks(service))["subscription"]
    assert (subscription.ok, "not told of: standby" in subscription.words) == (False, True)


@pytest.mark.parametrize("token", ["", "EAAB with space", "EAAB\n", "EAAB\x00", "EAÄB"])
async def test_what_is_no_token_never_leaves(service: Service, token: str) -> None:
    service.channel.secrets["access_token"] = token
    with pytest.raises(ChannelError, match="not an access token"):
        await KIND.connect(service.channel, service.http, service.hook)
    assert service.fake.calls == []


@pytest.mark.parametrize("secret", ["", "with space", "ümlaut"])
async def test_without_an_app_secret_nothing_is_connected(service: Service, secret: str) -> None:
    service.channel.secrets["app_secret"] = secret
    with pytest.raises(ChannelError, match="not an app secret"):
        await KIND.connect(service.channel, service.http, service.hook)
    assert service.fake.calls == []


@pytest.mark.parametrize("method", ["me", "app", "subscribed_apps", "subscriptions"])
@pytest.mark.parametrize("behaviour", ["429", "5xx", "reset"])
async def test_a_service_that_cannot_answer_now_is_said_so(service: Service, method: str, behaviour: str) -> None:
    await service.tell("script", method=method, behaviour=behaviour)
    with pytest.raises(ChannelError, match="Meta") as refused:
        await KIND.connect(service.channel, service.http, service.hook)
    assert TOKEN not in str(refused.value)
    assert SECRET not in str(refused.value)


async def test_the_checks_of_a_service_that_is_not_there_say_so(service: Service) -> None:
    channel = make_channel(api_base="http://127.0.0.1:1")
    (check,) = await KIND.check(channel, service.http, service.hook)
    assert (check.ok, "could not be reached" in check.words) == (False, True)


def test_a_member_is_told_what_to_do_and_what_to_copy() -> None:
    assert [step.copy for step in KIND.steps if step.copy] == ["hook_url", "verify_token"]
    assert {field.name for field in KIND.setup if field.required} == {"access_token", "app_secret"}
    assert all(field.secret for field in KIND.setup if field.required)
    assert KIND.made == ("verify_token",)
