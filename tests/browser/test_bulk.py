"""Something is done to many users on the Users page, watched, and taken back."""

import secrets

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import People, Site, a_window
from tests.browser.test_axe import SIZES, violations


async def five(people: People) -> tuple[str, list[str]]:
    """A word that five people have in their name, and their ids."""
    word = secrets.token_hex(3)
    return word, [str((await people.writes(f"{letter}{word}", "Bulk")).id) for letter in "ABCDE"]


async def choose(page: Page, action: str) -> None:
    """Open the dialog of an action."""
    await page.get_by_role("button", name="Actions").click()
    await page.get_by_role("button", name=action, exact=True).click()
    await expect(page.get_by_role("dialog", name=action)).to_be_visible()


async def test_all_who_match_are_tagged_and_it_is_undone(site: Site, page: Page, people: People) -> None:
    word, ids = await five(people)
    tag = f"t{word}"
    await page.goto(f"/users?q={word}")
    await expect(page.locator("#live")).to_have_attribute("data-state", "on")
    await page.locator("input[data-select-row]").first.click()
    await page.get_by_role("button", name="Select all 5 that match").click()
    await expect(page.locator(".selection__count")).to_have_text("All 5 that match are selected")
    await page.locator(f"#user-{ids[0]} input[data-select-row]").click()
    await expect(page.locator(".selection__count")).to_have_text("All who match are selected, but 1")
    await choose(page, "Add a tag")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("This is for 4 users.")
    await dialog.get_by_label("Tag").fill(tag)
    await dialog.get_by_role("button", name="Add a tag").click()
    card = page.locator("#jobs-now .job", has_text=tag).first
    await expect(card).to_contain_text("Done")
    await expect(card).to_contain_text("4 changed")
    await expect(dialog).to_be_hidden()
    await expect(page.locator(".selection__count")).to_be_hidden()
    await expect(page.locator(f"#user-{ids[1]}")).to_contain_text(tag)
    await page.reload()
    card = page.locator("#jobs-now .job", has_text=tag).last
    await card.get_by_role("button", name="Undo").click()
    await expect(page.locator("#jobs-now .job", has_text="Undo:").first).to_contain_text("4 changed")
    await expect(page.locator(f"#user-{ids[1]}")).not_to_contain_text(tag)
    assert site.rows("SELECT count(*) FROM user_tags JOIN tags ON id = tag_id WHERE name = %s", tag) == [(0,)]
    await page.goto("/jobs")
    await expect(page.locator(".job").first.get_by_role("heading")).to_have_text(f"Undo: Add the tag “{tag}”")


async def test_erasing_asks_for_their_number(site: Site, page: Page, people: People) -> None:
    word, ids = await five(people)
    await page.goto(f"/users?q={word}")
    for number in (0, 1):
        await page.locator("input[data-select-row]").nth(number).click()
    await choose(page, "Remove a tag")
    dialog = page.get_by_role("dialog")
    # Counted again while it is typed.
    await dialog.get_by_label("Tag").press_sequentially(f"x{word}")
    await expect(dialog.locator("#bulk-count")).to_have_text("This is for 2 users. In 0 of them it changes something.")
    await expect(dialog.get_by_label("Tag")).to_be_focused()
    await dialog.get_by_role("button", name="Cancel").click()
    await choose(page, "Erase for ever")
    await dialog.get_by_label("Type 2 to erase them").fill("5")
    await dialog.get_by_role("button", name="Erase for ever").click()
    await expect(dialog.locator(".error")).to_have_text("type 2 to erase them")
    await dialog.get_by_label("Type 2 to erase them").fill("2")
    await dialog.get_by_role("button", name="Erase for ever").click()
    card = page.locator("#jobs-now .job", has_text="Erase for ever").first
    await expect(card).to_contain_text("Done")
    await expect(card.get_by_role("button", name="Undo")).to_have_count(0)
    assert site.rows("SELECT count(*) FROM users WHERE id = ANY(%s::uuid[])", ids) == [(3,)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_is_open_to_all(site: Site, browser: Browser, people: People, scheme: str) -> None:
    word, _ = await five(people)
    found: dict[str, list[str]] = {}
    for size in SIZES:
        async with a_window(site, browser, viewport=size, color_scheme=scheme) as window:
            page = window.page
            await page.goto(f"/users?q={word}")
            await page.locator("input[data-select-row]").first.click()
            await expect(page.get_by_role("button", name="Select all 5 that match")).to_be_visible()
            await page.get_by_role("button", name="Actions").click()
            found[f"menu {size['width']}"] = await violations(page)
            # By the keyboard alone: Escape closes the menu, Enter opens it and chooses.
            await page.keyboard.press("Escape")
            await page.get_by_role("button", name="Actions").press("Enter")
            await page.get_by_role("button", name="Set an attribute").press("Enter")
            await expect(page.get_by_role("dialog").get_by_label("Attribute")).to_be_focused()
            found[f"dialog {size['width']}"] = await violations(page)
            await page.get_by_role("dialog").get_by_role("button", name="Cancel").press("Enter")
            await choose(page, "Recount sessions and statistics")
            await page.get_by_role("dialog").get_by_role("button", name="Recount").press("Enter")
            await expect(page.locator("#jobs-now .job").first).to_contain_text("Done")
            found[f"card {size['width']}"] = await violations(page)
            await page.goto("/jobs")
            found[f"jobs {size['width']}"] = await violations(page)
    assert {where: what for where, what in found.items() if what} == {}
