"""Nothing on the pages shuts anybody out, as far as axe can tell (WCAG 2.2 AA)."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from botfolk.clock import utc_now
from botfolk.db.pool import Pool
from botfolk.users.apply import apply
from botfolk.users.edits import Actor, AddNote, AddTag, Edit, SetAttribute
from tests.browser.conftest import People, Site, a_window

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
SIZES = ({"width": 1280, "height": 900}, {"width": 360, "height": 700})
PAGES = (
    "/users", "/users?q=nobody-at-all", "/channels", "/exports", "/personality", "/team", "/account", "/api",
    "/styleguide", "/nothing-here",
)  # fmt: skip


async def violations(page: Page) -> list[str]:
    """What axe finds: the rule, and where. In the dark only colours are others than by day."""
    if not AXE.is_file():
        pytest.skip("axe is not installed: run `make pages` first")
    await page.evaluate(AXE.read_text())
    found: Any = await page.evaluate(
        """([tags, colours]) => axe.run(document, {
            runOnly: matchMedia("(prefers-color-scheme: dark)").matches ? colours : tags})""",
        [TAGS, COLOURS],
    )
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


async def opened(page: Page, address: str) -> list[str]:
    """What axe finds on a user's page where all that can be unfolded is."""
    found: list[str] = []
    for tab, parts in (
        ("profile", ("#pause-lengths", "#changes", "#add-attribute", "#picture-menu", "#field-first_name .mark-of")),
        ("statistics", ("#how-sentiment", "#how-last")),
        ("talk", (".mood", "#kinds")),
    ):
        await page.goto(f"{address}#{tab}")
        await page.reload()
        for part in parts:
            unfolded = page.locator(part).first
            await unfolded.locator("summary").first.press("Enter")
            lazy = unfolded.locator("[data-lazy]")
            if await lazy.count():
                await expect(lazy.first).not_to_be_empty()
        found += await violations(page)
    await page.goto(f"{address}#profile")
    await page.reload()
    await page.get_by_role("button", name="Block", exact=True).click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    return found + await violations(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_is_open_to_all(site: Site, browser: Browser, people: People, pool: Pool, scheme: str) -> None:
    person = await people.writes("Axe", "Person", "hello", "this is great 😀", "I am very angry")
    edits: list[Edit] = [SetAttribute("seats", 12), SetAttribute("plan", "gold"), AddTag("keen"), AddNote("Call back")]
    async with pool.connection() as connection:
        await apply(connection, site.bot_id, person.id, edits, Actor("member", "Amy"), now=utc_now())
    found: dict[str, list[str]] = {}
    for size in SIZES:
        async with a_window(site, browser, viewport=size, color_scheme=scheme) as window:
            for address in (*PAGES, person.address):
                await window.page.goto(address)
                if address != "/nothing-here":
                    await window.page.locator('#live[data-state="on"]').wait_for()
                found[f"{address} {size['width']}"] = await violations(window.page)
            found[f"opened user {size['width']}"] = await opened(window.page, person.address)
            await window.page.goto("/users")
            await window.page.keyboard.press("Control+k")
            await window.page.locator("#search-found [role=option]").first.wait_for()
            found[f"search {size['width']}"] = await violations(window.page)
            await window.page.goto("/users")
            await window.page.locator("input[data-select-row]").first.check()
            await window.page.get_by_role("button", name="Columns").click()
            found[f"columns {size['width']}"] = await violations(window.page)
        context = await browser.new_context(viewport=size, color_scheme="dark" if scheme == "dark" else "light")  # type: ignore[arg-type]
        page = await context.new_page()
        await page.goto(f"{site.url}/sign-in")
        found[f"sign-in {size['width']}"] = await violations(page)
        await context.close()
    assert {where: what for where, what in found.items() if what} == {}
