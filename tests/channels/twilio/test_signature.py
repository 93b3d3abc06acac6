"""Who may deliver: whoever signs by one of the account's tokens."""

import hashlib
import json
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from msgspec import structs

from botfolk.channels.contract import Channel
from botfolk.channels.requests import Request
from botfolk.channels.setup import forgotten, rotated
from botfolk.channels.twilio.signature import HEADER, sign, verify
from tests.channels.twilio.conftest import HOOK, TOKEN, make_channel

FIELDS = [("MessageSid", "SM1"), ("From", "+15551234567"), ("Body", "Grüße 👋 & more"), ("Empty", "")]


def with_token(token: str) -> Channel:
    """A channel of an account with this token."""
    return structs.replace(make_channel(), secrets={"auth_token": token})


def request(
    signature: str | None, url: str = HOOK, fields: list[tuple[str, str]] | None = None, body: bytes | None = None
) -> Request:
    """A delivery."""
    content = urlencode(FIELDS if fields is None else fields).encode() if body is None else body
    query = dict(parse_qsl(urlsplit(url).query))
    headers = {} if signature is None else {HEADER: signature}
    return Request(method="POST", url=url, headers=headers, body=content, query=query)


def test_twilios_own_examples_are_genuine(shared: Path) -> None:
    vectors = json.loads((shared / "payloads" / "signatures.json").read_text())["twilio"]
    assert len(vectors) == 3
    for vector in vectors:
        fields = [(name, value) for name, value in vector["params"]]
        given = request(vector["X-Twilio-Signature"], vector["url"], fields)
        assert verify(with_token(vector["auth_token"]), given)
        assert not verify(with_token("123456"), given)


def test_a_value_that_comes_twice_is_signed_once_and_all_are_in_order() -> None:
    once = sign("12345", "https://x.example/", [("b", "2"), ("a", "1"), ("a", "0")])
    assert once == sign("12345", "https://x.example/", [("a", "0"), ("a", "1"), ("a", "1"), ("b", "2")])
    assert once != sign("12345", "https://x.example/", [("a", "01"), ("b", "2")])


GOOD = sign(TOKEN, HOOK, FIELDS)


@pytest.mark.parametrize(
    "signature",
    [None, "", GOOD[:-1], f"{GOOD}=", GOOD.lower(), f" {GOOD}", "Grüße", "\ud83d", sign("another", HOOK, FIELDS)],
)
def test_another_signature_is_not_genuine(signature: str | None) -> None:
    assert verify(make_channel(), request(GOOD))
    assert not verify(make_channel(), request(signature))


def test_what_was_changed_on_the_way_is_not_genuine() -> None:
    for changed in (FIELDS[1:], [*FIELDS, ("More", "1")], [("MessageSid", "SM2"), *FIELDS[1:]]):
        assert not verify(make_channel(), request(GOOD, fields=changed))
    assert not verify(make_channel(), request(GOOD, url=f"{HOOK}?a=1"))
    assert not verify(make_channel(), request(GOOD, url=HOOK.replace("hooks/1", "hooks/2")))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("https://crm.example.com/h", "https://crm.example.com:443/h"),
        ("https://crm.example.com:443/h", "https://crm.example.com/h"),
        ("https://crm.example.com:8443/h?a=1", "https://crm.example.com/h?a=1"),
        ("http://crm.example.com/h", "http://crm.example.com:80/h"),
        ("https://[::1]:8443/h", "https://[::1]/h"),
    ],
)
def test_an_address_is_signed_with_its_port_or_without(ours: str, theirs: str) -> None:
    assert verify(make_channel(), request(sign(TOKEN, theirs, FIELDS), url=ours))
    assert verify(make_channel(), request(sign(TOKEN, ours, FIELDS), url=ours))


def test_a_body_that_is_no_form_is_named_by_its_hash() -> None:
    body = b'{"a": 1}'
    url = f"{HOOK}?bodySHA256={hashlib.sha256(body).hexdigest()}"
    assert verify(make_channel(), request(sign(TOKEN, url, []), url=url, body=body))
    assert not verify(make_channel(), request(sign(TOKEN, url, []), url=url, body=b'{"a": 2}'))
    assert not verify(make_channel(), request(sign(TOKEN, HOOK, []), body=body))


@pytest.mark.parametrize("body", [b"\xff\xfe", "ü=1".encode(), b"&" * 5000 + b"a=1&" * 5000])
def test_what_is_no_form_is_not_genuine(body: bytes) -> None:
    assert not verify(make_channel(), request(sign(TOKEN, HOOK, []), body=body))


def test_bytes_that_are_no_text_are_signed_as_they_are() -> None:
    fields = [("Body", "\udcff")]
    assert verify(make_channel(), request(sign(TOKEN, HOOK, fields), body=b"Body=%FF"))


def test_a_get_is_signed_by_its_address() -> None:
    url = f"{HOOK}?MessageSid=SM1"
    given = Request(
        method="GET", url=url, headers={HEADER: sign(TOKEN, url, [])}, body=b"", query={"MessageSid": "SM1"}
    )
    assert verify(make_channel(), given)


@pytest.mark.parametrize("secrets", [{}, {"auth_token": ""}])
def test_a_channel_without_a_token_takes_nothing(secrets: dict[str, str]) -> None:
    channel = structs.replace(make_channel(), secrets=secrets)
    assert not verify(channel, request(sign("", HOOK, FIELDS)))
    assert not verify(channel, request(GOOD))


def test_while_the_token_is_replaced_both_open_and_then_only_the_new_one() -> None:
    channel = make_channel()
    during = structs.replace(channel, secrets=rotated(channel.secrets, "auth_token", "the-new-one"))
    new = sign("the-new-one", HOOK, FIELDS)
    assert verify(during, request(GOOD))
    assert verify(during, request(new))
    after = structs.replace(channel, secrets=forgotten(during.secrets))
    assert not verify(after, request(GOOD))
    assert verify(after, request(new))
