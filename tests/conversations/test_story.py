"""A conversation as the page tells it."""

from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from botfolk.channels.events import Media, MessageEdited, ReachabilityChanged, ReactionChanged
from botfolk.conversations import timeline
from botfolk.conversations.story import AsideItem, DayItem, MessageItem, SessionItem, Story, tell
from botfolk.conversations.timeline import BadPlace, Place, place
from botfolk.ids import new_id
from botfolk.users.apply import apply
from botfolk.users.edits import Actor, PauseBot, SetField
from tests.telling import NOON, Tale, at, full


async def told(tale: Tale, who: str = "1", before: Place | None = None) -> Story:
    async with tale.pool.connection() as connection:
        found = await timeline.before(connection, tale.bot_id, await tale.user_id(who), before)
    return tell(found, "Aisha", "Testbot", "UTC", tale.now)


def said(story: Story) -> list[str | None]:
    return [item.text for item in story.items if isinstance(item, MessageItem) and item.message.direction == "in"]


def sentences(story: Story) -> list[str]:
    return [f"{item.who} {item.text}" for item in story.items if isinstance(item, AsideItem)]


async def test_a_conversation_is_told_in_order_with_its_sessions(tale: Tale) -> None:
    await tale.says(30, "back again")
    await tale.says(0, "first")
    await tale.says(5, "second")
    story = await told(tale)
    assert said(story) == ["first", "second", "back again"]
    kinds = [item.kind for item in story.items if item.kind == "session" or getattr(item, "text", None) in said(story)]
    assert kinds == ["session", "message", "message", "session", "message"]
    assert story.start is None


async def test_years_of_conversation_come_page_by_page_without_gap_or_repetition(tale: Tale) -> None:
    await tale.deliver(*(tale.message(number, f"m{number}") for number in range(100)))
    pages: list[Story] = []
    start: Place | None = None
    while True:
        story = await told(tale, before=start)
        pages.insert(0, story)
        if story.start is None:
            break
        start = place(story.start)
    assert [text for page in pages for text in said(page)] == [f"m{number}" for number in range(100)]
    assert len(pages) > 2


async def test_a_page_that_stays_open_gets_what_came_since(tale: Tale) -> None:
    await tale.deliver(*(tale.message(number, f"m{number}") for number in range(60)))
    opened = await told(tale)
    await tale.says(60, "new")
    assert opened.start is not None
    async with tale.pool.connection() as connection:
        found = await timeline.since(connection, tale.bot_id, await tale.user_id(), place(opened.start))
    assert said(tell(found, "Aisha", "Testbot", "UTC", tale.now)) == [*said(opened), "new"]


async def test_each_message_has_its_face_and_the_words_behind_it(tale: Tale) -> None:
    await tale.says(0, "hahaha")
    await tale.says(1, " so slow!")
    await tale.says(2, "hello")
    faces = [item.sentiment for item in (await told(tale)).items if isinstance(item, MessageItem) and item.sentiment]
    assert [face.label for face in faces] == ["positive", "negative", "neutral"]
    assert "slow" in faces[1].title


async def test_files_places_and_buttons_have_words(tale: Tale) -> None:
    await tale.says(0, None, kind="photo", media=(Media(ref="x", width=640, height=480),))
    await tale.says(1, None, kind="document", media=(Media(ref="y", name="invoice.pdf"),))
    await tale.says(2, "Yes", kind="button", details={"data": "y", "title": "Yes"})
    media = [item.media for item in (await told(tale)).items if isinstance(item, MessageItem)]
    assert [[part.label for part in parts] for parts in media if parts] == [["Photo"], ["invoice.pdf"], ["Button"]]


