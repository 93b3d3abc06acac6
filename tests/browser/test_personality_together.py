"""Two members at the bot's settings, a picture for it, and what is typed but not saved."""

from io import BytesIO

import pytest
from PIL import Image
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Site, Window, a_window


@pytest.fixture(autouse=True)
def as_it_was(site: Site) -> None:
    """Let the texts be known."""
    site.rows("UPDATE bots SET greeting = 'Hello', fallback = 'Sorry', description = '' RETURNING name")


async def save(page: Page) -> None:
    """Save the settings."""
    await page.get_by_role("button", name="Save").click()


async def test_members_who_change_different_settings_both_keep_theirs(page: Page, site: Site, browser: Browser) -> None:
    async with a_window(site, browser) as other:
        await page.goto("/personality")
        await other.page.goto("/personality")
        await page.get_by_label("Greeting").fill("Good day!")
        await save(page)
        await expect(page.get_by_role("status").get_by_text("Saved")).to_be_visible()
        await other.page.get_by_label("Fallback").fill("Pardon?")
        await save(other.page)
        await expect(other.page.get_by_role("status").get_by_text("Saved")).to_be_visible()
    assert site.rows("SELECT greeting, fallback FROM bots") == [("Good day!", "Pardon?")]


async def test_a_clash_shows_both_values_and_loses_none(site: Site, browser: Browser) -> None:
    async with a_window(site, browser) as one, a_window(site, browser) as other:
        await one.page.goto("/personality")
        await other.page.goto("/personality")
        await other.page.get_by_label("Greeting").fill("Theirs")
        await one.page.get_by_label("Greeting").fill("Mine")
        await save(one.page)
        await expect(one.page.get_by_role("status").get_by_text("Saved")).to_be_visible()
        await save(other.page)
        alert = other.page.get_by_role("alert")
        await expect(alert).to_contain_text("Mine")
        await expect(other.page.get_by_label("Greeting")).to_have_value("Theirs")
        assert site.rows("SELECT greeting FROM bots") == [("Mine",)]
        await save(other.page)
        await expect(other.page.get_by_role("status").get_by_text("Saved")).to_be_visible()
    assert site.rows("SELECT greeting FROM bots") == [("Theirs",)]


async def test_what_another_saves_shows_itself_but_not_in_what_is_being_typed(site: Site, browser: Browser) -> None:
    async with a_window(site, browser) as one, a_window(site, browser) as reader, a_window(site, browser) as typist:
        for window in (one, reader, typist):
            await window.page.goto("/personality")
            await expect(window.page.locator("#live")).to_have_attribute("data-state", "on")
        await typist.page.get_by_label("Fallback").fill("half a sen")
        await one.page.get_by_label("Greeting").fill("Seen at once")
        await save(one.page)
        await expect(reader.page.get_by_label("Greeting")).to_have_value("Seen at once")
        await expect(typist.page.get_by_text("Somebody else has just changed settings")).to_be_visible()
        await expect(typist.page.get_by_label("Fallback")).to_have_value("half a sen")


async def test_leaving_with_unsaved_changes_asks_first(window: Window, site: Site) -> None:
    page, asked = window.page, []

    async def stay(dialog: object) -> None:
        asked.append(dialog)
        await dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", stay)
    await page.goto("/personality")
    await expect(page.get_by_text("There are changes that are not saved.")).to_be_hidden()
    await page.get_by_label("Greeting").fill("not saved")
    await expect(page.get_by_text("There are changes that are not saved.")).to_be_visible()
    async with page.expect_event("dialog"):
        await page.get_by_role("link", name="Team", exact=True).click(no_wait_after=True)
    await expect(page.get_by_label("Greeting")).to_have_value("not saved")
    assert len(asked) == 1
    await save(page)
    await expect(page.get_by_role("status").get_by_text("Saved")).to_be_visible()
    assert len(asked) == 1


async def test_the_bot_gets_a_picture_and_loses_it_without_losing_what_was_typed(page: Page, site: Site) -> None:
    drawn = BytesIO()
    Image.new("RGB", (40, 20), "teal").save(drawn, "PNG")
    await page.goto("/personality")
    await page.get_by_label("Description").fill("typed meanwhile")
    await page.get_by_label("New picture").set_input_files(
        {"name": "bot.png", "mimeType": "image/png", "buffer": drawn.getvalue()}
    )
    await page.get_by_role("button", name="Use this picture").click()
    await expect(page.locator("#picture-card img")).to_be_visible()
    await expect(page.get_by_label("Description")).to_have_value("typed meanwhile")
    await page.get_by_label("New picture").set_input_files(
        {"name": "bot.txt", "mimeType": "text/plain", "buffer": b"no picture at all"}
    )
    await page.get_by_role("button", name="Use this picture").click()
    await expect(page.locator("#picture-error")).to_contain_text("not a JPEG, PNG, WebP or GIF")
    await page.get_by_role("button", name="Remove the picture").click()
    await expect(page.locator("#picture-card img")).to_have_count(0)
    assert site.rows("SELECT picture_id FROM bots") == [(None,)]
    await save(page)
