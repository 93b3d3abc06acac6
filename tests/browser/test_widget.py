"""A visitor of somebody else's site talks through the chat on it, and a member answers."""

import asyncio
import http.server
import io
import json
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from playwright.async_api import Browser, FilePayload, Page, expect

from tests.browser.conftest import Site

SHOP = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src {site}; connect-src {site};
 img-src {site} blob:; style-src 'self'">
</head><body><h1>A shop of somebody else</h1><button>Buy</button>
<script src="{site}/chat.js" data-channel="{channel}" {more} async></script></body></html>"""


@dataclass
class Shop:
    """A site of another origin, with the chat on it."""

    url: str
    site: Site
    channel: UUID

    def messages(self) -> list[tuple[str, str]]:
        """Who said what, as stored, in order."""
        return self.site.rows(
            "SELECT author, text FROM messages WHERE channel_id = %s ORDER BY sent_at, id", self.channel
        )


@pytest.fixture
def shop(site: Site) -> Iterator[Shop]:
    """A shop; its chat is a channel of its own."""
    command = [sys.executable, "-m", "botfolk.cli", "channel", "add", "webchat", "--name", "Shop", "--json"]
    made = subprocess.run(command, env=site.environment, check=True, capture_output=True, text=True).stdout
    channel = UUID(json.loads(made)["id"])

    class Pages(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            more = 'data-language="ar"' if "arabic" in self.path else ""
            body = SHOP.format(site=site.url, channel=channel, more=more).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Shop(f"http://127.0.0.1:{server.server_port}", site, channel)
    server.shutdown()


@pytest.fixture
async def visitor(shop: Shop, browser: Browser) -> AsyncIterator[Page]:
    """A visitor's window on the shop; a complaint of the browser fails the test."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900}, timezone_id="Asia/Kuala_Lumpur")
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda word: complaints.append(word.text) if word.type == "error" else None)
    await page.goto(shop.url)
    yield page
    await context.close()
    # What a browser says of a connection that a test broke.
    broken = ("ERR_INTERNET_DISCONNECTED", "ERR_CONNECTION_RESET", "status of 503", "favicon")
    assert [each for each in complaints if not any(word in each for word in broken)] == []


def line(page: Page, who: str) -> Any:
    return page.locator(f".{who} .bubble")


async def says(page: Page, text: str) -> None:
    await page.get_by_label("Write a message").fill(text)
    await page.get_by_label("Write a message").press("Enter")
    await expect(page.locator(".mine:not(.waiting) .bubble", has_text=text)).to_be_visible()


async def opened(page: Page) -> None:
    await page.get_by_role("button", name="Open the chat").click()
    await expect(page.get_by_label("Write a message")).to_be_focused()


async def test_a_visitor_talks_a_member_takes_over_and_gives_back(visitor: Page, page: Page, shop: Shop) -> None:
    await opened(visitor)
    await says(visitor, "Is the blue one in stock?")
    await expect(line(visitor, "theirs")).to_have_count(1)
    user = shop.site.rows("SELECT user_id FROM identities WHERE channel_id = %s", shop.channel)[0][0]
    await page.goto(f"/users/{user}")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Guest")
    await page.get_by_label("Reply").fill("It is, shall I keep one for you?")
    await page.get_by_role("button", name="Send and pause").click()
    await expect(line(visitor, "theirs").last).to_have_text("It is, shall I keep one for you?")
    await says(visitor, "Yes please")
    await expect(page.get_by_role("log")).to_contain_text("Yes please")
    assert [author for author, _ in shop.messages()] == ["user", "bot", "member", "user"]
    shop.site.rows("UPDATE user_stats SET paused_until = now() WHERE user_id = %s RETURNING 1", user)
    await says(visitor, "Are you there?")
    await expect(line(visitor, "theirs")).to_have_count(3)
    assert [author for author, _ in shop.messages()][-2:] == ["user", "bot"]


async def test_who_comes_back_finds_what_was_said_and_what_was_not_read(visitor: Page, shop: Shop) -> None:
    await opened(visitor)
    await says(visitor, "hello")
    await expect(line(visitor, "theirs")).to_have_count(1)
    await visitor.keyboard.press("Escape")
    launcher = visitor.get_by_role("button", name="Open the chat")
    await expect(launcher).to_be_focused()
    await visitor.reload()
    await opened(visitor)
    await expect(line(visitor, "mine")).to_have_text("hello")
    await expect(line(visitor, "theirs")).to_have_count(1)


async def test_what_is_written_without_a_connection_is_sent_once_when_it_is_back(visitor: Page, shop: Shop) -> None:
    await opened(visitor)
    await says(visitor, "one")
    await visitor.context.set_offline(True)
    for text in ("two", "three"):
        await visitor.get_by_label("Write a message").fill(text)
        await visitor.keyboard.press("Enter")
    await expect(visitor.locator(".waiting")).to_have_count(2)
    await visitor.context.set_offline(False)
    await expect(visitor.locator(".waiting")).to_have_count(0, timeout=20_000)
    assert [text for author, text in shop.messages() if author == "user"] == ["one", "two", "three"]


