"""The host page vouches for whom it has signed in."""

import asyncio
import base64
import hashlib
import hmac
import json
from pathlib import Path

import jwt
import pytest

from botfolk.ids import new_id
from tests.webchat.conftest import IDENTITY_SECRET, Chat, Visitor


async def test_a_signed_word_fills_the_profile_before_anything_is_said(chat: Chat) -> None:
    word = chat.signed("c-42", name="Ann Lee", email="ann@example.com", attributes={"plan": "gold", "orders": 3})
    await chat.visitor(identity=word)
    rows = await chat.tale.rows(
        "SELECT first_name, last_name, email, attributes, field_sources ->> 'email',"
        " field_sources ->> 'attributes.plan' FROM users"
    )
    assert rows == [("Ann", "Lee", "ann@example.com", {"plan": "gold", "orders": 3}, "channel", "channel")]
    assert await chat.tale.rows("SELECT messages FROM user_stats") == [(0,)]


async def test_a_guest_who_signs_in_keeps_what_they_said(chat: Chat) -> None:
    visitor = await chat.visitor()
    await visitor.says("as a guest")
    before = await chat.user(visitor)
    await visitor.start(identity=chat.signed("c-42", email="ann@example.com"))
    assert await chat.user(visitor) == before
    assert [message["text"] for message in visitor.started["messages"]] == ["as a guest"]
    assert await chat.tale.rows("SELECT email FROM users") == [("ann@example.com",)]


async def test_a_guest_who_turns_out_to_be_known_becomes_that_person(chat: Chat) -> None:
    at_home = await chat.visitor(identity=chat.signed("c-42", name="Ann"))
    await at_home.says("from home")
    on_the_way = await chat.visitor(timezone="Europe/Paris")
    await on_the_way.says("from the train, great! 😀")
    await on_the_way.start(identity=chat.signed("c-42", name="Ann"))
    assert await chat.user(on_the_way) == await chat.user(at_home)
    assert await chat.tale.rows("SELECT count(*) FROM users") == [(1,)]
    assert await chat.tale.rows("SELECT messages, scored_messages FROM user_stats") == [(2, 2)]
    assert {message["text"] for message in await at_home.reads()} >= {"from home", "from the train, great! 😀"}


@pytest.mark.parametrize(
    ("claims", "secret", "why"),
    [
        ({"lives": -120}, IDENTITY_SECRET, "expired"),
        ({"lives": 3 * 86_400}, IDENTITY_SECRET, "at most a day"),
        ({}, "another secret, as long as it has to be!", "Signature"),
    ],
)
async def test_a_word_that_proves_nothing_is_refused(chat: Chat, claims: dict[str, int], secret: str, why: str) -> None:
    answer = await Visitor(chat).start(identity=chat.signed("c-42", secret=secret, **claims), expect=422)
    assert why in answer["detail"]
    assert await chat.tale.rows("SELECT count(*) FROM users") == [(0,)]


async def test_an_unsigned_word_or_one_of_another_algorithm_is_none(chat: Chat) -> None:
    claims = {"sub": "c-42", "exp": int(chat.tale.now.timestamp()) + 60}
    for word in (
        jwt.encode(claims, "", algorithm="none"),
        jwt.encode(claims, IDENTITY_SECRET * 3, algorithm="HS512"),
        jwt.encode({"sub": "c-42"}, IDENTITY_SECRET, algorithm="HS256"),
        "nonsense",
    ):
        await Visitor(chat).start(identity=word, expect=422)


def plain(secret: str, claims: object, *, standard: bool = False) -> str:
    """A word in the plain form, as a page makes it without a library."""
    encode = base64.b64encode if standard else base64.urlsafe_b64encode
    said = encode(json.dumps(claims).encode()).decode()
    if not standard:
        said = said.rstrip("=")
    return f"{said}.{hmac.new(secret.encode(), said.encode(), hashlib.sha256).hexdigest()}"


async def test_a_plain_hmac_vouches_as_a_token_does(chat: Chat) -> None:
    exp = int(chat.tale.now.timestamp()) + 3600
    claims = {
        "sub": "c-42",
        "exp": exp,
        "name": "Ann Lee?>",
        "email": "ann@example.com",
        "attributes": {"plan": "gold"},
    }
    first = await chat.visitor(identity=plain(IDENTITY_SECRET, claims))
    await first.says("from home")
    # Whatever the alphabet, and by a token as well: the customer is the same.
    second = await chat.visitor(identity=plain(IDENTITY_SECRET, claims, standard=True))
    third = await chat.visitor(identity=chat.signed("c-42"))
    assert await chat.user(first) == await chat.user(second) == await chat.user(third)
    rows = await chat.tale.rows("SELECT first_name, last_name, email, attributes FROM users")
    assert rows == [("Ann", "Lee?>", "ann@example.com", {"plan": "gold"})]


