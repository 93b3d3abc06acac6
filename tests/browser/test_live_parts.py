"""A part of a page that fetches itself anew misses nothing, whatever else puts something in its place meanwhile."""

import asyncio
import secrets

from playwright.async_api import Page, Request, Route, expect

from tests.browser.conftest import People

# Something changed while the answer was being put in: the part hears of it as soon as the browser comes to it.
_REFRESHED_AT_ONCE = """() => document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "jobs-now") return;
    setTimeout(() => document.getElementById("jobs-now").dispatchEvent(new Event("refresh")), 0);
}, {once: true})"""


async def test_a_part_hears_of_changes_as_soon_as_it_is_put_in(page: Page) -> None:
    await page.goto("/users")
    await expect(page.locator("#jobs-now[data-shows]")).to_be_attached()
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if request.url.endswith("/jobs/now") else None)
    await page.evaluate(_REFRESHED_AT_ONCE)
    await page.locator("#jobs-now").dispatch_event("refresh")
    async with asyncio.timeout(20):
        while len(asked) < 2:
            await page.wait_for_timeout(20)


async def test_what_a_form_puts_in_a_part_does_not_outlive_the_parts_next_answer(page: Page, people: People) -> None:
    person = await people.writes("Given", "Taken")
    tag = f"t{secrets.token_hex(3)}"
    await page.goto(person.address)
    await expect(page.locator("#live")).to_have_attribute("data-state", "on")
    async with page.expect_response(f"**/users/{person.id}/profile") as first:
        await page.locator("#profile").dispatch_event("refresh")
    answer = await (await first.value).text()
    asked, answered = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        asked.set()
        await answered.wait()
        await route.fulfill(body=answer, content_type="text/html; charset=utf-8")

    await page.route(f"**/users/{person.id}/profile", hold)
    await page.get_by_label("Add a tag").fill(tag)
    await page.get_by_label("Add a tag").press("Enter")
    await expect(page.locator("#tags")).to_contain_text(tag)
    await asked.wait()
    # As if it was taken away again before the part fetched itself: the answer is the one it was filled with at first.
    answered.set()
    await expect(page.locator("#tags")).not_to_contain_text(tag)
