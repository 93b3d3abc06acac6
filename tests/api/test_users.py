"""Users by the API."""

from uuid import UUID

from botfolk.bot import personality
from tests.telling import at, full
from tests.web import Web

USER = {
    "id", "first_name", "last_name", "email", "phone", "timezone", "language", "picture_url", "created_at", "group",
    "identities", "tags", "notes", "attributes", "pause_bot", "infinite_session", "status", "stats", "sources",
    "version",
}  # fmt: skip
MESSAGE = {
    "id", "direction", "author", "kind", "text", "sent_at", "received_at", "status", "channel", "session_id",
    "sentiment",
}  # fmt: skip


async def _aisha(web: Web) -> str:
    await web.tale.says(0, "hahaha", profile=full("Aisha", "Rahman", language="ms"))
    return f"/api/v1/users/{await web.tale.user_id()}"


async def test_a_user_is_whole(web: Web) -> None:
    address = await _aisha(web)
    answer = await web.client.get(address, headers=await web.token())
    user = answer.json()
    assert answer.status_code == 200
    assert set(user) == USER
    assert user["created_at"] == "2026-03-02T12:00:00Z"
    assert user["group"] == {"is_group": False, "title": None}
    assert user["identities"][0]["kind"] == "telegram"
    assert user["identities"][0]["external_id"] == "1"
    assert user["sources"] == {"first_name": "channel", "last_name": "channel", "language": "channel"}
    assert user["stats"]["messages"] == user["stats"]["sessions"] == user["stats"]["scored_messages"] == 1
    assert user["stats"]["sentiment_label"] == "positive"
    assert user["stats"]["last_message"] == "hahaha"
    assert answer.headers["etag"] == f'"{user["version"]}"'


async def test_what_is_given_is_changed_and_the_rest_stays(web: Web) -> None:
    address, token = await _aisha(web), await web.token()
    change = {
        "email": "aisha@example.com", "last_name": None, "tags": ["vip", "new"],
        "attributes": {"Country": "MY", "age": 41}, "infinite_session": True,
        "pause_bot": {"paused": True, "minutes": 30},
    }  # fmt: skip
    user = (await web.client.patch(address, json=change, headers=token)).json()
    assert (user["first_name"], user["last_name"], user["email"]) == ("Aisha", None, "aisha@example.com")
    assert user["tags"] == ["new", "vip"]
    assert user["attributes"] == {"Country": "MY", "age": 41}
    assert user["sources"]["email"] == "api"
    assert user["infinite_session"]
    user = (await web.client.patch(address, json={"attributes": {"country": None}}, headers=token)).json()
    assert user["attributes"] == {"age": 41}
    changes = (await web.client.get(f"{address}/changes", headers=token)).json()["items"]
    assert {change["field"] for change in changes} >= {"email", "tags", "attributes.country", "pause_bot"}


