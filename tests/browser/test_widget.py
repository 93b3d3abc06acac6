"""A visitor of somebody else's site talks through the chat on it, and a member answers."""

import io
import json
import re
import time
from collections.abc import AsyncIterator, Iterator

import jwt
import pytest
from PIL import Image
from playwright.async_api import Browser, FilePayload, Page, expect

from tests.browser.conftest import Site, a_site, a_window
from tests.browser.shop import Shop, a_shop, a_visitor, line, opened, says

BUTTONS = [
    {"title": "My email", "ask": "email"},
    {"title": "My phone", "ask": "phone"},
    {"title": "Where I am", "ask": "location"},
    {"title": "Yes", "data": "yes"},
    {"title": "Our site", "url": "https://shop.example/"},
]


@pytest.fixture
def shop(site: Site) -> Iterator[Shop]:
    """A shop with the chat on it."""
    with a_shop(site) as made:
        yield made


@pytest.fixture
async def visitor(shop: Shop, browser: Browser) -> AsyncIterator[Page]:
    """A visitor's window on the shop."""
    async with a_visitor(shop, browser) as page:
        yield page


async def test_a_member_takes_over_for_two_minutes_and_the_bot_comes_back(
    server: str, template: str, tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> None:
    folder = tmp_path_factory.mktemp("clocked")
    ahead = folder / "ahead"
    ahead.write_text("0")
    with (
        a_site(server, template, folder, ["tests.browser.clocked", str(ahead), "serve"]) as site,
        a_shop(site) as shop,
    ):
        site.rows("UPDATE bots SET pause_seconds = 120 RETURNING 1")
        async with a_visitor(shop, browser) as visitor, a_window(site, browser) as member:
            page = member.page
            await opened(visitor)
            await says(visitor, "Is the blue one in stock?")
            await expect(line(visitor, "theirs")).to_have_count(1)
            await page.clock.install()
            await page.goto(f"/users/{shop.user()}")
            await expect(page.get_by_role("heading", level=1)).to_contain_text("Guest")
            await page.get_by_label("Reply").fill("It is, shall I keep one for you?")
            await page.get_by_role("button", name="Send and pause").click()
            await expect(line(visitor, "theirs").last).to_have_text("It is, shall I keep one for you?")
            await expect(page.get_by_role("timer")).to_have_text(re.compile(r"^(2:00|1:\d\d)$"))
            await says(visitor, "Yes please")
            await expect(page.get_by_role("log")).to_contain_text("Yes please")
            assert [author for author, _ in shop.messages()] == ["user", "bot", "member", "user"]
            ahead.write_text("121")
            await page.clock.fast_forward(121_000)
            await expect(page.get_by_role("switch", name="Pause bot")).to_have_attribute("aria-checked", "false")
            await says(visitor, "Are you there?")
            await expect(line(visitor, "theirs")).to_have_count(3)
            assert [author for author, _ in shop.messages()][-2:] == ["user", "bot"]


async def test_who_comes_back_finds_what_was_said_and_what_was_not_read(visitor: Page, shop: Shop) -> None:
    await opened(visitor)
    await says(visitor, "hello")
    await expect(line(visitor, "theirs")).to_have_count(1)
    await visitor.keyboard.press("Escape")
    await expect(visitor.get_by_role("button", name="Open the chat")).to_be_focused()
    await visitor.reload()
    await opened(visitor)
    await expect(line(visitor, "mine")).to_have_text("hello")
    await expect(line(visitor, "theirs")).to_have_count(1)


async def test_what_is_said_while_the_chat_is_closed_is_counted_on_its_button(
    visitor: Page, page: Page, shop: Shop
) -> None:
    await opened(visitor)
    await says(visitor, "hello")
    await expect(line(visitor, "theirs")).to_have_count(1)
    await visitor.get_by_role("button", name="Close the chat").first.click()
    await page.goto(f"/users/{shop.user()}")
    await page.get_by_label("Reply").fill("One more thing")
    await page.get_by_role("button", name="Send once").click()
    await expect(visitor.get_by_role("button", name="Open the chat: 1 unread message")).to_be_visible()
    await expect(visitor.locator(".badge")).to_have_text("1")
    await visitor.reload()
    await visitor.get_by_role("button", name="Open the chat: 1 unread message").click()
    await expect(line(visitor, "theirs").last).to_have_text("One more thing")
    await visitor.keyboard.press("Escape")
    await expect(visitor.locator(".badge")).to_have_count(0)


async def test_each_side_sees_that_the_other_writes(visitor: Page, page: Page, shop: Shop) -> None:
    await opened(visitor)
    await says(visitor, "hello")
    await expect(line(visitor, "theirs")).to_have_count(1)
    await page.goto(f"/users/{shop.user()}")
    await page.locator('#live[data-state="on"]').wait_for()
    await page.get_by_label("Reply").press_sequentially("Let me see", delay=10)
    await expect(visitor.locator(".typing")).to_have_text("Owner is typing…")
    await visitor.get_by_label("Write a message").press_sequentially("and ano", delay=10)
    await expect(page.locator("#user-writes")).to_contain_text("is writing…")
    await page.get_by_role("button", name="Send once").click()
    await expect(line(visitor, "theirs").last).to_have_text("Let me see")
    await expect(visitor.locator(".typing")).to_be_empty()


async def test_a_picture_is_sent_and_seen_on_both_sides(visitor: Page, page: Page, shop: Shop) -> None:
    drawn = io.BytesIO()
    Image.new("RGB", (80, 60), "green").save(drawn, "PNG")
    await opened(visitor)
    files = [
        FilePayload(name="leaf.png", mimeType="image/png", buffer=drawn.getvalue()),
        FilePayload(name="list.csv", mimeType="text/csv", buffer=b"a,b"),
    ]
    await visitor.locator("input[type=file]").set_input_files(files=files)
    await expect(visitor.get_by_role("button", name="Remove leaf.png")).to_be_visible()
    await expect(visitor.get_by_role("button", name="Remove list.csv")).to_be_visible()
    await visitor.get_by_role("button", name="Send").click()
    await expect(visitor.locator(".mine img")).to_have_js_property("naturalWidth", 80)
    await expect(visitor.locator(".mine a.file")).to_contain_text("list.csv")
    await page.goto(f"/users/{shop.user()}")
    await expect(page.locator(".bubble__picture")).to_have_js_property("naturalWidth", 80)
    async with page.expect_download() as download:
        await page.get_by_role("link", name="list.csv").click()
    assert (await download.value).suggested_filename == "list.csv"


@pytest.mark.parametrize(
    ("name", "kind", "content", "why"),
    [
        ("run.exe", "application/x-msdownload", b"MZ", "run.exe: this kind of file cannot be sent here"),
        ("empty.txt", "text/plain", b"", "empty.txt is empty"),
        ("broken.png", "image/png", b"no picture", "broken.png: This is not a JPEG, PNG, WebP or GIF picture"),
    ],
)
async def test_a_file_that_cannot_be_sent_says_why_and_keeps_the_text(
    shop: Shop, browser: Browser, name: str, kind: str, content: bytes, why: str
) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(shop.url)
    await opened(page)
    await page.get_by_label("Write a message").fill("see this")
    file = FilePayload(name=name, mimeType=kind, buffer=content)
    await page.locator("input[type=file]").set_input_files(files=file)
    await expect(page.get_by_role("alert")).to_contain_text(why)
    await expect(page.get_by_label("Write a message")).to_have_value("see this")
    await expect(page.locator(".stored")).to_have_count(0)
    await context.close()


async def asked(shop: Shop, page: Page) -> None:
    """Let what the bot said have buttons."""
    await opened(page)
    await says(page, "hi")
    await expect(line(page, "theirs")).to_have_count(1)
    changed = "UPDATE messages SET details = %s WHERE channel_id = %s AND direction = 'out' RETURNING 1"
    shop.site.rows(changed, json.dumps({"buttons": BUTTONS}), shop.channel)
    await page.reload()
    await opened(page)


async def test_an_address_and_a_number_are_given_by_keyboard_as_the_visitors_word(visitor: Page, shop: Shop) -> None:
    await asked(shop, visitor)
    await visitor.get_by_role("button", name="My email").press("Enter")
    await visitor.get_by_label("Your email address").fill("ann@example.com")
    await visitor.keyboard.press("Enter")
    await expect(visitor.locator(".mine:not(.waiting) .bubble").last).to_have_text("ann@example.com")
    await expect(visitor.get_by_role("button", name="Yes")).to_have_count(0)
    await expect(visitor.get_by_role("link", name="Our site")).to_be_visible()
    rows = shop.site.rows(
        "SELECT email, timezone, field_sources ->> 'email', field_sources ->> 'timezone' FROM users WHERE id = %s",
        shop.user(),
    )
    assert rows == [("ann@example.com", "Asia/Kuala_Lumpur", "user", "channel")]


async def test_a_button_and_a_place_are_sent_and_no_place_says_so(shop: Shop, browser: Browser) -> None:
    async with a_visitor(shop, browser) as page:
        await asked(shop, page)
        await page.get_by_role("button", name="Where I am").click()
        await expect(page.get_by_role("alert")).to_have_text("Your browser did not tell where you are.")
        await page.context.grant_permissions(["geolocation"])
        await page.context.set_geolocation({"latitude": 3.139, "longitude": 101.687})
        await page.get_by_role("button", name="Where I am").click()
        await expect(page.locator(".mine:not(.waiting) .bubble").last).to_have_text("📍 Location")
    kept = "SELECT kind, details FROM messages WHERE channel_id = %s AND kind = 'location'"
    assert shop.site.rows(kept, shop.channel) == [("location", {"latitude": 3.139, "longitude": 101.687})]


async def test_a_pressed_button_is_what_was_offered(visitor: Page, shop: Shop) -> None:
    await asked(shop, visitor)
    await visitor.get_by_role("button", name="Yes").press("Enter")
    await expect(visitor.locator(".mine:not(.waiting) .bubble").last).to_have_text("Yes")
    kept = "SELECT details ->> 'data', text FROM messages WHERE channel_id = %s AND kind = 'button'"
    assert shop.site.rows(kept, shop.channel) == [("yes", "Yes")]


def word_of(shop: Shop, until: float, **claims: str) -> str:
    """What the shop says of a customer."""
    return jwt.encode({"sub": "c-1", "exp": int(time.time() + until), **claims}, shop.identity_secret, "HS256")


async def test_whom_the_shop_knows_is_known_and_leaves_nothing_behind_when_signed_out(
    shop: Shop, browser: Browser
) -> None:
    word = word_of(shop, 300, name="Ann Lee", email="ann@example.com")
    async with a_visitor(shop, browser, shop.page(identity=word)) as page:
        await opened(page)
        await says(page, "my order?")
        rows = shop.site.rows("SELECT first_name, email FROM users WHERE id = %s", shop.user())
        assert rows == [("Ann", "ann@example.com")]
        await page.evaluate("window.Botfolk.identify(null)")
        await expect(page.locator(".mine")).to_have_count(0)
        await says(page, "somebody else")
    identities = shop.site.rows("SELECT external_id FROM identities WHERE channel_id = %s", shop.channel)
    assert len(identities) == 2
    assert ("id:c-1",) in identities


async def test_a_word_that_has_expired_is_told_to_who_built_the_page_and_the_chat_goes_on(
    shop: Shop, browser: Browser
) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    told: list[str] = []
    page.on("console", lambda word: told.append(word.text) if word.type == "warning" else None)
    await page.goto(shop.page(identity=word_of(shop, -300, email="ann@example.com")))
    await opened(page)
    await says(page, "hello anyway")
    assert told == ["Botfolk: The host page's word is not valid: it has expired."]
    assert shop.site.rows("SELECT email FROM users WHERE id = %s", shop.user()) == [(None,)]
    await context.close()


async def test_a_page_that_is_not_on_the_list_gets_no_chat(site: Site, browser: Browser) -> None:
    with a_shop(site, "--origin", "https://shop.example") as shop:
        context = await browser.new_context()
        page = await context.new_page()
        async with page.expect_response(lambda answer: answer.url.endswith("/start")) as started:
            await page.goto(shop.url)
        assert (await started.value).status == 403
        await expect(page.get_by_role("button", name="Open the chat")).to_have_count(0)
        await context.close()


async def test_the_page_and_where_a_visitor_came_from_stand_with_the_session(
    visitor: Page, page: Page, shop: Shop
) -> None:
    await opened(visitor)
    await says(visitor, "hello")
    await page.goto(f"/users/{shop.user()}")
    await page.locator("#statistics summary").first.click()
    await expect(page.locator(".counted").first).to_contain_text(shop.url.removeprefix("http://"))


async def test_the_chat_is_a_page_of_its_own_too(shop: Shop, browser: Browser) -> None:
    async with a_visitor(shop, browser, f"{shop.site.url}/chat/{shop.channel}") as page:
        await says(page, "hello from the page")
        await expect(line(page, "theirs")).to_have_count(1)
        await expect(page.get_by_role("heading", level=1)).to_have_text("My bot")


def test_the_line_to_paste_is_printed(site: Site) -> None:
    assert f'<script src="{site.url}/chat.js" data-channel="' in site.told(
        "channel", "add", "webchat", "--name", "Other", "--color", "#0b6b5c", "--text", "write=Tulis mesej"
    )
