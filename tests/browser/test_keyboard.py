"""A member who has no mouse does all that there is to do on the User page."""

import asyncio

from playwright.async_api import Locator, Page, Route, expect

from tests.browser.conftest import People

MOST_STEPS = 150


async def walk_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Press Tab until something has the focus."""
    for _ in range(MOST_STEPS):
        if await wanted.evaluate("e => e === document.activeElement"):
            return
        await page.keyboard.press(key)
    await expect(wanted).to_be_focused()


async def test_the_keyboard_alone_edits_pauses_notes_and_answers(page: Page, people: People) -> None:
    person = await people.writes("Keyboard", "Only", "this is great")
    await page.goto(person.address)
    await expect(page.locator("#live")).to_have_attribute("data-state", "on")

    switch = page.get_by_role("switch", name="Pause bot")
    await walk_to(page, switch)
    await page.keyboard.press("Space")
    await expect(switch).to_be_checked()
    lengths = page.locator("#pause-lengths > summary")
    await walk_to(page, lengths)
    await page.keyboard.press("Enter")
    await walk_to(page, page.get_by_label("Reason (optional)"))
    await page.keyboard.type("on the phone")
    await walk_to(page, page.get_by_role("button", name="Until resumed"))
    await page.keyboard.press("Enter")
    await expect(page.locator("#pause")).to_contain_text("on the phone")

    await walk_to(page, page.get_by_role("switch", name="Infinite session"))
    await page.keyboard.press("Space")
    await expect(page.get_by_role("switch", name="Infinite session")).to_be_checked()

    await walk_to(page, page.get_by_label("Email"))
    await page.keyboard.type("keys@example.com")
    await page.keyboard.press("Enter")
    await expect(page.locator("#field-email .field__source")).to_have_text("Owner")
    await expect(page.get_by_label("Email")).to_be_focused()

    await walk_to(page, page.get_by_label("Add a tag"))
    await page.keyboard.type("keen")
    await page.keyboard.press("Enter")
    await expect(page.locator("#tags .chip")).to_have_text(["keen"])

    await walk_to(page, page.locator("#add-attribute > summary"))
    await page.keyboard.press("Enter")
    await walk_to(page, page.get_by_label("Name", exact=True))
    await page.keyboard.type("seat")
    await walk_to(page, page.get_by_label("Value"))
    await page.keyboard.type("window")
    await page.keyboard.press("Enter")
    await expect(page.locator("#attribute-seat-value")).to_have_value("window")

    await walk_to(page, page.get_by_label("New note"))
    await page.keyboard.type("Has no mouse")
    await walk_to(page, page.get_by_role("button", name="Add note"))
    await page.keyboard.press("Enter")
    await expect(page.locator(".note__text")).to_have_text("Has no mouse")

    await walk_to(page, page.locator("#statistic-sentiment summary"))
    await page.keyboard.press("Enter")
    await expect(page.locator("#statistic-sentiment .counted")).to_contain_text("great")

    await walk_to(page, page.locator(".mood summary"))
    await page.keyboard.press("Enter")
    await expect(page.locator(".mood__box")).to_contain_text("great")
    await page.keyboard.press("Escape")
    await expect(page.locator(".mood__box")).to_be_hidden()

    await walk_to(page, page.get_by_label("Reply"))
    await page.keyboard.type("Hello by keyboard")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message--member")).to_contain_text("Hello by keyboard")
    assert person.field("email") == "keys@example.com"


async def test_the_keyboard_alone_opens_a_history_and_takes_a_change_back(page: Page, people: People) -> None:
    person = await people.writes("History", "Keys")
    await page.goto(person.address)
    await page.get_by_label("First name").fill("Changed")
    await page.keyboard.press("Enter")
    mark = page.locator("#field-first_name .field__source")
    await expect(mark).to_have_text("Owner")
    await walk_to(page, mark)
    await page.keyboard.press("Enter")
    box = page.locator("#field-first_name .mark-of__box")
    await expect(box).to_contain_text("changed First name from “History” to “Changed”")
    await page.keyboard.press("Escape")
    await expect(box).to_be_hidden()
    await expect(mark).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(box).to_contain_text("Changed")
    await walk_to(page, box.get_by_role("button", name="Undo").first)
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("First name")).to_have_value("History")
    await expect(mark).to_be_focused()
    assert person.field("first_name") == "History"


async def test_the_focus_stays_where_it_went_while_a_field_was_saved(page: Page, people: People) -> None:
    person = await people.writes("Slow", "Saving")
    await page.goto(person.address)
    mark = page.locator("#field-first_name .field__source")
    moved_on = asyncio.Event()

    async def hold(route: Route) -> None:
        await moved_on.wait()
        await route.continue_()

    await page.route(f"**/users/{person.id}/fields/first_name", hold)
    await page.get_by_label("First name").fill("Changed")
    await page.keyboard.press("Tab")
    await expect(mark).to_be_focused()
    moved_on.set()
    await expect(mark).to_have_text("Owner")
    await expect(mark).to_be_focused()


async def test_the_keyboard_alone_archives_and_restores(page: Page, people: People) -> None:
    person = await people.writes("Archived", "Keys")
    await page.goto(person.address)
    await walk_to(page, page.get_by_role("button", name="Archive", exact=True), "Shift+Tab")
    await page.keyboard.press("Enter")
    question = page.get_by_role("dialog", name="Archive")
    await expect(question).to_contain_text("The bot no longer answers them")
    await expect(question.get_by_role("button", name="Cancel")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(question).to_be_hidden()
    assert person.field("status") == "active"
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("#who")).to_contain_text("Archived")
    assert person.field("status") == "archived"
    await walk_to(page, page.get_by_role("button", name="Restore"))
    await page.keyboard.press("Enter")
    await expect(page.locator("#who")).not_to_contain_text("Archived:")
    assert person.field("status") == "active"