async def test_a_plain_hmac_that_proves_nothing_is_refused(chat: Chat) -> None:
    now = int(chat.tale.now.timestamp())
    good = {"sub": "c-42", "exp": now + 60}
    token = chat.signed("c-42")
    signature = base64.urlsafe_b64decode(token.rpartition(".")[2] + "=").hex()
    for word, why in (
        (plain("another secret, as long as it has to be!", good), "Signature"),
        (plain(IDENTITY_SECRET, good)[:-1] + "é", "Signature"),
        (plain(IDENTITY_SECRET, {"sub": "c-42"}), '"exp"'),
        (plain(IDENTITY_SECRET, {"exp": now + 60}), '"sub"'),
        (plain(IDENTITY_SECRET, {**good, "exp": now - 120}), "expired"),
        (plain(IDENTITY_SECRET, {**good, "exp": now + 3 * 86_400}), "at most a day"),
        (plain(IDENTITY_SECRET, {**good, "exp": "soon"}), "seconds since 1970"),
        (plain(IDENTITY_SECRET, ["sub", "exp"]), "not an object"),
        (signed_text("%%%"), "not an object"),
        (signed_text(""), "not an object"),
        # The proof of a token is none of its parts.
        (f"{token.split('.')[1]}.{signature}", "Signature"),
    ):
        answer = await Visitor(chat).start(identity=word, expect=422)
        assert why in answer["detail"], word
    assert await chat.tale.rows("SELECT count(*) FROM users") == [(0,)]


def signed_text(said: str) -> str:
    """Any text, well signed."""
    return f"{said}.{hmac.new(IDENTITY_SECRET.encode(), said.encode(), hashlib.sha256).hexdigest()}"


async def test_a_member_s_own_word_stands_against_the_host_page(chat: Chat) -> None:
    visitor = await chat.visitor(identity=chat.signed("c-42", email="ann@example.com"))
    await chat.tale.rows(
        """UPDATE users SET email = 'member@example.com',
               field_sources = field_sources || '{"email": "member"}' RETURNING 1"""
    )
    await visitor.start(identity=chat.signed("c-42", email="other@example.com"))
    assert await chat.tale.rows("SELECT email FROM users") == [("member@example.com",)]


async def test_another_word_about_the_same_customer_counts_from_then_on(chat: Chat) -> None:
    visitor = await chat.visitor(identity=chat.signed("c-42", email="ann@example.com", attributes={"plan": "gold"}))
    await visitor.start(identity=chat.signed("c-42", email="ann@new.example", attributes={"plan": "silver"}))
    assert await chat.tale.rows("SELECT email, attributes FROM users") == [("ann@new.example", {"plan": "silver"})]


async def test_what_the_word_leaves_out_or_empty_wipes_nothing(chat: Chat, shared: Path) -> None:
    visitor = await chat.visitor(identity=chat.signed("c-42", email="ann@example.com", phone="+60123456789"))
    empty = json.loads((shared / "payloads/webchat/09-chatwoot-update-empty-email.json").read_text())["body"]["email"]
    await visitor.start(identity=chat.signed("c-42", email=empty, phone=None, name=" "))
    assert await chat.tale.rows("SELECT email, phone FROM users") == [("ann@example.com", "+60123456789")]


async def test_a_phone_number_that_is_none_leaves_the_rest(chat: Chat, shared: Path) -> None:
    payload = json.loads((shared / "payloads/webchat/07-chatwoot-update-phone-e164-shape.json").read_text())
    # It has the shape of a number, and no number of that country has so few digits.
    for phone in (payload["body"]["phone_number"], "call me"):
        await chat.visitor(identity=chat.signed("c-42", phone=phone, email="ann@example.com"))
        assert await chat.tale.rows("SELECT email, phone FROM users") == [("ann@example.com", None)]


async def test_a_wrong_hash_for_a_word_is_refused(chat: Chat, shared: Path) -> None:
    body = json.loads((shared / "payloads/webchat/05-chatwoot-set-user-wrong-hmac.json").read_text())["body"]
    forged = chat.signed(body["identifier"]).rpartition(".")[0] + "." + body["identifier_hash"]
    for word in (forged, body["identifier_hash"]):
        answer = await Visitor(chat).start(identity=word, expect=422)
        assert answer["detail"].startswith("The host page's word is not valid: ")
    assert await chat.tale.rows("SELECT count(*) FROM users") == [(0,)]


async def test_two_pages_that_tell_at_once_who_a_guest_is_join_them_once(chat: Chat) -> None:
    at_home = await chat.visitor(identity=chat.signed("c-42", name="Ann"))
    await at_home.says("from home")
    guest = await chat.visitor()
    await guest.says("from the train")
    word = chat.signed("c-42", name="Ann")
    await asyncio.gather(*(Visitor(chat, guest.token).start(identity=word) for _ in range(4)))
    assert await chat.tale.rows("SELECT messages FROM user_stats") == [(2,)]


async def test_a_signed_word_does_not_change_what_a_person_said_themselves(chat: Chat) -> None:
    visitor = await chat.visitor(identity=chat.signed("c-42", email="shop@example.com"))
    answer = {"id": str(new_id()), "answer": {"kind": "email", "value": "mine@example.com"}}
    assert (await visitor.post("messages", answer)).status_code == 200
    await visitor.start(identity=chat.signed("c-42", email="shop@example.com"))
    rows = await chat.tale.rows("SELECT email, field_sources ->> 'email' FROM users")
    assert rows == [("mine@example.com", "user")]
