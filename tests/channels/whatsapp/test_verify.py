"""Who may deliver, and how the address proves itself ours."""

from typing import Any

import pytest
from msgspec import structs

from botfolk.channels.meta.webhook import SIGNATURE_HEADER, signature
from botfolk.channels.requests import Answer, Request
from botfolk.channels.setup import forgotten, rotated
from botfolk.http import open_http
from tests.channels.whatsapp.conftest import APP_SECRET, KIND, VERIFY_TOKEN, make_channel

BODY = b'{"object":"whatsapp_business_account","entry":[],"text":"\\u00e9 \\/ \\ud83d\\ude00"}'


def _asked(method: str = "POST", body: bytes = BODY, headers: dict[str, str] | None = None, **query: str) -> Request:
    given = {name.replace("_", "."): value for name, value in query.items()}
    given = {name.replace("verify.token", "verify_token"): value for name, value in given.items()}
    return Request(method=method, url="https://crm.example.com/hooks/1", headers=headers or {}, body=body, query=given)


async def _is_genuine(channel: Any, request: Request) -> bool:
    async with open_http() as http:
        return await KIND.verify(channel, http, request)


@pytest.mark.parametrize(
    ("headers", "genuine"),
    [
        ({SIGNATURE_HEADER: signature(APP_SECRET, BODY)}, True),
        ({}, False),
        ({SIGNATURE_HEADER: ""}, False),
        ({SIGNATURE_HEADER: signature(APP_SECRET, BODY)[:-1]}, False),
        ({SIGNATURE_HEADER: signature("another secret", BODY)}, False),
        ({SIGNATURE_HEADER: signature(APP_SECRET, BODY + b" ")}, False),
        ({"x-hub-signature": signature(APP_SECRET, BODY)}, False),
    ],
)
async def test_only_the_apps_signature_opens(headers: dict[str, str], genuine: bool) -> None:
    assert await _is_genuine(make_channel(), _asked(headers=headers)) is genuine


async def test_without_an_app_secret_nothing_opens() -> None:
    for secret in ("", None):
        channel = make_channel()
        channel.secrets.pop("app_secret")
        if secret is not None:
            channel.secrets["app_secret"] = secret
        assert not await _is_genuine(channel, _asked(headers={SIGNATURE_HEADER: signature("", BODY)}))


async def test_while_the_secret_is_replaced_both_open_and_then_only_the_new_one() -> None:
    channel = make_channel()
    during = structs.replace(channel, secrets=rotated(channel.secrets, "app_secret", "new"))
    after = structs.replace(channel, secrets=forgotten(during.secrets))
    old, new = (_asked(headers={SIGNATURE_HEADER: signature(secret, BODY)}) for secret in (APP_SECRET, "new"))
    assert [await _is_genuine(during, old), await _is_genuine(during, new)] == [True, True]
    assert [await _is_genuine(after, old), await _is_genuine(after, new)] == [False, True]


def test_the_challenge_is_echoed_to_whoever_knows_the_word() -> None:
    asked = _asked("GET", b"", hub_mode="subscribe", hub_verify_token=VERIFY_TOKEN, hub_challenge="1158201444")
    assert KIND.greet(make_channel(), asked) == Answer(text="1158201444")
    wrong = _asked("GET", b"", hub_mode="subscribe", hub_verify_token="guess", hub_challenge="1")
    answer = KIND.greet(make_channel(), wrong)
    assert answer is not None
    assert answer.status == 403
    assert KIND.greet(make_channel(), _asked("GET", b"")) is None
