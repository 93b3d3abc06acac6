"""A person gets a link and opens it, and the member who looks sees the click."""

import asyncio
import re
from typing import Any

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import People, Person, Site

TELEPHONE: dict[str, Any] = {
    "user_agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/17.5 Mobile/15E148 Safari/604.1",
    "viewport": {"width": 390, "height": 844},
}


async def received(site: Site, person: Person) -> str:
    """What a person's Telegram shows that holds a link, once it has come."""
    for _ in range(300):
        calls = (await asyncio.to_thread(site.tell_fake, "calls"))["calls"]
        for call in calls:
            told = call["arguments"]
            if call["taken"] and told.get("chat_id") == person.chat_id and "://" in told.get("text", ""):
                return str(told["text"])
        await asyncio.sleep(0.1)
    raise AssertionError("no link came")


async def test_a_person_opens_a_link_and_the_member_sees_the_click(
    page: Page, people: People, site: Site, browser: Browser
) -> None:
    person = await people.writes("Lina", "Opens", "where is the offer?")
    address = f"{site.url}/api/v1/health"
    await page.goto(person.address)
    choice = page.get_by_label("Send links as they are")
    await expect(choice).to_be_hidden()
    await page.get_by_label("Reply").fill(f"Here it is: {address}. Enjoy!")
    await expect(choice).to_be_visible()
    await page.get_by_role("button", name="Send once").click()
    sent = page.locator(".message--member")
    await expect(sent).to_contain_text(f"Here it is: {address}. Enjoy!")
    await expect(sent).to_contain_text("Sent")
    await expect(sent.locator(".message__links")).to_contain_text("not opened yet")

    text = await received(site, person)
    found = re.fullmatch(r"Here it is: (\S+/l/[0-9A-Za-z]{12})\. Enjoy!", text)
    assert found is not None, text
    await expect(page.locator("#statistic-clicks .statistic__value")).to_have_text("0")
    context = await browser.new_context(**TELEPHONE)
    telephone = await context.new_page()
    await telephone.goto(found[1])
    assert telephone.url == address

    await expect(page.locator(".aside--click")).to_contain_text(f"Lina Opens opened {address}")
    await expect(page.locator("#statistic-clicks .statistic__value")).to_have_text("1")
    await expect(sent.locator(".message__links")).to_contain_text("opened 1 time")
    await telephone.goto(found[1])
    await context.close()
    await expect(page.locator("#statistic-clicks .statistic__value")).to_have_text("2")
    opened = page.locator("#statistic-clicks")
    await opened.locator("summary").click()
    await expect(opened.locator(".counted")).to_contain_text("2 in all, of 1 link")
    await expect(opened.locator(".counted")).to_contain_text("opened 2 times")


async def test_a_link_is_sent_as_it_is_when_the_member_says_so(page: Page, people: People, site: Site) -> None:
    person = await people.writes("Paul", "Untracked", "hi")
    await page.goto(person.address)
    await page.get_by_label("Reply").fill("https://shop.example/offer")
    await page.get_by_label("Send links as they are").check()
    await page.get_by_role("button", name="Send once").click()
    assert await received(site, person) == "https://shop.example/offer"
