"""Jobs by the API."""

from typing import Any

from botfolk.http import open_http
from botfolk.jobs import running
from botfolk.jobs.fetching import Reach
from botfolk.jobs.kinds import kinds
from tests.telling import full
from tests.web import Web

JOBS = "/api/v1/jobs"


async def three_people(web: Web) -> list[str]:
    for number, name in enumerate(("Aisha", "Ben", "Chen")):
        await web.tale.says(0, who=str(number), profile=full(name))
    return [str(await web.tale.user_id(str(number))) for number in range(3)]


async def work_off(web: Web, job: dict[str, Any], token: dict[str, str]) -> dict[str, Any]:
    """Do a job as the worker does, and return it as it stands then."""
    rows = await web.tale.rows("SELECT id FROM jobs WHERE id = %s", job["id"])
    async with open_http(allow_private=True) as http:
        shared = web.services
        reach = Reach(pool=shared.pool, http=http, channels=shared.channels, kinds={}, clock=shared.clock)
        await running.run(reach, kinds(), web.tale.bot_id, rows[0][0])
    found: dict[str, Any] = (await web.client.get(f"{JOBS}/{job['id']}", headers=token)).json()
    return found


async def test_a_file_that_was_uploaded_is_no_work(web: Web) -> None:
    token = await web.token("agent")
    answer = await web.client.post("/api/v1/imports?name=a.csv", content=b"Email\na@example.com\n", headers=token)
    assert answer.status_code == 201
    assert (await web.client.get(JOBS, headers=token)).json()["items"] == []
    await web.client.post(f"/api/v1/imports/{answer.json()['id']}/check", headers=token)
    assert [job["kind"] for job in (await web.client.get(JOBS, headers=token)).json()["items"]] == ["import.check"]


async def test_a_dry_run_counts_and_does_nothing(web: Web) -> None:
    await three_people(web)
    token = await web.token("agent")
    asked = {"action": "add_tag", "tag": "vip", "q": "e", "dry_run": True}
    answer = await web.client.post(JOBS, json=asked, headers=token)
    assert (answer.status_code, answer.json()) == (200, {"total": 2, "would_change": 2})
    assert (await web.client.get(JOBS, headers=token)).json()["items"] == []


async def test_a_job_is_started_by_a_filter_seen_and_undone(web: Web) -> None:
    ids = await three_people(web)
    token = await web.token("agent")
    asked = {"action": "add_tag", "tag": "vip", "filter": 'first_name is one of ("aisha", "CHEN")', "but": [ids[2]]}
    answer = await web.client.post(JOBS, json=asked, headers=token)
    assert answer.status_code == 202, answer.text
    job = answer.json()
    assert answer.headers["location"] == f"{JOBS}/{job['id']}"
    assert (job["state"], job["total"], job["action"]) == ("waiting", 1, {"action": "add_tag", "tag": "vip"})
    done = await work_off(web, job, token)
    assert (done["state"], done["changed"], done["by"]) == ("done", 1, "Shop")
    user = (await web.client.get(f"/api/v1/users/{ids[0]}", headers=token)).json()
    assert user["tags"] == ["vip"]
    undoing = (await web.client.post(f"{JOBS}/{job['id']}/undo", headers=token)).json()
    assert (await work_off(web, undoing, token))["changed"] == 1
    listed = (await web.client.get(f"{JOBS}?limit=1", headers=token)).json()
    assert [each["id"] for each in listed["items"]] == [undoing["id"]]
    older = (await web.client.get(f"{JOBS}?limit=1&cursor={listed['next_cursor']}", headers=token)).json()
    assert (older["items"][0]["id"], older["items"][0]["undone_by"]) == (job["id"], undoing["id"])
    again = await web.client.post(f"{JOBS}/{job['id']}/undo", headers=token)
    assert again.status_code == 422
    assert "undone already" in again.text


async def test_a_job_that_waits_can_be_cancelled(web: Web) -> None:
    ids, token = await three_people(web), await web.token("agent")
    job = (await web.client.post(JOBS, json={"action": "block", "ids": ids}, headers=token)).json()
    cancelled = (await web.client.post(f"{JOBS}/{job['id']}/cancel", headers=token)).json()
    assert cancelled["state"] == "cancelled"
    assert (await work_off(web, job, token))["changed"] == 0


async def test_what_cannot_be_is_said_and_nothing_begins(web: Web) -> None:
    await three_people(web)
    token = await web.token("agent")
    for asked, said in (
        ({"action": "dance"}, "action"),
        ({"action": "add_tag"}, "tag"),
        ({"action": "add_tag", "tag": "vip", "filter": "favourite colour = blue"}, "filter"),
        ({"action": "set_attribute", "name": "plan"}, "value"),
        ({"action": "archive", "ids": ["nobody"]}, "ids"),
    ):
        answer = await web.client.post(JOBS, json=asked, headers=token)
        assert answer.status_code in (400, 422), (asked, answer.text)
        assert said in answer.text
    assert await web.tale.rows("SELECT count(*) FROM jobs") == [(0,)]


async def test_many_are_erased_only_by_an_admin_who_says_how_many(web: Web) -> None:
    ids = await three_people(web)
    agent, admin = await web.token("agent"), await web.token("admin")
    asked: dict[str, Any] = {"action": "erase", "ids": ids[:2]}
    assert (await web.client.post(JOBS, json={**asked, "confirm": 2}, headers=agent)).status_code == 403
    refused = await web.client.post(JOBS, json={**asked, "confirm": 3}, headers=admin)
    assert refused.status_code == 422
    assert "how many" in refused.text
    job = (await web.client.post(JOBS, json={**asked, "confirm": 2}, headers=admin)).json()
    done = await work_off(web, job, admin)
    assert (done["state"], done["changed"]) == ("done", 2), done
    assert [str(row[0]) for row in await web.tale.rows("SELECT id FROM users")] == ids[2:]
    refused = await web.client.post(f"{JOBS}/{job['id']}/undo", headers=admin)
    assert refused.status_code == 422
