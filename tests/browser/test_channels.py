"""A channel is connected step by step, examined, watched, and what it sent that was not understood is read again."""

import json
import secrets
import urllib.request
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from botfolk.channels.faking import FakeServer
from botfolk.channels.telegram.fake import FakeTelegram


def post(address: str, body: bytes, secret: str) -> int:
    """Deliver something as Telegram does."""
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret, "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(address, body, headers)) as answer:
        return int(answer.status)


def webhook_secret(fake: FakeTelegram, hook: str) -> str:
    """The secret that Telegram was last told for a webhook."""
    told = [call.arguments for call in fake.state.calls if call.method == "setWebhook"]
    return str([arguments for arguments in told if arguments["url"] == hook][-1]["secret_token"])


@pytest.fixture
async def fake() -> AsyncIterator[tuple[FakeTelegram, str]]:
    """A Telegram of this test's own: the one of the site delivers to the site's bot."""
    telegram = FakeTelegram()
    async with FakeServer(telegram.handle) as server:
        yield telegram, server.url


async def test_a_channel_is_connected_and_its_life_can_be_read(page: Page, fake: tuple[FakeTelegram, str]) -> None:
    telegram, telegram_url = fake
    await page.goto("/channels")
    await page.get_by_role("link", name="Telegram").last.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Connect Telegram")
    name = f"Second shop {secrets.token_hex(3)}"
    await page.get_by_label("What the team calls it").fill(name)
    address = page.get_by_label("Address of the API")
    await expect(address).to_be_hidden()
    await page.get_by_text("More settings").click()
    await address.fill("http://127.0.0.1:1")
    await page.get_by_label("Bot token").fill("77:a-token-that-is-long-enough-to-be-one")
    await page.get_by_role("button", name="Connect").click()
    await expect(page.get_by_role("alert")).to_contain_text("could not be reached")
    await expect(page.get_by_label("What the team calls it")).to_have_value(name)
    await address.fill(telegram_url)
    await page.get_by_role("button", name="Connect").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    await expect(page.locator("#checks")).to_contain_text("Telegram delivers here")
    hook = await page.get_by_label("Address", exact=True).input_value()

    secret = webhook_secret(telegram, hook)
    assert post(hook, json.dumps({"update_id": 5, "shiny_new_thing": {}}).encode(), secret) == 200
    await page.reload()
    row = page.locator("#aside li")
    await expect(row).to_contain_text("unknown kind: shiny_new_thing")
    await page.get_by_role("button", name="Read all again").click()
    await expect(page.locator(".notice")).to_contain_text("0 payloads are understood now; 1 still is not")
    await page.get_by_role("button", name="Throw away").click()
    await expect(page.locator("#aside")).to_contain_text("All that came was understood")

    await page.get_by_role("button", name="Make a new secret for the webhook").click()
    await expect(page.locator(".notice")).to_contain_text("one more day")
    assert webhook_secret(telegram, hook) != secret
    assert post(hook, json.dumps({"update_id": 6, "poll": {}}).encode(), secret) == 200, "the old one is accepted"

    async def reloaded_log() -> str:
        await page.goto(f"/channels/{hook.rpartition('/')[2]}")
        return await page.locator("main").inner_text()

    for _ in range(60):
        if "webhook" in (log := await reloaded_log()):
            break
        await page.wait_for_timeout(500)
    assert "webhook" in log
    assert secret not in log
    await page.get_by_role("button", name="Switch off").click()
    await expect(page.get_by_role("button", name="Switch on")).to_be_visible()
    await page.get_by_role("button", name="Remove").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Channels")
    await expect(page.get_by_role("link", name=name)).to_have_count(0)
