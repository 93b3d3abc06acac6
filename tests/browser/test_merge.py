"""Two users who look like one person, merged and parted in a browser."""

from playwright.async_api import Page, expect

from botfolk.clock import utc_now
from botfolk.db.pool import Pool
from botfolk.users.apply import apply
from botfolk.users.edits import Actor, SetField
from tests.browser.conftest import People, Person


async def alike(people: People, pool: Pool, name: str, phone: str) -> tuple[Person, Person]:
    """Two users with the same phone, of whom the second has another first name and an email."""
    first, second = await people.writes(name, "First"), await people.writes(name, "Second", "hello", "again")
    async with pool.connection() as connection:
        for person, edits in (
            (first, [SetField("phone", phone)]),
            (second, [SetField("phone", phone), SetField("email", f"{name.lower()}@example.com")]),
        ):
            actor = Actor("member", "Amy")
            await apply(connection, person.site.bot_id, person.id, edits, actor, now=utc_now())
    return first, second


async def test_a_suggested_merge_is_carried_out_and_undone_by_keyboard(page: Page, people: People, pool: Pool) -> None:
    first, second = await alike(people, pool, "Mergeable", "+60123450001")
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.goto(first.address)
    card = page.get_by_role("region", name="Looks like the same person")
    await expect(card).to_contain_text("Looks like the same person as Mergeable Second: same phone +60123450001")
    await card.get_by_role("link", name="Merge…").press("Enter")
    await expect(page.get_by_role("heading", name="Merge two users")).to_be_visible()
    await expect(page.locator("main")).to_contain_text("mergeable@example.com")
    overflow = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    mine = page.get_by_role("group", name="Last name").get_by_role("radio", name="First")
    await expect(mine).to_be_checked()
    await mine.press("ArrowDown")
    await expect(page.get_by_role("group", name="Last name").get_by_role("radio", name="Second")).to_be_checked()
    await page.get_by_role("button", name="Merge", exact=True).press("Enter")
    await expect(page.locator("#merged")).to_contain_text("everything of both is here now")
    assert (first.field("last_name"), first.field("email")) == ("Second", "mergeable@example.com")
    assert first.stat("messages") == 3
    await second.says("after the merge")
    await expect(page.locator("#statistic-messages .statistic__value")).to_have_text("4")
    gone = await page.context.new_page()
    await gone.goto(second.address)
    await expect(gone).to_have_url(first.address)
    await gone.close()
    await page.get_by_role("button", name="Undo the merge").press("Enter")
    await expect(card).to_be_visible()
    assert (first.field("last_name"), first.field("email"), first.stat("messages")) == ("First", None, 1)
    assert (second.field("last_name"), second.stat("messages")) == ("Second", 3)


async def test_two_who_are_not_the_same_person_are_not_suggested_again(page: Page, people: People, pool: Pool) -> None:
    first, second = await alike(people, pool, "Apart", "+60123450002")
    await page.goto(first.address)
    await page.get_by_role("button", name="Not the same person").click()
    said = page.locator(f"#like-{second.id}")
    await expect(said).to_contain_text("Not the same person as Apart Second")
    await page.goto(second.address)
    await expect(page.get_by_role("link", name="Merge…")).to_have_count(0)
    await page.locator(f"#like-{first.id}").get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("link", name="Merge…")).to_be_visible()
