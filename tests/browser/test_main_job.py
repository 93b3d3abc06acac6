"""The main job, whole: real updates come in, a member sees the person, edits, takes over, and gives the bot back."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

from playwright.async_api import Page, expect

from tests.browser.conftest import Site

CHAT = 7527593
"""The person of the recorded update 01-text."""


async def deliver(site: Site, update: dict[str, Any]) -> None:
    """Deliver an update as Telegram does."""
    told = await asyncio.to_thread(site.tell_fake, "deliver", update=update)
    assert told["ok"], told


def sent_to(site: Site, chat_id: int) -> list[str]:
    """What the fake service has taken for a chat, in order."""
    calls = site.tell_fake("calls")["calls"]
    return [
        call["arguments"]["text"]
        for call in calls
        if call["method"].lower() == "sendmessage" and call["taken"] and call["arguments"]["chat_id"] == chat_id
    ]


async def until_sent(site: Site, chat_id: int, count: int) -> list[str]:
    """Wait until so many messages have left for a chat."""
    for _ in range(300):
        sent = await asyncio.to_thread(sent_to, site, chat_id)
        if len(sent) >= count:
            break
        await asyncio.sleep(0.1)
    return sent


def says(text: str, number: int, update: dict[str, Any]) -> dict[str, Any]:
    """The same person's next message."""
    message = update["message"] | {"text": text, "message_id": number, "date": update["message"]["date"] + number}
    return {"update_id": 880_000_000 + number, "message": message}


async def test_a_person_writes_and_a_member_takes_over(page: Page, site: Site, shared: Path) -> None:
    recorded = {
        path.stem: json.loads(path.read_text()) for path in sorted((shared / "payloads" / "telegram").glob("*.json"))
    }
    for update in recorded.values():
        if "update_id" in update:
            await deliver(site, update)
    first = recorded["01-text"]
    user_id: UUID = site.rows("SELECT user_id FROM identities WHERE external_id = %s", str(CHAT))[0][0]

    # seen
    await page.goto("/users?q=Test+User")
    await page.locator(f"#user-{user_id} a").click()
    await expect(page.get_by_text(first["message"]["text"]).first).to_be_visible()
    assert len(await until_sent(site, CHAT, 1)) == 1

    # edited
    name = page.locator("[name=value]").first
    await page.get_by_label("First name").first.click()
    await expect(name).to_be_editable()
    await page.get_by_label("First name").first.fill("Mr Test")
    await page.keyboard.press("Enter")
    await expect(page.locator("#who")).to_contain_text("Mr Test")
    await deliver(site, says("my name is not what Telegram says", 1, first))
    assert site.rows("SELECT first_name FROM users WHERE id = %s", user_id) == [("Mr Test",)]
    assert len(await until_sent(site, CHAT, 2)) == 2

    # paused: silence, and the words wait for a human
    switch = page.get_by_role("switch", name="Pause bot")
    await switch.click()
    await expect(page.get_by_role("timer")).to_have_text(re.compile(r"^(10:00|9:\d\d)$"))
    await deliver(site, says("is there a human?", 2, first))
    await expect(page.get_by_text("is there a human?").first).to_be_visible()
    # The bot decides in the transaction that stored the message: what it left unsaid then, it never says.
    queued = "SELECT count(*) FROM outbox WHERE user_id = %s"
    assert site.rows(queued, user_id) == [(2,)]
    assert len(sent_to(site, CHAT)) == 2
    waiting = "SELECT waiting_since IS NOT NULL FROM user_stats WHERE user_id = %s"
    assert site.rows(waiting, user_id) == [(True,)]

    # answered by hand
    await page.get_by_label("Reply").fill("There is.")
    await page.keyboard.press("Enter")
    assert (await until_sent(site, CHAT, 3))[-1] == "There is."
    assert site.rows(waiting, user_id) == [(False,)]

    # resumed: the bot answers again
    await switch.click()
    await expect(switch).not_to_be_checked()
    await deliver(site, says("thank you so much!", 3, first))
    assert len(await until_sent(site, CHAT, 4)) == 4
    assert site.rows("SELECT messages FROM user_stats WHERE user_id = %s", user_id) == [(4,)]
