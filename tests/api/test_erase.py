"""A person is erased by the API and on their page."""

import pytest

from botfolk.users.erase_page import is_same
from tests.telling import full
from tests.web import Web


async def test_who_is_erased_by_the_api_leaves_a_receipt(web: Web) -> None:
    await web.tale.says(0, who="12345", profile=full("Ann"))
    user_id, token = await web.tale.user_id("12345"), await web.token("admin")
    answer = await web.client.delete(f"/api/v1/users/{user_id}", headers=token)
    assert answer.status_code == 200
    receipt = answer.json()
    assert (receipt["user"], receipt["by"], receipt["counts"]["messages"] >= 1) == (str(user_id), "Shop", True)
    again = await web.client.delete(f"/api/v1/users/{user_id}", headers=token)
    assert again.json() == receipt
    assert (await web.client.get(f"/api/v1/users/{user_id}", headers=token)).status_code == 404
    listed = (await web.client.get("/api/v1/erasures", headers=token)).json()
    assert listed == {"items": [receipt], "next_cursor": None}
    assert (await web.client.get(f"/api/v1/erasures/{receipt['id']}", headers=token)).json() == receipt


async def test_an_agent_may_not_erase(web: Web) -> None:
    await web.tale.says(0, who="12345")
    user_id = await web.tale.user_id("12345")
    answer = await web.client.delete(f"/api/v1/users/{user_id}", headers=await web.token("agent"))
    assert answer.status_code == 403
    page = await web.client.get(f"/users/{user_id}", headers=await web.member("agent"))
    assert f"/users/{user_id}/erase" not in page.text


async def test_a_member_types_the_name_of_whom_they_erase(web: Web) -> None:
    await web.tale.says(0, who="12345", profile=full("Ann", "Lee"))
    user_id, mia = await web.tale.user_id("12345"), await web.member("admin")
    address = f"/users/{user_id}/erase"
    assert address in (await web.client.get(f"/users/{user_id}", headers=mia)).text
    assert "Ann Lee" in (await web.client.get(address, headers=mia)).text
    wrong = await web.client.post(address, headers=mia, data={"name": "Ben"})
    assert (wrong.status_code, "nothing was erased" in wrong.text) == (422, True)
    assert await web.tale.user_id("12345") == user_id
    done = await web.client.post(address, headers=mia, data={"name": "ann  lee"}, follow_redirects=False)
    assert done.status_code == 303
    receipt = await web.client.get(done.headers["location"], headers=mia)
    assert str(user_id) in receipt.text
    assert "Ann" not in receipt.text
    file = await web.client.get(f"{done.headers['location']}/receipt", headers=mia)
    assert file.json()["user"] == str(user_id)
    assert done.headers["location"] in (await web.client.get("/erasures", headers=mia)).text


@pytest.mark.parametrize(
    ("typed", "name", "same"),
    [("zoe\u0308", "Zo\u00eb", True), (" a  b ", "A B", True), ("", "Ann", False), ("Ann", "Anna", False)],
)
def test_a_name_is_the_same_however_it_is_typed(typed: str, name: str, same: bool) -> None:
    assert is_same(typed, name) is same
