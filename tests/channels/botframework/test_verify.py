"""Who may deliver: only a token of the service, for this app, now, signed by a key that may speak for the channel."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta
from typing import Any

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from msgspec import structs

from botfolk.channels.botframework.fake_signing import Signer
from botfolk.channels.botframework.fake_state import APP_ID
from botfolk.channels.contract import Channel
from botfolk.channels.requests import Request
from botfolk.channels.setup import rotated
from tests.channels.botframework.conftest import Service, activity

URL = "https://smba.trafficmanager.net/amer/"
CLAIMS = {"iss": "https://api.botframework.com", "aud": APP_ID, "serviceurl": URL}


def request(token: str | None, body: object = None, scheme: str = "Bearer ") -> Request:
    """A delivery with a token in its header."""
    content = body if isinstance(body, bytes) else msgspec.json.encode(activity() if body is None else body)
    headers = {} if token is None else {"authorization": f"{scheme}{token}"}
    return Request(method="POST", url="https://crm.example/hooks/1", headers=headers, body=content)


async def is_genuine(service: Service, token: str | None, body: object = None, channel: Channel | None = None) -> bool:
    """Judge a delivery."""
    return await service.kind.verify(channel or service.channel, service.http, request(token, body))


async def test_a_token_of_the_service_opens(service: Service) -> None:
    token = service.fake.state.signer.token(CLAIMS)
    assert await is_genuine(service, token)
    assert await service.kind.verify(service.channel, service.http, request(token, scheme="bearer "))


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://sts.windows.net/99999999-8888-7777-6666-555555555555/"},
        {"iss": "https://api.botframework.com/"},
        {"iss": "https://api.botframework.us"},
        {"iss": None},
        {"iss": 1},
        {"aud": "11111111-2222-3333-4444-000000000000"},
        {"aud": None},
        {"aud": []},
        {"exp": 1},
        {"exp": "tomorrow"},
        {"exp": None},
        {"exp": True},
        {"nbf": 9_999_999_999},
        {"serviceurl": "https://smba.trafficmanager.net/emea/"},
        {"serviceurl": "https://smba.trafficmanager.net/amer"},
        {"serviceurl": "https://evil.example/amer/"},
        {"serviceurl": None},
    ],
)
async def test_a_claim_that_is_not_right_does_not(service: Service, claims: dict[str, Any]) -> None:
    said = {"exp": int(time.time()) + 60} | CLAIMS | claims
    wrong = {name: value for name, value in said.items() if value is not None}
    signer = service.fake.state.signer
    # The library would not write all of these by itself.
    token = jwt.PyJWS().encode(json.dumps(wrong).encode(), signer.key, "RS256", headers={"kid": signer.kid})
    assert not await is_genuine(service, token)


@pytest.mark.parametrize(
    ("exp", "nbf", "genuine"), [(-290, -3600, True), (-310, -3600, False), (600, 290, True), (600, 310, False)]
)
async def test_clocks_may_differ_by_five_minutes(service: Service, exp: int, nbf: int, genuine: bool) -> None:
    now = int(time.time())
    token = service.fake.state.signer.token(CLAIMS | {"exp": now + exp, "nbf": nbf + now})
    assert await is_genuine(service, token) is genuine


def hand_made(header: dict[str, Any], claims: dict[str, Any], key: bytes = b"") -> str:
    """A token as a library would refuse to make it, signed by HMAC when there is a key."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims)]
    signature = hmac.new(key, b".".join(parts), hashlib.sha256).digest() if key else b""
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


async def test_no_other_algorithm_opens(service: Service) -> None:
    signer = service.fake.state.signer
    public = signer.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    claims = CLAIMS | {"exp": int(time.time()) + 60}
    assert not await is_genuine(service, hand_made({"alg": "none", "kid": signer.kid}, claims))
    assert not await is_genuine(service, hand_made({"alg": "None", "kid": signer.kid}, claims))
    assert not await is_genuine(service, hand_made({"alg": "HS256", "kid": signer.kid}, claims, public))
    for algorithm in ("RS384", "RS512", "PS256"):
        token = jwt.encode(claims, signer.key, algorithm, headers={"kid": signer.kid})
        assert not await is_genuine(service, token)
    assert await is_genuine(service, signer.token(CLAIMS))


@pytest.mark.parametrize("token", [None, "", " ", "x", "a.b.c", "e30.e30.e30", "\ud83d", "x" * 20_000])
async def test_what_is_no_token_does_not_open(service: Service, token: str | None) -> None:
    assert not await is_genuine(service, token)
    assert not await service.kind.verify(service.channel, service.http, request(token, scheme="Basic "))


async def test_a_token_signed_by_somebody_else_or_changed_does_not_open(service: Service) -> None:
    mine, theirs = service.fake.state.signer, Signer()
    theirs.kid = mine.kid
    assert not await is_genuine(service, theirs.token(CLAIMS))
    head, said, signature = mine.token(CLAIMS).split(".")
    assert not await is_genuine(service, f"{head}.{said}.{signature[:-4]}AAAA")
    assert not await is_genuine(service, f"{head}.{said}.")
    assert not await is_genuine(service, f"{head}.{theirs.token(CLAIMS | {'x': 1}).split('.')[1]}.{signature}")
    no_kid = jwt.encode(CLAIMS | {"exp": int(time.time()) + 60}, mine.key, "RS256")
    assert not await is_genuine(service, no_kid)


@pytest.mark.parametrize(
    ("endorsements", "genuine"),
    [(("msteams",), True), (("skype", "webchat"), False), ((), False), (None, False)],
)
async def test_a_key_speaks_only_for_its_channels(
    service: Service, endorsements: tuple[str, ...] | None, genuine: bool
) -> None:
    service.fake.state.signer.endorsements = endorsements
    assert await is_genuine(service, service.fake.state.signer.token(CLAIMS)) is genuine


