"""One user's page in a browser."""

import re

from playwright.async_api import Browser, Page, expect

from botfolk.clock import utc_now
from botfolk.db.pool import Pool
from botfolk.ids import new_id
from botfolk.users.apply import apply
from botfolk.users.edits import Actor, PauseBot, SetField
from tests.browser.conftest import People, Person, Site, a_window


async def live(page: Page) -> None:
    await expect(page.locator("#live")).to_have_attribute("data-state", "on")


async def change(pool: Pool, person: Person, field: str, value: str) -> None:
    """Somebody else changes the profile."""
    async with pool.connection() as connection:
        edit, actor = SetField(field, value), Actor("member", "Amy")
        await apply(connection, person.site.bot_id, person.id, [edit], actor, now=utc_now())


async def test_a_field_is_saved_on_leaving_it_and_on_enter(page: Page, people: People) -> None:
    person = await people.writes("Edited", "Person")
    await page.goto(person.address)
    await page.get_by_label("Email").fill("edited@example.com")
    await page.keyboard.press("Tab")
    await expect(page.locator("#field-email .field__source")).to_have_text("Owner")
    assert person.field("email") == "edited@example.com"
    await page.get_by_label("Phone").fill("+60 12 345 6789")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Phone")).to_have_value("+60123456789")
    await page.reload()
    await expect(page.get_by_label("Phone")).to_have_value("+60123456789")
    await expect(page.locator(".aside", has_text="set Phone to “+60123456789”")).to_have_count(1)


async def test_a_wrong_value_stays_with_its_reason_and_escape_brings_back_the_old(page: Page, people: People) -> None:
    person = await people.writes("Wrong", "Value")
    await page.goto(person.address)
    await page.get_by_label("Email").fill("not an address")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("not an email address")
    await expect(page.get_by_label("Email")).to_have_value("not an address")
    await page.get_by_label("Email").press("Escape")
    await expect(page.get_by_label("Email")).to_have_value("")
    await page.get_by_label("First name").fill("Half typed")
    await page.keyboard.press("Escape")
    await expect(page.get_by_label("First name")).to_have_value("Wrong")
    assert person.field("first_name") == "Wrong"


async def test_a_change_by_somebody_else_appears_and_leaves_what_is_being_typed(
    page: Page, people: People, pool: Pool
) -> None:
    person = await people.writes("Two", "Members")
    await page.goto(person.address)
    await live(page)
    await page.get_by_label("Last name").fill("Being typed")
    await change(pool, person, "first_name", "Changed")
    await expect(page.get_by_label("First name")).to_have_value("Changed")
    await expect(page.get_by_label("Last name")).to_have_value("Being typed")
    await expect(page.get_by_label("Last name")).to_be_focused()


async def test_a_clash_shows_both_values_and_either_can_be_kept(page: Page, people: People, pool: Pool) -> None:
    person = await people.writes("Clash", "Person")
    await page.goto(person.address)
    await live(page)
    first_name = page.get_by_label("First name")
    await first_name.fill("Mine")
    await change(pool, person, "first_name", "Theirs")
    await expect(page.locator(".who__name")).to_contain_text("Theirs")
    await first_name.press("Enter")
    alert = page.get_by_role("alert")
    await expect(alert).to_contain_text("Amy")
    await expect(alert).to_contain_text("Theirs")
    await expect(alert).to_contain_text("Mine")
    assert person.field("first_name") == "Theirs"
    await page.get_by_role("button", name="Keep mine").click()
    await expect(alert).to_have_count(0)
    assert person.field("first_name") == "Mine"

    await first_name.fill("Mine again")
    await change(pool, person, "first_name", "Theirs again")
    await expect(page.locator(".who__name")).to_contain_text("Theirs again")
    await first_name.press("Enter")
    await page.get_by_role("button", name="Take theirs").click()
    await expect(first_name).to_have_value("Theirs again")
    assert person.field("first_name") == "Theirs again"


