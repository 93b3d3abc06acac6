"""Which columns the list has, in which order and how wide: each member's own."""

import secrets

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import People, Site, Window, a_window


async def headings(page: Page) -> list[str]:
    """The names of the columns, as they stand."""
    labels: list[str] = await page.locator(".table__label").all_inner_texts()
    return labels


async def forget(site: Site) -> None:
    """Let everybody's columns be as usual."""
    site.rows("DELETE FROM preferences RETURNING name")


async def test_columns_are_chosen_ordered_and_kept(page: Page, site: Site, people: People) -> None:
    await forget(site)
    person = await people.writes("Columns", "Chosen")
    site.rows("UPDATE users SET email = 'columns@example.com' WHERE id = %s RETURNING id", person.id)
    await page.goto("/users?q=Columns+Chosen")
    await page.get_by_role("button", name="Columns").click()
    await page.get_by_role("button", name="Show Email").click()
    await expect(page.get_by_role("columnheader", name="Email")).to_be_visible()
    await expect(page.locator(f"#user-{person.id}")).to_contain_text("columns@example.com")
    await page.get_by_role("button", name="Hide Sentiment").click()
    await expect(page.get_by_role("columnheader", name="Sentiment")).to_have_count(0)
    earlier = page.get_by_role("button", name="Move Email earlier")
    before = await headings(page)
    await earlier.press("Enter")
    await expect(page.locator(".table__label").nth(len(before) - 2)).to_have_text("Email")
    await expect(earlier).to_be_focused()
    chosen = await headings(page)
    await page.reload()
    await expect(page.get_by_role("columnheader", name="Email")).to_be_visible()
    assert await headings(page) == chosen
    assert "Sentiment" not in chosen
    await page.get_by_role("button", name="Columns").click()
    await page.get_by_role("button", name="As usual").click()
    await expect(page.get_by_role("columnheader", name="Sentiment")).to_be_visible()
    await expect(page.get_by_role("columnheader", name="Email")).to_have_count(0)


async def test_an_attribute_is_a_column_to_sort_by(page: Page, site: Site, people: People) -> None:
    await forget(site)
    word = secrets.token_hex(3)
    low, high = await people.writes(f"Low{word}", "Attr"), await people.writes(f"High{word}", "Attr")
    site.rows(
        "INSERT INTO attributes (bot_id, id, name, label, type) SELECT bot_id, gen_random_uuid(), %s, %s, 'number'"
        " FROM bots RETURNING id",
        f"score_{word}",
        f"Score_{word}",
    )
    for person, score in ((low, 5), (high, 40)):
        site.rows(
            "UPDATE users SET attributes = jsonb_build_object(%s::text, %s::int) WHERE id = %s RETURNING id",
            f"score_{word}",
            score,
            person.id,
        )
    await page.goto(f"/users?q={word}")
    await page.get_by_role("button", name="Columns").click()
    await page.get_by_role("button", name=f"Show Score_{word}").click()
    heading = page.get_by_role("columnheader", name=f"Score_{word}")
    await page.keyboard.press("Escape")
    await heading.get_by_role("link").click()
    await expect(heading).to_have_attribute("aria-sort", "descending")
    await expect(page.locator("tbody tr").first).to_have_id(f"user-{high.id}")
    await heading.get_by_role("link").click()
    await expect(page.locator("tbody tr").first).to_have_id(f"user-{low.id}")
    await expect(page.locator(f"#user-{low.id}")).to_contain_text("5")


async def test_a_width_is_changed_by_mouse_and_by_keyboard_and_kept(page: Page, site: Site, people: People) -> None:
    await forget(site)
    await people.writes("Width", "Person")
    await page.goto("/users")
    edge = page.get_by_role("separator", name="Width of Name")
    await expect(edge).to_have_attribute("aria-valuenow", "224")
    box = await edge.bounding_box()
    assert box is not None
    async with page.expect_response("**/users/columns"):
        await page.mouse.move(box["x"] + 6, box["y"] + 10)
        await page.mouse.down()
        await page.mouse.move(box["x"] + 66, box["y"] + 10, steps=4)
        await page.mouse.up()
    await expect(edge).to_have_attribute("aria-valuenow", "284")
    async with page.expect_response("**/users/columns"):
        await edge.press("ArrowRight")
    await expect(edge).to_have_attribute("aria-valuenow", "300")
    await page.reload()
    await expect(edge).to_have_attribute("aria-valuenow", "300")
    width = await page.get_by_role("columnheader", name="Name", exact=False).first.evaluate("head => head.offsetWidth")
    assert width == 300
    async with page.expect_response("**/users/columns"):
        await edge.press("Enter")
    await expect(edge).to_have_attribute("aria-valuenow", "224")


async def test_a_heading_is_dragged_to_another_place(page: Page, site: Site, people: People) -> None:
    await forget(site)
    await people.writes("Drag", "Person")
    await page.goto("/users")
    async with page.expect_response("**/users/columns"):
        await page.locator('[data-column="sessions"] a').drag_to(page.locator('[data-column="tags"] a'))
    await expect(page.locator(".table__label").nth(2)).to_have_text("Sessions")
    await expect(page.locator(".table__label").nth(3)).to_have_text("Tags")
    await forget(site)


async def test_each_member_has_their_own(window: Window, site: Site, browser: Browser, people: People) -> None:
    await forget(site)
    await people.writes("Own", "Columns")
    await window.page.goto("/team")
    await window.page.get_by_label("Email").fill(f"own-{secrets.token_hex(3)}@example.com")
    await window.page.get_by_role("button", name="Make a link").click()
    link = await window.page.get_by_label("Link", exact=True).input_value()
    await window.page.goto("/users")
    await window.page.get_by_role("button", name="Columns").click()
    await window.page.get_by_role("button", name="Hide Messages").click()
    await expect(window.page.get_by_role("columnheader", name="Messages")).to_have_count(0)
    context = await browser.new_context(base_url=site.url)
    other = await context.new_page()
    await other.goto(link)
    await other.get_by_label("Your name").fill("Olaf Other")
    await other.get_by_label("Choose a password").fill("a long enough one")
    await other.get_by_role("button", name="Join").click()
    await other.wait_for_url("**/users")
    await expect(other.get_by_role("columnheader", name="Messages")).to_be_visible()
    await context.close()
    await forget(site)


async def test_columns_are_chosen_without_scripts(site: Site, browser: Browser, people: People) -> None:
    await forget(site)
    await people.writes("Plain", "Columns")
    async with a_window(site, browser, java_script_enabled=False) as window:
        await window.page.goto("/users?sort=name&order=asc")
        await window.page.get_by_role("button", name="Columns").click()
        await window.page.get_by_role("button", name="Show Phone").click()
        await expect(window.page.get_by_role("columnheader", name="Phone")).to_be_visible()
        await expect(window.page).to_have_url("**/users?sort=name&order=asc".replace("**", site.url))
    await forget(site)
