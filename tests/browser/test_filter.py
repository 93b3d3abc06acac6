"""The filter of the list in a browser: built by clicking, written as text, each shown from the other."""

import re
import secrets

from playwright.async_api import Browser, Page, expect

from botfolk.db.pool import Pool
from botfolk.users import edits as e
from botfolk.users.apply import apply
from botfolk.users.edits import Actor
from tests.browser.conftest import People, Person, Site, Window, a_window
from tests.browser.test_axe import violations

MIA = Actor("member", "Mia")


async def changed(pool: Pool, person: Person, *edits: e.Edit) -> None:
    async with pool.connection() as connection:
        [(now,)] = await (await connection.execute("SELECT now()")).fetchall()
        await apply(connection, person.site.bot_id, person.id, edits, MIA, now=now)


async def opened(page: Page) -> None:
    """Open the rows."""
    await page.get_by_text("Build it by clicking").click()
    await expect(page.locator("#match-all")).to_be_visible()


async def choose(page: Page, row: str, label: str) -> None:
    """Choose a row's column by a part of its label."""
    await page.locator(f"#column-{row}").click()
    await page.locator(f"#column-{row}").fill(label[:-2])
    await page.get_by_role("option", name=label, exact=True).click()
    await expect(page.locator(f"#function-{row}")).to_be_visible()


async def test_a_filter_is_built_by_clicking_and_shown_as_text(page: Page, people: People, pool: Pool) -> None:
    vip = await people.writes("Built", "Vip", "one", "two")
    talker, silent = await people.writes("Built", "Talker", *"abcdef"), await people.writes("Built", "Silent")
    await changed(pool, vip, e.AddTag("built-vip"))
    await page.goto("/users?q=Built")
    await opened(page)
    await choose(page, "0", "Sessions")
    await page.locator("#function-0").select_option(">")
    await page.locator("#value-0-0").fill("0")
    await page.locator("#value-0-0").press("Enter")
    await expect(page.locator("#filter-text")).to_have_value("sessions > 0")
    await page.get_by_role("button", name="Add a group").click()
    await expect(page.locator("#column-1-0")).to_be_focused()
    await choose(page, "1-0", "Messages")
    await page.locator("#function-1-0").select_option("≥")
    await page.locator("#value-1-0-0").fill("6")
    await choose(page, "1-1", "Tag")
    await page.locator("#value-1-1-0").fill("built")
    await page.get_by_role("option", name="built-vip").click()
    await expect(page.locator("#filter-text")).to_have_value('sessions > 0 and (messages >= 6 or tag = "built-vip")')
    await expect(page.locator(f"#user-{vip.id}")).to_be_visible()
    await expect(page.locator(f"#user-{talker.id}")).to_be_visible()
    await expect(page.locator(f"#user-{silent.id}")).to_have_count(0)
    await expect(page.locator("#users-count")).to_have_text(re.compile(r"^2 of \d+ users$"))
    await expect(page).to_have_url(re.compile(r"filter=sessions.*q=Built"))
    await page.get_by_role("button", name="Remove the group").click()
    await expect(page.locator("#filter-text")).to_have_value("sessions > 0")
    await expect(page.locator(f"#user-{silent.id}")).to_be_visible()
    await page.reload()
    await expect(page.locator("#filter-text")).to_have_value("sessions > 0")


async def test_a_text_is_shown_as_rows_and_a_wrong_one_loses_nothing(page: Page, people: People) -> None:
    person = await people.writes("Texted", "Person", "one", "two", "three")
    await page.goto("/users?q=Texted")
    await expect(page.locator(f"#user-{person.id}")).to_be_visible()
    await opened(page)
    await page.locator(f"#link-{person.id}").focus()
    await page.keyboard.press("/")
    await expect(page.locator("#filter-text")).to_be_focused()
    await page.keyboard.type("messages > 2 and name starts with text")
    await expect(page.locator("#column-1")).to_have_value("Name")
    await expect(page.locator("#value-1-0")).to_have_value("text")
    await expect(page.locator("#function-1")).to_have_value("starts_with")
    await expect(page.locator("#users-count")).to_have_text(re.compile("^1 of"))
    await page.keyboard.press("Escape")
    await page.keyboard.press("j")
    await expect(page.locator(f"#user-{person.id} a[data-row]")).to_be_focused()
    wrong = "messages > 2 and nmae starts with text"
    await page.locator("#filter-text").fill(wrong)
    await expect(page.locator("#filter-problem mark")).to_have_text("nmae")
    await expect(page.locator("#filter-problem")).to_contain_text("Did you mean “name”?")
    await expect(page.locator("#filter-text")).to_have_value(wrong)
    await expect(page.locator(f"#user-{person.id}")).to_be_visible()
    await page.locator("[data-place]").click()
    assert await page.evaluate("() => getSelection().toString()") == "nmae"
    await page.keyboard.type("name")
    await expect(page.locator("#filter-problem mark")).to_have_count(0)
    await page.get_by_role("link", name="Clear the filter").click()
    await expect(page.locator("#filter-text")).to_have_value("")
    await expect(page.locator("#filter-text")).to_be_focused()


