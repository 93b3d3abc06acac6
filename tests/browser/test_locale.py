"""Each member sees dates and numbers as they are used to."""

from playwright.async_api import Page, expect

from tests.browser.conftest import People, Site


async def test_a_member_chooses_how_dates_and_numbers_are_written(page: Page, site: Site, people: People) -> None:
    person = await people.writes("Locale", "Numbers")
    site.rows("UPDATE user_stats SET messages = 12345 WHERE user_id = %s RETURNING user_id", person.id)
    await page.goto("/account")
    await page.get_by_label("Language and region").select_option("de-DE")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").get_by_text("Saved")).to_be_visible()
    await expect(page.get_by_label("Language and region")).to_have_value("de-DE")
    await page.goto("/users?q=Locale")
    await expect(page.locator(f"#user-{person.id}")).to_contain_text("12.345")
    await page.goto("/account")
    await page.get_by_label("Language and region").select_option("en-GB")
    await page.get_by_role("button", name="Save").click()
    await page.goto("/users?q=Locale")
    await expect(page.locator(f"#user-{person.id}")).to_contain_text("12,345")
