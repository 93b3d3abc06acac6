"""Take the README's screenshots of a demo: `make screenshots`."""

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, Page, StorageState, async_playwright

ROOT = Path(__file__).resolve().parents[1]
SHOTS = ROOT / "docs" / "screenshots"
PEOPLE = 40


def main() -> None:
    """Fill a demo in a folder that goes away, serve it, and look at it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    with tempfile.TemporaryDirectory(prefix="botfolk-shots-", ignore_cleanup_errors=True) as folder:
        environment = {**os.environ, "BOTFOLK_DATA_DIR": folder, "BOTFOLK_PORT": port}
        botfolk = [sys.executable, "-m", "botfolk.cli"]
        subprocess.run([*botfolk, "demo", "--people", str(PEOPLE)], env=environment, check=True)
        serving = subprocess.Popen([*botfolk, "serve"], env=environment, stdout=subprocess.PIPE, text=True)
        try:
            link = next(
                found[1] for line in serving.stdout or () if (found := re.search(r"Sign in once with (\S+)", line))
            )
            told = subprocess.run(
                [*botfolk, "channel", "list", "--json"], env=environment, check=True, capture_output=True, text=True
            ).stdout
            chat = next(channel["id"] for channel in json.loads(told)["channels"] if channel["kind"] == "webchat")
            asyncio.run(_look(link, chat))
        finally:
            serving.terminate()
            serving.wait(30)


async def _look(link: str, chat: str) -> None:
    async with async_playwright() as playwright:
        path = os.environ.get("BOTFOLK_TEST_BROWSER") or "/usr/bin/chromium"
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        context = await browser.new_context(base_url=link.split("/sign-in/")[0])
        page = await context.new_page()
        await page.goto(link)
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url("**/users")
        state = await context.storage_state()
        user = await _somebody(page)
        for scheme in ("light", "dark"):
            for name, address, size in (
                ("users", "/users", (1280, 800)),
                ("user", user, (1280, 800)),
                ("user-phone", user, (360, 720)),
                ("personality", "/personality", (1280, 800)),
            ):
                await _shoot(browser, state, context.pages[0].url, scheme, name, address, size)
            await _shoot_chat(browser, f"{link.split('/sign-in/')[0]}/chat/{chat}", scheme)
        await browser.close()


async def _somebody(page: Page) -> str:
    """The address of somebody whose conversation shows much."""
    await page.get_by_role("searchbox").first.fill("vip")
    await page.wait_for_url("**q=vip**")
    link = page.locator("a[data-row]").first
    return str(await link.get_attribute("href"))


async def _shoot_chat(browser: Browser, address: str, scheme: str) -> None:
    """The web chat, as a visitor sees it on a phone."""
    dark: Literal["dark", "light"] = "dark" if scheme == "dark" else "light"
    context = await browser.new_context(viewport={"width": 360, "height": 720}, color_scheme=dark)
    page = await context.new_page()
    await page.goto(address)
    await page.get_by_label("Write a message").fill("Good morning! Which beans are good for cold brew? 😊")
    await page.get_by_label("Write a message").press("Enter")
    await page.locator(".theirs time").wait_for()
    await page.screenshot(path=SHOTS / f"chat-{scheme}.png")
    await context.close()


async def _shoot(
    browser: Browser, state: StorageState, base: str, scheme: str, name: str, address: str, size: tuple[int, int]
) -> None:
    context = await browser.new_context(
        storage_state=state,
        base_url=base,
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = await context.new_page()
    await page.goto(address)
    await page.locator('#live[data-state="on"]').wait_for()
    if size[0] < 500:
        await page.get_by_role("link", name="Conversation").click()
    await page.wait_for_timeout(500)
    await page.screenshot(path=SHOTS / f"{name}-{scheme}.png")
    await context.close()


if __name__ == "__main__":
    main()
