"""Every route × everybody × every method, against the matrix written in `tests/routes.py`."""

from typing import Any

import pytest

from botfolk.team.guards import GUARDS
from botfolk.team.principal import ROLES, Role
from botfolk.users.edits import Actor
from tests.routes import (
    KEPT_NOWHERE,
    MATRIX,
    NO_FORMS,
    SAFE,
    Route,
    World,
    a_world,
    another_bot,
    body,
    is_api,
    routes_of,
    stored,
)
from tests.web import Web

MIA = Actor("member", "Mia")


async def ask(web: Web, world: World, route: Route, headers: dict[str, str]) -> Any:
    """Make a route's request as somebody."""
    web.client.cookies.clear()
    method, path = route
    return await web.client.request(
        method, world.address(path), headers=headers, follow_redirects=False, **body(route, world)
    )


async def newest(web: Web, table: str) -> Actor:
    """The newest token or member, as an author: only the author may change a note."""
    rows = await web.tale.rows(f"SELECT id FROM {table} ORDER BY id DESC LIMIT 1")
    return Actor("api" if table == "api_tokens" else "member", "Owner", rows[0][0])


def verdict(answer: Any) -> str:
    """What an answer says of who asked: "who are you", "not you", or that they may (whatever came of it)."""
    to_sign_in = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?")
    if answer.status_code == 401 or to_sign_in:
        return "who are you"
    return "not you" if answer.status_code == 403 else "yes"


def expected(need: str, role: Role | None) -> str:
    """What the matrix says."""
    if need == "public":
        return "yes"
    if role is None:
        return "who are you"
    return "yes" if ROLES.index(role) >= [*ROLES].index(need) else "not you"  # type: ignore[arg-type]


def test_the_matrix_holds_exactly_the_routes_there_are(web: Web) -> None:
    assert set(routes_of(web.client.app)) == set(MATRIX)


def test_each_route_names_the_one_guard_the_matrix_says(web: Web) -> None:
    for route in web.client.app.routes:
        for handler in getattr(route, "route_handlers", []):
            guards = [guard.__name__ for guard in handler.resolve_guards() if guard in GUARDS]
            for method in handler.http_methods - {"OPTIONS"}:
                assert guards == [MATRIX[method, route.path]], (method, route.path)


@pytest.mark.parametrize("role", [None, *ROLES])
async def test_a_member_may_do_what_the_matrix_says(web: Web, role: Role | None) -> None:
    world = await a_world(web.tale, MIA)
    wrong = []
    for route, need in MATRIX.items():
        answer = await ask(web, world, route, await web.member(role) if role else {})
        # A cookie is nobody on the API.
        wanted = expected(need, None if is_api(route[1]) else role)
        if verdict(answer) != wanted or answer.status_code >= 500:
            wrong.append((route, wanted, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("role", [None, *ROLES])
async def test_a_token_may_do_what_the_matrix_says(web: Web, role: Role | None) -> None:
    token = await web.token(role or "owner")
    world = await a_world(web.tale, await newest(web, "api_tokens"))
    token = token if role else {"Authorization": "Bearer bf_" + "x" * 43}
    wrong = []
    for route, need in MATRIX.items():
        answer = await ask(web, world, route, token)
        # A token is nobody on the pages, but may fetch the pictures the API points to.
        counts = is_api(route[1]) or route[1].startswith("/media/")
        wanted = expected(need, role if counts else None)
        if verdict(answer) != wanted or answer.status_code >= 500:
            wrong.append((route, wanted, answer.status_code))
    assert wrong == []


async def test_other_methods_are_refused_to_everybody(web: Web) -> None:
    world = await a_world(web.tale, MIA)
    owner, token = await web.member("owner"), await web.token("owner")
    paths = {path for _, path in MATRIX}
    for path in sorted(paths):
        for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} - {m for m, p in MATRIX if p == path}:
            answer = await ask(web, world, (method, path), token if is_api(path) else owner)
            assert answer.status_code == 405, (method, path)


async def test_looking_changes_nothing(web: Web) -> None:
    world = await a_world(web.tale, MIA)
    owner, token = await web.member("owner"), await web.token("owner")
    before = await stored(web.tale)
    for route in MATRIX:
        if route[0] in SAFE:
            await ask(web, world, route, token if is_api(route[1]) else owner)
    assert await stored(web.tale) == before


async def test_who_may_not_changes_nothing(web: Web) -> None:
    world = await a_world(web.tale, MIA)
    viewer, token = await web.member("viewer"), await web.token("viewer")
    before = await stored(web.tale)
    for route, need in MATRIX.items():
        if need not in ("public", "viewer"):
            await ask(web, world, route, token if is_api(route[1]) else viewer)
            await ask(web, world, route, {})
    assert await stored(web.tale) == before


async def test_each_request_of_the_matrix_would_change_something_for_who_may(web: Web) -> None:
    """Else the suites that watch that nothing is changed would watch nothing."""
    for number, (route, need) in enumerate(MATRIX.items()):
        if route[0] in SAFE or need == "public" or route[1] in NO_FORMS | KEPT_NOWHERE:
            continue
        owner = await web.member("owner", f"owner{number}@example.com")
        token = await web.token("owner")
        author = await newest(web, "api_tokens" if is_api(route[1]) else "members")
        world = await a_world(web.tale, author, str(number))
        before = await stored(web.tale)
        answer = await ask(web, world, route, token if is_api(route[1]) else owner)
        assert answer.status_code < 400, (route, answer.status_code, answer.text[:500])
        assert await stored(web.tale) != before, route


async def test_nobody_reaches_what_is_another_bots(web: Web) -> None:
    world = await a_world(web.tale, MIA)
    other = await another_bot(web.tale)
    stranger, token = await web.member("owner", "eve@example.com", other), await web.token("owner", other)
    before = await stored(web.tale, web.tale.bot_id)
    for route in MATRIX:
        if ":uuid}" in route[1]:
            answer = await ask(web, world, route, token if is_api(route[1]) else stranger)
            assert answer.status_code == 404, (route, answer.status_code)
    assert await stored(web.tale, web.tale.bot_id) == before


async def test_nobody_reaches_what_is_another_users(web: Web) -> None:
    """A note, change or message of one person, or a payload of one channel, under another's address."""
    aisha, ben = await a_world(web.tale, MIA, "1"), await a_world(web.tale, MIA, "2")
    mixed = World(web.tale.bot_id, ben.ids | {name: aisha.ids[name] for name in ("user_id", "channel_id")})
    owner, token = await web.member("owner"), await web.token("owner")
    before = await stored(web.tale)
    for route in MATRIX:
        if route[1].count(":uuid}") > 1:
            answer = await ask(web, mixed, route, token if is_api(route[1]) else owner)
            assert answer.status_code in (404, 422), (route, answer.status_code)
    assert await stored(web.tale) == before
