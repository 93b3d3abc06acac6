"""Whatever is not proven to come from the service leaves nothing: one suite for every kind of channel there is."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from msgspec import Struct

from botfolk.channels import registry
from botfolk.channels.botframework.fake_signing import Signer as Key
from botfolk.channels.faking import FakeServer, Reply, Request, reply_json
from botfolk.channels.meta import webhook
from botfolk.channels.registry import KINDS, Channels
from botfolk.channels.telegram.receive import SECRET_HEADER
from botfolk.channels.twilio import signature as twilio
from botfolk.db.secrets import SecretBox
from botfolk.http import Http, open_http
from botfolk.ingest.hooks import Hooks
from tests.telling import Tale

BOX = SecretBox("a key for tests, as long as a key must be")
PUBLIC_URL = "https://crm.example"
OURS, THEIRS = "our-own-secret-0123456789", "their-secret-9876543210"
SERVICE = "https://smba.trafficmanager.net/amer/"

Headers = dict[str, str]


class Signer(Struct, frozen=True, kw_only=True):
    """How a service proves a delivery. `sign` makes the headers of a body for a hook by a secret; `header` is the one
    that proves. `altered` is the body with one thing changed that the proof covers; None: it covers none of it."""

    header: str
    secret: str
    body: bytes
    sign: Callable[[str, str, bytes], Headers]
    altered: bytes | None = None
    config: Mapping[str, Any] = {}


_KEYS = {OURS: Key(), THEIRS: Key()}
"""A signing key stands for what only the Bot Framework knows."""


def _by_secret_token(secret: str, url: str, body: bytes) -> Headers:
    return {SECRET_HEADER: secret}


def _by_app_secret(secret: str, url: str, body: bytes) -> Headers:
    return {webhook.SIGNATURE_HEADER: webhook.signature(secret, body)}


def _by_auth_token(secret: str, url: str, body: bytes) -> Headers:
    return {twilio.HEADER: twilio.sign(secret, url, twilio.form(body))}


def _by_key(secret: str, url: str, body: bytes) -> Headers:
    claims = {"iss": "https://api.botframework.com", "aud": "the-app", "serviceurl": SERVICE}
    return {"authorization": f"Bearer {_KEYS[secret].token(claims)}"}


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _activity(service: str) -> bytes:
    person, bot = {"id": "29:1", "name": "Ann"}, {"id": "28:bot"}
    return _json(
        {
            "type": "message", "id": "1", "channelId": "msteams", "serviceUrl": service, "text": "hello",
            "from": person, "recipient": bot, "conversation": {"id": "a:1"},
        }
    )  # fmt: skip


def _page(text: str, of: str) -> bytes:
    message = {"mid": "m1", "text": text}
    item = {"sender": {"id": "7"}, "recipient": {"id": "1"}, "timestamp": 1_767_000_000_000, "message": message}
    return _json({"object": of, "entry": [{"id": "1", "time": 1, "messaging": [item]}]})


def _number(text: str) -> bytes:
    message = {
        "from": "60123456789",
        "id": "wamid.1",
        "timestamp": "1767000000",
        "type": "text",
        "text": {"body": text},
    }
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "1"}, "messages": [message]}
    changes = [{"field": "messages", "value": value}]
    return _json({"object": "whatsapp_business_account", "entry": [{"id": "9", "changes": changes}]})


def _sms(text: str) -> bytes:
    fields = {"MessageSid": "SM1", "AccountSid": "AC1", "From": "+60123456789", "To": "+15551234567", "Body": text}
    return urlencode(fields).encode()


def _update(text: str) -> bytes:
    ann = {"id": 5, "is_bot": False, "first_name": "Ann"}
    message = {"message_id": 1, "from": ann, "chat": {"id": 5, "type": "private"}, "date": 1_767_000_000, "text": text}
    return _json({"update_id": 1, "message": message})


META = {"header": webhook.SIGNATURE_HEADER, "secret": "app_secret", "sign": _by_app_secret}
SIGNERS: dict[str, Signer] = {
    "telegram": Signer(header=SECRET_HEADER, secret="secret", body=_update("hello"), sign=_by_secret_token),
    "messenger": Signer(**META, body=_page("hello", "page"), altered=_page("hellp", "page")),  # type: ignore[arg-type]
    "instagram": Signer(**META, body=_page("hello", "instagram"), altered=_page("hellp", "instagram")),  # type: ignore[arg-type]
    "whatsapp": Signer(**META, body=_number("hello"), altered=_number("hellp")),  # type: ignore[arg-type]
    "twilio": Signer(
        header=twilio.HEADER, secret="auth_token", body=_sms("hello"), altered=_sms("hellp"), sign=_by_auth_token
    ),
    "botframework": Signer(
        header="authorization", secret="password", body=_activity(SERVICE),
        altered=_activity("https://smba.trafficmanager.net/emea/"), sign=_by_key, config={"app_id": "the-app"},
    ),
}  # fmt: skip
WITHOUT_A_HOOK = {"webchat"}
"""Our own: no service delivers there."""


class Forge:
    """The webhooks of a bot that has a channel of every kind."""

    def __init__(self, tale: Tale, hooks: Hooks, channels: dict[str, UUID]) -> None:
        self.tale, self.hooks, self.channels = tale, hooks, channels

    def url(self, kind: str) -> str:
        """The address a kind's service knows."""
        return f"{PUBLIC_URL}/hooks/{self.channels[kind]}"

    async def post(self, kind: str, body: bytes, headers: Headers) -> int:
        """Deliver a body; returns the status of the answer."""
        status = 0
        parts = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive() -> Any:
            return next(parts)

        async def send(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)

        raw = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
        path = f"/hooks/{self.channels[kind]}"
        scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": raw}
        await self.hooks(scope, receive, send)
        return status

    async def stored(self) -> dict[str, int]:
        """How many rows there are of all that a delivery can leave."""
        tables = ("users", "identities", "messages", "conversation_events", "quarantine", "outbox", "sessions")
        return {table: (await self.tale.rows(f"SELECT count(*) FROM {table}"))[0][0] for table in tables}


