"""People leave: in a file that is exported, and for ever."""

import secrets

from playwright.async_api import Page, expect

from tests.browser.conftest import People, Site


async def test_who_matches_is_exported_and_the_file_downloaded(page: Page, people: People) -> None:
    word = secrets.token_hex(3)
    await people.writes(f"=Ann{word}", "Export", "hello")
    await people.writes(f"Ben{word}", "Export", "hello")
    await page.goto("/users")
    await page.get_by_role("link", name="Export", exact=True).click()
    await page.get_by_label("Filter").fill(f"first_nam contains {word}")
    await page.get_by_role("button", name="Export", exact=True).click()
    await expect(page.locator(".error").first).to_contain_text("first_name")
    await page.get_by_label("Filter").fill(f"first_name contains {word}")
    await page.locator("summary", has_text="Columns").click()
    for box in await page.locator("input[name=column]:not([value=first_name])").all():
        await box.uncheck()
    await page.get_by_role("button", name="Export", exact=True).click()
    card = page.locator("#exports article").first
    await expect(card).to_contain_text("2 users")
    async with page.expect_download() as waiting:
        await card.get_by_role("link", name="Download").click()
    written = (await (await waiting.value).path()).read_text(encoding="utf-8")
    assert sorted(written.splitlines()[1:]) == sorted([f"'=Ann{word}", f"Ben{word}"])
    await card.get_by_role("button", name="Remove the file").click()
    await expect(card.get_by_role("link", name="Download")).to_have_count(0)


async def test_a_person_is_erased_by_their_name_and_a_receipt_stays(page: Page, site: Site, people: People) -> None:
    first_name = f"Eve{secrets.token_hex(3)}"
    person = await people.writes(first_name, "Erase", "remember me")
    await page.goto(f"{person.address}#profile")
    await page.get_by_role("link", name="Erase…").click()
    await page.get_by_label("Type their name to erase them").fill("somebody else")
    await page.get_by_role("button", name="Erase for ever").click()
    await expect(page.locator(".error").first).to_be_visible()
    assert site.rows("SELECT count(*) FROM users WHERE id = %s", person.id) == [(1,)]
    await page.get_by_label("Type their name to erase them").fill(f"{first_name} Erase")
    await page.get_by_role("button", name="Erase for ever").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("A person was erased")
    assert site.rows("SELECT count(*) FROM users WHERE id = %s", person.id) == [(0,)]
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name="Download the receipt").click()
    receipt = (await (await waiting.value).path()).read_text(encoding="utf-8")
    assert str(person.id) in receipt
    assert first_name not in receipt
