"""Users are selected by box, by key, by stretches and by page; live rows disturb nobody."""

import secrets

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import People, Site, a_window


async def test_boxes_keys_and_stretches_select_and_the_count_is_seen(page: Page, people: People) -> None:
    word = secrets.token_hex(3)
    persons = [await people.writes(f"{letter}{word}", "Select") for letter in "ABCDE"]
    await page.goto(f"/users?q={word}&sort=name&order=asc")
    count = page.locator(".selection__count")
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await expect(count).to_have_text("1 user selected")
    await page.keyboard.press("Shift+ArrowDown")
    await page.keyboard.press("Shift+J")
    await expect(count).to_have_text("3 users selected")
    await page.keyboard.press("x")
    await expect(count).to_have_text("2 users selected")
    boxes = page.locator("input[data-select-row]")
    await boxes.nth(2).click()
    await boxes.nth(4).click(modifiers=["Shift"])
    await expect(count).to_have_text("5 users selected")
    page_box = page.get_by_role("checkbox", name="Select this page")
    await expect(page_box).to_be_checked()
    await page.keyboard.press("Escape")
    await expect(count).to_be_hidden()
    await page_box.click()
    await expect(count).to_have_text("5 users selected")
    # What is selected stays so while the list lives and while another part of it is looked at.
    await persons[0].says("something new")
    await expect(page.locator(f"#user-{persons[0].id}")).to_contain_text("something new")
    await expect(boxes.first).to_be_checked()
    await page.get_by_role("searchbox").fill(f"A{word}")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await expect(count).to_have_text("5 users selected")
    await page.get_by_role("button", name="Clear the selection").click()
    await expect(count).to_be_hidden()
    await expect(boxes.first).not_to_be_checked()


async def test_who_is_selected_is_exported(page: Page, people: People) -> None:
    word = secrets.token_hex(3)
    for letter in "ABC":
        await people.writes(f"{letter}{word}", "Export")
    await page.goto(f"/users?q={word}&sort=name&order=asc")
    await expect(page.locator("tbody tr")).to_have_count(3)
    await page.locator("input[data-select-row]").nth(1).click()
    await page.get_by_role("button", name="Actions").click()
    await page.get_by_role("button", name="Export", exact=True).click()
    await expect(page.locator("form.card")).to_contain_text("1 selected user")
    await page.get_by_role("button", name="Export", exact=True).click()
    card = page.locator("#exports article").first
    await expect(card).to_contain_text("1 user,")
    async with page.expect_download() as waiting:
        await card.get_by_role("link", name="Download").click()
    assert f"B{word}" in (text := (await (await waiting.value).path()).read_text(encoding="utf-8"))
    assert len(text.splitlines()) == 2
    # And what the list is searched for is asked of the export as well.
    await page.goto(f"/users?q={word}")
    await page.locator(".page__head").get_by_role("link", name="Export", exact=True).click()
    await expect(page.get_by_label("Search", exact=True)).to_have_value(word)


async def test_a_row_that_moves_takes_neither_the_focus_nor_the_place(page: Page, people: People) -> None:
    word = secrets.token_hex(3)
    persons = [await people.writes(f"P{number:02}{word}", "Live") for number in range(30)]
    await page.goto(f"/users?q={word}")
    await expect(page.locator("#live")).to_have_attribute("data-state", "on")
    rows = page.locator("tbody tr")
    await expect(rows).to_have_count(30)
    looked_at = page.locator(f"#user-{persons[10].id}")
    link = looked_at.locator("a[data-row]")
    await link.scroll_into_view_if_needed()
    await link.focus()
    scroll = page.locator("#users-scroll")
    await scroll.evaluate("box => box.scrollTop = 400")
    before = await looked_at.evaluate("row => row.getBoundingClientRect().top")
    await persons[0].says("moves to the top")
    await expect(rows.first).to_have_id(f"user-{persons[0].id}")
    await expect(link).to_be_focused()
    after = await looked_at.evaluate("row => row.getBoundingClientRect().top")
    # One row more stands above; the reader's own stays within a row of where it was.
    assert abs(after - before) <= 45
    await expect(page.get_by_role("searchbox")).not_to_be_focused()


async def test_a_click_anywhere_on_a_row_opens_the_user(page: Page, people: People) -> None:
    person = await people.writes(f"Click{secrets.token_hex(3)}", "Anywhere", "some words")
    await page.goto(f"/users?q={person.names['first_name']}")
    await page.locator(f"#user-{person.id}").get_by_text("some words").click()
    await page.wait_for_url(f"**/users/{person.id}")


async def test_a_list_that_cannot_be_fetched_says_so_and_tries_again(
    site: Site, browser: Browser, people: People
) -> None:
    person = await people.writes(f"Lost{secrets.token_hex(3)}", "Connection")
    async with a_window(site, browser) as window:
        page, name = window.page, person.names["first_name"]
        await page.goto("/users")
        await page.route(f"**/users?*{name}*", lambda route: route.abort())
        await page.get_by_role("searchbox").fill(name)
        await expect(page.locator("#users-problem")).to_be_visible()
        await expect(page.get_by_role("searchbox")).to_have_value(name)
        await page.unroute_all()
        await page.get_by_role("button", name="Try again").click()
        await expect(page.locator(f"#user-{person.id}")).to_be_visible()
        await expect(page.locator("#users-problem")).to_be_hidden()


async def test_the_keys_are_told_by_a_question_mark(page: Page, people: People) -> None:
    await people.writes("Keys", "Told")
    await page.goto("/users")
    await page.keyboard.press("?")
    await expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("heading", name="Keys")).to_be_hidden()
