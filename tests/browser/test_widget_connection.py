"""Whatever the connection does, nothing a visitor says or is told is lost or doubled."""

from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import Site
from tests.browser.shop import Shop, a_shop, a_visitor, line, opened, says
from tests.browser.wire import Wire, a_proxy_that_holds_back, a_wire

PATIENCE = 60_000


@pytest.fixture
def wire(site: Site) -> Iterator[Wire]:
    """What visitors reach Botfolk by."""
    with a_wire(site.url) as made:
        yield made


@pytest.fixture
def shop(site: Site, wire: Wire) -> Iterator[Shop]:
    """A shop whose visitors reach Botfolk by the wire."""
    with a_shop(site, at=wire.url) as made:
        yield made


async def test_what_is_written_while_the_wire_is_cut_arrives_once_and_in_order(
    shop: Shop, wire: Wire, browser: Browser
) -> None:
    async with a_visitor(shop, browser) as page:
        await opened(page)
        await says(page, "one")
        wire.cut()
        for text in ("two", "three"):
            await page.get_by_label("Write a message").fill(text)
            await page.keyboard.press("Enter")
        await expect(page.locator(".waiting")).to_have_count(2)
        await expect(page.get_by_text("No connection.")).to_be_visible(timeout=PATIENCE)
        wire.mend()
        await expect(page.locator(".waiting")).to_have_count(0, timeout=PATIENCE)
        await expect(page.get_by_text("No connection.")).to_have_count(0, timeout=PATIENCE)
        await expect(line(page, "mine")).to_have_text(["one", "two", "three"])
    assert shop.said() == ["one", "two", "three"]


async def test_what_is_said_to_a_visitor_while_the_wire_is_cut_is_there_when_it_is_mended(
    shop: Shop, wire: Wire, browser: Browser
) -> None:
    async with a_visitor(shop, browser) as page:
        await opened(page)
        await says(page, "hello")
        await expect(line(page, "theirs")).to_have_count(1)
        wire.cut()
        missed = [f"missed {number}" for number in range(70)]
        shop.site.rows(
            """INSERT INTO messages (bot_id, id, user_id, channel_id, direction, author, kind, text, sent_at,
                                     received_at, status)
               SELECT bot_id, gen_random_uuid(), user_id, channel_id, 'out', 'bot', 'text', t.text,
                      clock_timestamp() + t.n * interval '1 millisecond', received_at, 'sent'
               FROM messages, unnest(%s::text[]) WITH ORDINALITY AS t (text, n)
               WHERE channel_id = %s AND direction = 'in' RETURNING 1""",
            missed,
            shop.channel,
        )
        wire.mend()
        await expect(line(page, "theirs")).to_have_count(71, timeout=PATIENCE)
        assert (await line(page, "theirs").all_inner_texts())[1:] == missed


async def test_answers_that_are_lost_on_the_way_double_nothing(shop: Shop, wire: Wire, browser: Browser) -> None:
    async with a_visitor(shop, browser) as page:
        await opened(page)
        await says(page, "first")
        wire.answers_to_lose = 2
        await page.get_by_label("Write a message").fill("only once")
        await page.keyboard.press("Enter")
        await expect(page.locator(".mine:not(.waiting)", has_text="only once")).to_have_count(1, timeout=PATIENCE)
        assert wire.lost == 2
    assert shop.said() == ["first", "only once"]


async def test_a_page_that_is_left_before_its_message_was_taken_sends_it_when_it_comes_back(
    shop: Shop, wire: Wire, browser: Browser
) -> None:
    async with a_visitor(shop, browser) as page:
        await opened(page)
        await says(page, "one")
        wire.cut()
        await page.get_by_label("Write a message").fill("two")
        await page.keyboard.press("Enter")
        await expect(page.locator(".waiting")).to_have_count(1)
        await page.goto("about:blank")
        wire.mend()
        await page.goto(shop.url)
        await opened(page)
        await expect(line(page, "mine")).to_have_text(["one", "two"], timeout=PATIENCE)
        await expect(page.locator(".waiting")).to_have_count(0, timeout=PATIENCE)
    assert shop.said() == ["one", "two"]


async def test_two_pages_of_one_visitor_show_the_same(shop: Shop, browser: Browser) -> None:
    async with a_visitor(shop, browser) as page:
        await opened(page)
        await says(page, "from one")
        other = await page.context.new_page()
        await other.goto(shop.url)
        await opened(other)
        await says(other, "from the other")
        await page.bring_to_front()
        await expect(line(page, "mine")).to_have_text(["from one", "from the other"], timeout=PATIENCE)
    assert shop.said() == ["from one", "from the other"]


async def test_a_proxy_that_holds_streams_back_keeps_no_message(site: Site, browser: Browser) -> None:
    with a_proxy_that_holds_back(site.url) as proxy, a_shop(site, at=proxy) as shop:
        async with a_visitor(shop, browser) as page:
            await opened(page)
            await says(page, "anybody?")
            await expect(line(page, "theirs")).to_have_count(1, timeout=PATIENCE)
            await says(page, "and again")
            await expect(line(page, "theirs")).to_have_count(2, timeout=PATIENCE)
            await expect(line(page, "mine")).to_have_text(["anybody?", "and again"])


async def test_a_page_without_https_has_its_message_ids_too(shop: Shop, browser: Browser) -> None:
    async with a_visitor(shop, browser, "about:blank") as page:
        # What a page over plain http lacks.
        await page.add_init_script("delete Crypto.prototype.randomUUID")
        await page.goto(shop.url)
        assert await page.evaluate("crypto.randomUUID === undefined")
        await opened(page)
        await says(page, "plain")
    assert shop.said() == ["plain"]
