"""The bot's own words for sentiment, and its history rescored, in a browser."""

from playwright.async_api import Page, expect

from tests.browser.conftest import Site


async def test_a_word_is_added_changed_ignored_and_removed(page: Page, site: Site) -> None:
    await page.goto("/personality")
    place = page.locator("#words-place")
    await expect(place.get_by_text("No words of your own yet")).to_be_visible()
    await place.get_by_label("Word, phrase or emoji").fill("Sedap Gila")
    await place.get_by_label("Score, −100 to 100").fill("a lot")
    await place.get_by_role("button", name="Add or change").click()
    await expect(place.get_by_role("alert")).to_contain_text("A number from −100 to 100")
    await expect(place.get_by_label("Word, phrase or emoji")).to_have_value("Sedap Gila")
    await place.get_by_label("Score, −100 to 100").fill("90")
    await place.get_by_role("button", name="Add or change").click()
    await expect(place.get_by_role("listitem")).to_contain_text(["sedap gila"])
    await expect(place.get_by_role("listitem")).to_contain_text(["+90"])
    await page.reload()
    await place.get_by_label("Word, phrase or emoji").fill("sedap gila")
    await place.get_by_role("button", name="Ignore this word").click()
    await expect(place.get_by_role("listitem")).to_contain_text(["ignored"])
    assert site.rows("SELECT word, score FROM sentiment_words") == [("sedap gila", 0)]
    await page.reload()
    await place.get_by_role("button", name="Remove the word sedap gila").click()
    await expect(place.get_by_text("No words of your own yet")).to_be_visible()
    assert site.rows("SELECT word FROM sentiment_words") == []


async def test_history_is_rescored_as_a_job_that_says_how_far_it_is_and_can_be_cancelled(
    page: Page, site: Site
) -> None:
    await page.goto("/personality")
    await page.get_by_role("button", name="Rescore history").click()
    await expect(page.get_by_text("History was rescored")).to_be_visible()
    assert site.rows("SELECT done = total, state FROM jobs WHERE kind = 'rescore'") == [(True, "done")]
    # As it looks on the way: the worker has no task for it, so that it stands still.
    halfway = "UPDATE jobs SET state = 'running', total = 12345, done = 678 WHERE kind = 'rescore' RETURNING 1"
    assert site.rows(halfway) == [(1,)]
    await page.reload()
    await expect(page.get_by_text("678 of 12,345 users")).to_be_visible()
    await expect(page.get_by_role("progressbar", name="Users rescored")).to_have_attribute("value", "678")
    await page.locator("#rescoring").get_by_role("button", name="Cancel").click()
    await expect(page.get_by_text("History was rescored in part: 678 users.")).to_be_visible()
    await page.goto("/jobs")
    await expect(page.get_by_role("article", name="Rescore history")).to_contain_text("Cancelled after 678 of 12,345")