async def test_tags_come_and_go(page: Page, people: People) -> None:
    person = await people.writes("Tagged", "Person")
    await page.goto(person.address)
    await page.get_by_label("Add a tag").fill("big spender")
    await page.keyboard.press("Enter")
    await expect(page.locator("#tags .chip")).to_have_text(["big spender"])
    await page.keyboard.type("عميل")
    await page.keyboard.press("Enter")
    await expect(page.locator("#tags .chip")).to_have_count(2)
    await page.get_by_role("button", name="Remove the tag big spender").click()
    await expect(page.locator("#tags .chip")).to_have_text(["عميل"])


async def test_notes_are_written_changed_and_deleted(page: Page, people: People) -> None:
    person = await people.writes("Noted", "Person")
    await page.goto(person.address)
    await page.get_by_label("New note").fill("Call in the morning")
    await page.get_by_role("button", name="Add note").click()
    note = page.locator(".note")
    await expect(note).to_contain_text("Call in the morning")
    await note.get_by_text("Edit", exact=True).click()
    await note.get_by_label("Note").fill("Call in the evening")
    await note.get_by_role("button", name="Save").click()
    await expect(note.locator(".note__text")).to_have_text("Call in the evening")
    await note.get_by_text("Edit", exact=True).click()
    await note.get_by_role("button", name="Delete").click()
    await expect(note).to_have_count(0)


async def test_attributes_are_typed_and_a_wrong_one_says_why(page: Page, people: People) -> None:
    person = await people.writes("Attributed", "Person")
    await page.goto(person.address)
    await page.get_by_text("Add an attribute").click()
    await page.get_by_label("Name", exact=True).fill("seats")
    await page.get_by_label("Type").select_option("number")
    await page.get_by_label("Value").fill("twelve")
    await page.keyboard.press("Enter")
    await expect(page.locator("#attribute-error")).to_contain_text("number")
    await page.get_by_label("Value").fill("12")
    await page.keyboard.press("Enter")
    value = page.locator("#attribute-seats-value")
    await expect(value).to_have_value("12")
    await value.fill("13")
    await page.keyboard.press("Tab")
    await expect(page.locator(".aside", has_text="changed seats from “12” to “13”")).to_have_count(1)
    assert person.field("attributes") == {"seats": 13}
    await page.get_by_role("button", name="Remove the attribute seats").click()
    await expect(value).to_have_count(0)
    await page.get_by_text("Add an attribute").click()
    await page.get_by_label("Name", exact=True).fill("Seats")
    await expect(page.get_by_label("Type")).to_have_value("number")


async def test_the_bot_is_paused_with_a_countdown_and_resumed(page: Page, people: People) -> None:
    person = await people.writes("Paused", "Person")
    await page.goto(person.address)
    switch = page.get_by_role("switch", name="Pause bot")
    await expect(switch).not_to_be_checked()
    await switch.click()
    await expect(switch).to_be_checked()
    left = page.get_by_role("timer")
    await expect(left).to_have_text(re.compile(r"^(10:00|9:\d\d)$"))
    await expect(left).not_to_have_text(await left.inner_text())
    await expect(left).to_have_text(re.compile(r"^9:\d\d$"))
    assert person.stat("paused_until") is not None
    await expect(page.locator("#composer-send")).to_contain_text("The bot is paused")
    await page.get_by_text("Change the length").click()
    await page.get_by_label("Reason (optional)").fill("angry")
    await page.get_by_role("button", name="Until resumed").click()
    await expect(page.locator("#pause")).to_contain_text("Paused until you resume the bot")
    await expect(page.locator("#pause")).to_contain_text("angry")
    await switch.click()
    await expect(switch).not_to_be_checked()
    assert person.stat("paused_until") is None


