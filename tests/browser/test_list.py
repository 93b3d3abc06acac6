"""The list of users in a browser."""

import re

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import People, Site, a_window


async def test_a_person_who_writes_appears_without_a_reload(page: Page, people: People) -> None:
    await page.goto("/users")
    await expect(page.locator("#live")).to_have_attribute("data-state", "on")
    person = await people.writes("Lina", "Appears", "hahaha wonderful")
    row = page.locator(f"#user-{person.id}")
    await expect(row).to_contain_text("Lina Appears")
    await expect(row).to_contain_text("hahaha wonderful")
    await expect(row.get_by_role("img", name="Positive")).to_be_visible()
    await expect(row.get_by_role("img", name="Telegram")).to_be_visible()
    await person.says("one thing more")
    await expect(row).to_contain_text("one thing more")


async def test_typing_finds_people_and_the_address_says_so(page: Page, people: People) -> None:
    found, other = await people.writes("Quincy", "Findme"), await people.writes("Other", "Person")
    await page.goto("/users")
    await page.keyboard.press("s")
    await page.keyboard.type("findme")
    await expect(page.locator(f"#user-{found.id}")).to_be_visible()
    await expect(page.locator(f"#user-{other.id}")).to_have_count(0)
    await expect(page).to_have_url(re.compile(r"/users\?q=findme$"))
    await page.reload()
    await expect(page.locator(f"#user-{other.id}")).to_have_count(0)
    await page.get_by_role("searchbox").fill("nobody is called so")
    await expect(page.get_by_role("heading", name="No user matches")).to_be_visible()


async def test_the_headings_sort_and_turn_the_order(page: Page, people: People) -> None:
    few, many = await people.writes("Sort", "Few"), await people.writes("Sort", "Many", "a", "b", "c")
    await page.goto("/users?q=Sort")
    heading = page.get_by_role("columnheader", name="Messages")
    await heading.get_by_role("link").click()
    await expect(heading).to_have_attribute("aria-sort", "descending")
    rows = page.locator("tbody tr")
    await expect(rows.first).to_have_id(f"user-{many.id}")
    await heading.get_by_role("link").click()
    await expect(heading).to_have_attribute("aria-sort", "ascending")
    await expect(rows.first).to_have_id(f"user-{few.id}")
    await page.go_back()
    await expect(rows.first).to_have_id(f"user-{many.id}")


async def test_the_list_sorts_and_pages_without_scripts(site: Site, browser: Browser, people: People) -> None:
    few, many = await people.writes("Unscripted", "Few"), await people.writes("Unscripted", "Many", "a", "b")
    async with a_window(site, browser, java_script_enabled=False) as window:
        page = window.page
        await page.goto("/users?q=Unscripted")
        await page.get_by_role("columnheader", name="Messages").get_by_role("link").click()
        await expect(page.locator("tbody tr").first).to_have_id(f"user-{many.id}")
        await page.get_by_role("columnheader", name="Messages").get_by_role("link").click()
        await expect(page.locator("tbody tr").first).to_have_id(f"user-{few.id}")


async def test_a_long_list_comes_page_by_page(page: Page, people: People) -> None:
    for number in range(55):
        await people.writes(f"Paged{number:02}", "Leaf")
    await page.goto("/users?q=leaf&sort=name&order=asc")
    rows = page.locator("tbody tr")
    await expect(rows).to_have_count(50)
    await page.get_by_role("link", name="Next page").click()
    await expect(rows).to_have_count(5)
    await expect(rows.last).to_contain_text("Paged54")
    await page.get_by_role("link", name="Previous page").click()
    await expect(rows).to_have_count(50)
    await expect(rows.first).to_contain_text("Paged00")
    await expect(page.get_by_role("link", name="Previous page")).to_have_count(0)
    await page.get_by_role("link", name="Next page").click()
    await expect(rows).to_have_count(5)
    await page.get_by_role("link", name="First page").click()
    await expect(rows.first).to_contain_text("Paged00")


async def test_the_keyboard_walks_the_list_and_opens_a_person(page: Page, people: People) -> None:
    first, second = await people.writes("Beta", "Walked"), await people.writes("Alpha", "Walked")
    await page.goto("/users?q=Walked&sort=name&order=asc")
    await expect(page.locator("tbody tr")).to_have_count(2)
    await page.keyboard.press("j")
    await expect(page.locator(f"#user-{second.id} a")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(page.locator(f"#user-{first.id} a")).to_be_focused()
    await page.keyboard.press("k")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(f"/users/{second.id}$"))


async def test_names_that_attack_are_only_names(page: Page, people: People) -> None:
    person = await people.writes("<script>alert(1)</script>", "{{7*7}} <img src=x onerror=alert(1)>", "<b>bold</b>")
    await page.goto("/users?q=alert")
    await expect(page.locator(f"#user-{person.id}")).to_contain_text("<script>alert(1)</script> {{7*7}}")
    await page.locator(f"#user-{person.id} a").click()
    await expect(page.locator(".who__name")).to_contain_text("<script>alert(1)</script>")
    await expect(page.locator(".bubble__text").first).to_have_text("<b>bold</b>")
