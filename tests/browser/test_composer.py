"""Writing to a person within what their service allows: windows, templates, files, statuses; and refreshing."""

import asyncio
import json
import secrets
import time
import urllib.request
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from playwright.async_api import Page, expect

from tests.browser.conftest import People, Site, a_fake
from tests.browser.test_axe import violations

APP_SECRET = "the-secret-of-the-app"
TEMPLATE = {
    "name": "order_ready",
    "components": [
        {"type": "BODY", "text": "Dear {{1}}, your order {{2}} is ready."},
        {"type": "FOOTER", "text": "The shop"},
    ],
}


class WhatsApp:
    """A WhatsApp number of the site's bot, and the fake behind it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def tell(self, what: str, **given: object) -> Any:
        """Ask something of the fake service."""
        body = json.dumps(given).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/_fake/{what}", body), timeout=30) as answer:
            return json.load(answer)

    def calls(self, path: str) -> list[dict[str, Any]]:
        """What was called."""
        with urllib.request.urlopen(f"{self.url}/_fake/calls?path={path}", timeout=30) as answer:
            found: list[dict[str, Any]] = json.load(answer)["calls"]
            return found


@pytest.fixture(scope="module")
def whatsapp(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WhatsApp]:
    """A WhatsApp channel that has one template."""
    folder = tmp_path_factory.mktemp("whatsapp")
    with a_fake("whatsapp", site.environment, folder) as url:
        numbers = ("--phone-number-id", "106540352242922", "--business-account-id", "102290129340398")
        keys = ("--access-token", "EAAJ-a-token-of-nobody", "--app-secret", APP_SECRET, "--api-base", url)
        line = WhatsApp(url)
        told = json.loads(site.told("channel", "add", "whatsapp", *numbers, *keys, "--json"))
        line.tell("hook", url=told["hook_url"], app_secret=APP_SECRET, verify_token=told["verify_token"])
        line.tell("template", **TEMPLATE)
        yield line


async def wrote(site: Site, whatsapp: WhatsApp, hours_ago: float) -> tuple[str, str]:
    """Somebody who wrote on WhatsApp some time ago: their number, and their page."""
    number = f"1650555{secrets.randbelow(10**4):04}"
    at = int(time.time() - hours_ago * 3600)
    await asyncio.to_thread(whatsapp.tell, "say", wa_id=number, name="Ana", text="hello", timestamp=at)
    user_id: UUID = site.rows("SELECT user_id FROM identities WHERE external_id = %s", number)[0][0]
    return number, f"{site.url}/users/{user_id}"


async def until(found: Callable[[], Any]) -> Any:
    """Wait until something is there, and return it."""
    for _ in range(300):
        if value := await asyncio.to_thread(found):
            return value
        await asyncio.sleep(0.1)
    raise AssertionError("it did not come")


async def shut_out(page: Page, tab: str) -> list[str]:
    """What axe finds on the page as it stands, wide and on a phone, light and dark."""
    found: list[str] = []
    for width, scheme in ((360, "dark"), (1280, "light")):
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await page.set_viewport_size({"width": width, "height": 900})
        if width == 360:
            await page.locator(f"a[data-opens={tab}]").click()
        found += await violations(page)
    return found


def a_picture() -> bytes:
    """A small PNG."""
    drawn = BytesIO()
    Image.new("RGBA", (64, 48), (20, 120, 200, 128)).save(drawn, "PNG")
    return drawn.getvalue()


async def test_the_composer_counts_down_the_services_window(page: Page, site: Site, whatsapp: WhatsApp) -> None:
    _, address = await wrote(site, whatsapp, 20.5)
    await page.goto(address)
    await expect(page.locator("#composer-window")).to_contain_text("Can be answered for 3 h 2")
    await expect(page.get_by_role("button", name="Send and pause")).to_be_enabled()


async def test_outside_the_window_a_template_is_filled_in_and_sent(page: Page, site: Site, whatsapp: WhatsApp) -> None:
    number, address = await wrote(site, whatsapp, 30)
    await page.goto(address)
    await expect(page.locator("#composer-obstacle")).to_contain_text("wrote too long ago")
    await expect(page.get_by_role("button", name="Send and pause")).to_be_disabled()
    await page.get_by_role("button", name="Templates").click()
    await page.get_by_label("Template", exact=True).select_option(label="order_ready (English, utility)")
    await page.get_by_label("Placeholder 1").fill("Ana")
    await page.get_by_label("Placeholder 2").fill("77")
    await expect(page.locator("#template-body")).to_have_text("Dear Ana, your order 77 is ready.")
    assert await shut_out(page, "talk") == []
    await page.get_by_role("button", name="Send the template").click()
    bubble = page.locator(".message--member")
    await expect(bubble).to_contain_text("Dear Ana, your order 77 is ready.")
    await expect(bubble).to_contain_text("template order_ready (en)")
    await expect(page.locator("#template-form")).to_have_count(0)
    await expect(bubble.locator(".status")).to_have_text("Delivered")
    sent = await until(lambda: [call for call in whatsapp.calls("messages") if call["given"].get("to") == number])
    assert sent[0]["given"]["template"]["name"] == "order_ready"
    name = site.rows("SELECT external_id FROM messages WHERE user_id = %s AND author = 'member'", address[-36:])[0][0]
    await asyncio.to_thread(whatsapp.tell, "status", message_id=name, status="read")
    await expect(bubble.locator(".status")).to_have_text("Read")


async def test_a_picture_and_a_file_are_attached_and_leave(
    page: Page, site: Site, people: People, tmp_path: Path
) -> None:
    person = await people.writes("Pia", "Poster")
    picture, page_of_html = tmp_path / "cat.png", tmp_path / "evil.html"
    picture.write_bytes(a_picture())
    page_of_html.write_text("<!doctype html><script>alert(1)</script>")
    await page.goto(person.address)
    await page.locator("#attach-files").set_input_files([picture, page_of_html])
    await expect(page.locator("[data-attached]")).to_contain_text("cat.jpg")
    refused = page.locator(".attached--refused")
    await expect(refused).to_contain_text("evil.html: pages and SVG drawings are not sent")
    await refused.get_by_role("button", name="Close").click()
    await page.get_by_label("Reply", exact=True).fill("Look")
    await page.locator("#composer-buttons > summary").click()
    await page.get_by_label("Title of button 1", exact=True).fill("Bad")
    await page.get_by_label("Address that button 1 opens", exact=True).fill("http://nothing here")
    await page.evaluate("document.getElementById('composer').noValidate = true")
    await page.get_by_role("button", name="Send once").click()
    await expect(page.locator("#send-error")).to_contain_text("Button 1")
    # Nothing of what was prepared is lost.
    await expect(page.locator("[data-attached]")).to_contain_text("cat.jpg")
    await expect(page.get_by_label("Reply", exact=True)).to_have_value("Look")
    await page.get_by_label("Address that button 1 opens", exact=True).fill("https://example.com/cats")
    await page.get_by_role("button", name="Send once").click()
    bubble = page.locator(".message--member")
    await expect(bubble.locator("img")).to_be_visible()
    await expect(bubble.get_by_role("link", name="Bad")).to_have_attribute("href", "https://example.com/cats")
    await expect(bubble.locator(".status")).to_have_text("Sent")
    await expect(page.locator("[data-attached]")).to_have_count(0)

    def photos() -> list[Any]:
        with urllib.request.urlopen(f"{site.fake}/_fake/calls?method=sendPhoto", timeout=30) as answer:
            calls = json.load(answer)["calls"]
        return [call for call in calls if call["arguments"]["chat_id"] == str(person.chat_id)]

    (call,) = await until(photos)
    assert call["arguments"]["photo"]["content_type"] == "image/jpeg"


async def test_refreshing_shows_what_is_new_and_takes_what_is_chosen(page: Page, site: Site, people: People) -> None:
    person = await people.writes("Rosa", "Fresh")
    await until(lambda: person.field("picture_id"))
    old = person.field("picture_id")
    await page.goto(person.address)
    first = page.get_by_label("First name")
    await first.fill("Rosalind")
    await first.press("Enter")
    await until(lambda: person.field("first_name") == "Rosalind")
    await asyncio.to_thread(site.tell_fake, "person", id=person.chat_id, picture=2)
    await page.get_by_role("button", name="Refresh from channel").click()
    offers = page.locator(".refreshed__offer")
    await expect(offers).to_have_count(2)
    name, picture = offers.filter(has_text="First name"), offers.filter(has_text="Picture")
    await expect(name).to_contain_text("Rosalind → Rosa")
    await expect(name.get_by_role("checkbox")).not_to_be_checked()
    await expect(picture.get_by_role("checkbox")).to_be_checked()
    assert await shut_out(page, "profile") == []
    await page.get_by_role("button", name="Take these").click()
    await expect(page.locator("#refreshed")).to_contain_text("Taken: 1.")
    await until(lambda: person.field("picture_id") != old)
    assert person.field("first_name") == "Rosalind"
    await page.get_by_role("button", name="Refresh from channel").click()
    await name.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Leave all as it is").click()
    await expect(page.locator("#refreshed")).to_contain_text("Nothing was taken")
    assert person.field("first_name") == "Rosalind"
    await page.get_by_role("button", name="Refresh from channel").click()
    await name.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Take these").click()
    await until(lambda: person.field("first_name") == "Rosa")
    await page.get_by_role("button", name="Refresh from channel").click()
    await expect(page.locator("#refreshed")).to_contain_text("Nothing new")


async def test_who_stopped_is_told_with_the_reason(page: Page, site: Site, people: People) -> None:
    person = await people.writes("Stan", "Stop")
    await asyncio.to_thread(site.tell_fake, "block", chat_id=person.chat_id, blocked=True)
    await page.goto(person.address)
    await expect(page.locator("#identities")).to_contain_text("Has blocked the bot")
    await expect(page.locator("#composer-obstacle")).to_be_visible()


async def test_the_rows_for_buttons_follow_the_channel(page: Page, site: Site, people: People) -> None:
    person = await people.writes("Many", "Channels")
    # An SMS number of the same person: what its service shows is all that matters here.
    ((sms,),) = site.rows(
        """WITH line AS (INSERT INTO channels (bot_id, id, kind, name, config, secrets)
               SELECT bot_id, gen_random_uuid(), 'twilio', 'Shop line', config, secrets FROM channels
               WHERE kind = 'telegram' LIMIT 1 RETURNING bot_id, id)
           INSERT INTO identities (bot_id, id, user_id, channel_id, external_id)
           SELECT bot_id, gen_random_uuid(), %s, id, '+15550001' FROM line RETURNING channel_id::text""",
        person.id,
    )
    ((telegram,),) = site.rows("SELECT id::text FROM channels WHERE kind = 'telegram'")
    await page.goto(person.address)
    channel = page.get_by_label("Answer on")
    await channel.select_option(telegram)
    await page.locator("#composer-buttons > summary").click()
    rows = page.locator("[data-button-row]:visible")
    for number in range(1, 5):
        await page.get_by_label(f"Title of button {number}", exact=True).fill(f"Button {number}")
    await expect(rows).to_have_count(5)
    await channel.select_option(sms)
    await expect(page.get_by_text("Shop line shows no buttons: they become numbered lines.")).to_be_visible()
    # What was typed stays; nothing more than the service has place for is offered.
    await expect(rows).to_have_count(4)
    await expect(page.get_by_label("Title of button 4", exact=True)).to_have_value("Button 4")
    await channel.select_option(telegram)
    await expect(rows).to_have_count(5)
