"""The history of a user, and pauses of any length."""

import re

from playwright.async_api import Page, expect

from botfolk.clock import utc_now
from botfolk.db.pool import Pool
from botfolk.users.apply import apply
from botfolk.users.edits import Actor, SetField
from tests.browser.conftest import People, Person


async def renamed(pool: Pool, person: Person, *names: str) -> None:
    """Somebody else changes the last name, several times."""
    async with pool.connection() as connection:
        for name in names:
            edit, actor = SetField("last_name", name), Actor("member", "Amy")
            await apply(connection, person.site.bot_id, person.id, [edit], actor, now=utc_now())


async def test_why_an_undo_was_refused_stays_to_be_read(page: Page, people: People, pool: Pool) -> None:
    person = await people.writes("Changed", "Often")
    await renamed(pool, person, "Once", "Twice")
    await page.goto(person.address)
    await expect(page.locator("#live")).to_have_attribute("data-state", "on")
    await page.locator("#changes > summary").click()
    line = page.locator("#changes .change", has_text="to “Once”")
    await line.get_by_role("button", name="Undo").click()
    await expect(line.get_by_role("alert")).to_contain_text("undo the later change first")
    # What happens meanwhile is told elsewhere on the page, and the reason is still there.
    await renamed(pool, person, "Thrice")
    await expect(page.get_by_label("Last name")).to_have_value("Thrice")
    await expect(line.get_by_role("alert")).to_contain_text("undo the later change first")
    await page.get_by_label("Email").fill("changed@example.com")
    await page.keyboard.press("Enter")
    # What is done anew shows the list as it is.
    await expect(page.locator("#changes .change", has_text="changed@example.com")).to_have_count(1)
    await expect(page.locator("#changes").get_by_role("alert")).to_have_count(0)
    assert person.field("last_name") == "Thrice"


async def test_changes_from_long_ago_can_be_seen_and_undone(page: Page, people: People, pool: Pool) -> None:
    person = await people.writes("Storied", "Person")
    await page.goto(person.address)
    await page.get_by_label("Add a tag").fill("first of all")
    await page.keyboard.press("Enter")
    await expect(page.locator("#tags .chip")).to_have_count(1)
    await renamed(pool, person, *(f"Name {number}" for number in range(40)))
    await page.reload()
    await page.locator("#changes > summary").click()
    lines = page.locator("#changes .change")
    await expect(lines).to_have_count(30)
    await page.get_by_role("button", name="Show older changes").click()
    tagged = lines.filter(has_text="added the tag first of all")
    await expect(tagged).to_have_count(1)
    await expect(page.get_by_role("button", name="Show older changes")).to_have_count(0)
    await tagged.get_by_role("button", name="Undo").click()
    await expect(page.locator("#tags .chip")).to_have_count(0)


async def test_a_pause_of_any_length_and_until_a_time(page: Page, people: People) -> None:
    person = await people.writes("Any", "Length")
    await page.goto(person.address)
    await page.get_by_text("Another length").click()
    length, until = page.get_by_label("Length", exact=True), page.get_by_label("Or until")
    await expect(length).to_have_value("10")
    await length.fill("a while")
    await length.press("Enter")
    await expect(page.locator("#pause").get_by_role("alert")).to_contain_text("as a number, such as 45")
    await expect(length).to_have_value("a while")
    await length.fill("45")
    await length.press("Enter")
    await expect(page.get_by_role("timer")).to_have_text(re.compile(r"^4[45]:\d\d$"))
    await page.get_by_text("Change the length").click()
    await until.fill("2020-01-01T10:00")
    await page.get_by_role("button", name="Pause the bot").click()
    await expect(page.locator("#pause").get_by_role("alert")).to_contain_text("this time has passed")
    tomorrow = person.site.rows("SELECT to_char(now() + interval '1 day', 'YYYY-MM-DD\"T\"HH24:MI')")[0][0]
    await until.fill(tomorrow)
    await page.get_by_role("button", name="Pause the bot").click()
    await expect(page.get_by_role("timer")).to_have_text(re.compile(r"^(23|24):\d\d:\d\d$|^1 d"))
    assert f"{person.stat('paused_until'):%Y-%m-%dT%H:%M}" == tomorrow
