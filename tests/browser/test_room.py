"""From 360 to 2560 pixels nothing sticks out, whatever people are called, whichever way they write."""

import secrets

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import People, Site, a_window

SIZES = (360, 768, 1280, 2560)
LONG = "Wolfeschlegelsteinhausenbergerdorff" * 6
ARABIC = "محمد عبد الرحمن بن عبد العزيز آل الحسيني"
STICKS_OUT = """() => {
    const wide = document.documentElement.scrollWidth - window.innerWidth;
    const page = document.querySelector("#main");
    return Math.max(wide, page ? page.scrollWidth - page.clientWidth : 0);
}"""


async def sticks_out(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    found: int = await page.evaluate(STICKS_OUT)
    return found


@pytest.mark.parametrize("width", SIZES)
async def test_no_page_is_wider_than_its_window(site: Site, browser: Browser, people: People, width: int) -> None:
    word = secrets.token_hex(3)
    long = await people.writes(f"{word}{LONG}"[:200], LONG[:200], "x" * 900)
    arabic = await people.writes(ARABIC, word, "مرحبا، متى تفتحون؟ " * 20)
    for tag in ("right-to-left-and-" + "long" * 10, "عميل مهم جدا"):
        site.rows(
            "WITH made AS (INSERT INTO tags (bot_id, id, name) SELECT bot_id, gen_random_uuid(), %s FROM bots"
            " ON CONFLICT (bot_id, lower(name)) DO UPDATE SET name = excluded.name RETURNING bot_id, id)"
            " INSERT INTO user_tags (bot_id, user_id, tag_id) SELECT bot_id, unnest(%s::uuid[]), id FROM made"
            " RETURNING tag_id",
            tag,
            [long.id, arabic.id],
        )
    wide: dict[str, int] = {}
    async with a_window(site, browser, viewport={"width": width, "height": 800}) as window:
        page = window.page
        for address in (f"/users?q={word}", "/personality", "/team", "/account", "/styleguide", "/nothing-here"):
            await page.goto(address)
            wide[address] = await sticks_out(page)
            if address.startswith("/users"):
                await expect(page.locator("tbody tr")).to_have_count(2)
                wide["row"] = await heights(page)
        await page.keyboard.press("Control+k")
        await page.goto("/users")
        await page.keyboard.press("Control+k")
        await page.get_by_role("combobox").fill(word)
        await page.locator("#search-found [role=option]").first.wait_for()
        wide["search"] = await sticks_out(page)
    assert {where: pixels for where, pixels in wide.items() if pixels > 0} == {}


async def heights(page: Page) -> int:
    """By how many pixels a row of the table is higher than a row is; a card may have its lines."""
    found: int = await page.evaluate(
        """() => window.innerWidth < 769 ? 0
            : Math.max(...[...document.querySelectorAll("tbody tr")].map((row) => row.offsetHeight)) - 46"""
    )
    return found


async def test_names_are_written_in_their_own_direction(page: Page, people: People) -> None:
    word = secrets.token_hex(3)
    person = await people.writes(ARABIC, word)
    await page.goto(f"/users?q={word}")
    link = page.locator(f"#user-{person.id} a[data-row]")
    assert await link.evaluate("name => getComputedStyle(name).direction") == "rtl"
    assert await link.evaluate("name => getComputedStyle(name).unicodeBidi") in ("isolate", "plaintext")
