"""Whatever goes wrong, the API answers with a problem that says what, and to nobody who may not know."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from psycopg.conninfo import make_conninfo

from botfolk import __version__
from botfolk.db.pool import make_pool
from botfolk.users.apply import apply
from botfolk.users.edits import Actor, AddNote
from tests.telling import at, full
from tests.web import Web


async def _address(web: Web) -> str:
    await web.tale.says(0, profile=full("Aisha"))
    return f"/api/v1/users/{await web.tale.user_id()}"


async def test_what_the_api_does_not_take_is_a_problem(web: Web) -> None:
    address, token = await _address(web), await web.token()
    json = {"content-type": "application/json"}
    for method, path, body, headers, status in (
        ("PUT", address, b"{}", json, 405),
        ("DELETE", "/api/v1/users", b"", {}, 405),
        ("PATCH", address, b'{"first_name": "' + b"x" * 1_100_000 + b'"}', json, 413),
        ("PATCH", address, b"first_name=x", {"content-type": "application/x-www-form-urlencoded"}, 415),
        ("PATCH", address, b"[]", json, 400),
        ("PATCH", address, b"", json, 400),
        ("PATCH", address, b'{"first_name": "\xff"}', json, 400),
        ("PATCH", address, b"[" * 100_000, json, 400),
        ("POST", f"{address}/notes", b'{"text": ""}', json, 422),
        ("PATCH", "/api/v1/users/1", b"{}", json, 404),
        ("GET", "/api/v2/users", b"", {}, 404),
    ):
        answer = await web.client.request(method, path, content=body, headers=token | headers)
        assert answer.status_code == status, (method, path, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert problem["status"] == status
        assert {"type", "title", "detail"} <= set(problem)
    assert (await web.client.get(address, headers=token)).json()["first_name"] == "Aisha"


async def test_a_fault_of_ours_tells_nothing_of_itself(web: Web) -> None:
    address, token = await _address(web), await web.token()
    async with web.tale.pool.connection() as connection:
        await connection.execute("ALTER TABLE changes RENAME TO lost")
    answer = await web.client.get(f"{address}/changes", headers=token)
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "changes" not in answer.text.replace("Nothing was changed", "")
    assert "Error" not in answer.json()["detail"]


async def test_health_says_when_the_database_is_away(web: Web, dsn: str) -> None:
    answer = await web.client.get("/api/v1/health")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "version": __version__, "database": True, "queue": 0}
    away = make_pool(make_conninfo(dsn, dbname="nowhere"), 1)
    try:
        await away.open(wait=False)
        web.client.app.state.services = replace(web.services, pool=away, reads=away)
        answer = await web.client.get("/api/v1/health")
        asked = await web.client.get("/api/v1/users", headers={"Authorization": "Bearer bf_x"})
    finally:
        web.client.app.state.services = web.services
        await away.close()
    assert (answer.status_code, answer.json()["database"]) == (503, False)
    assert (asked.status_code, asked.headers["content-type"]) == (503, "application/problem+json")


async def test_who_sends_no_token_is_told_what_to_send(web: Web) -> None:
    answer = await web.client.patch(await _address(web), json={})
    assert (answer.status_code, answer.json()["status"]) == (401, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_all_or_nothing_of_a_change_is_done(web: Web) -> None:
    address, token = await _address(web), await web.token()
    body = {"first_name": "Ash", "email": "no", "phone": "x", "timezone": "Mars/Base", "attributes": {"age": 3}}
    answer = await web.client.patch(address, json=body, headers=token)
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {"email", "phone", "timezone"}
    user = (await web.client.get(address, headers=token)).json()
    assert (user["first_name"], user["attributes"]) == ("Aisha", {})


async def test_a_clash_names_each_value_that_stands(web: Web) -> None:
    address, token = await _address(web), await web.token()
    await web.client.patch(address, json={"attributes": {"Plan": "pro"}, "tags": ["vip"]}, headers=token)
    body = {"attributes": {"plan": "free"}, "tags": ["new"], "infinite_session": True}
    answer = await web.client.patch(address, json=body, headers=token | {"If-Match": '"1"'})
    assert answer.status_code == 409
    fields = answer.json()["fields"]
    assert fields["attributes.plan"] == {"current": "pro", "yours": "free"}
    assert fields["tags"] == {"current": ["vip"], "yours": ["new"]}
    assert fields["infinite_session"] == {"current": False, "yours": True}
    assert (await web.client.get(address, headers=token)).json()["tags"] == ["vip"]


async def test_a_pause_ends_by_itself_or_by_resuming(web: Web) -> None:
    address, token = await _address(web), await web.token()
    none = {"paused": False, "until": None, "reason": None, "forever": False}

    async def pause(**asked: object) -> object:
        answer = await web.client.patch(address, json={"pause_bot": asked}, headers=token)
        assert answer.status_code == 200, answer.text
        return answer.json()["pause_bot"]

    today = datetime.now(UTC).replace(microsecond=0)
    web.tale.now = today
    until = f"{today + timedelta(minutes=30):%Y-%m-%dT%H:%M:%SZ}"
    assert await pause(paused=True, minutes=30) == {"paused": True, "until": until, "reason": None, "forever": False}
    assert await pause(paused=True, until=until) == {"paused": True, "until": until, "reason": None, "forever": False}
    forever = await pause(paused=True, until_resumed=True, reason="On holiday")
    assert forever == {"paused": True, "until": None, "reason": "On holiday", "forever": True}
    assert await pause(paused=False) == none
    web.tale.now = today - timedelta(hours=1)
    await pause(paused=True, minutes=30)
    assert await web.tale.stats("paused_until") == (today - timedelta(minutes=30),)
    web.tale.now = today
    assert (await web.client.get(address, headers=token)).json()["pause_bot"] == none


async def test_a_note_is_deleted_by_who_wrote_it_only(web: Web) -> None:
    address, token = await _address(web), await web.token("agent")
    answer = await web.client.post(f"{address}/notes", json={"text": "Prefers email"}, headers=token)
    assert answer.status_code == 201
    (mine,) = answer.json()["notes"]
    assert (mine["text"], mine["author"], set(mine)) == ("Prefers email", "Shop", {"id", "text", "author", "at"})
    async with web.tale.pool.connection() as connection:
        user_id = await web.tale.user_id()
        await apply(
            connection, web.tale.bot_id, user_id, [AddNote("Hers")], Actor("member", "Mia", UUID(int=5)), now=at(1)
        )
    notes = (await web.client.get(address, headers=token)).json()["notes"]
    theirs = next(note["id"] for note in notes if note["author"] == "Mia")
    assert (await web.client.delete(f"{address}/notes/{theirs}", headers=token)).status_code == 403
    assert (await web.client.delete(f"{address}/notes/{UUID(int=9)}", headers=token)).status_code == 404
    left = (await web.client.delete(f"{address}/notes/{mine['id']}", headers=token)).json()["notes"]
    assert [note["text"] for note in left] == ["Hers"]