async def test_a_pause_that_ends_shows_itself(page: Page, people: People, pool: Pool) -> None:
    person = await people.writes("Ends", "Soon")
    await page.goto(person.address)
    await live(page)
    switch = page.get_by_role("switch", name="Pause bot")
    await switch.click()
    await expect(switch).to_be_checked()
    # However slow the page is, it has been seen paused before the end can come.
    async with pool.connection() as connection:
        edit, actor = PauseBot(seconds=2), Actor("member", "Amy")
        await apply(connection, person.site.bot_id, person.id, [edit], actor, now=utc_now())
    await expect(switch).not_to_be_checked()
    await expect(page.locator("#pause")).not_to_contain_text("The bot comes back in")


async def test_the_infinite_session_is_turned_on_and_undone(page: Page, people: People) -> None:
    person = await people.writes("Endless", "Person")
    await page.goto(person.address)
    switch = page.get_by_role("switch", name="Infinite session")
    await switch.click()
    await expect(switch).to_be_checked()
    assert person.stat("infinite_session") is True
    await page.locator("#changes summary").click()
    line = page.locator("#changes li", has_text="turned the infinite session on")
    await line.get_by_role("button", name="Undo").click()
    await expect(switch).not_to_be_checked()
    assert person.stat("infinite_session") is False


async def test_a_message_appears_with_its_face_and_the_numbers_follow(page: Page, people: People) -> None:
    person = await people.writes("Live", "Person")
    await page.goto(person.address)
    await live(page)
    await expect(page.locator("#statistic-messages .statistic__value")).to_have_text("1")
    await person.says(" so slow!")
    message = page.locator(".message--in").last
    await expect(message).to_contain_text("so slow!")
    await expect(message.locator(".face")).to_have_attribute("title", re.compile("Negative.*slow"))
    await expect(page.locator("#statistic-messages .statistic__value")).to_have_text("2")
    await expect(page.locator("#statistic-last .statistic__value")).to_contain_text("so slow!")
    end = "e => e.scrollHeight - e.scrollTop - e.clientHeight"
    assert await page.locator("#conversation").evaluate(end) < 5


async def test_a_reader_of_old_messages_is_left_where_they_are(page: Page, people: People) -> None:
    person = await people.writes("Scrolls", "Back", *(f"message {number}" for number in range(60)))
    await page.goto(person.address)
    await live(page)
    await expect(page.locator(".message")).to_have_count(30)
    await page.locator("#conversation").evaluate("e => { e.scrollTop = 0 }")
    await expect(page.locator(".message")).to_have_count(60)
    await page.locator("#conversation").evaluate("e => { e.scrollTop = 300 }")
    await person.says("the newest of all")
    await expect(page.get_by_text("the newest of all").first).to_be_attached()
    await expect(page.get_by_role("button", name="New messages")).to_be_visible()
    assert abs(await page.locator("#conversation").evaluate("e => e.scrollTop") - 300) < 5
    await page.get_by_role("button", name="New messages").click()
    await expect(page.locator(".message").last).to_be_in_viewport()


async def test_a_reply_is_sent_and_pauses_the_bot(page: Page, people: People) -> None:
    person = await people.writes("Answered", "Person")
    await page.goto(person.address)
    await page.get_by_label("Reply").fill("I will look into it")
    await page.keyboard.press("Enter")
    reply = page.locator(".message--member")
    await expect(reply).to_contain_text("I will look into it")
    await expect(reply).to_contain_text("Sent")
    await expect(page.get_by_label("Reply")).to_have_value("")
    await expect(page.get_by_role("switch", name="Pause bot")).to_be_checked()
    await expect(page.get_by_role("button", name="Send once")).to_have_count(0)
    await person.says("are you there?")
    await expect(page.locator(".message--in").last).to_contain_text("Waits for a human")
    await page.get_by_label("Reply").fill("Here I am")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator(".message--member")).to_have_count(2)
    await expect(page.get_by_text("Waits for a human")).to_have_count(0)


