"""Segments in a browser: a filter is saved, opened again, changed, and follows people."""

import re

from playwright.async_api import Page, expect

from botfolk.db.pool import Pool
from botfolk.users import edits as e
from tests.browser.conftest import People, Window
from tests.browser.test_axe import violations
from tests.browser.test_filter import changed


async def save(page: Page, filter: str, name: str) -> None:
    """Filter the list, and save the filter."""
    await page.goto("/users")
    await page.locator("#filter-text").fill(filter)
    await expect(page.locator("#filter-save")).to_be_visible()
    await page.locator("#filter-save").click()
    await page.get_by_label("Name", exact=True).fill(name)
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.locator("#save-body")).to_contain_text(f"Saved as “{name}”")


async def test_a_filter_is_saved_opened_again_and_replaced(page: Page, people: People) -> None:
    few, many = await people.writes("Saved", "Few"), await people.writes("Saved", "Many", *"abc")
    await save(page, "first_name = Saved and messages > 2", "Saved talkers")
    await page.get_by_role("link", name="See the segment").click()
    await expect(page.locator(".segments__big")).to_have_text("1 user")
    await page.get_by_role("link", name="Open in Users").click()
    await expect(page.locator("#filter-text")).to_have_value('first_name = "Saved" and messages > 2')
    await expect(page.locator(f"#user-{many.id}")).to_be_visible()
    await expect(page.locator(f"#user-{few.id}")).to_have_count(0)
    await page.locator("#filter-text").fill("first_name = Saved")
    await expect(page.locator(f"#user-{few.id}")).to_be_visible()
    await page.locator("#filter-save").click()
    await page.get_by_label("Or put it in the place").select_option("Saved talkers")
    await page.get_by_role("button", name="Replace its filter").click()
    await page.get_by_role("link", name="See the segment").click()
    await expect(page.locator(".segments__big")).to_have_text("2 users")


async def test_who_enters_and_leaves_is_seen_without_a_reload(page: Page, people: People, pool: Pool) -> None:
    person = await people.writes("Moving", "Person")
    await save(page, "tag = moving-vip", "Moving")
    await page.get_by_role("link", name="See the segment").click()
    await expect(page.locator(".segments__big")).to_have_text("0 users")
    await expect(page.locator("#live")).to_have_attribute("data-state", "on")
    await changed(pool, person, e.AddTag("moving-vip"))
    await expect(page.locator(".segments__big")).to_have_text("1 user")
    await expect(page.locator(".segments__moves")).to_contain_text("Moving Person")
    await page.goto(person.address)
    await expect(page.locator("#conversation")).to_contain_text("entered the segment “Moving”")


async def test_a_segment_is_renamed_and_deleted_and_a_wrong_filter_loses_nothing(page: Page, people: People) -> None:
    await people.writes("Renamed", "Person")
    await save(page, "first_name = Renamed", "To rename")
    await page.get_by_role("link", name="See the segment").click()
    await page.get_by_label("Name", exact=True).fill("Renamed")
    await page.get_by_label("Filter", exact=True).fill("nonsense = 1")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.locator("#filter-error")).to_contain_text("There is no column “nonsense”")
    await expect(page.get_by_label("Filter", exact=True)).to_have_value("nonsense = 1")
    await page.get_by_label("Filter", exact=True).fill("first_name = Renamed")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_role("heading", name="Renamed", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Delete…").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    await expect(page).to_have_url(re.compile("/segments$"))
    await expect(page.get_by_role("link", name="Renamed", exact=True)).to_have_count(0)


async def test_a_name_that_is_taken_says_so(page: Page, people: People) -> None:
    await people.writes("Taken", "Person")
    await save(page, "first_name = Taken", "Taken")
    await page.goto("/users?filter=first_name+%3D+Taken")
    await page.locator("#filter-save").click()
    await page.get_by_label("Name", exact=True).fill("taken")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.locator("#name-error")).to_contain_text("There is a segment of this name already")
    await expect(page.get_by_label("Name", exact=True)).to_have_value("taken")


async def test_segments_are_open_to_all(window: Window, people: People) -> None:
    await people.writes("Openforall", "Segment")
    page = window.page
    await save(page, "first_name = Openforall", "Openforall")
    found = await violations(page)
    await page.get_by_role("link", name="See the segment").click()
    await expect(page.locator(".segments__big")).to_have_text("1 user")
    found += await violations(page)
    await page.goto("/segments")
    found += await violations(page)
    assert found == []
