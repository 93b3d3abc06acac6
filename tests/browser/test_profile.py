"""The picture and the statistics of the User page."""

import io

from PIL import Image
from playwright.async_api import FilePayload, Page, expect

from tests.browser.conftest import People


def drawn(color: str, kind: str = "PNG") -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (300, 200), color).save(content, kind)
    return content.getvalue()


async def test_a_picture_is_chosen_by_a_member_stays_and_can_be_taken_back(page: Page, people: People) -> None:
    person = await people.writes("Picture", "Person")
    await page.goto(person.address)
    # The channel's comes first, whenever it comes.
    await expect(page.locator("#who img")).to_have_js_property("naturalWidth", 512)
    await page.locator("#picture-menu summary").click()
    chosen = FilePayload(name="ann.png", mimeType="image/png", buffer=drawn("orange"))
    await page.get_by_label("New picture").set_input_files(files=chosen)
    await expect(page.locator("#who img")).to_have_js_property("naturalWidth", 200)
    assert person.field("field_sources ->> 'picture'") == "member"
    await page.locator("#picture-menu summary").click()
    bad = FilePayload(name="ann.svg", mimeType="image/svg+xml", buffer=b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    await page.get_by_label("New picture").set_input_files(files=bad)
    await expect(page.get_by_role("alert")).to_contain_text("not a JPEG, PNG, WebP or GIF picture")
    before = person.field("picture_id")
    await page.locator("#picture-menu summary").click()
    await page.get_by_role("button", name="Remove the picture").click()
    await expect(page.locator("#who img")).to_have_count(0)
    assert person.field("picture_id") is None
    await page.locator("#changes > summary").click()
    # Until the page has heard of its own change, the first line is an older one.
    removed = page.locator("#changes li", has_text="removed the picture")
    await removed.get_by_role("button", name="Undo").click()
    await expect(page.locator("#who img")).to_have_js_property("naturalWidth", 200)
    assert person.field("picture_id") == before


async def test_each_statistic_opens_what_it_counts(page: Page, people: People) -> None:
    person = await people.writes("Counted", "Person", "hello", "this is great 😀", "now I am very angry")
    await page.goto(person.address)
    for what, seen in (
        ("sessions", "3 messages"),
        ("messages", "now I am very angry"),
        ("clicks", "No link has been opened yet."),
        ("time", "3 messages"),
        ("sentiment", "angry"),
    ):
        opened = page.locator(f"#statistic-{what}")
        await opened.locator("summary").click()
        await expect(opened.locator(".counted")).to_contain_text(seen)
    trend = page.get_by_role("img", name="over the last 3 scored messages")
    await expect(trend).to_be_visible()
    await person.says("and this comes while it is open")
    await expect(page.locator("#statistic-messages .statistic__value")).to_have_text("4")
    await expect(page.locator("#statistic-sentiment .counted")).to_contain_text("angry")


async def test_a_picture_is_dropped_and_one_too_large_is_not_even_sent(page: Page, people: People) -> None:
    person = await people.writes("Dropped", "Picture")
    await page.goto(person.address)
    await expect(page.locator("#who img")).to_have_js_property("naturalWidth", 512)
    content = list(drawn("green"))
    given = await page.evaluate_handle(
        """content => { const given = new DataTransfer();
        given.items.add(new File([new Uint8Array(content)], "leaf.png", {type: "image/png"})); return given; }""",
        content,
    )
    await page.locator("#who").dispatch_event("drop", {"dataTransfer": given})
    await expect(page.locator("#who img")).to_have_js_property("naturalWidth", 200)
    await page.locator("#picture-menu summary").click()
    large = FilePayload(name="large.png", mimeType="image/png", buffer=b"x" * 10_000_001)
    await page.get_by_label("New picture").set_input_files(files=large)
    await expect(page.get_by_role("alert")).to_contain_text("larger than 10 MB")
    await expect(page.locator("#who img")).to_have_js_property("naturalWidth", 200)


async def test_the_last_message_is_shown_whole_and_found_in_the_conversation(page: Page, people: People) -> None:
    person = await people.writes("Last", "Message", *(f"message {number}" for number in range(50)))
    await page.goto(person.address)
    await page.locator("#conversation").evaluate("e => { e.scrollTop = 0 }")
    opened = page.locator("#statistic-last")
    await opened.locator("summary").click()
    await expect(opened.locator(".counted")).to_contain_text("message 49")
    await expect(opened.locator(".counted")).to_contain_text("Telegram")
    await opened.get_by_role("link", name="Show it in the conversation").click()
    await expect(page.locator(".message", has_text="message 49")).to_be_focused()
    await expect(page.locator(".message", has_text="message 49")).to_be_in_viewport()


async def test_a_very_long_name_keeps_the_conversation_in_its_column(page: Page, people: People) -> None:
    person = await people.writes("Wolfeschlegelsteinhausenbergerdorff" * 2, "عبد الرحمن " * 10, "hello")
    for width in (1280, 360):
        await page.set_viewport_size({"width": width, "height": 800})
        await page.goto(f"{person.address}#talk")
        await page.reload()
        await expect(page.locator(".message").first).to_be_visible()
        for part in (".message__head", ".bubble"):
            ends = "e => e.getBoundingClientRect().right <= e.closest('#conversation').getBoundingClientRect().right"
            assert await page.locator(part).first.evaluate(ends), part
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
