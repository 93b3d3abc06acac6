"""Whatever is sent, the answer says what is wrong: never a fault of ours, and never half of a change."""

import asyncio
import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict

from botfolk.api.router import MOST_BODY_BYTES
from botfolk.db.pool import make_pool
from tests.telling import Tale, a_tale, full
from tests.web import Web, a_web

JSON = {"content-type": "application/json"}
FIELDS = ("first_name", "last_name", "email", "phone", "timezone", "language", "attributes", "tags", "pause_bot",
          "infinite_session", "status", "notes", "id", "paused", "minutes", "text", "buttons", "channel")  # fmt: skip


async def patch(web: Web, body: bytes | str, **headers: str) -> Any:
    """Send a body as a change of the only user."""
    rows = await web.tale.rows("SELECT id FROM users")
    given_headers = await web.token() | JSON | headers
    return await web.client.patch(f"/api/v1/users/{rows[0][0]}", content=body, headers=given_headers)


@pytest.fixture(autouse=True)
async def _aisha(web: Web) -> None:
    await web.tale.says(0, profile=full("Aisha", "Rahman"))


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"", 400, ""),
        (b"null", 400, ""),
        (b"[]", 400, ""),
        (b"\xff\xfe", 400, ""),
        (b'{"first_name": ', 400, ""),
        (b'{"first_name": "\\ud800"}', 400, ""),
        (b"[" * 100_000, 400, ""),
        (b'{"attributes": {"a": ' + b"[" * 100_000, 400, "attributes"),
        (b'{"x": ' * 100_000, 400, "x"),
        (b'{"first_name": 5}', 400, "first_name"),
        (b'{"infinite_session": "true"}', 400, "infinite_session"),
        (b'{"infinite_session": 1}', 400, "infinite_session"),
        (b'{"pause_bot": null}', 400, "pause_bot"),
        (b'{"pause_bot": {"paused": true, "minutes": "10"}}', 400, "pause_bot.minutes"),
        (b'{"pause_bot": {"paused": true, "hours": 1}}', 400, "pause_bot.hours"),
        (b'{"pause_bot": {}}', 400, "pause_bot.paused"),
        (b'{"pause_bot": {"paused": true, "minutes": 1e308}}', 422, "pause_bot"),
        (b'{"pause_bot": {"paused": true, "until": "2027-03-31T18:00:00"}}', 400, "pause_bot.until"),
        (b'{"pause_bot": {"paused": true, "until": "2020-01-01T00:00:00Z"}}', 422, "pause_bot"),
        (b'{"tags": "vip"}', 400, "tags"),
        (b'{"tags": ["ok", 5]}', 400, "tags[1]"),
        (b'{"status": "gone"}', 400, "status"),
        (b'{"id": "x"}', 400, "id"),
        (b'{"attributes": {"ok": 1, "plan": {"b": 1}}}', 400, "attributes.plan"),
        (b'{"attributes": {"plan": [1]}}', 400, "attributes.plan[0]"),
        (b'{"attributes": {"plan": 1' + b"0" * 5000 + b"}}", 400, "attributes"),
        (b'{"attributes": {"plan": 1e400}}', 400, "attributes"),
        (b'{"attributes": {"pl\\u0000an": "x"}}', 422, "attributes.pl\x00an"),
        (b'{"attributes": {"a b": "x"}}', 422, "attributes.a b"),
        (b'{"attributes": {"plan": "' + b"x" * 4001 + b'"}}', 422, "attributes.plan"),
        (json.dumps({"first_name": "x" * 100_000}), 422, "first_name"),
    ],
    ids=lambda value: str(value)[:50],
)
async def test_a_body_that_cannot_be_taken_names_the_field(
    web: Web, body: bytes | str, status: int, field: str
) -> None:
    answer = await patch(web, body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "errors"}
    assert [error["field"] for error in problem["errors"]] == [field]
    assert await web.tale.rows("SELECT first_name, version FROM users") == [("Aisha", 1)]


