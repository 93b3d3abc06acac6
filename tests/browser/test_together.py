"""Two members and a bot on one user at once: nobody's change is lost without a word."""

from playwright.async_api import Browser, Page, expect

from botfolk.clock import utc_now
from botfolk.db.pool import Pool
from botfolk.users.apply import apply
from botfolk.users.edits import Actor, SetAttribute
from tests.browser.conftest import People, Site, a_window


async def test_two_members_edit_one_field_and_both_see_both_values(
    page: Page, site: Site, browser: Browser, people: People
) -> None:
    person = await people.writes("Shared", "Person")
    async with a_window(site, browser, viewport={"width": 1280, "height": 900}) as other:
        await page.goto(person.address)
        await other.page.goto(person.address)
        for each in (page, other.page):
            await expect(each.locator("#live")).to_have_attribute("data-state", "on")
        await page.get_by_label("First name").fill("Mine")
        await other.page.get_by_label("First name").fill("Theirs")
        await other.page.keyboard.press("Enter")
        await expect(page.locator(".who__name")).to_contain_text("Theirs")
        await page.get_by_label("First name").press("Enter")
        clash = page.get_by_role("alert")
        await expect(clash).to_contain_text("Theirs")
        await expect(clash).to_contain_text("Mine")
        assert person.field("first_name") == "Theirs"
        await page.get_by_role("button", name="Keep mine").click()
        await expect(other.page.get_by_label("First name")).to_have_value("Mine")
        assert person.field("first_name") == "Mine"
        # Different fields at once are no clash.
        await page.get_by_label("Email").fill("shared@example.com")
        await other.page.get_by_label("Phone").fill("+60123456789")
        await page.keyboard.press("Enter")
        await other.page.keyboard.press("Enter")
        for each in (page, other.page):
            await expect(each.get_by_label("Email")).to_have_value("shared@example.com")
            await expect(each.get_by_label("Phone")).to_have_value("+60123456789")
        assert other.complaints == []


async def test_a_bot_that_sets_an_attribute_meanwhile_is_a_clash_too(page: Page, people: People, pool: Pool) -> None:
    person = await people.writes("Bot", "Meanwhile")

    async def bot_sets(value: str) -> None:
        async with pool.connection() as connection:
            actor = Actor("bot", "Rule: plans")
            await apply(connection, person.site.bot_id, person.id, [SetAttribute("plan", value)], actor, now=utc_now())

    await bot_sets("silver")
    await page.goto(person.address)
    await expect(page.locator("#live")).to_have_attribute("data-state", "on")
    value = page.locator("#attribute-plan-value")
    await value.fill("gold")
    await bot_sets("bronze")
    await expect(page.locator(".aside", has_text="bronze")).to_have_count(1)
    await value.press("Enter")
    clash = page.get_by_role("alert")
    await expect(clash).to_contain_text("Rule: plans changed this meanwhile")
    await expect(clash).to_contain_text("bronze")
    await expect(clash).to_contain_text("gold")
    await page.get_by_role("button", name="Take theirs").click()
    await expect(value).to_have_value("bronze")
    assert person.field("attributes ->> 'plan'") == "bronze"
