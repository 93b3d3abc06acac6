"""A user's clicks as lists: by the API, under the statistic, and in the conversation."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from botfolk.conversations import timeline
from botfolk.conversations.story import MessageItem, tell
from botfolk.db.pool import Pool
from tests.links.conftest import Clicked
from tests.telling import at
from tests.web import Web, a_web


@pytest.fixture
async def web(room: Clicked, pool: Pool, dsn: str, tmp_path: Path) -> AsyncIterator[Web]:
    """The application of the bot whose links are opened."""
    async with a_web(room.tale, pool, dsn, tmp_path) as opened:
        yield opened


async def test_the_api_lists_clicks_newest_first_page_by_page(web: Web, room: Clicked) -> None:
    await room.tale.says(0)
    first, second = await room.sent("See https://shop.example/one"), await room.sent("https://shop.example/two")
    for minute, code in ((1, first), (2, second), (3, first)):
        await room.clicked(code, at(minute))
    await room.clicked(second, at(4), counted=False)
    address, token = f"/api/v1/users/{await room.tale.user_id()}", await web.token("viewer")
    page = (await web.client.get(f"{address}/clicks?limit=2", headers=token)).json()
    rest = (await web.client.get(f"{address}/clicks?cursor={page['next_cursor']}", headers=token)).json()
    found = [*page["items"], *rest["items"]]
    assert rest["next_cursor"] is None
    assert [(each["url"], each["message"], each["link_clicks"]) for each in found] == [
        ("https://shop.example/one", "See https://shop.example/one", 2),
        ("https://shop.example/two", "https://shop.example/two", 1),
        ("https://shop.example/one", "See https://shop.example/one", 2),
    ]
    assert all(each["session_id"] and each["counted"] for each in found)
    stats = (await web.client.get(address, headers=token)).json()["stats"]
    assert (stats["clicks"], stats["unique_clicks"]) == (3, 2)


async def test_robots_are_listed_when_they_are_asked_for(web: Web, room: Clicked) -> None:
    await room.tale.says(0)
    await room.clicked(await room.sent(), at(1), counted=False)
    address, token = f"/api/v1/users/{await room.tale.user_id()}/clicks", await web.token("viewer")
    assert (await web.client.get(address, headers=token)).json()["items"] == []
    items = (await web.client.get(f"{address}?robots=true", headers=token)).json()["items"]
    assert [(each["counted"], each["agent"], each["session_id"]) for each in items] == [(False, "test", None)]


async def test_a_cursor_of_another_list_is_refused(web: Web, room: Clicked) -> None:
    await room.tale.says(0)
    address, token = f"/api/v1/users/{await room.tale.user_id()}/clicks", await web.token("viewer")
    assert (await web.client.get(f"{address}?cursor=bm9uc2Vuc2U", headers=token)).status_code == 400


async def test_the_statistic_opens_the_list_with_total_and_unique(web: Web, room: Clicked) -> None:
    await room.tale.says(0)
    code = await room.sent("See https://shop.example/one?x=1")
    for minute in (1, 2):
        await room.clicked(code, at(minute))
    path = f"/users/{await room.tale.user_id()}/counted/clicks"
    shown = (await web.client.get(path, headers=await web.member())).text
    assert "2 in all, of 1 link" in shown
    assert "shop.example/one" in shown
    assert "opened 2 times" in shown
    assert "See https://shop.example/one?x=1" in shown


async def test_a_message_shows_how_often_its_links_were_opened(room: Clicked) -> None:
    await room.tale.says(0)
    code = await room.sent("https://shop.example/one https://shop.example/two")
    await room.clicked(code, at(1))
    async with room.tale.pool.connection() as connection:
        found = await timeline.before(connection, room.tale.bot_id, await room.tale.user_id(), None)
    story = tell(found, "Aisha", "Testbot", "UTC", room.tale.now)
    links = [item.links for item in story.items if isinstance(item, MessageItem) and item.links]
    assert len(links) == 1
    assert sorted(link.clicks for link in links[0]) == [0, 1]


async def test_a_member_may_send_addresses_as_they_are(web: Web, room: Clicked) -> None:
    await room.tale.says(0)
    user_id = await room.tale.user_id()
    member, token = await web.member(), await web.token("agent")
    said = {"text": "https://shop.example/one", "then": "once", "links": "plain"}
    await web.client.post(f"/users/{user_id}/messages", data=said, headers=member)
    body = {"text": "https://shop.example/one", "track_links": False}
    web.client.cookies.clear()
    answer = await web.client.post(f"/api/v1/users/{user_id}/messages", json=body, headers=token)
    assert answer.status_code == 202
    assert await room.tale.rows("SELECT 1 FROM links") == []
    await web.client.post(f"/users/{user_id}/messages", data=said | {"links": ""}, headers=member)
    assert await room.tale.rows("SELECT url FROM links") == [("https://shop.example/one",)]


async def test_a_channel_is_told_to_send_addresses_as_they_are_on_its_page(web: Web, room: Clicked) -> None:
    member = await web.member("admin")
    path = f"/channels/{room.tale.channel.id}/switch"
    await room.tale.rows("UPDATE channels SET secrets = %s RETURNING 1", web.services.box.seal({}))
    for links, tracked in (("off", False), ("on", True)):
        await web.client.post(path, data={"links": links}, headers=member, follow_redirects=False)
        rows = await room.tale.rows("SELECT config -> 'track_links', enabled FROM channels")
        assert rows == [(tracked, True)]