async def test_a_reply_sent_once_leaves_the_bot_awake(page: Page, people: People) -> None:
    person = await people.writes("Once", "Person")
    await page.goto(person.address)
    await page.get_by_label("Reply").fill("Only this")
    await page.get_by_role("button", name="Send once").click()
    await expect(page.locator(".message--member")).to_contain_text("Only this")
    await expect(page.get_by_role("switch", name="Pause bot")).not_to_be_checked()
    assert person.stat("paused_until") is None


async def test_a_draft_outlives_a_reload_and_a_refusal(page: Page, people: People, site: Site) -> None:
    person = await people.writes("Draft", "Person")
    await page.goto(person.address)
    await page.get_by_label("Reply").fill("Not yet finished")
    # A live page would show the block before the button is pressed, and leave nothing to press.
    silence = {"content_type": "text/event-stream", "body": "retry: 600000\n\n"}
    await page.route("**/live?*", lambda route: route.fulfill(**silence))
    await page.reload()
    await expect(page.get_by_label("Reply")).to_have_value("Not yet finished")
    site.rows("UPDATE identities SET state = 'blocked' WHERE user_id = %s RETURNING 1", person.id)
    await page.get_by_role("button", name="Send once").click()
    await expect(page.get_by_role("alert")).to_contain_text("has blocked the bot")
    await expect(page.get_by_label("Reply")).to_have_value("Not yet finished")


async def test_a_send_that_failed_says_why_and_can_be_tried_again(page: Page, people: People, site: Site) -> None:
    person = await people.writes("Failed", "Person")
    await page.goto(person.address)
    await expect(page.locator(".message--bot")).to_contain_text("Sent")
    site.tell_fake("person", id=person.chat_id, blocked=True)
    await page.get_by_label("Reply").fill("Can you hear me?")
    await page.get_by_role("button", name="Send once").click()
    reply = page.locator(".message--member")
    await expect(reply).to_contain_text("Not sent:")
    site.tell_fake("person", id=person.chat_id, blocked=False)
    site.rows("UPDATE identities SET state = 'active' WHERE user_id = %s RETURNING 1", person.id)
    await reply.get_by_role("button", name="Send again").click()
    await expect(reply).to_contain_text("Sent")


async def test_a_send_that_nobody_can_tell_of_is_left_to_the_member(page: Page, people: People, site: Site) -> None:
    person = await people.writes("Unknown", "Outcome")
    await page.goto(person.address)
    # The bot's own answer is to leave before the service begins to misbehave.
    await expect(page.locator(".message--bot")).to_contain_text("Sent")
    site.tell_fake("script", method="sendMessage", behaviour="drop", chat_id=person.chat_id)
    await page.get_by_label("Reply").fill("Did this arrive?")
    await page.get_by_role("button", name="Send once").click()
    reply = page.locator(".message--member")
    await expect(reply).to_contain_text("nobody can tell whether it arrived")
    await reply.get_by_role("button", name="Leave it").click()
    await expect(reply).to_contain_text("Not sent:")


async def test_what_stands_beside_the_messages_can_be_hidden(page: Page, people: People, site: Site) -> None:
    person = await people.writes("Hidden", "Kinds", "this is great")
    message = "SELECT id, bot_id FROM messages WHERE user_id = %s AND direction = 'in'"
    message_id, bot_id = site.rows(message, person.id)[0]
    link = "INSERT INTO links (bot_id, id, user_id, message_id, code, url) VALUES (%s, %s, %s, %s, %s, %s) RETURNING id"
    link_id = site.rows(link, bot_id, new_id(), person.id, message_id, new_id().hex, "https://example.com/offer")[0][0]
    click = "INSERT INTO clicks (bot_id, id, user_id, link_id, at) VALUES (%s, %s, %s, %s, now()) RETURNING id"
    site.rows(click, bot_id, new_id(), person.id, link_id)
    await page.goto(person.address)
    await page.get_by_role("switch", name="Pause bot").click()
    clicked, paused = page.locator(".aside--click"), page.locator(".aside--pause")
    await expect(clicked).to_contain_text("opened https://example.com/offer")
    await expect(paused).to_contain_text("paused the bot until")
    await page.locator("#kinds > summary").click()
    for kind, shown in (
        ("Clicks", clicked), ("Pauses", paused), ("Sessions", page.locator(".break--session")),
        ("Sentiment", page.locator(".mood")),
    ):  # fmt: skip
        await expect(shown.first).to_be_visible()
        await page.get_by_label(kind, exact=True).uncheck()
        await expect(shown.first).to_be_hidden()
    await page.reload()
    await expect(page.locator(".message").first).to_be_visible()
    await expect(clicked).to_be_hidden()
    await page.locator("#kinds > summary").click()
    await page.get_by_label("Clicks", exact=True).check()
    await expect(clicked).to_be_visible()