async def test_an_answer_lost_on_the_way_doubles_nothing(visitor: Page, shop: Shop) -> None:
    await opened(visitor)
    lost = 0

    async def lose(route: Any) -> None:
        nonlocal lost
        if lost < 1 and route.request.method == "POST":
            lost += 1
            await route.fetch()
            await route.abort("connectionreset")
        else:
            await route.continue_()

    await visitor.route("**/messages", lose)
    await visitor.get_by_label("Write a message").fill("only once")
    await visitor.keyboard.press("Enter")
    await expect(visitor.locator(".mine:not(.waiting)", has_text="only once")).to_have_count(1, timeout=20_000)
    assert [text for author, text in shop.messages() if author == "user"] == ["only once"]


async def test_a_picture_is_sent_and_seen_on_both_sides(visitor: Page, page: Page, shop: Shop) -> None:
    drawn = io.BytesIO()
    Image.new("RGB", (80, 60), "green").save(drawn, "PNG")
    await opened(visitor)
    file = FilePayload(name="leaf.png", mimeType="image/png", buffer=drawn.getvalue())
    await visitor.locator("input[type=file]").set_input_files(files=file)
    await expect(visitor.locator(".stored")).to_contain_text("leaf.png")
    await visitor.get_by_role("button", name="Send").click()
    picture = visitor.locator(".mine img")
    await expect(picture).to_have_js_property("naturalWidth", 80)
    user = shop.site.rows("SELECT user_id FROM identities WHERE channel_id = %s", shop.channel)[0][0]
    await page.goto(f"/users/{user}")
    await expect(page.locator(".bubble__picture")).to_have_js_property("naturalWidth", 80)


async def test_a_file_that_cannot_be_sent_says_why_and_keeps_the_text(visitor: Page) -> None:
    await opened(visitor)
    await visitor.get_by_label("Write a message").fill("see this")
    file = FilePayload(name="run.exe", mimeType="application/x-msdownload", buffer=b"MZ")
    await visitor.locator("input[type=file]").set_input_files(files=file)
    await expect(visitor.get_by_role("alert")).to_contain_text("run.exe: this kind of file cannot be sent here")
    await expect(visitor.get_by_label("Write a message")).to_have_value("see this")


async def test_a_button_is_pressed_by_keyboard_and_an_address_is_given(visitor: Page, shop: Shop) -> None:
    await expect(visitor.get_by_role("button", name="Open the chat")).to_be_visible()
    await visitor.keyboard.press("Tab")
    await visitor.keyboard.press("Tab")
    await visitor.keyboard.press("Enter")
    await says(visitor, "hi")
    await expect(line(visitor, "theirs")).to_have_count(1)
    buttons = json.dumps({"buttons": [{"title": "My email", "ask": "email"}, {"title": "Yes", "data": "yes"}]})
    changed = "UPDATE messages SET details = %s WHERE channel_id = %s AND direction = 'out' RETURNING 1"
    shop.site.rows(changed, buttons, shop.channel)
    await visitor.reload()
    await opened(visitor)
    await visitor.get_by_role("button", name="My email").press("Enter")
    await visitor.get_by_label("Your email address").fill("ann@example.com")
    await visitor.keyboard.press("Enter")
    await expect(line(visitor, "mine").last).to_have_text("ann@example.com")
    await expect(visitor.get_by_role("button", name="Yes")).to_have_count(0)
    found = "SELECT u.email, u.timezone FROM users u JOIN identities i ON i.user_id = u.id WHERE i.channel_id = %s"
    for _ in range(50):
        if (rows := shop.site.rows(found, shop.channel)) == [("ann@example.com", "Asia/Kuala_Lumpur")]:
            break
        await asyncio.sleep(0.1)
    assert rows == [("ann@example.com", "Asia/Kuala_Lumpur")]


async def test_a_proxy_that_swallows_the_stream_keeps_no_message(visitor: Page, shop: Shop) -> None:
    await visitor.route("**/events?*", lambda route: route.fulfill(status=503))
    await visitor.reload()
    await opened(visitor)
    await says(visitor, "anybody?")
    await expect(line(visitor, "theirs")).to_have_count(1, timeout=20_000)


async def test_a_narrow_screen_and_a_right_to_left_page_are_whole(shop: Shop, browser: Browser) -> None:
    for path, direction in (("/", "ltr"), ("/arabic", "rtl")):
        context = await browser.new_context(viewport={"width": 360, "height": 640})
        page = await context.new_page()
        await page.goto(shop.url + path)
        await opened(page)
        panel = page.locator(".panel")
        await panel.evaluate("e => Promise.all(e.getAnimations().map(each => each.finished))")
        assert await panel.bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 640}
        assert await panel.evaluate("e => getComputedStyle(e).direction") == direction
        await says(page, "x" * 300)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360
        await context.close()


async def test_the_chat_is_a_page_of_its_own_too(shop: Shop, browser: Browser) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{shop.site.url}/chat/{shop.channel}")
    await says(page, "hello from the page")
    await expect(line(page, "theirs")).to_have_count(1)
    await context.close()
