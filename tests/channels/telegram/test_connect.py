"""Connecting a bot: the token is checked, the webhook is set, the errors are for members."""

import pytest

from botfolk.channels.contract import ChannelError
from tests.channels.telegram.conftest import KIND, SECRET, TOKEN, Service, make_channel

HOOK = "https://crm.example.com/hooks/1"


async def test_connecting_sets_the_webhook_and_learns_who_the_bot_is(service: Service) -> None:
    remembered = await KIND.connect(service.channel, service.http, HOOK)
    assert remembered == {"bot_id": 42, "username": "fake_42_bot", "api_base": service.url, "hook_url": HOOK}
    asked = service.fake.state.webhook
    assert (asked["url"], asked["secret_token"]) == (HOOK, SECRET)
    assert 40 <= asked["max_connections"] <= 100
    assert set(asked["allowed_updates"]) >= {
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
        "message_reaction",
        "business_message",
    }


async def test_an_unknown_token_is_said_so_without_showing_it(service: Service) -> None:
    await service.tell("token", token=TOKEN)
    with pytest.raises(ChannelError, match="BotFather") as refused:
        await KIND.connect(service.channel, service.http, HOOK)
    assert TOKEN not in str(refused.value)
    assert service.fake.state.webhook == {}


@pytest.mark.parametrize("token", ["", "42:with space", "42:a/../b", "42:a?b", "42:a#b", "42:line\n"])
async def test_what_is_no_token_never_leaves(service: Service, token: str) -> None:
    service.channel.secrets["token"] = token
    with pytest.raises(ChannelError, match="not a bot token") as refused:
        await KIND.connect(service.channel, service.http, HOOK)
    assert not token or token not in str(refused.value)
    assert service.fake.state.calls == []


@pytest.mark.parametrize("secret", ["", "with space", "ümlaut", "x" * 257])
async def test_a_webhook_without_a_proper_secret_is_never_set(service: Service, secret: str) -> None:
    service.channel.secrets["secret"] = secret
    with pytest.raises(ChannelError, match="secret"):
        await KIND.connect(service.channel, service.http, HOOK)
    assert service.fake.state.webhook == {}


async def test_telegrams_own_words_explain_a_refused_webhook(service: Service) -> None:
    with pytest.raises(ChannelError, match="HTTPS URL must be provided"):
        await KIND.connect(service.channel, service.http, "ftp://crm.example.com")


@pytest.mark.parametrize("method", ["getMe", "setWebhook"])
@pytest.mark.parametrize("behaviour", ["429", "5xx", "reset"])
async def test_a_service_that_cannot_answer_now_is_said_so(service: Service, method: str, behaviour: str) -> None:
    await service.tell("script", method=method, behaviour=behaviour)
    with pytest.raises(ChannelError, match="Telegram") as refused:
        await KIND.connect(service.channel, service.http, HOOK)
    assert TOKEN not in str(refused.value)


async def test_a_service_that_is_not_there_is_said_so(service: Service) -> None:
    with pytest.raises(ChannelError, match="could not be reached") as refused:
        await KIND.connect(make_channel("http://127.0.0.1:1"), service.http, HOOK)
    assert TOKEN not in str(refused.value)


async def test_a_channel_without_an_address_speaks_to_telegram_itself() -> None:
    channel = make_channel()
    channel.config.clear()
    from botfolk.channels.telegram.api import base

    assert base(channel) == "https://api.telegram.org"
