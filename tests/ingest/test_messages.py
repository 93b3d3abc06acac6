"""What a message does to the profile, the statistics and the conversation."""

import asyncio
from datetime import timedelta

import pytest

from botfolk.channels.events import (
    Group,
    IdentityMoved,
    MessageEdited,
    Profile,
    ReachabilityChanged,
    ReactionChanged,
    Sender,
)
from botfolk.ingest.delivery import Unavailable
from tests.telling import Tale, at, full


async def test_a_first_message_makes_a_user_named_by_the_channel(tale: Tale) -> None:
    await tale.says(0, profile=full("Aisha", "Rahman", language="ms"))
    rows = await tale.rows("SELECT first_name, last_name, language, field_sources, status FROM users")
    sources = {"first_name": "channel", "last_name": "channel", "language": "channel"}
    assert rows == [("Aisha", "Rahman", "ms", sources, "active")]
    assert await tale.stats("messages, sessions, created_at") == (1, 1, at(0))


async def test_the_same_delivery_three_times_at_once_and_later_is_one_message(tale: Tale) -> None:
    message = tale.message(0)
    await asyncio.gather(*(tale.deliver(message) for _ in range(3)))
    await tale.deliver(message)
    assert await tale.stats("messages, sessions") == (1, 1)
    assert await tale.rows("SELECT count(*) FROM messages WHERE direction = 'in'") == [(1,)]
    assert await tale.rows("SELECT count(*) FROM outbox") == [(1,)]


async def test_a_late_older_message_moves_created_at_back_but_not_the_last_message(tale: Tale) -> None:
    await tale.says(30, "newer")
    await tale.says(0, "older")
    assert await tale.stats("created_at, last_message, last_message_at") == (at(0), "newer", at(30))


async def test_messages_of_one_second_are_ordered_by_the_services_own_counter(tale: Tale) -> None:
    first, second = tale.message(0, "first"), tale.message(0, "second")
    await tale.deliver(second)
    await tale.deliver(first)
    assert await tale.stats("last_message") == ("second",)


async def test_a_message_without_text_shows_its_kind(tale: Tale) -> None:
    await tale.says(0, None, kind="photo")
    assert await tale.stats("last_message, messages, scored_messages") == ("Photo", 1, 0)
    await tale.says(1, "Yes", kind="button")
    assert await tale.stats("last_message, messages, scored_messages") == ("Button: Yes", 2, 0)


async def test_sentiment_is_averaged_over_scored_texts_only(tale: Tale) -> None:
    await tale.says(0, "hahaha")
    await tale.says(1, "12345")
    assert (await tale.stats("scored_messages"))[0] == 1
    assert (await tale.stats("sentiment_sum"))[0] > 0


async def test_a_late_message_joins_two_sessions(tale: Tale) -> None:
    await tale.says(0)
    await tale.says(15)
    assert await tale.stats("sessions, time_spent_us") == (2, 0)
    await tale.says(8)
    assert await tale.stats("sessions, time_spent_us") == (1, 15 * 60_000_000)
    rows = await tale.rows("SELECT count(DISTINCT session_id), count(*) FROM messages WHERE direction = 'in'")
    assert rows == [(1, 3)]
    assert await tale.rows("SELECT activities, messages FROM sessions") == [(3, 3)]


async def test_a_late_message_opens_a_session_between_two(tale: Tale) -> None:
    await tale.says(0)
    await tale.says(60)
    await tale.says(30)
    assert await tale.stats("sessions, time_spent_us, last_activity_at") == (3, 0, at(60))


async def test_the_channel_updates_what_it_set_and_leaves_what_a_member_set(tale: Tale) -> None:
    await tale.says(0, profile=full("Aisha", "Rahman"))
    await tale.rows(
        "UPDATE users SET first_name = 'Aishah', field_sources = field_sources || '{\"first_name\": \"member\"}'"
        " RETURNING 1"
    )
    await tale.says(1, profile=full("Ash", "Karim"))
    assert await tale.rows("SELECT first_name, last_name FROM users") == [("Aishah", "Karim")]


async def test_a_full_snapshot_without_a_last_name_clears_the_channels_own(tale: Tale) -> None:
    await tale.says(0, profile=full("Aisha", "Rahman"))
    await tale.says(1, profile=full("Aisha"))
    assert await tale.rows("SELECT last_name FROM users") == [(None,)]


async def test_a_partial_word_of_the_channel_never_erases(tale: Tale) -> None:
    await tale.says(0, profile=full("Aisha", "Rahman"))
    await tale.says(1, profile=Profile(fields={"first_name": "", "last_name": None}))
    assert await tale.rows("SELECT first_name, last_name FROM users") == [("Aisha", "Rahman")]


