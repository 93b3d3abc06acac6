"""Who may deliver for Meta: whoever knows the app's secret, and nobody when there is none."""

import hashlib
import hmac
import json
from pathlib import Path

import pytest

from botfolk.channels.meta.webhook import SIGNATURE_HEADER, greet, signature, verify
from botfolk.channels.requests import Answer, Request
from botfolk.channels.setup import forgotten, rotated
from tests.channels.meta.conftest import SECRET, VERIFY, make_channel, posted

BODY = rb'{"object":"page","entry":[{"id":"1","messaging":[{"message":{"text":"\u00fc \ud83d\ude00 a\/b"}}]}]}'
SIGNED = signature(SECRET, BODY)


def test_a_signature_is_the_hmac_of_the_bytes_as_they_came() -> None:
    assert "sha256=" + hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest() == SIGNED
    assert verify(make_channel(), posted(BODY))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {SIGNATURE_HEADER: ""},
        {SIGNATURE_HEADER: "sha256="},
        {SIGNATURE_HEADER: SIGNED[:-1]},
        {SIGNATURE_HEADER: SIGNED + "0"},
        {SIGNATURE_HEADER: SIGNED.removeprefix("sha256=")},
        {SIGNATURE_HEADER: SIGNED.upper()},
        {SIGNATURE_HEADER: SIGNED.replace("sha256", "sha1")},
        {SIGNATURE_HEADER: f" {SIGNED}"},
        {SIGNATURE_HEADER: signature("the-secret-of-another-app", BODY)},
        {SIGNATURE_HEADER: signature(SECRET, BODY + b" ")},
        {SIGNATURE_HEADER: signature(SECRET, json.dumps(json.loads(BODY)).encode())},
        {SIGNATURE_HEADER: "Grüße ☕"},
        {SIGNATURE_HEADER: "\ud83d"},
        {"x-hub-signature": "sha1=" + hmac.new(SECRET.encode(), BODY, hashlib.sha1).hexdigest()},
        {"x-hub-signature": SIGNED},
    ],
    ids=lambda headers: str(headers)[:70].encode("ascii", "replace").decode(),
)
def test_no_other_signature_opens(headers: dict[str, str]) -> None:
    assert verify(make_channel(), posted(BODY, headers)) is False


def test_a_body_of_which_one_byte_was_changed_is_not_genuine() -> None:
    for at in range(0, len(BODY), 7):
        changed = BODY[:at] + bytes([BODY[at] ^ 1]) + BODY[at + 1 :]
        assert verify(make_channel(), posted(changed, {SIGNATURE_HEADER: SIGNED})) is False


@pytest.mark.parametrize("secret", ["", None])
def test_without_a_secret_nothing_is_genuine(secret: str | None) -> None:
    channel = make_channel()
    del channel.secrets["app_secret"]
    if secret is not None:
        channel.secrets["app_secret"] = secret
    for signed in ({}, {SIGNATURE_HEADER: ""}, {SIGNATURE_HEADER: signature("", BODY)}):
        assert verify(channel, posted(BODY, signed)) is False


def test_while_the_secret_is_replaced_both_open_and_then_only_the_new_one() -> None:
    during = make_channel()
    during.secrets.update(rotated(during.secrets, "app_secret", "the-new-one"))
    new = posted(BODY, {SIGNATURE_HEADER: signature("the-new-one", BODY)})
    assert (verify(during, posted(BODY)), verify(during, new)) == (True, True)
    after = make_channel()
    after.secrets.update(during.secrets)
    kept = forgotten(during.secrets)
    for name in after.secrets.keys() - kept.keys():
        del after.secrets[name]
    assert (verify(after, posted(BODY)), verify(after, new)) == (False, True)


def test_the_recorded_sha1_signature_is_understood_as_such_and_proves_nothing(shared: Path) -> None:
    recorded = json.loads((shared / "payloads" / "signatures.json").read_text())["meta_sha1"]
    body = recorded["raw_body"].encode()
    mac = hmac.new(recorded["secret"].encode(), body, hashlib.sha1).hexdigest()
    assert recorded["X-Hub-Signature"] == f"sha1={mac}"
    channel = make_channel()
    channel.secrets["app_secret"] = recorded["secret"]
    assert verify(channel, posted(body, {"x-hub-signature": recorded["X-Hub-Signature"]})) is False
    assert verify(channel, posted(body, {SIGNATURE_HEADER: recorded["X-Hub-Signature"]})) is False
    assert verify(channel, posted(body, {SIGNATURE_HEADER: signature(recorded["secret"], body)}))


def asked(**query: str) -> Request:
    names = {name.replace("_", ".", 1): value for name, value in query.items()}
    return Request(method="GET", url="https://crm.example.com/hooks/1", headers={}, body=b"", query=names)


def test_the_address_is_ours_to_whoever_knows_the_verify_token() -> None:
    answer = greet(make_channel(), asked(hub_mode="subscribe", hub_verify_token=VERIFY, hub_challenge="1158201444"))
    assert answer == Answer(text="1158201444")


@pytest.mark.parametrize(
    "query",
    [
        {"hub_mode": "subscribe", "hub_challenge": "1"},
        {"hub_mode": "subscribe", "hub_verify_token": "", "hub_challenge": "1"},
        {"hub_mode": "subscribe", "hub_verify_token": VERIFY[:-1], "hub_challenge": "1"},
        {"hub_mode": "subscribe", "hub_verify_token": "\ud83d", "hub_challenge": "1"},
        {"hub_mode": "unsubscribe", "hub_verify_token": VERIFY, "hub_challenge": "1"},
        {"hub_verify_token": VERIFY, "hub_challenge": "1"},
        {"hub_mode": "subscribe", "hub_verify_token": VERIFY},
        {"hub_mode": "subscribe", "hub_verify_token": VERIFY, "hub_challenge": "x" * 257},
    ],
)
def test_nobody_else_is_told(query: dict[str, str]) -> None:
    answer = greet(make_channel(), asked(**query))
    assert answer is not None
    assert (answer.status, query.get("hub_challenge") == answer.text) == (403, False)


def test_without_a_verify_token_nobody_is_told() -> None:
    channel = make_channel()
    channel.secrets["verify_token"] = ""
    answer = greet(channel, asked(hub_mode="subscribe", hub_verify_token="", hub_challenge="1"))
    assert answer is not None
    assert answer.status == 403


def test_any_other_get_is_no_question() -> None:
    assert greet(make_channel(), asked(page="2")) is None
