"""A tracked link leads to the address that is stored for it, whatever the request says, and whatever else is broken."""

from pathlib import Path

import psycopg
import pytest

from botfolk.links.location import location
from botfolk.links.lookup import FRESH_SECONDS, Away, Lookup
from tests.links.conftest import PHONE, Clicked, a_room
from tests.telling import at

NOWHERE = "host=/nonexistent user=nobody"


async def test_a_link_leads_to_its_address_and_the_click_counts(room: Clicked) -> None:
    await room.tale.says(0)
    code = await room.sent("See https://shop.example/offer?a=b&c=d#e")
    answer = await room.opens(f"/l/{code}")
    assert answer.status == 302
    assert answer.headers["location"] == "https://shop.example/offer?a=b&c=d#e"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.body == b""
    await room.count()
    assert await room.tale.stats("clicks, unique_clicks") == (1, 1)


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"}, {"x-forwarded-host": "evil.example"}, {"referer": "https://evil.example"},
        {"x-original-url": "https://evil.example"}, {"forwarded": "host=evil.example"},
    ],
)  # fmt: skip
async def test_nothing_of_the_request_says_where_it_leads(room: Clicked, headers: dict[str, str]) -> None:
    await room.tale.says(0)
    code = await room.sent()
    for path in (f"/l/{code}", f"/l/{code}/", f"/l/{code})", f"/l/{code}//evil.example", f"/l/{code}\r\nLocation: x"):
        answer = await room.opens(path, headers=PHONE | headers)
        assert answer.headers["location"] == "https://shop.example/offer"
        assert "evil" not in repr(answer.headers)


@pytest.mark.parametrize(
    "path", ["/l/", "/l/x", "/l/0aZ0aZ0aZ0aZ", "/l/0aZ0aZ0aZ0aZ0", "/l/https://evil.example", "/l/%00", "/l/<script>"]
)
async def test_an_unknown_code_is_answered_with_a_page(room: Clicked, path: str) -> None:
    answer = await room.opens(path)
    assert answer.status == 404
    assert "location" not in answer.headers
    assert b"leads nowhere" in answer.body
    assert b"script" not in answer.body
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


async def test_a_robot_is_led_the_same_and_not_counted(room: Clicked) -> None:
    await room.tale.says(0)
    code = await room.sent()
    for method, headers in (("HEAD", PHONE), ("GET", {"user-agent": "TelegramBot (like TwitterBot)"}), ("GET", {})):
        answer = await room.opens(f"/l/{code}", method, headers)
        assert (answer.status, answer.headers["location"]) == (302, "https://shop.example/offer")
    await room.count()
    assert await room.tale.stats("clicks") == (0,)
    assert await room.tale.rows("SELECT counted, count(*) FROM clicks GROUP BY 1") == [(False, 3)]


async def test_what_comes_while_the_message_is_leaving_is_a_robot_unless_it_is_a_browser(room: Clicked) -> None:
    await room.tale.says(0)
    code = await room.sent()
    await room.tale.rows("UPDATE outbox SET state = 'sending', finished_at = NULL RETURNING 1")
    await room.opens(f"/l/{code}", headers={"user-agent": PHONE["user-agent"]})
    await room.count()
    assert await room.tale.stats("clicks") == (0,)
    await room.opens(f"/l/{code}")
    await room.count()
    assert await room.tale.stats("clicks") == (1,)


async def test_a_link_is_only_opened(room: Clicked) -> None:
    answer = await room.opens("/l/0aZ0aZ0aZ0aZ", "POST")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_while_the_database_is_away_links_that_are_known_lead_on_and_clicks_wait(room: Clicked) -> None:
    await room.tale.says(0)
    code = await room.sent()
    await room.opens(f"/l/{code}")
    await room.count()
    room.lookup._dsn, room.clicks._dsn = NOWHERE, NOWHERE
    await room.lookup._hang_up()
    room.tale.now = at(1)
    answer = await room.opens(f"/l/{code}")
    assert answer.status == 302
    assert (await room.opens("/l/0aZ0aZ0aZ0aZ")).status == 503
    await room.count()
    assert await room.tale.stats("clicks") == (1,)
    room.clicks._dsn = room.dsn
    await room.count()
    assert await room.tale.stats("clicks, time_spent_us") == (2, 60_000_000)


async def test_a_link_that_was_known_long_ago_leads_on_while_it_is_asked_for_anew(room: Clicked) -> None:
    await room.tale.says(0)
    code = await room.sent()
    assert await room.lookup.find(code) is not None
    since, target = room.lookup._known[code]
    room.lookup._known[code] = (since - FRESH_SECONDS - 1, target)
    await room.tale.rows("UPDATE links SET url = 'https://shop.example/moved' RETURNING 1")
    assert await room.lookup.find(code) == target
    assert room.lookup._asking is not None
    await room.lookup._asking
    found = await room.lookup.find(code)
    assert found is not None
    assert found.url == "https://shop.example/moved"


async def test_a_lookup_without_a_database_says_so() -> None:
    with pytest.raises(Away):
        await Lookup(NOWHERE).find("0aZ0aZ0aZ0aZ")


async def test_a_busy_database_holds_up_no_redirect(room: Clicked) -> None:
    await room.tale.says(0)
    code = await room.sent()
    with psycopg.connect(room.dsn) as busy:
        busy.execute("SELECT 1 FROM user_stats FOR UPDATE")
        busy.execute("LOCK TABLE clicks IN ACCESS EXCLUSIVE MODE")
        answer = await room.opens(f"/l/{code}")
        assert answer.status == 302
    await room.count()
    assert await room.tale.stats("clicks") == (1,)


async def test_without_a_disk_a_click_is_kept_in_memory(room: Clicked, tmp_path: Path) -> None:
    await room.tale.says(0)
    code = await room.sent()
    file = tmp_path / "file"
    file.write_text("no folder")
    async with a_room(room.tale, room.dsn, file) as broken:
        assert (await broken.opens(f"/l/{code}")).status == 302
        await broken.count()
    assert await room.tale.stats("clicks") == (1,)


@pytest.mark.parametrize(
    ("url", "header"),
    [
        ("https://shop.example/a?b=c%20d#e", "https://shop.example/a?b=c%20d#e"),
        ("https://zh.wikipedia.org/wiki/中国", "https://zh.wikipedia.org/wiki/%E4%B8%AD%E5%9B%BD"),
        ("https://müller.example/größe?ü", "https://xn--mller-kva.example/gr%C3%B6%C3%9Fe?%C3%BC"),
        ("https://user@例え.jp:8443/", "https://user@xn--r8jz45g.jp:8443/"),
        ("https://shop.example/a\r\nSet-Cookie: x", "https://shop.example/a%0D%0ASet-Cookie:%20x"),
        ('https://shop.example/"<>{}|^`', "https://shop.example/%22%3C%3E%7B%7D%7C%5E%60"),
        ("https://[2001:db8::1]/x", "https://[2001:db8::1]/x"),
    ],
)
def test_an_address_becomes_a_header_that_holds_nothing_else(url: str, header: str) -> None:
    assert location(url) == header.encode()
