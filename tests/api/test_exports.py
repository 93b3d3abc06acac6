"""Users are exported by the API and on the page."""

import json

from tests.exports.exported import run
from tests.telling import full
from tests.web import Web


async def test_an_export_is_asked_for_looked_at_and_downloaded(web: Web) -> None:
    await web.tale.says(0, who="12345", profile=full("Ann"))
    token = await web.token("agent")
    asked = {"form": "jsonl", "columns": ["first_name"], "filter": "messages > 0"}
    answer = await web.client.post("/api/v1/exports", headers=token, json=asked)
    assert (answer.status_code, answer.json()["state"], answer.json()["file"]) == (202, "waiting", None)
    address = f"/api/v1/exports/{answer.json()['id']}"
    assert (await web.client.get(f"{address}/file", headers=token)).status_code == 409
    await run(web.tale, answer.json()["id"])
    done = (await web.client.get(address, headers=token)).json()
    assert (done["state"], done["done"], done["total"], done["filter"]) == ("done", 1, 1, "messages > 0")
    file = await web.client.get(done["file"], headers=token)
    assert json.loads(file.text) == {"first_name": "Ann"}
    assert int(file.headers["content-length"]) == done["bytes"] == len(file.content)
    assert [each["id"] for each in (await web.client.get("/api/v1/exports", headers=token)).json()["items"]] == [
        done["id"]
    ]
    ended = (await web.client.delete(address, headers=token)).json()
    assert ended["file"] is None
    assert (await web.client.get(f"{address}/file", headers=token)).status_code == 404


async def test_what_cannot_be_exported_is_named(web: Web) -> None:
    token = await web.token("agent")
    answer = await web.client.post("/api/v1/exports", headers=token, json={"columns": ["emial"]})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "columns")
    answer = await web.client.post("/api/v1/exports", headers=token, json={"filter": "messages > 1 and emial = 1"})
    [wrong] = answer.json()["errors"]
    assert (answer.status_code, wrong["field"], wrong["position"], wrong["length"]) == (400, "filter", 17, 5)
    assert (await web.client.post("/api/v1/exports", headers=token, json={"form": "pdf"})).status_code == 400


async def test_a_member_exports_on_the_page(web: Web) -> None:
    await web.tale.says(0, who="12345", profile=full("Ann"))
    mia = await web.member("agent")
    form = {"form": "csv", "status": "active", "filter": "messages > 0", "column": ["first_name", "messages"]}
    wrong = await web.client.post("/exports", headers=mia, data=form | {"filter": "emial = 1"})
    assert (wrong.status_code, "emial" in wrong.text) == (422, True)
    done = await web.client.post("/exports", headers=mia, data=form, follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, "/exports")
    [(job_id,)] = await web.tale.rows("SELECT id FROM jobs")
    assert "<progress" in (await web.client.get("/exports", headers=mia)).text
    await run(web.tale, job_id)
    assert f"/exports/{job_id}/file" in (await web.client.get("/exports", headers=mia)).text
    file = await web.client.get(f"/exports/{job_id}/file", headers=mia)
    assert file.text == '"First name","Messages"\nAnn,1\n'
    assert "attachment" in file.headers["content-disposition"]


async def test_all_that_is_stored_of_a_person_comes_in_one_click(web: Web) -> None:
    await web.tale.says(0, who="12345", profile=full("Ann"))
    user_id = await web.tale.user_id("12345")
    for address, who in ((f"/users/{user_id}/file", await web.member("agent")),
                         (f"/api/v1/users/{user_id}/file", await web.token("agent"))):  # fmt: skip
        answer = await web.client.get(address, headers=who)
        assert (answer.status_code, answer.headers["content-type"], answer.content[:2]) == (
            200,
            "application/zip",
            b"PK",
        )
    assert (
        f"/users/{user_id}/file"
        in (await web.client.get(f"/users/{user_id}", headers=await web.member("agent", "b@example.com"))).text
    )