async def test_the_filter_is_built_by_keyboard_alone(page: Page, people: People) -> None:
    person = await people.writes("Keyed", "Person", "one", "two")
    await page.goto("/users?q=Keyed")
    await expect(page.locator(f"#user-{person.id}")).to_be_visible()
    await page.locator("#filter-builder summary").focus()
    await page.keyboard.press("Enter")
    await page.locator("#match-all").focus()
    await page.keyboard.press("Tab")
    await expect(page.locator("#column-0")).to_be_focused()
    await page.keyboard.type("messag")
    await expect(page.locator("#choices").get_by_role("option").first).to_have_text("Messages")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator("#function-0")).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(page.locator("#function-0")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.locator("#value-0-0")).to_be_focused()
    await page.keyboard.type("2")
    await page.keyboard.press("Enter")
    await expect(page.locator("#filter-text")).to_have_value("messages = 2")
    await expect(page.locator(f"#user-{person.id}")).to_be_visible()
    await page.locator(f"#link-{person.id}").focus()
    await page.keyboard.press("w")
    await expect(page.locator("#why-verdict")).to_contain_text("Keyed Person")
    await expect(page.locator("#why-verdict")).to_contain_text("has: 2")


async def test_why_not_is_told_of_whom_the_search_finds(page: Page, people: People) -> None:
    person = await people.writes("Whynot", "Person")
    await page.goto("/users?q=Whynot&filter=messages+%3E+900+and+has+phone")
    await expect(page.get_by_role("heading", name="No user is in this filter")).to_be_visible()
    await page.get_by_role("button", name="Why not? Whynot Person").click()
    verdict = page.locator("#why-verdict")
    await expect(verdict).to_contain_text("is not in")
    await expect(verdict).to_contain_text("messages > 900")
    await expect(verdict).to_contain_text("has: 1")
    await expect(verdict.get_by_role("img", name="Does not hold")).to_have_count(3)
    assert person.field("phone") is None


async def test_the_count_follows_people_who_write(page: Page, people: People) -> None:
    await people.writes("Counted", "First")
    await page.goto("/users?filter=first_name+%3D+Counted")
    await expect(page.locator("#live")).to_have_attribute("data-state", "on")
    await expect(page.locator("#users-count")).to_have_text(re.compile("^1 of"))
    await people.writes("Counted", "Second")
    await expect(page.locator("#users-count")).to_have_text(re.compile("^2 of"))


async def test_the_filter_stays_while_the_list_is_searched_sorted_and_paged(page: Page, people: People) -> None:
    for number in range(52):
        await people.writes(f"Kept{number:02}", "Filtered")
    await page.goto("/users?filter=last_name+%3D+Filtered")
    rows = page.locator("tbody tr")
    await expect(rows).to_have_count(50)
    await page.get_by_role("link", name="Next page").click()
    await expect(rows).to_have_count(2)
    await expect(page).to_have_url(re.compile("filter=last_name.*after="))
    await page.get_by_role("columnheader", name="Name").get_by_role("link").click()
    await expect(rows.first).to_contain_text("Kept00")
    await page.get_by_role("searchbox").fill("Kept51")
    await expect(rows).to_have_count(1)
    await expect(page).to_have_url(re.compile("filter=last_name.*q=Kept51"))
    await expect(page.locator("#users-count")).to_have_text(re.compile("^1 of"))


async def test_the_filter_works_without_scripts(site: Site, browser: Browser, people: People) -> None:
    few, many = await people.writes("Noscript", "Few"), await people.writes("Noscript", "Many", "a", "b", "c")
    async with a_window(site, browser, java_script_enabled=False) as window:
        page = window.page
        await page.goto("/users?q=Noscript")
        await page.locator("#filter-text").fill("messages > 2")
        await page.locator("#filter-form button").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator(f"#user-{many.id}")).to_be_visible()
        await expect(page.locator(f"#user-{few.id}")).to_have_count(0)
        await page.locator("#filter-builder summary").click()
        await page.locator("#value-0-0").fill("0")
        await page.locator("#value-0-0").press("Enter")
        await expect(page.locator(f"#user-{few.id}")).to_be_visible()
        await page.goto("/users?filter=nonsense")
        await expect(page.get_by_role("heading", name="This filter cannot be read")).to_be_visible()
        await expect(page.locator("tbody tr")).to_have_count(0)


async def test_the_filter_is_open_to_all(window: Window, people: People) -> None:
    await people.writes("Axed", "Filter")
    page, found = window.page, []
    for address in ("/users?filter=messages+%3E+0+and+(has+phone+or+tag+is+one+of+(a,b))", "/users?filter=nonsense"):
        await page.goto(address)
        await opened(page)
        found += await violations(page)
    await page.locator("#column-0").click()
    await page.locator("#choices").get_by_role("option").first.wait_for()
    found += await violations(page)
    assert found == []


async def test_on_a_phone_a_name_has_its_line_to_itself(page: Page, people: People) -> None:
    await page.set_viewport_size({"width": 360, "height": 740})
    word = secrets.token_hex(3)
    person = await people.writes("Max", f"Friedrich {word}")
    await page.goto(f"/users?q={word}&filter=messages%20%3E%200")
    name, why = page.locator(f"#link-{person.id}"), page.locator(f"#user-{person.id} .table__why")
    await expect(why).to_be_visible()
    assert await name.evaluate("link => link.scrollWidth <= link.clientWidth")
    above, below = await name.bounding_box(), await why.bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] + above["height"] <= below["y"]
    ends = await page.locator("#filter-clear").bounding_box()
    text = await page.locator("#filter-text").bounding_box()
    assert ends is not None
    assert text is not None
    assert text["y"] + text["height"] <= ends["y"]