async def test_unusual_letters_are_kept_as_they_are(web: Web) -> None:
    for name in ("مريم", "👩‍👩‍👧", "e\u0301", "Null", "true", "0", "<b>", "{{7*7}}"):
        assert (await patch(web, json.dumps({"first_name": name, "attributes": {"was": name}}))).status_code == 200
        rows = await web.tale.rows("SELECT first_name, attributes ->> 'was' FROM users")
        assert rows == [(name, name)]


async def test_a_nul_is_left_out(web: Web) -> None:
    body = {"first_name": "A\0sh", "tags": ["v\0ip"], "attributes": {"plan": "g\0old", "list": ["\0a"]}}
    answer = await patch(web, json.dumps(body))
    assert answer.status_code == 200, answer.text
    user = answer.json()
    assert (user["first_name"], user["tags"]) == ("Ash", ["vip"])
    assert user["attributes"] == {"plan": "gold", "list": ["a"]}


async def test_other_kinds_of_body_and_too_large_ones(web: Web) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        assert (await patch(web, b'{"first_name": "X"}', **{"content-type": kind})).status_code == 415
    for kind in ("application/json; charset=utf-8", "application/merge-patch+json"):
        assert (await patch(web, b"{}", **{"content-type": kind})).status_code == 200
    fits = b'{"first_name": "' + b"x" * (MOST_BODY_BYTES - 18) + b'"}'
    assert (await patch(web, fits)).status_code == 422
    assert (await patch(web, fits + b" ")).status_code == 413


@pytest.mark.parametrize("list_of", ["users", "messages", "sessions", "changes"])
async def test_a_made_up_cursor_is_refused(web: Web, list_of: str) -> None:
    token, user_id = await web.token(), str(await web.tale.user_id())
    path = "/api/v1/users" if list_of == "users" else f"/api/v1/users/{user_id}/{list_of}"
    sorts = ("-last_message_at", "-messages", "-average_sentiment", "-name", "-created_at")
    for value in ("x", 5, 10**30, -(10**30), 1.5, "\0", None, [1], {"a": 1}, True, "2026-01-01T00:00:00"):
        for sort in sorts if list_of == "users" else ("",):
            key = [sort[1:], True, value, user_id] if sort else [value, 1, user_id]
            for made in (key, value, [key], [user_id]):
                cursor = base64.urlsafe_b64encode(json.dumps(made).encode()).decode().rstrip("=")
                params = {"cursor": cursor} | ({"sort": sort} if sort else {})
                answer = await web.client.get(path, params=params, headers=token)
                assert answer.status_code in (200, 400), (made, answer.text)
                if answer.status_code == 400:
                    assert answer.json()["errors"][0]["field"] == "cursor"
    for cursor in ("%F0%9F%98%80", "=", "a", "!!!!", base64.urlsafe_b64encode(b"[" * 700).decode()):
        assert (await web.client.get(f"{path}?cursor={cursor}", headers=token)).status_code == 400


async def test_a_list_page_with_a_made_up_place_is_no_fault_of_ours(web: Web) -> None:
    assert (await web.client.get("/users?after=zzz", headers=await web.member())).status_code == 400


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": "x" * 20_001}, "text"),
        ({"text": "hi", "buttons": [{"title": " "}]}, "buttons.0.title"),
        ({"text": "hi", "buttons": [{"title": "ok"}, {"title": "x" * 65}]}, "buttons.1.title"),
        ({"text": "hi", "buttons": [{"title": "x\0"}]}, "buttons.0.title"),
        ({"text": "hi", "buttons": [{"title": "x", "data": ""}]}, "buttons.0.data"),
        ({"text": "hi", "buttons": [{"title": "x", "data": "\0"}]}, "buttons.0.data"),
        ({"text": "hi", "buttons": [{"title": "x", "url": "javascript:alert(1)"}]}, "buttons.0.url"),
        ({"text": "hi", "buttons": [{"title": "x", "url": "https://[::1"}]}, "buttons.0.url"),
        ({"text": "hi", "buttons": [{"title": "x", "url": "https://a.b/ c"}]}, "buttons.0.url"),
        ({"text": "hi", "buttons": [{"title": "x", "data": "1", "url": "https://a.b"}]}, "buttons.0.url"),
        ({"text": "hi", "buttons": [{"title": str(number)} for number in range(21)]}, "buttons"),
    ],
    ids=lambda value: str(value)[:60],
)
async def test_a_message_that_cannot_be_shown_is_not_queued(web: Web, body: dict[str, Any], field: str) -> None:
    address = f"/api/v1/users/{await web.tale.user_id()}/messages"
    before = await web.tale.rows("SELECT count(*) FROM outbox")
    answer = await web.client.post(address, json=body, headers=await web.token())
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert await web.tale.rows("SELECT count(*) FROM outbox") == before


