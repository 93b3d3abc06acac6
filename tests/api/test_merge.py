"""Merging by the API."""

from typing import Any

from tests.telling import full
from tests.web import Web


async def two(web: Web) -> tuple[str, str]:
    """Two users who both have a first name."""
    await web.tale.says(0, profile=full("Ann"))
    await web.tale.says(1, who="2", profile=full("Anna"))
    return str(await web.tale.user_id("1")), str(await web.tale.user_id("2"))


async def merged(web: Web, **given: Any) -> Any:
    """Merge the second into the first."""
    ann, anna = await two(web)
    asked = {"with": anna} | given
    return await web.client.post(f"/api/v1/users/{ann}/merge", json=asked, headers=await web.token("agent"))


async def test_two_users_are_merged_and_parted_again(web: Web) -> None:
    answer = await merged(web, choices={"first_name": "other"})
    assert answer.status_code == 200
    told, token = answer.json(), await web.token("agent")
    assert (told["user"]["first_name"], told["user"]["stats"]["messages"]) == ("Anna", 2)
    undone = await web.client.post(f"/api/v1/merges/{told['merge']}/undo", headers=token)
    parted = undone.json()
    assert [parted[who]["first_name"] for who in ("user", "back")] == ["Ann", "Anna"]
    again = await web.client.post(f"/api/v1/merges/{told['merge']}/undo", headers=token)
    assert (again.status_code, again.json()["detail"]) == (409, "This merge has been undone already")


async def test_a_choice_that_cannot_be_made_is_named_and_nothing_is_merged(web: Web) -> None:
    answer = await merged(web, choices={"nickname": "this"})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "choices.nickname", "message": "neither of the two has this field"}]
    assert await web.tale.rows("SELECT count(*) FROM users") == [(2,)]


async def test_nobody_is_merged_with_a_user_that_is_not_there(web: Web) -> None:
    answer = await merged(web, **{"with": "01a21332-7411-71ef-b329-223085534a11"})
    assert answer.status_code == 404