async def test_a_group_is_one_user_and_each_message_keeps_its_sender(tale: Tale) -> None:
    group = Group(title="Friends")
    for number, name in enumerate(("Ana", "Ben")):
        sender = Sender(external_id=name, name=name)
        await tale.says(number, who="-5", group=group, sender=sender)
    assert await tale.rows("SELECT is_group, group_title FROM users") == [(True, "Friends")]
    rows = await tale.rows(
        "SELECT details -> 'sender' ->> 'name' FROM messages WHERE direction = 'in' ORDER BY sent_at"
    )
    assert rows == [("Ana",), ("Ben",)]


async def test_an_edit_rewrites_the_text_and_its_score(tale: Tale) -> None:
    message = await tale.says(0, "hahaha")
    before = (await tale.stats("sentiment_sum"))[0]
    edit = MessageEdited(
        dedupe_key="e1", external_user_id="1", at=at(1), external_id=message.external_id, text="this is terrible"
    )
    await tale.deliver(edit)
    after, shown, messages = await tale.stats("sentiment_sum, last_message, messages")
    assert before > 0 > after
    assert (shown, messages) == ("this is terrible", 1)


async def test_an_edit_that_comes_first_counts_when_its_message_comes(tale: Tale) -> None:
    message = tale.message(0, "hahaha")
    edit = MessageEdited(
        dedupe_key="e1", external_user_id="1", at=at(1), external_id=message.external_id, text="this is terrible"
    )
    await tale.deliver(edit)
    await tale.deliver(message)
    assert await tale.rows("SELECT text FROM messages WHERE direction = 'in'") == [("this is terrible",)]
    assert (await tale.stats("sentiment_sum"))[0] < 0


async def test_reactions_are_events_not_messages(tale: Tale) -> None:
    message = await tale.says(0)
    reaction = ReactionChanged(
        dedupe_key="r1", external_user_id="1", at=at(1), external_id=message.external_id, emoji=("👍",)
    )
    await tale.deliver(reaction, reaction)
    assert await tale.stats("messages, last_activity_at") == (1, at(0))
    assert await tale.rows("SELECT kind FROM conversation_events") == [("reaction",)]


async def test_who_blocked_the_bot_is_unreachable_until_they_come_back(tale: Tale) -> None:
    await tale.says(0)
    blocked = ReachabilityChanged(dedupe_key="b", external_user_id="1", at=at(1), reachable=False, reason="blocked")
    await tale.deliver(blocked)
    assert await tale.rows("SELECT state, state_reason FROM identities") == [("blocked", "blocked")]
    await tale.says(2)
    assert await tale.rows("SELECT state FROM identities") == [("active",)]


async def test_a_group_that_moves_stays_the_same_user(tale: Tale) -> None:
    await tale.says(0, who="-5", group=Group(title="Friends"))
    moved = IdentityMoved(dedupe_key="m", external_user_id="-5", at=at(1), new_external_user_id="-1005")
    await tale.deliver(moved)
    await tale.says(2, who="-1005", group=Group(title="Friends"))
    assert await tale.stats("messages", who="-1005") == (2,)
    assert await tale.rows("SELECT count(*) FROM users") == [(1,)]


async def test_a_group_met_under_its_new_id_before_it_moved_is_one_user(tale: Tale) -> None:
    friends = Group(title="Friends")
    await tale.says(0, "old", who="-5", group=friends)
    old_user = await tale.user_id("-5")
    await tale.says(20, "new", who="-1005", group=friends)
    await tale.deliver(IdentityMoved(dedupe_key="m", external_user_id="-5", at=at(19), new_external_user_id="-1005"))
    assert await tale.user_id("-1005") == await tale.user_id("-5") == old_user
    assert await tale.rows("SELECT id FROM users") == [(old_user,)]
    assert await tale.rows("SELECT messages, sessions, last_message, created_at FROM user_stats") == [
        (2, 2, "new", at(0))
    ]
    await tale.says(10, "late", who="-5", group=friends)
    assert await tale.rows("SELECT messages, sessions, last_message FROM user_stats") == [(3, 1, "new")]


async def test_a_group_that_moved_and_was_heard_late_under_its_old_id_is_one_user(tale: Tale) -> None:
    friends = Group(title="Friends")
    await tale.says(0, who="-5", group=friends)

    def moved(key: str) -> IdentityMoved:
        return IdentityMoved(dedupe_key=key, external_user_id="-5", at=at(1), new_external_user_id="-1005")

    await tale.deliver(moved("from"))
    await tale.deliver(
        tale.message(0.5, "late", who="-5", group=friends), tale.message(2, "new", who="-1005", group=friends)
    )
    await tale.deliver(moved("to"))
    await tale.deliver(moved("again"))
    assert await tale.rows("SELECT messages, last_message FROM user_stats") == [(3, "new")]
    edit = MessageEdited(dedupe_key="e", external_user_id="-1005", at=at(3), external_id="-1005:3", text="newer")
    await tale.deliver(edit)
    assert await tale.rows("SELECT last_message FROM user_stats") == [("newer",)]