async def test_without_the_database_nothing_is_done_and_the_caller_may_come_again(web: Web, dsn: str) -> None:
    token, me = await web.token(), await web.member()
    name = conninfo_to_dict(dsn)["dbname"]
    away = make_pool(f"host=127.0.0.1 port=1 dbname={name} connect_timeout=1", size=1)
    away.timeout = 0.2
    await away.open(wait=False)
    try:
        for name in ("pool", "reads"):
            object.__setattr__(web.services, name, away)
        for path, who in (("/api/v1/users", token), ("/users", me)):
            answer = await web.client.get(path, headers=who)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert "dbname" not in answer.text
    finally:
        for name in ("pool", "reads"):
            object.__setattr__(web.services, name, web.tale.pool)
        await away.close()


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(["active", "\0", "2026-01-01"])
single = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words
keys = st.sampled_from(FIELDS) | words
anything = st.recursive(
    single,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
bodies = st.dictionaries(st.sampled_from(FIELDS), anything, max_size=5) | anything


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop of a test that is not a coroutine itself."""
    made = asyncio.new_event_loop()
    yield made
    made.close()


def test_no_body_whatever_is_a_fault_of_ours(dsn: str, tmp_path: Any, loop: asyncio.AbstractEventLoop) -> None:
    asked: asyncio.Queue[Any] = asyncio.Queue()
    done: asyncio.Queue[Any] = asyncio.Queue()

    async def serve() -> None:
        async with make_pool(dsn, size=4) as pool, a_tale(pool, dsn) as tale, a_web(tale, pool, dsn, tmp_path) as web:
            await _answer_all(web, tale)

    async def _answer_all(web: Web, tale: Tale) -> None:
        await tale.says(0, profile=full("Aisha"))
        token, user = await web.token(), f"/api/v1/users/{await tale.user_id()}"
        while (body := await asked.get()) is not StopIteration:
            for method, path in (("PATCH", user), ("POST", f"{user}/messages"), ("POST", f"{user}/notes")):
                answer = await web.client.request(method, path, content=json.dumps(body), headers=token | JSON)
                await done.put((method, path, body, answer.status_code, answer.text))
            whole = await web.client.get(user, headers=token)
            await done.put(("GET", user, body, whole.status_code, whole.text))

    serving = loop.create_task(serve())

    async def ask(body: Any) -> list[Any]:
        await asked.put(body)
        return [await asyncio.wait_for(done.get(), 30) for _ in range(4)]

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(bodies)
    def holds(body: Any) -> None:
        for method, _, _, status, text in loop.run_until_complete(ask(body)):
            assert status < 500, (method, text)
            assert method != "GET" or status == 200

    try:
        holds()
    finally:
        loop.run_until_complete(asked.put(StopIteration))
        loop.run_until_complete(asyncio.wait_for(serving, 30))


async def test_a_field_of_few_words_says_which_they_are(web: Web) -> None:
    answer = await patch(web, b'{"status": "gone"}')
    assert answer.json()["detail"].endswith("it is one of active, archived, blocked")
    job = await web.client.post("/api/v1/jobs", json={"action": "add"}, headers=await web.token())
    assert "it is one of add_tag, remove_tag, " in job.json()["detail"]