@pytest.fixture
async def forge(tale: Tale) -> AsyncIterator[Forge]:
    """A channel of every kind, each with our secret."""

    async def published(request: Request) -> Reply:
        if request.path.endswith("openidconfiguration"):
            return reply_json({"issuer": "x", "jwks_uri": f"{server.url}/keys"})
        return reply_json(_KEYS[OURS].jwks())

    async with open_http() as http, FakeServer(published) as server:
        keys = {"metadata_url": f"{server.url}/v1/.well-known/openidconfiguration"}
        yield Forge(tale, _hooks(tale, http), await _connected(tale, keys))


def _hooks(tale: Tale, http: Http) -> Hooks:
    return Hooks(Channels(tale.pool, BOX), tale.ingest, tale.clock, http, PUBLIC_URL)


async def _connected(tale: Tale, keys: dict[str, str]) -> dict[str, UUID]:
    made: dict[str, UUID] = {}
    async with tale.pool.connection() as connection:
        for kind, signer in SIGNERS.items():
            config = {**signer.config, **(keys if kind == "botframework" else {})}
            channel = await registry.add(connection, BOX, tale.bot_id, kind, kind, config, {signer.secret: OURS})
            made[kind] = channel.id
    return made


def test_every_kind_that_services_deliver_to_is_forged() -> None:
    assert set(SIGNERS) | WITHOUT_A_HOOK == set(KINDS)


def forgeries(forge: Forge, kind: str) -> list[tuple[str, bytes, Headers]]:
    """Every wrong way to deliver to a kind: name, body, headers."""
    signer, url = SIGNERS[kind], forge.url(kind)
    right = signer.sign(OURS, url, signer.body)
    proof = right[signer.header]
    made = [
        ("absent", signer.body, {}),
        ("empty", signer.body, {signer.header: ""}),
        ("wrong", signer.body, {signer.header: "x" * len(proof)}),
        ("truncated", signer.body, {signer.header: proof[:-1]}),
        ("lengthened", signer.body, {signer.header: proof + "0"}),
        ("another's secret", signer.body, signer.sign(THEIRS, url, signer.body)),
        ("not even text", signer.body, {signer.header: "\xff\x00é"}),
        ("unreadable and unsigned", b"\x00{{{", {}),
    ]
    if signer.altered is not None:
        made.append(("altered by one thing", signer.altered, right))
    for other in SIGNERS:
        theirs = SIGNERS[other]
        if theirs.header != signer.header:
            body = theirs.body
            made.append((f"a delivery of {other}", body, theirs.sign(OURS, forge.url(other), body)))
    return made


@pytest.mark.parametrize("kind", SIGNERS)
async def test_a_forgery_is_refused_and_leaves_nothing(forge: Forge, kind: str) -> None:
    before = await forge.stored()
    for name, body, headers in forgeries(forge, kind):
        assert await forge.post(kind, body, headers) == 401, name
    assert await forge.stored() == before
    signer = SIGNERS[kind]
    assert await forge.post(kind, signer.body, signer.sign(OURS, forge.url(kind), signer.body)) == 200, "the real one"
    assert (await forge.stored())["messages"] > before["messages"]


# The Bot Framework proves itself by keys that it publishes, not by a secret of ours: see its own suite.
@pytest.mark.parametrize("kind", sorted(SIGNERS.keys() - {"botframework"}))
async def test_a_channel_without_its_secret_takes_nothing(forge: Forge, kind: str) -> None:
    signer = SIGNERS[kind]
    async with forge.tale.pool.connection() as connection:
        await registry.update(connection, BOX, forge.tale.bot_id, forge.channels[kind], secrets={})
    hooks = _hooks(forge.tale, None)  # type: ignore[arg-type]
    bare = Forge(forge.tale, hooks, forge.channels)
    for secret in ("", OURS):
        headers = signer.sign(secret, bare.url(kind), signer.body)
        assert await bare.post(kind, signer.body, headers) == 401
    assert (await bare.stored())["messages"] == 0
