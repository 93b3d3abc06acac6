"""The chat fits every screen, direction and taste, and shuts nobody out."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import Site
from tests.browser.shop import Shop, a_shop, a_visitor, line, opened, says
from tests.browser.test_axe import violations

LONG = "x" * 300


@pytest.fixture
def shop(site: Site) -> Iterator[Shop]:
    """A shop with the chat on it."""
    with a_shop(site) as made:
        yield made


@pytest.mark.parametrize("language", ["en", "ar"])
async def test_a_narrow_screen_is_whole_in_both_directions(shop: Shop, browser: Browser, language: str) -> None:
    narrow = {"width": 360, "height": 640}
    async with a_visitor(shop, browser, shop.page(language=language), viewport=narrow) as page:
        await opened(page)
        panel = page.get_by_role("dialog")
        await panel.evaluate("e => Promise.all(e.getAnimations().map(each => each.finished))")
        assert await panel.bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 640}
        assert await panel.get_attribute("aria-modal") == "true"
        assert await panel.evaluate("e => getComputedStyle(e).direction") == ("rtl" if language == "ar" else "ltr")
        await says(page, LONG)
        await says(page, "مرحبا، متى يصل طلبي؟")
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360
        assert await page.locator(".log").evaluate("e => e.scrollWidth <= e.clientWidth")
        # The page behind cannot be reached: the focus goes round.
        for _ in range(12):
            await page.keyboard.press("Tab")
            assert await page.evaluate("document.activeElement.hasAttribute('data-botfolk')")


async def test_a_page_gives_the_chat_its_own_colour_side_scheme_and_words(shop: Shop, browser: Browser) -> None:
    texts = '{"open": "Buka sembang", "write": "Tulis mesej", "log": "Perbualan"}'
    address = shop.page(color="%230b6b5c", position="left", scheme="dark", greeting="Apa khabar?", texts=texts)
    async with a_visitor(shop, browser, address) as page:
        await page.get_by_role("button", name="Buka sembang").click()
        await expect(page.get_by_label("Tulis mesej")).to_be_focused()
        await expect(line(page, "theirs")).to_have_text("Apa khabar?")
        ground = "e => getComputedStyle(e).backgroundColor"
        assert await page.locator(".launcher").evaluate(ground) == "rgb(11, 107, 92)"
        box = await page.get_by_role("dialog").bounding_box()
        assert box is not None
        assert box["x"] == 20
        assert await page.get_by_role("dialog").evaluate(ground) == "rgb(26, 28, 33)"


async def test_nothing_of_the_page_comes_into_the_chat(shop: Shop, browser: Browser) -> None:
    async with a_visitor(shop, browser) as page:
        await page.evaluate(
            """() => { const sheet = new CSSStyleSheet();
                sheet.replaceSync("* { color: rgb(1, 2, 3) !important; display: inline !important; font-size: 50px }");
                document.adoptedStyleSheets = [sheet]; }"""
        )
        await opened(page)
        field = page.get_by_label("Write a message")
        assert await field.evaluate("e => getComputedStyle(e).fontSize") == "16px"
        assert await field.evaluate("e => getComputedStyle(e).color") != "rgb(1, 2, 3)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
async def test_axe_finds_nothing_in_the_chat(shop: Shop, browser: Browser, scheme: str, width: int) -> None:
    found: dict[str, list[str]] = {}
    # The shop's own policy forbids the tool, not the chat.
    options: dict[str, Any] = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}, "bypass_csp": True}
    async with a_visitor(shop, browser, **options) as page:
        await expect(page.get_by_role("button", name="Open the chat")).to_be_visible()
        found["closed"] = await violations(page)
        await opened(page)
        # While it comes in, it is paler than it will be.
        arrived = "e => Promise.all(e.getAnimations().map(each => each.finished))"
        await page.get_by_role("dialog").evaluate(arrived)
        found["empty"] = await violations(page)
        await says(page, "hello https://shop.example/ 😀")
        await expect(line(page, "theirs")).to_have_count(1)
        await page.get_by_role("button", name="Choose an emoji").click()
        await page.context.set_offline(True)
        await page.get_by_label("Write a message").fill("later")
        await page.get_by_label("Write a message").press("Enter")
        await expect(page.locator(".waiting")).to_have_count(1)
        found["talking"] = await violations(page)
    async with a_visitor(shop, browser, f"{shop.site.url}/chat/{shop.channel}", **options) as page:
        await says(page, "hello")
        await expect(line(page, "theirs")).to_have_count(1)
        found["page"] = await violations(page)
    assert {where: what for where, what in found.items() if what} == {}
