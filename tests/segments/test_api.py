"""Segments by the API."""

from typing import Any
from uuid import UUID

import pytest

from botfolk.segments import segments
from botfolk.segments.members import bring_up_to_date
from botfolk.users.edits import Actor
from tests.telling import full
from tests.web import Web

SEGMENTS = "/api/v1/segments"


async def brought(web: Web, segment_id: str) -> None:
    async with web.tale.pool.connection() as connection:
        await bring_up_to_date(connection, web.tale.bot_id, UUID(segment_id), web.tale.now)


async def test_a_segment_is_made_read_changed_and_deleted(web: Web) -> None:
    await web.tale.says(0, profile=full("Ann"))
    headers = await web.token("agent")
    made = await web.client.post(SEGMENTS, json={"name": "Talkers", "filter": "MESSAGES>0"}, headers=headers)
    assert made.status_code == 201
    segment = made.json()
    assert (segment["name"], segment["filter"], segment["users"]) == ("Talkers", "messages > 0", None)
    await brought(web, segment["id"])
    address = f"{SEGMENTS}/{segment['id']}"
    listed = (await web.client.get(SEGMENTS, headers=headers)).json()["items"]
    assert [(each["name"], each["users"], each["counting"]) for each in listed] == [("Talkers", 1, False)]
    changed = await web.client.patch(address, json={"filter": "messages > 5"}, headers=headers)
    assert (changed.json()["filter"], changed.json()["counting"]) == ("messages > 5", True)
    await brought(web, segment["id"])
    assert (await web.client.get(address, headers=headers)).json()["users"] == 0
    gone = await web.client.delete(address, headers=headers)
    assert (gone.status_code, gone.json()["name"]) == (200, "Talkers")
    assert (await web.client.get(address, headers=headers)).status_code == 404


@pytest.mark.parametrize("is_counted", [True, False])
async def test_its_users_come_page_by_page(web: Web, is_counted: bool) -> None:
    for name in ("ann", "ben", "cleo"):
        await web.tale.says(0, who=name, profile=full(name.title()))
    headers = await web.token("agent")
    made = await web.client.post(SEGMENTS, json={"name": "All", "filter": ""}, headers=headers)
    if is_counted:
        await brought(web, made.json()["id"])
    found: list[str] = []
    cursor: Any = ""
    while cursor is not None:
        asked = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        answer = await web.client.get(f"{SEGMENTS}/{made.json()['id']}/users", params=asked, headers=headers)
        found += [user["first_name"] for user in answer.json()["items"]]
        cursor = answer.json()["next_cursor"]
    assert sorted(found) == ["Ann", "Ben", "Cleo"]


async def test_what_is_wrong_is_named(web: Web) -> None:
    headers = await web.token("agent")
    for body, field in (({"name": " ", "filter": ""}, "name"), ({"name": "x", "filter": "nonsense"}, "filter")):
        answer = await web.client.post(SEGMENTS, json=body, headers=headers)
        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_token_sees_no_private_segment(web: Web) -> None:
    mia = UUID(int=7)
    async with web.tale.pool.connection() as connection:
        segment_id = await segments.create(
            connection, web.tale.bot_id, "Mine", "", Actor("member", "Mia", mia), web.tale.now,
            shared=False, member_id=mia,
        )  # fmt: skip
    headers = await web.token("admin")
    assert (await web.client.get(SEGMENTS, headers=headers)).json()["items"] == []
    for method in ("get", "delete"):
        answer = await getattr(web.client, method)(f"{SEGMENTS}/{segment_id}", headers=headers)
        assert answer.status_code == 404
