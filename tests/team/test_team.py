"""Who may do what, and who is who."""

from datetime import timedelta

import pytest
from litestar import Litestar, get
from litestar.routes import HTTPRoute

from botfolk.team import accounts, sign_in
from botfolk.team.attempts import MOST_TRIES, Attempts
from botfolk.team.guards import GUARDS
from botfolk.team.principal import COOKIE
from botfolk.web import handlers
from tests.web import Web


def unguarded(app: Litestar) -> list[str]:
    """Routes that do not name exactly one guard."""
    return [
        f"{sorted(handler.http_methods)} {route.path}"
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if "OPTIONS" not in handler.http_methods
        and not route.path.startswith("/api/v1/openapi.json")
        and len([guard for guard in handler.resolve_guards() if getattr(guard, "func", guard) in GUARDS]) != 1
    ]


def test_every_route_names_exactly_one_guard() -> None:
    app = Litestar(handlers(), openapi_config=None)
    assert len([route for route in app.routes if isinstance(route, HTTPRoute)]) > 30
    assert unguarded(app) == []


def test_a_route_without_a_guard_is_found() -> None:
    @get("/open", sync_to_thread=False)
    def forgotten() -> str:
        return "oh"

    assert unguarded(Litestar([forgotten], openapi_config=None)) == ["['GET'] /open"]


async def test_a_link_signs_in_once_and_only_by_its_button(web: Web) -> None:
    link = await web.link()
    for _ in range(2):
        assert (await web.client.get(link)).status_code == 200
    answer = await web.client.post(link, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/users")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert (await web.client.get("/users")).status_code == 200
    web.client.cookies.clear()
    assert (await web.client.post(link)).status_code == 410


async def test_a_link_grows_old(web: Web) -> None:
    link = await web.link(timedelta(minutes=15))
    web.tale.now += timedelta(minutes=16)
    assert (await web.client.get(link)).status_code == 410
    assert (await web.client.post(link)).status_code == 410


async def test_a_password_signs_in(web: Web) -> None:
    me = await web.member(email="pia@example.com")
    form = {"name": "Pia", "email": "pia@example.com", "timezone": "UTC", "password": "correct horse"}
    assert (await web.client.post("/account", data=form, headers=me)).status_code == 200
    wrong = {"email": "pia@example.com", "password": "wrong horse!"}
    assert (await web.client.post("/sign-in", data=wrong)).status_code == 422
    right = wrong | {"email": "PIA@example.com", "password": "correct horse", "next": "//evil.example"}
    answer = await web.client.post("/sign-in", data=right, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/users")


async def test_a_new_password_ends_the_other_sign_ins(web: Web) -> None:
    here, there = await web.member(), await web.member()
    form = {"name": "Mia", "email": "mia@example.com", "timezone": "UTC", "password": "correct horse"}
    assert (await web.client.post("/account", data=form, headers=here)).status_code == 200
    assert (await web.client.get("/account", headers=here)).status_code == 200
    gone = await web.client.get("/account", headers=there, follow_redirects=False)
    assert gone.headers["location"].startswith("/sign-in")


async def test_too_short_a_password_is_refused_and_what_was_typed_stays(web: Web) -> None:
    form = {"name": "Mia Wong", "email": "mia@example.com", "timezone": "UTC", "password": "short"}
    answer = await web.client.post("/account", data=form, headers=await web.member())
    assert answer.status_code == 422
    assert "Mia Wong" in answer.text
    assert "10 to" in answer.text


async def test_deactivation_ends_sign_ins_and_tokens_at_once(web: Web) -> None:
    me = await web.member("agent")
    rows = await web.tale.rows("SELECT id FROM members")
    assert (await web.client.get("/users", headers=me)).status_code == 200
    async with web.tale.pool.connection() as connection:
        await accounts.deactivate(connection, web.tale.bot_id, rows[0][0], web.tale.now)
    assert (await web.client.get("/users", headers=me, follow_redirects=False)).status_code == 303


async def test_a_form_of_another_site_is_refused(web: Web) -> None:
    me = await web.member()
    form = {"name": "Evil", "email": "mia@example.com", "timezone": "UTC"}
    cookie = {"Cookie": me["Cookie"]}
    for headers in (
        cookie,
        cookie | {"X-CSRF-Token": "0" * 64},
        me | {"Origin": "https://evil.example"},
        me | {"Sec-Fetch-Site": "cross-site"},
        me | {"Origin": "null"},
    ):
        assert (await web.client.post("/account", data=form, headers=headers)).status_code == 403, headers
    assert await web.tale.rows("SELECT name FROM accounts") == [("Mia",)]
    with_field = form | {"_csrf": me["X-CSRF-Token"]}
    assert (await web.client.post("/account", data=with_field, headers=cookie)).status_code == 200


async def test_a_viewer_may_look_but_not_touch(web: Web) -> None:
    await web.tale.says(0)
    me, user = await web.member("viewer"), f"/users/{await web.tale.user_id()}"
    assert (await web.client.get(user, headers=me)).status_code == 200
    assert (await web.client.post(f"{user}/messages", data={"text": "hi"}, headers=me)).status_code == 403
    assert (await web.client.post("/personality", data={}, headers=me)).status_code == 403


async def test_signing_out_ends_the_sign_in(web: Web) -> None:
    me = await web.member()
    await web.client.post("/sign-out", headers=me)
    assert (await web.client.get("/users", headers=me, follow_redirects=False)).status_code == 303


async def test_every_page_forbids_inline_script(web: Web) -> None:
    me = await web.member()
    for path in ("/users", "/personality", "/account", "/sign-in", "/nothing"):
        answer = await web.client.get(path, headers={} if path == "/sign-in" else me)
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_guessing_is_slowed_down() -> None:
    attempts = Attempts()
    assert [attempts.allow("a", 0) for _ in range(MOST_TRIES + 1)] == [True] * MOST_TRIES + [False]
    assert attempts.allow("b", 0)
    assert attempts.allow("a", 301)


@pytest.mark.parametrize("password", ["", "x" * 9, "x" * 1001])
async def test_a_password_has_a_length(password: str) -> None:
    with pytest.raises(sign_in.BadPassword):
        await sign_in.hash_password(password)


async def test_a_forged_cookie_is_nobody(web: Web) -> None:
    answer = await web.client.get("/users", headers={"Cookie": f"{COOKIE}=x"}, follow_redirects=False)
    assert answer.status_code == 303
