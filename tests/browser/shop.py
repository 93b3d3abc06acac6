"""Somebody else's site, of another origin and with a strict policy, with the chat on it."""

import html
import http.server
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Site

# What docs/webchat.md says that a page with a policy has to allow, and nothing more.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src {at}; connect-src {at}; img-src 'self' {at}; form-action 'none'"
)
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
</head><body><main><h1>A shop of somebody else</h1><button>Buy</button></main>
<script src="{at}/chat.js" data-channel="{channel}" {more} async></script></body></html>"""
# What a browser says of a connection that a test broke, and of an answer that a test asked for.
BROKEN = ("ERR_INTERNET_DISCONNECTED", "ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "ERR_INCOMPLETE", "ERR_SOCKET")


@dataclass
class Shop:
    """The site, and the chat on it. `at` is where its visitors find Botfolk."""

    url: str
    site: Site
    channel: UUID
    identity_secret: str
    at: str

    def messages(self) -> list[tuple[str, str]]:
        """Who said what, as stored, in order."""
        return self.site.rows(
            "SELECT author, text FROM messages WHERE channel_id = %s ORDER BY sent_at, id", self.channel
        )

    def said(self) -> list[str]:
        """What visitors said, as stored, in order."""
        return [text for author, text in self.messages() if author == "user"]

    def user(self) -> UUID:
        """The one visitor as a user."""
        found: UUID = self.site.rows("SELECT user_id FROM identities WHERE channel_id = %s", self.channel)[0][0]
        return found

    def page(self, **attributes: str) -> str:
        """The address of a page whose chat has attributes."""
        return f"{self.url}/?" + "&".join(f"{name}={value}" for name, value in attributes.items())


@contextmanager
def a_shop(site: Site, *options: str, at: str | None = None) -> Iterator[Shop]:
    """A shop; its chat is a channel of its own."""
    made = json.loads(site.told("channel", "add", "webchat", "--name", "Shop", "--json", *options))
    where = at or site.url

    class Pages(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            given = parse_qsl(urlsplit(self.path).query)
            more = " ".join(f'data-{name}="{html.escape(value)}"' for name, value in given)
            body = PAGE.format(at=where, channel=made["id"], more=more).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", POLICY.format(at=where))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Shop(f"http://127.0.0.1:{server.server_port}", site, UUID(made["id"]), made["identity_secret"], where)
    finally:
        server.shutdown()


@asynccontextmanager
async def a_visitor(shop: Shop, browser: Browser, address: str | None = None, **options: Any) -> AsyncIterator[Page]:
    """A visitor's window on the shop; a complaint of the browser fails the test."""
    given = {"viewport": {"width": 1280, "height": 900}, "timezone_id": "Asia/Kuala_Lumpur", **options}
    context = await browser.new_context(**given)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda word: complaints.append(word.text) if word.type == "error" else None)
    await page.goto(address or shop.url)
    try:
        yield page
    finally:
        await context.close()
    found = [each for each in complaints if not any(word in each for word in BROKEN)]
    assert found == [], found


def line(page: Page, who: str) -> Any:
    """The bubbles of "mine" or "theirs"."""
    return page.locator(f".{who} .bubble")


async def says(page: Page, text: str) -> None:
    """Write something, and see it taken."""
    await page.get_by_label("Write a message").fill(text)
    await page.get_by_label("Write a message").press("Enter")
    await expect(page.locator(".mine:not(.waiting) .bubble", has_text=text)).to_be_visible()


async def opened(page: Page) -> None:
    """Open the chat."""
    await page.get_by_role("button", name="Open the chat").click()
    await expect(page.get_by_label("Write a message")).to_be_focused()