async def test_a_wrong_value_is_named(web: Web) -> None:
    address, token = await _aisha(web), await web.token()
    for body, status, field in (
        ({"email": "nope"}, 422, "email"),
        ({"attributes": {"email": "x"}}, 422, "attributes.email"),
        ({"emial": "a@b.co"}, 400, "emial"),
        ({"infinite_session": "yes"}, 400, "infinite_session"),
        ({"pause_bot": {"paused": True, "minutes": -1}}, 422, "pause_bot"),
        ({"tags": [""]}, 422, "tags"),
    ):
        answer = await web.client.patch(address, json=body, headers=token)
        assert answer.status_code == status, (body, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert field in [error["field"] for error in answer.json()["errors"]], answer.text


async def test_a_stale_version_gives_both_values(web: Web) -> None:
    address, token = await _aisha(web), await web.token()
    version = (await web.client.get(address, headers=token)).json()["version"]
    await web.client.patch(address, json={"first_name": "Ash"}, headers=token)
    for header in (str(version), f'"{version}"', f'W/"{version}"'):
        answer = await web.client.patch(address, json={"first_name": "Ish"}, headers=token | {"If-Match": header})
        assert answer.status_code == 409
        assert answer.json()["fields"] == {"first_name": {"current": "Ash", "yours": "Ish"}}
        assert answer.json()["version"] == version + 1
    answer = await web.client.patch(
        address, json={"first_name": "Ish"}, headers=token | {"If-Match": f'"{version + 1}"'}
    )
    assert answer.status_code == 200


async def test_pages_hold_everybody_once(web: Web) -> None:
    for number in range(25):
        await web.tale.says(number, f"m{number}", who=str(number), profile=full(f"P{number:02}"))
    token = await web.token()
    for sort in ("-last_message_at", "name", "-messages", "created_at", "average_sentiment"):
        seen: list[str] = []
        cursor = ""
        while True:
            query = f"/api/v1/users?limit=7&sort={sort}" + (f"&cursor={cursor}" if cursor else "")
            page = (await web.client.get(query, headers=token)).json()
            seen += [user["first_name"] for user in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert sorted(seen) == [f"P{number:02}" for number in range(25)], sort
    newest = (await web.client.get("/api/v1/users?limit=3", headers=token)).json()["items"]
    assert [user["first_name"] for user in newest] == ["P24", "P23", "P22"]


async def test_search_finds_by_name_email_phone_and_tag(web: Web) -> None:
    address, token = await _aisha(web), await web.token()
    await web.tale.says(1, who="2", profile=full("100%", "Ben"))
    change = {"email": "aisha@example.com", "phone": "+60123456789", "tags": ["Gold member"]}
    assert (await web.client.patch(address, json=change, headers=token)).status_code == 200
    for q, found in (
        ("AISH", 1),
        ("a rah", 1),
        ("@EXAMPLE", 1),
        ("12 345", 1),
        ("gold", 1),
        ("%", 1),
        ("_", 0),
        ("zz", 0),
    ):
        page = (await web.client.get("/api/v1/users", params={"q": q}, headers=token)).json()
        assert len(page["items"]) == found, q


async def test_messages_and_sessions_are_listed(web: Web) -> None:
    address, token = await _aisha(web), await web.token()
    await web.tale.says(60, "this is terrible")
    messages = (await web.client.get(f"{address}/messages?limit=10", headers=token)).json()
    assert messages["next_cursor"] is None
    inbound = [message for message in messages["items"] if message["direction"] == "in"]
    assert [message["text"] for message in inbound] == ["this is terrible", "hahaha"]
    assert set(inbound[0]) >= MESSAGE
    assert inbound[0]["sentiment"]["label"] == "negative"
    assert inbound[0]["sentiment"]["words"][0][0] == "terrible"
    sessions = (await web.client.get(f"{address}/sessions?limit=1", headers=token)).json()
    assert sessions["items"][0]["started_at"] == "2026-03-02T13:00:00Z"
    assert sessions["next_cursor"]


async def test_a_message_is_queued_and_prolongs_a_pause(web: Web) -> None:
    address, token = await _aisha(web), await web.token()
    web.tale.now = at(1)
    await web.client.patch(address, json={"pause_bot": {"paused": True, "minutes": 2}}, headers=token)
    body = {"text": "A human here", "buttons": [{"title": "Yes", "data": "y"}]}
    answer = await web.client.post(f"{address}/messages", json=body, headers=token)
    assert answer.status_code == 202
    assert (answer.json()["status"], answer.json()["author"]) == ("queued", "member")
    assert await web.tale.stats("paused_until") == (at(11),)
    assert (await web.client.post(f"{address}/messages", json={"text": " "}, headers=token)).status_code == 409
    await web.client.patch(address, json={"status": "blocked"}, headers=token)
    refused = await web.client.post(f"{address}/messages", json=body, headers=token)
    assert (refused.status_code, "blocked" in refused.json()["detail"]) == (409, True)


async def test_nobody_reaches_another_bots_users(web: Web) -> None:
    address = await _aisha(web)
    async with web.tale.pool.connection() as connection:
        other = await personality.create(connection, "Other", web.tale.now)
    token = await web.token("owner", other)
    for method, path in (
        ("GET", ""), ("PATCH", ""), ("GET", "/messages"), ("GET", "/sessions"), ("GET", "/changes"),
        ("POST", "/messages"), ("POST", "/notes"), ("DELETE", f"/notes/{UUID(int=3)}"),
    ):  # fmt: skip
        body = {"text": "x"} if method == "POST" else {} if method == "PATCH" else None
        answer = await web.client.request(method, address + path, json=body, headers=token)
        assert answer.status_code == 404, (method, path)
    assert (await web.client.get("/api/v1/users", headers=token)).json() == {"items": [], "next_cursor": None}


async def test_without_a_token_or_with_too_small_a_role(web: Web) -> None:
    address = await _aisha(web)
    answer = await web.client.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert (await web.client.get(address, headers={"Authorization": "Bearer bf_no"})).status_code == 401
    assert (await web.client.get(address, headers=await web.member())).status_code == 401
    viewer = await web.token("viewer")
    assert (await web.client.get(address, headers=viewer)).status_code == 200
    assert (await web.client.patch(address, json={"first_name": "X"}, headers=viewer)).status_code == 403


async def test_bad_requests_are_problems(web: Web) -> None:
    token = await web.token()
    for path, status in (
        ("/api/v1/users?cursor=zzz", 400), ("/api/v1/users?limit=0", 400), ("/api/v1/users?sort=age", 400),
        ("/api/v1/users/not-an-id", 404), (f"/api/v1/users/{UUID(int=1)}", 404), ("/api/v1/nothing", 404),
    ):  # fmt: skip
        answer = await web.client.get(path, headers=token)
        assert (answer.status_code, answer.json()["status"]) == (status, status), path
    answer = await web.client.patch(
        await _aisha(web), content=b"{not json", headers=token | {"content-type": "application/json"}
    )
    assert answer.status_code == 400


async def test_health_and_description_are_open(web: Web) -> None:
    assert (await web.client.get("/api/v1/health")).json()["status"] == "ok"
    described = (await web.client.get("/api/v1/openapi.json")).json()
    assert {"/api/v1/users", "/api/v1/users/{user_id}", "/api/v1/users/{user_id}/messages"} <= set(described["paths"])