async def test_every_activity_of_an_array_must_be_vouched_for(service: Service) -> None:
    token = service.fake.state.signer.token(CLAIMS)
    good, elsewhere = activity(), activity(serviceUrl="https://evil.example/")
    assert await is_genuine(service, token, [good, good])
    assert not await is_genuine(service, token, [good, elsewhere])
    assert not await is_genuine(service, token, [good, activity(channelId="slack")])
    assert not await is_genuine(service, token, [])
    for body in (b"", b"{", b"[]", b"[{}]", b"null", b'{"channelId": 1, "serviceUrl": []}', b"\xff\xfe"):
        assert not await is_genuine(service, token, body)


@pytest.mark.parametrize(("config", "secrets"), [({"app_id": ""}, None), ({}, {}), ({}, {"password": ""})])
async def test_a_channel_without_its_app_or_secret_takes_nothing(
    service: Service, config: dict[str, Any], secrets: dict[str, str] | None
) -> None:
    channel = structs.replace(service.channel, config=service.channel.config | config)
    channel = channel if secrets is None else structs.replace(channel, secrets=secrets)
    assert not await is_genuine(service, service.fake.state.signer.token(CLAIMS), channel=channel)
    assert not await is_genuine(service, service.fake.state.signer.token(CLAIMS | {"aud": ""}), channel=channel)
    assert await service.calls("metadata") == []


async def test_while_the_secret_is_replaced_everything_still_comes_in(service: Service) -> None:
    secrets = rotated(service.channel.secrets, "password", "the-new-one")
    channel = structs.replace(service.channel, secrets=secrets)
    assert await is_genuine(service, service.fake.state.signer.token(CLAIMS), channel=channel)


TENANT_ISSUER = "https://sts.windows.net/99999999-8888-7777-6666-555555555555/"


async def test_a_token_of_the_tenant_opens_only_where_it_is_asked_for(service: Service) -> None:
    claims = {"iss": TENANT_ISSUER, "aud": APP_ID, "appid": APP_ID}
    token = service.fake.state.tenant_signer.token(claims)
    assert not await is_genuine(service, token)
    asked = structs.replace(service.channel, config=service.channel.config | {"tenant_issuers": [TENANT_ISSUER]})
    assert await is_genuine(service, token, channel=asked)
    other = service.fake.state.tenant_signer.token(claims | {"appid": "another-app"})
    assert not await is_genuine(service, other, channel=asked)
    assert not await is_genuine(service, service.fake.state.signer.token(claims), channel=asked)


async def test_keys_are_read_once_and_concurrent_requests_share_it(service: Service) -> None:
    token = service.fake.state.signer.token(CLAIMS)
    await service.tell("script", method="keys", behaviour="delay", seconds=0.05)
    assert await asyncio.gather(*(is_genuine(service, token) for _ in range(20))) == [True] * 20
    assert await is_genuine(service, token)
    assert len(await service.calls("metadata")) == len(await service.calls("keys")) == 1


async def test_an_unknown_key_is_asked_for_at_most_hourly(service: Service) -> None:
    assert await is_genuine(service, service.fake.state.signer.token(CLAIMS))
    service.fake.state.signer.rotate()
    service.clock.ahead = timedelta(minutes=59)
    assert not await is_genuine(service, service.fake.state.signer.token(CLAIMS))
    assert len(await service.calls("keys")) == 1
    service.clock.ahead = timedelta(minutes=61)
    new = service.fake.state.signer.token(CLAIMS)
    assert await asyncio.gather(*(is_genuine(service, new) for _ in range(5))) == [True] * 5
    for _ in range(3):
        assert not await is_genuine(service, Signer().token(CLAIMS))
    assert len(await service.calls("keys")) == 2


async def test_keys_are_read_anew_every_day(service: Service) -> None:
    old = service.fake.state.signer.token(CLAIMS | {"exp": int(time.time()) + 200_000})
    assert await is_genuine(service, old)
    service.fake.state.signer.rotate()
    service.clock.ahead = timedelta(hours=25)
    assert not await is_genuine(service, old)
    assert len(await service.calls("keys")) == 2


@pytest.mark.parametrize("behaviour", ["5xx", "reset", "drop"])
async def test_when_keys_cannot_be_read_the_old_ones_stay(service: Service, behaviour: str) -> None:
    token = service.fake.state.signer.token(CLAIMS | {"exp": int(time.time()) + 200_000})
    assert await is_genuine(service, token)
    service.clock.ahead = timedelta(hours=25)
    await service.tell("script", method="metadata", behaviour=behaviour)
    assert await is_genuine(service, token)
    assert await is_genuine(service, token)
    assert len(await service.calls("metadata")) == 2
    service.clock.ahead = timedelta(hours=25, minutes=2)
    assert await is_genuine(service, token)
    assert len(await service.calls("metadata")) == 3


async def test_before_any_key_could_be_read_nothing_opens(service: Service) -> None:
    token = service.fake.state.signer.token(CLAIMS)
    await service.tell("script", method="keys", behaviour="refuse", code=200, description="no keys here")
    assert not await is_genuine(service, token)
    assert not await is_genuine(service, token)
    assert len(await service.calls("keys")) == 1
    service.clock.ahead = timedelta(minutes=2)
    assert await is_genuine(service, token)
    nowhere = structs.replace(service.channel, config=service.channel.config | {"metadata_url": "http://127.0.0.1:1/"})
    assert not await is_genuine(service, token, channel=nowhere)
