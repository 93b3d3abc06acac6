"""A file is imported by the API: uploaded as it is, mapped, rehearsed, carried out."""

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import msgspec
import pytest

from botfolk.jobs import running
from botfolk.jobs.fetching import Reach
from botfolk.jobs.kinds import kinds
from tests.telling import Tale
from tests.web import Web, a_web

FILE = "Vorname,E-Mail,Plan\nAnn,ann@example.com,gold\nBob,nope,x\n"


@pytest.fixture
async def web(tale: Tale, dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    """The application on the tale's bot."""
    async with a_web(tale, tale.pool, dsn, tmp_path) as opened:
        yield opened


async def work(web: Web, job_id: str) -> None:
    """Do a job's steps."""
    reach = cast(
        Reach, SimpleNamespace(pool=web.tale.pool, clock=web.tale.clock, channels=SimpleNamespace(box=web.services.box))
    )
    await running.run(reach, kinds(), web.tale.bot_id, UUID(job_id), seconds=60)


async def test_a_file_is_imported_by_the_api(web: Web) -> None:
    token, client = await web.token("agent"), web.client
    made = await client.post("/api/v1/imports?name=people.csv", content=FILE.encode("utf-16"), headers=token)
    assert made.status_code == 201, made.text
    found = made.json()
    assert (found["state"], found["encoding"]) == ("mapping", "utf-16-le")
    assert [column["target"] for column in found["columns"]] == ["first_name", "email", "attribute:plan:text"]
    address = f"/api/v1/imports/{found['id']}"

    early = await client.post(f"{address}/apply", headers=token)
    assert (early.status_code, early.json()["detail"][:20]) == (409, "Let the file be chec")
    wrong = await client.patch(address, json={"columns": {"Plan": "colour", "Nothing": "email"}}, headers=token)
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"] == "Nothing"
    changed = await client.patch(address, json={"columns": {"Plan": "tag:gold"}, "clear": "-"}, headers=token)
    assert changed.json()["columns"][2]["target"] == "tag:gold"
    await client.patch(address, json={"columns": {"Plan": "attribute:plan"}}, headers=token)

    checking = (await client.post(f"{address}/check", headers=token)).json()
    assert checking["state"] == "checking"
    await work(web, checking["check"]["job_id"])
    checked = (await client.get(address, headers=token)).json()
    assert (checked["state"], checked["check"]["counts"]) == ("checked", {"create": 1, "error": 1})
    applying = (await client.post(f"{address}/apply", headers=token)).json()
    await work(web, applying["apply"]["job_id"])
    applied = (await client.get(address, headers=token)).json()
    assert (applied["state"], applied["apply"]["done"], applied["apply"]["total"]) == ("applied", 2, 2)
    errors = await client.get(f"{address}/errors", headers=token)
    assert errors.headers["content-disposition"] == "attachment; filename*=UTF-8''people%20errors.csv"
    assert errors.content.startswith(b"\xef\xbb\xbfVorname,E-Mail,Plan,What is wrong (Botfolk)\r\nBob,nope,x,")
    assert (await client.get(f"{address}/verdicts", headers=token)).status_code == 200
    again = await client.post(f"{address}/check", headers=token)
    assert again.status_code == 409
    listed = (await client.get("/api/v1/imports?limit=1", headers=token)).json()
    assert [each["id"] for each in listed["items"]] == [found["id"]]

    undone = await client.post(f"/api/v1/jobs/{applied['apply']['job_id']}/undo", headers=token)
    assert undone.status_code == 202, undone.text
    await work(web, undone.json()["id"])
    assert await web.tale.rows("SELECT count(*) FROM users") == [(0,)]


@pytest.mark.parametrize(
    ("content", "status", "why"),
    [
        (b"", 422, "empty"), (b"Email\n", 422, "no row"), (b"\xd0\xcf\x11\xe0" + b"x" * 99, 422, "XLS"),
        (b"PK\x03\x04nonsense", 422, "damaged"), (b"x" * 2_000_000, 413, "larger than 1 MB"),
    ],
)  # fmt: skip
async def test_what_cannot_be_taken_says_why(web: Web, content: bytes, status: int, why: str) -> None:
    object.__setattr__(web.services, "settings", _with(web.services.settings, import_mb=1))
    answer = await web.client.post("/api/v1/imports?name=x", content=content, headers=await web.token())
    assert answer.status_code == status
    assert why in answer.json()["detail"]
    assert await web.tale.rows("SELECT count(*) FROM jobs") == [(0,)]


def _with(settings: Any, **more: Any) -> Any:
    """Settings with others in their place."""

    return msgspec.structs.replace(settings, **more)