async def test_what_waits_for_a_group_that_moves_goes_to_its_new_id(tale: Tale) -> None:
    await tale.says(0, who="-5", group=Group(title="Friends"))
    await tale.says(2, who="-1005", group=Group(title="Friends"))
    await tale.deliver(IdentityMoved(dedupe_key="m", external_user_id="-5", at=at(1), new_external_user_id="-1005"))
    rows = await tale.rows("SELECT i.external_id FROM outbox o JOIN identities i ON i.id = o.identity_id")
    assert rows == [("-1005",)] * len(rows)
    assert len(rows) == 2


async def test_a_group_first_heard_of_by_an_edit_or_a_reaction_is_a_group(tale: Tale) -> None:
    friends = Group(title="Friends")
    edit = MessageEdited(dedupe_key="e", external_user_id="-5", at=at(0), external_id="-5:1", text="x", group=friends)
    reaction = ReactionChanged(
        dedupe_key="r", external_user_id="-6", at=at(0), external_id="-6:1", emoji=("👍",), group=friends
    )
    await tale.deliver(edit, reaction)
    assert await tale.rows("SELECT is_group, group_title FROM users") == [(True, "Friends")] * 2


async def test_a_blocked_user_leaves_no_trace(tale: Tale) -> None:
    await tale.says(0)
    await tale.rows("UPDATE users SET status = 'blocked' RETURNING 1")
    await tale.says(1)
    assert await tale.stats("messages") == (1,)


async def test_a_message_that_cannot_be_stored_neither_loses_nor_delays_the_others(tale: Tale) -> None:
    messages = [tale.message(number, who=str(number)) for number in range(20)]
    messages[7] = tale.message(7, "a NUL \x00 in it", who="7")
    await asyncio.gather(*(tale.deliver(message) for message in messages))
    assert await tale.rows("SELECT count(*) FROM messages WHERE direction = 'in'") == [(19,)]
    assert len(await tale.rows("SELECT reason FROM quarantine")) == 1


async def test_whoever_waits_too_long_is_told_to_come_again_and_is_recognised(tale: Tale) -> None:
    await tale.says(0)
    late = tale.message(1)
    async with tale.pool.connection() as other:
        await other.execute("SELECT 1 FROM user_stats FOR UPDATE")
        waiting = asyncio.create_task(tale.deliver(late))
        await tale.until_somebody_waits()
        assert not waiting.done()
        tale.ingest.give_up(before=asyncio.get_running_loop().time())
        with pytest.raises(Unavailable):
            await waiting
    await tale.deliver(late)
    assert await tale.stats("messages") == (2,)


async def test_greeting_first_then_fallback_each_queued_with_its_message(tale: Tale) -> None:
    await tale.says(0)
    await tale.says(1)
    rows = await tale.rows("SELECT text, author, status FROM messages WHERE direction = 'out' ORDER BY id")
    assert [row[1:] for row in rows] == [("bot", "queued"), ("bot", "queued")]
    assert rows[0][0].startswith("Hello")
    assert rows[1][0].startswith("Sorry")
    assert await tale.rows("SELECT kind, state FROM outbox") == [("message", "queued")] * 2


async def test_a_paused_bot_is_silent_and_what_arrives_waits_for_a_human(tale: Tale) -> None:
    await tale.says(0)
    await tale.rows("UPDATE user_stats SET paused_until = %s RETURNING 1", at(5))
    await tale.says(1)
    assert await tale.stats("waiting_since") == (at(1),)
    assert await tale.rows("SELECT count(*) FROM outbox") == [(1,)]
    tale.now = at(6)
    await tale.says(6)
    assert await tale.rows("SELECT count(*) FROM outbox") == [(2,)]


async def test_a_tapped_button_is_answered_even_while_paused(tale: Tale) -> None:
    await tale.says(0)
    await tale.rows("UPDATE user_stats SET paused_until = %s RETURNING 1", at(50))
    await tale.says(1, "Yes", kind="button", tap="callback-1")
    assert await tale.rows("SELECT payload FROM outbox WHERE kind = 'tap'") == [({"tap": "callback-1"},)]


async def test_in_a_group_the_bot_answers_only_what_is_said_to_it(tale: Tale) -> None:
    await tale.says(0, who="-5", group=Group(title="G"))
    await tale.says(1, who="-5", group=Group(title="G"), addressed=False)
    await tale.says(2, who="-5", group=Group(title="G"))
    assert await tale.rows("SELECT count(*) FROM outbox") == [(2,)]


async def test_a_burst_of_a_few_people_is_counted_whole(tale: Tale) -> None:
    messages = [tale.message(number / 100, who=str(number % 5)) for number in range(300)]
    tale.now = at(0) + timedelta(hours=1)
    await asyncio.gather(*(tale.deliver(message) for message in messages))
    assert await tale.rows("SELECT sum(messages) FROM user_stats") == [(300,)]
