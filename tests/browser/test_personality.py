"""The Personality page in a browser."""

from playwright.async_api import Page, expect

from tests.browser.conftest import Site


async def test_settings_are_saved_and_a_wrong_one_keeps_what_was_typed(page: Page, site: Site) -> None:
    await page.goto("/personality")
    await page.get_by_label("Session length", exact=True).fill("two")
    await page.get_by_label("Greeting").fill("Selamat datang!")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.get_by_label("Session length", exact=True)).to_have_value("two")
    await expect(page.get_by_label("Greeting")).to_have_value("Selamat datang!")
    assert site.rows("SELECT session_length_seconds FROM bots") == [(600,)]
    await page.get_by_label("Session length", exact=True).fill("0.5")
    await page.get_by_label("Unit of Session length").select_option("hours")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").get_by_text("Saved")).to_be_visible()
    assert site.rows("SELECT session_length_seconds, greeting FROM bots") == [(1800, "Selamat datang!")]
    await expect(page.get_by_label("Session length", exact=True)).to_have_value("30")
    await page.get_by_label("Session length", exact=True).fill("10")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").get_by_text("Saved")).to_be_visible()
