"""Every credential is stored as a hash, lasts its time, and is dead at once when it should be."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from argon2 import extract_parameters
from msgspec.structs import force_setattr

from botfolk.team import accounts, pages, sign_in, tokens
from botfolk.team.attempts import MOST_TRIES, Attempts
from botfolk.team.principal import COOKIE
from tests.routes import another_bot
from tests.web import Web

PASSWORD = "correct horse battery"
FORM = {"email": "mia@example.com", "password": PASSWORD}


@pytest.fixture(autouse=True)
def _nobody_has_tried_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_attempts", Attempts())


async def has_password(web: Web, password: str = PASSWORD, keep: UUID | None = None) -> None:
    """Give the newest account a password."""
    rows = await web.tale.rows("SELECT id FROM accounts ORDER BY id DESC LIMIT 1")
    hashed = await sign_in.hash_password(password)
    async with web.tale.pool.connection() as connection:
        await sign_in.set_password(connection, rows[0][0], hashed, keep)


async def works(web: Web, credential: dict[str, str]) -> bool:
    """Whether a cookie or token still opens something."""
    web.client.cookies.clear()
    path = "/api/v1/users" if "Authorization" in credential else "/users"
    answer = await web.client.get(path, headers=credential, follow_redirects=False)
    assert answer.status_code in (200, 303, 401)
    return bool(answer.status_code == 200)


async def their_token(web: Web) -> dict[str, str]:
    """A token that the newest member made."""
    rows = await web.tale.rows("SELECT id FROM members ORDER BY id DESC LIMIT 1")
    async with web.tale.pool.connection() as connection:
        made = await tokens.create(connection, web.tale.bot_id, "Shop", "admin", rows[0][0], web.tale.now)
    return {"Authorization": f"Bearer {made}"}


async def their_link(web: Web) -> str:
    """A one-time link of the newest account."""
    rows = await web.tale.rows("SELECT id FROM accounts ORDER BY id DESC LIMIT 1")
    async with web.tale.pool.connection() as connection:
        return f"/sign-in/{await sign_in.new_link(connection, rows[0][0], web.tale.now)}"


async def deactivate(web: Web) -> None:
    """Deactivate the newest member."""
    rows = await web.tale.rows("SELECT id FROM members ORDER BY id DESC LIMIT 1")
    async with web.tale.pool.connection() as connection:
        await accounts.deactivate(connection, web.tale.bot_id, rows[0][0], web.tale.now)


async def sign_in_by(web: Web, form: dict[str, str]) -> Any:
    """Send the sign-in form."""
    web.client.cookies.clear()
    return await web.client.post("/sign-in", data=form, follow_redirects=False)


async def test_deactivation_ends_every_credential_at_once(web: Web) -> None:
    cookie, other = await web.member("admin"), await web.token()
    await has_password(web)
    cookie, token, link = await web.member("admin"), await their_token(web), await their_link(web)
    assert [await works(web, cookie), await works(web, token), await works(web, other)] == [True, True, True]
    await deactivate(web)
    assert [await works(web, cookie), await works(web, token), await works(web, other)] == [False, False, True]
    assert (await web.client.get(link)).status_code == 410
    assert (await web.client.post(link)).status_code == 410
    assert (await sign_in_by(web, FORM)).status_code == 422


async def test_what_died_stays_dead_when_they_come_back(web: Web) -> None:
    cookie = await web.member("admin")
    token, link = await their_token(web), await their_link(web)
    await deactivate(web)
    fresh = await web.member("agent")
    assert [await works(web, cookie), await works(web, token), await works(web, fresh)] == [False, False, True]
    assert (await web.client.post(link)).status_code == 410


async def test_a_new_password_ends_other_sign_ins_and_links(web: Web) -> None:
    here, there = await web.member(), await web.member()
    link = await their_link(web)
    form = {"name": "Mia", "email": "mia@example.com", "timezone": "UTC", "password": PASSWORD}
    assert (await web.client.post("/account", data=form, headers=here)).status_code == 200
    assert [await works(web, here), await works(web, there)] == [True, False]
    assert (await web.client.post(link)).status_code == 410
    await has_password(web, "another horse battery")
    assert not await works(web, here)
    assert (await sign_in_by(web, FORM)).status_code == 422


async def test_a_password_changed_while_it_is_compared_signs_nobody_in(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    await web.member()
    await has_password(web)
    compared, changed = asyncio.Event(), asyncio.Event()
    really = sign_in._slowly

    async def slowly(*work: Any) -> Any:
        outcome = await really(*work)
        compared.set()
        await changed.wait()
        return outcome

    monkeypatch.setattr(sign_in, "_slowly", slowly)
    trying = asyncio.create_task(sign_in.by_password(web.tale.pool, FORM["email"], PASSWORD, web.tale.now, "a browser"))
    await compared.wait()
    monkeypatch.setattr(sign_in, "_slowly", really)
    await has_password(web, "another horse battery")
    changed.set()
    assert await trying is None
    assert await web.tale.rows("SELECT 1 FROM sign_ins") == []


async def test_a_revoked_token_is_dead_at_once(web: Web) -> None:
    token, other = await web.token(), await web.token()
    rows = await web.tale.rows("SELECT id FROM api_tokens ORDER BY id LIMIT 1")
    assert await works(web, token)
    async with web.tale.pool.connection() as connection:
        await tokens.revoke(connection, web.tale.bot_id, rows[0][0], web.tale.now)
    assert [await works(web, token), await works(web, other)] == [False, True]


async def test_a_sign_in_lasts_thirty_days(web: Web) -> None:
    cookie = await web.member()
    web.tale.now += timedelta(days=29, hours=23)
    assert await works(web, cookie)
    web.tale.now += timedelta(hours=2)
    assert not await works(web, cookie)


async def test_of_a_credential_only_the_hash_is_stored(web: Web) -> None:
    await web.member()
    await has_password(web)
    cookie, token, link = await web.member(), await web.token(), await their_link(web)
    secrets = [cookie["Cookie"].partition("=")[2], token["Authorization"].split()[1], link.rpartition("/")[2], PASSWORD]
    assert all(len(secret) > 20 for secret in secrets)
    for table in ("accounts", "members", "sign_ins", "sign_in_links", "api_tokens"):
        rows = str(await web.tale.rows(f"SELECT t::text FROM {table} t"))
        assert rows != "[]"
        assert not [secret for secret in secrets if secret in rows or secret.encode().hex() in rows], table
    stored = await web.tale.rows("SELECT password_hash FROM accounts WHERE password_hash IS NOT NULL")
    assert stored[0][0].startswith("$argon2id$")


@pytest.mark.parametrize(("address", "secure"), [("http://crm.example.com", False), ("https://crm.example.com", True)])
async def test_the_cookie_is_kept_from_scripts_and_other_sites(web: Web, address: str, secure: bool) -> None:
    force_setattr(web.services.settings, "public_url", address)
    answer = await web.client.post(await web.link(), follow_redirects=False)
    flags = {part.strip().lower() for part in answer.headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/", "max-age=2592000"} <= flags
    assert ("secure" in flags) is secure
    assert ("strict-transport-security" in answer.headers) is secure


async def test_guessing_a_password_is_slowed_down_even_for_the_right_one(web: Web) -> None:
    await web.member(email="guessed@example.com")
    await has_password(web)
    guess = {"email": "guessed@example.com", "password": "not the password"}
    tries = [(await sign_in_by(web, guess)).status_code for _ in range(MOST_TRIES)]
    assert tries == [422] * MOST_TRIES
    assert (await sign_in_by(web, guess | {"password": PASSWORD})).status_code == 429
    assert (await sign_in_by(web, guess | {"email": "GUESSED@example.com"})).status_code == 429
    assert (await sign_in_by(web, guess | {"email": "other@example.com"})).status_code == 422


async def test_an_unknown_email_costs_the_same_work_as_a_wrong_password(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    await web.member()
    compared: list[str] = []
    really = sign_in._verify

    def verify(stored: str, given: str) -> bool:
        compared.append(stored.rpartition("$")[0].rpartition("$")[0])
        return really(stored, given)

    monkeypatch.setattr(sign_in, "_verify", verify)
    await sign_in_by(web, FORM | {"email": "nobody@example.com"})
    await sign_in_by(web, FORM)
    await has_password(web)
    await sign_in_by(web, FORM | {"password": "not the password"})
    assert len(compared) == 3
    assert len(set(compared)) == 1, "the same kind of hash, with the same cost"


@pytest.mark.parametrize(
    "there",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example", "\\\\evil.example",
        "javascript:alert(1)", "/users\r\nSet-Cookie: a=b", "evil", "", "/ /evil.example", "/%0d%0a/\u2028//evil",
    ],
)  # fmt: skip
async def test_signing_in_leads_nowhere_else(web: Web, there: str) -> None:
    await web.member(email=f"{abs(hash(there))}@example.com")
    await has_password(web)
    rows = await web.tale.rows("SELECT email FROM accounts ORDER BY id DESC LIMIT 1")
    answer = await sign_in_by(web, {"email": rows[0][0], "password": PASSWORD, "next": there})
    assert (answer.status_code, answer.headers["location"]) == (303, "/users")
    assert (await web.client.get("/sign-in", params={"next": there}, follow_redirects=False)).headers[
        "location"
    ] == "/users"


async def test_signing_in_leads_back_to_what_was_asked_for(web: Web) -> None:
    asked = await web.client.get("/users?q=aisha&sort=name", follow_redirects=False)
    assert asked.headers["location"] == "/sign-in?next=%2Fusers%3Fq%3Daisha%26sort%3Dname"
    form = await web.client.get(asked.headers["location"])
    assert 'value="/users?q=aisha&amp;sort=name"' in form.text
    await web.member(email="back@example.com")
    await has_password(web)
    answer = await sign_in_by(
        web, {"email": "back@example.com", "password": PASSWORD, "next": "/users?q=aisha&sort=name"}
    )
    assert answer.headers["location"] == "/users?q=aisha&sort=name"


async def test_a_member_of_two_bots_keeps_the_one_they_were_not_removed_from(web: Web) -> None:
    other = await another_bot(web.tale)
    await web.member("owner", bot_id=other)
    here = await web.member("agent")
    assert await works(web, here)
    rows = await web.tale.rows("SELECT id FROM members WHERE bot_id = %s", web.tale.bot_id)
    async with web.tale.pool.connection() as connection:
        await accounts.deactivate(connection, web.tale.bot_id, rows[0][0], web.tale.now)
    assert await works(web, here)
    token = await web.token()
    await web.tale.says(0)
    user = await web.tale.user_id()
    assert (await web.client.get(f"/api/v1/users/{user}", headers=token)).status_code == 200
    assert (await web.client.get(f"/users/{user}", headers=here)).status_code == 404


async def test_signing_out_twice_is_no_error(web: Web) -> None:
    me = await web.member()
    for _ in range(2):
        web.client.cookies.clear()
        answer = await web.client.post("/sign-out", headers=me, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        assert f"{COOKIE}=" in answer.headers["set-cookie"]


def test_who_has_no_account_costs_as_much_to_refuse_as_who_has() -> None:
    assert extract_parameters(sign_in._nobody) == extract_parameters(sign_in._hasher.hash("any"))
    assert not sign_in._verify(sign_in._nobody, "any")
