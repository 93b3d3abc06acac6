"""Anything is a few letters away."""

import re
import secrets

from playwright.async_api import Page, expect

from tests.browser.conftest import People


async def test_a_user_is_found_by_keyboard_alone(page: Page, people: People) -> None:
    name = f"Zelda{secrets.token_hex(3)}"
    person = await people.writes(name, "Findable")
    await page.goto("/personality")
    await page.keyboard.press("Control+k")
    found = page.get_by_role("combobox", name="Search everything")
    await expect(found).to_be_focused()
    await found.press_sequentially(name.lower())
    await expect(page.get_by_role("option", name=f"{name} Findable")).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(f"/users/{person.id}"))


async def test_a_page_and_an_action_are_found_and_escape_gives_the_focus_back(page: Page) -> None:
    await page.goto("/users")
    opener = page.get_by_role("button", name="Search everything")
    await opener.click()
    await page.keyboard.type("invite")
    option = page.get_by_role("option", name="Invite a member")
    await expect(option).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Escape")
    await expect(opener).to_be_focused()
    await page.keyboard.press("Control+k")
    await page.keyboard.type("team")
    await expect(page.locator("#search-found [role=option]")).to_have_count(1)
    await page.get_by_role("option", name="Team").click()
    await expect(page).to_have_url(re.compile("/team$"))


async def test_nothing_found_says_what_to_try(page: Page) -> None:
    await page.goto("/users")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("<b>nobody at all</b>")
    await expect(page.locator("#search-found")).to_contain_text("Nothing found for “<b>nobody at all</b>”")
