"""A request that does something is taken from our own pages only: every such route, in every way to forge it."""

from itertools import cycle
from typing import Any

import pytest

from tests.api.test_matrix import newest
from tests.routes import KEPT_NOWHERE, MATRIX, NO_FORMS, SAFE, Route, World, a_world, body, is_api, stored
from tests.web import ORIGIN, Web

UNSAFE = [route for route in MATRIX if route[0] not in SAFE and not is_api(route[1])]
SIGNED_IN = [route for route in UNSAFE if MATRIX[route] != "public" or route[1] == "/sign-out"]
FORGED = {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}


async def post(web: Web, world: World, route: Route, headers: dict[str, str], **more: Any) -> Any:
    """Make a route's request with some headers."""
    web.client.cookies.clear()
    given = {"data": body(route, world).get("data", {}) | more}
    return await web.client.post(world.address(route[1]), headers=headers, follow_redirects=False, **given)


async def test_without_the_token_of_this_very_sign_in_nothing_is_done(web: Web) -> None:
    mia, ben = await web.member("owner"), await web.member("owner", "ben@example.com")
    world = await a_world(web.tale, await newest(web, "members"))
    cookie = {"Cookie": mia["Cookie"]}
    before = await stored(web.tale)
    for route in SIGNED_IN:
        for wrong in ("", "0" * 64, ben["X-CSRF-Token"], mia["X-CSRF-Token"][:-1], "é"):
            by_header = cookie | {"X-CSRF-Token": wrong} if wrong.isascii() else cookie
            assert (await post(web, world, route, by_header)).status_code == 403, (route, wrong)
            assert (await post(web, world, route, cookie, _csrf=wrong)).status_code == 403, (route, wrong)
    assert await stored(web.tale) == before


@pytest.mark.parametrize("forged", FORGED, ids=str)
async def test_what_another_site_sends_is_refused_even_with_the_token(web: Web, forged: dict[str, str]) -> None:
    mia = await web.member("owner")
    world = await a_world(web.tale, await newest(web, "members"))
    before = await stored(web.tale)
    for route in UNSAFE:
        for who in (mia, {}):
            answer = await post(web, world, route, who | forged)
            assert answer.status_code == 403, (route, bool(who))
    assert await stored(web.tale) == before


async def test_another_site_cannot_use_a_link_up(web: Web) -> None:
    link = await web.link()
    for forged in FORGED:
        assert (await web.client.post(link, headers=forged)).status_code == 403
    assert (await web.client.post(link, follow_redirects=False)).status_code == 303


async def test_our_own_pages_may_send_the_token_as_header_or_field(web: Web) -> None:
    refused: list[object] = []
    routes = [route for route in SIGNED_IN if route[1] not in NO_FORMS]
    for number, (route, by) in enumerate(zip(routes, cycle(("header", "field")), strict=False)):
        mia = await web.member("owner", f"mia{number}@example.com")
        world = await a_world(web.tale, await newest(web, "members"), f"{number}")
        before = await stored(web.tale)
        headers = mia | {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
        given = {"email": "new@example.com"}
        if by == "field":
            given["_csrf"] = headers.pop("X-CSRF-Token")
        answer = await post(web, world, route, headers, **given)
        if answer.status_code >= 400:
            refused.append((route, by, answer.status_code))
        else:
            assert route[1] in KEPT_NOWHERE or await stored(web.tale) != before, (route, by)
    assert refused == []


async def test_the_api_takes_no_cookie_not_even_with_its_token(web: Web) -> None:
    mia = await web.member("owner")
    world = await a_world(web.tale, await newest(web, "members"))
    before = await stored(web.tale)
    for route in MATRIX:
        if is_api(route[1]) and MATRIX[route] != "public":
            web.client.cookies.clear()
            answer = await web.client.request(route[0], world.address(route[1]), headers=mia, **body(route, world))
            assert answer.status_code == 401, route
    assert await stored(web.tale) == before