async def test_a_reaction_stands_at_its_message_until_it_is_taken_back(tale: Tale) -> None:
    message = await tale.says(0, "look")

    def reacted(key: str, minutes: float, *emoji: str) -> ReactionChanged:
        return ReactionChanged(
            dedupe_key=key, at=at(minutes), emoji=emoji, external_user_id="1", external_id=message.external_id
        )

    await tale.deliver(reacted("r1", 1, "👍"))
    reactions = [item.reactions for item in (await told(tale)).items if isinstance(item, MessageItem)]
    assert [[reaction.emoji for reaction in each] for each in reactions if each] == [[["👍"]]]
    await tale.deliver(reacted("r2", 2))
    assert not any(item.reactions for item in (await told(tale)).items if isinstance(item, MessageItem))


async def test_an_edited_message_says_so_and_shows_what_it_says_now(tale: Tale) -> None:
    message = await tale.says(0, "helo")
    edit = MessageEdited(
        dedupe_key="e", external_user_id="1", at=at(1), external_id=message.external_id, text="hello there"
    )
    await tale.deliver(edit)
    story = await told(tale)
    assert said(story) == ["hello there"]
    assert at(1) in [item.message.edited_at for item in story.items if isinstance(item, MessageItem)]


async def test_blocking_the_bot_and_changes_of_the_profile_stand_in_line(tale: Tale) -> None:
    await tale.says(0, profile=full("Aisha"))
    blocked = ReachabilityChanged(dedupe_key="b", external_user_id="1", at=at(1), reachable=False, reason="blocked")
    await tale.deliver(blocked)
    async with tale.pool.connection() as connection:
        edits = [SetField("email", "a@example.com"), SetField("phone", "+60123456789")]
        await apply(connection, tale.bot_id, await tale.user_id(), edits, Actor("member", "Olivia"), now=at(2))
    assert sentences(await told(tale))[-2:] == [
        "Aisha blocked the bot on t",
        "Olivia set Email to “a@example.com”, set Phone to “+60123456789”",
    ]


async def test_what_came_during_a_pause_waits_for_a_human_until_a_member_answers(tale: Tale) -> None:
    await tale.says(0)
    user_id = await tale.user_id()
    async with tale.pool.connection() as connection:
        await apply(connection, tale.bot_id, user_id, [PauseBot()], Actor("member", "Olivia"), now=tale.now)
    await tale.says(1, "anybody?")
    waiting = [item.text for item in (await told(tale)).items if isinstance(item, MessageItem) and item.waiting]
    assert waiting == ["anybody?"]
    await tale.rows(
        "INSERT INTO messages (bot_id, id, user_id, channel_id, direction, author, kind, text, sent_at, received_at,"
        " status) VALUES (%s, %s, %s, %s, 'out', 'member', 'text', 'here I am', %s, %s, 'sent') RETURNING id",
        tale.bot_id, new_id(), user_id, tale.channel.id, at(2), at(2),
    )  # fmt: skip
    assert not any(item.waiting for item in (await told(tale)).items if isinstance(item, MessageItem))


async def test_another_day_begins_with_its_date(tale: Tale) -> None:
    await tale.says(0)
    async with tale.pool.connection() as connection:
        later = NOON + timedelta(days=1)
        edit = SetField("email", "a@example.com")
        await apply(connection, tale.bot_id, await tale.user_id(), [edit], Actor("member", "Olivia"), now=later)
    story = await told(tale)
    pairs = [(first, second) for first, second in pairwise(story.items) if isinstance(first, DayItem)]
    assert [first.day for first, _second in pairs][-1] == "3 Mar"
    assert isinstance(pairs[-1][1], AsideItem)
    assert any(isinstance(item, SessionItem) for item in story.items)


@pytest.mark.parametrize("token", ["", "x", "1.2", "1.2.3", f"{10**40}.0.{UUID(int=7)}", "1.2.3.4"])
def test_a_place_nobody_was_given_is_refused(token: str) -> None:
    with pytest.raises(BadPlace):
        place(token)


def test_a_place_survives_being_written_into_an_address() -> None:
    here = Place(NOON + timedelta(microseconds=7), 12, new_id())
    assert place(here.token()) == here