async def test_a_note_is_written_from_the_composer_and_a_wrong_one_stays(page: Page, people: People) -> None:
    person = await people.writes("Note", "Composer")
    await page.goto(person.address)
    await page.get_by_label("Reply").fill("Only for us")
    await page.get_by_role("button", name="Note", exact=True).click()
    await expect(page.locator(".note__text")).to_have_text("Only for us")
    await expect(page.get_by_label("Reply")).to_have_value("")
    await expect(page.locator(".message--member")).to_have_count(0)
    note = page.locator(".note")
    await note.get_by_text("Edit", exact=True).click()
    await note.get_by_label("Note").fill("   ")
    await note.get_by_role("button", name="Save").click()
    await expect(note.get_by_role("alert")).to_contain_text("a note has 1 to")
    await page.get_by_label("New note").fill("half a thought")
    await page.reload()
    await expect(page.get_by_label("New note")).to_have_value("half a thought")


async def test_a_user_is_blocked_after_a_question_and_unblocked(page: Page, people: People) -> None:
    person = await people.writes("Blocked", "Person")
    await page.goto(person.address)
    await page.get_by_role("button", name="Block", exact=True).click()
    question = page.get_by_role("dialog", name="Block")
    await expect(question).to_contain_text("Nothing this one user writes from now on is stored")
    await question.get_by_role("button", name="Block", exact=True).click()
    await expect(page.locator("#who")).to_contain_text("Blocked: nothing is stored or sent.")
    await expect(page.get_by_role("button", name="Send and pause")).to_be_disabled()
    await expect(page.locator("#composer")).to_contain_text("This user is blocked: nothing is sent to them.")
    assert person.field("status") == "blocked"
    await page.get_by_role("button", name="Unblock").click()
    await expect(page.get_by_role("button", name="Send and pause")).to_be_enabled()
    assert person.field("status") == "active"


async def test_a_narrow_screen_shows_one_part_at_a_time_and_never_scrolls_sideways(
    site: Site, browser: Browser, people: People
) -> None:
    name = "Wolfeschlegelsteinhausenbergerdorff" * 4
    person = await people.writes(name, "محمد عبد الرحمن", "x" * 600, "https://example.com/" + "y" * 300)
    for scheme in ("light", "dark"):
        options = {"viewport": {"width": 360, "height": 740}, "color_scheme": scheme}
        async with a_window(site, browser, **options) as window:
            page = window.page
            for address in (
                "/users",
                person.address,
                f"{person.address}#talk",
                f"{person.address}#statistics",
                "/personality",
            ):
                await page.goto("about:blank")
                await page.goto(address)
                await expect(page.locator("#main")).to_be_visible()
                widths = await page.evaluate(
                    "[document.scrollingElement.scrollWidth, document.getElementById('main').scrollWidth]"
                )
                assert max(widths) <= 360, address
            await page.goto(person.address)
            await page.get_by_role("link", name="Conversation").click()
            await expect(page.locator("#conversation")).to_be_visible()
            await expect(page.locator("#profile")).to_be_hidden()
            assert window.complaints == []
