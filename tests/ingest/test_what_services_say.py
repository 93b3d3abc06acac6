"""What services say beyond messages: what became of what we sent, what the team wrote elsewhere, who wants nothing
more, and by which names a person goes."""

from typing import Any
from uuid import UUID

import pytest

from botfolk.channels.events import (
    ConsentChanged,
    Echoed,
    Event,
    Happened,
    MessageDeleted,
    MessageEdited,
    Profile,
    StatusChanged,
)
from botfolk.outbox.claim import Claimed
from botfolk.outbox.judge import Verdict
from botfolk.outbox.queue import CannotSend, enqueue_message
from botfolk.outbox.settle import settle
from tests.telling import Tale, at


async def sent(tale: Tale, name: str | None = "m1", *, state: str = "sent") -> UUID:
    """A member's message that the service calls by a name."""
    await tale.says(0, "hello")
    async with tale.pool.connection() as connection:
        message_id = await enqueue_message(
            connection, tale.bot_id, await tale.user_id(), "Good day", author="member", now=at(1)
        )
        await connection.execute(
            "UPDATE messages SET status = %s, external_id = %s WHERE id = %s", [state, name, message_id]
        )
        await connection.execute("UPDATE outbox SET state = %s WHERE message_id = %s", [state, message_id])
    return message_id


async def standing(tale: Tale, message_id: UUID) -> tuple[Any, ...]:
    """Status and error of a message, and the state of its row in the outbox."""
    query = """SELECT m.status, m.details ->> 'error', o.state FROM messages m JOIN outbox o ON o.message_id = m.id
               WHERE m.id = %s"""
    return (await tale.rows(query, message_id))[0]


def status(what: Any, name: str | None = "m1", *, minutes: float = 2, **more: Any) -> StatusChanged:
    """A status of a message."""
    key = f"{name} {what} {minutes}"
    return StatusChanged(dedupe_key=key, external_user_id="1", at=at(minutes), status=what, external_id=name, **more)


ORDERS = [
    (["sent", "delivered", "read"], "read"),
    (["read", "delivered", "sent"], "read"),
    (["delivered", "sent"], "delivered"),
    (["failed", "sent"], "failed"),
    (["delivered", "failed"], "delivered"),
    (["failed", "delivered"], "delivered"),
    (["read", "read"], "read"),
]


@pytest.mark.parametrize(("statuses", "ends"), ORDERS)
async def test_statuses_lead_forward_in_whatever_order_they_come(tale: Tale, statuses: list[str], ends: str) -> None:
    message_id = await sent(tale)
    for minutes, what in enumerate(statuses):
        await tale.deliver(status(what, minutes=minutes, reason="full" if what == "failed" else None))
    assert (await standing(tale, message_id))[0] == ends


async def test_a_failure_that_comes_later_says_why_and_can_be_tried_again(tale: Tale) -> None:
    message_id = await sent(tale)
    await tale.deliver(status("failed", reason="This number is not on WhatsApp", unreachable="gone"))
    assert await standing(tale, message_id) == ("failed", "This number is not on WhatsApp", "failed")
    assert await tale.rows("SELECT state FROM identities") == [("gone",)]


async def test_a_status_makes_an_unknown_outcome_known(tale: Tale) -> None:
    message_id = await sent(tale, None, state="unknown")
    await tale.deliver(status("delivered", "m7", message_id=message_id))
    assert await standing(tale, message_id) == ("delivered", None, "sent")
    assert await tale.rows("SELECT external_id FROM messages WHERE id = %s", message_id) == [("m7",)]


async def test_a_status_that_overtakes_the_services_answer_waits_for_it(tale: Tale) -> None:
    message_id = await sent(tale, None, state="sending")
    await tale.deliver(status("delivered", "m9"))
    assert (await standing(tale, message_id))[0] == "sending"
    row = (await tale.rows("SELECT id, identity_id, attempts FROM outbox WHERE message_id = %s", message_id))[0]
    claimed = Claimed(
        bot_id=tale.bot_id, id=row[0], channel_id=tale.channel.id, user_id=await tale.user_id(), identity_id=row[1],
        message_id=message_id, kind="message", payload={}, parts_sent=0, attempts=row[2], created_at=at(1),
        external_user_id="1", identity_state="active", identity_reason=None, is_group=False, user_status="active",
        author="member", paused_until=None,
    )  # fmt: skip
    async with tale.pool.connection() as connection:
        await settle(connection, claimed, Verdict(state="sent", parts_sent=1, external_id="m9"), now=at(3))
    assert await standing(tale, message_id) == ("delivered", None, "sent")


async def test_a_watermark_is_about_all_that_had_left_by_then(tale: Tale) -> None:
    before, waiting = await sent(tale, "m1"), await sent(tale, None, state="queued")
    watermark = StatusChanged(dedupe_key="w", external_user_id="1", at=at(5), status="read", up_to=at(5))
    await tale.deliver(watermark)
    assert (await standing(tale, before))[0] == "read"
    assert (await standing(tale, waiting))[0] == "queued"


async def test_a_status_of_what_we_did_not_send_makes_nobody(tale: Tale) -> None:
    await tale.deliver(status("read", "m1"))
    assert await tale.rows("SELECT count(*) FROM users") == [(0,)]


def echo(minutes: float, text: str = "I am here", **more: Any) -> Echoed:
    """Something the team wrote in the service's own app."""
    values: dict[str, Any] = {"dedupe_key": f"e{minutes}", "external_user_id": "1", "external_id": f"e{minutes}"}
    return Echoed(**(values | {"at": at(minutes), "text": text} | more))


async def test_what_the_team_writes_in_the_services_app_is_a_members_and_pauses_the_bot(tale: Tale) -> None:
    await tale.says(0, "hello")
    await tale.deliver(echo(1))
    await tale.says(2, "thank you")
    said = await tale.rows("SELECT direction, author, text, status FROM messages ORDER BY sent_at, direction")
    assert ("out", "member", "I am here", "sent") in said
    assert [row for row in said if row[1] == "bot"] == [said[1]], "the greeting, and nothing after the echo"
    assert await tale.stats("paused_until, messages") == (at(11), 2)
    await tale.deliver(echo(1))
    assert len(await tale.rows("SELECT 1 FROM messages WHERE author = 'member'")) == 1


async def test_an_old_echo_is_kept_but_pauses_nothing_now(tale: Tale) -> None:
    await tale.says(100, "hello")
    await tale.deliver(echo(1))
    assert await tale.stats("paused_until") == (None,)


@pytest.mark.parametrize("known_by", ["name", "our id", "words"])
async def test_an_echo_of_what_we_sent_is_no_second_message_and_proves_it_was_taken(tale: Tale, known_by: str) -> None:
    named = known_by == "name"
    message_id = await sent(tale, "m1" if named else None, state="sent" if named else "unknown")
    more: dict[str, Any] = {"external_id": "m1", "text": "Good day"}
    if known_by == "our id":
        more |= {"message_id": message_id, "text": "Good day (shortened)"}
    await tale.deliver(echo(2, **more))
    assert await standing(tale, message_id) == ("sent", None, "sent")
    assert await tale.rows("SELECT count(*) FROM messages WHERE author = 'member'") == [(1,)]
    assert await tale.stats("paused_until") == (None,)


async def test_a_message_taken_back_keeps_counting_but_says_nothing_more(tale: Tale) -> None:
    await tale.says(0, "hahaha")
    message = await tale.says(1, "I hate this")
    taken_back = MessageDeleted(dedupe_key="d", external_user_id="1", at=at(2), external_id=message.external_id)
    await tale.deliver(taken_back)
    rows = await tale.rows("SELECT text, details, sentiment FROM messages WHERE external_id = %s", message.external_id)
    assert rows == [(None, {"deleted": True}, None)]
    assert await tale.stats("messages, scored_messages, last_message") == (2, 1, "Message")
    late = MessageEdited(
        dedupe_key="x", external_user_id="1", at=at(1.5), external_id=message.external_id, text="I like this"
    )
    await tale.deliver(late)
    assert await tale.rows("SELECT text FROM messages WHERE external_id = %s", message.external_id) == [(None,)]


async def test_a_message_taken_back_before_it_came_comes_empty(tale: Tale) -> None:
    await tale.says(0, "hello")
    taken_back = MessageDeleted(dedupe_key="d", external_user_id="1", at=at(2), external_id="late")
    await tale.deliver(taken_back)
    await tale.says(1, "I hate this", external_id="late")
    assert await tale.rows("SELECT text, details FROM messages WHERE external_id = 'late'") == [
        (None, {"deleted": True})
    ]
    assert await tale.stats("messages, scored_messages") == (2, 1)


def consent(minutes: float, allowed: bool, **more: Any) -> ConsentChanged:
    """Stop or start."""
    reason = "They wrote STOP"
    return ConsentChanged(
        dedupe_key=f"c{minutes}", external_user_id="1", at=at(minutes), allowed=allowed, reason=reason, **more
    )


async def test_who_says_stop_is_sent_nothing_until_they_say_start(tale: Tale) -> None:
    await tale.says(0, "hello")
    await tale.deliver(consent(1, False))
    await tale.says(2, "one more thing")
    async with tale.pool.connection() as connection:
        with pytest.raises(CannotSend, match="They wrote STOP"):
            await enqueue_message(connection, tale.bot_id, await tale.user_id(), "Hi", author="member", now=at(3))
    await tale.deliver(consent(4, True))
    async with tale.pool.connection() as connection:
        await enqueue_message(connection, tale.bot_id, await tale.user_id(), "Hi", author="member", now=at(5))
    kinds = await tale.rows("SELECT kind FROM conversation_events ORDER BY at")
    assert kinds == [("opted_out",), ("opted_in",)]


async def test_who_stops_marketing_can_still_be_answered(tale: Tale) -> None:
    await tale.says(0, "hello")
    await tale.deliver(consent(1, False, scope="marketing"))
    assert await tale.rows("SELECT state, marketing_stopped_at FROM identities") == [("active", at(1))]
    await tale.deliver(consent(2, True, scope="marketing"))
    assert await tale.rows("SELECT state, marketing_stopped_at FROM identities") == [("active", None)]


async def test_what_else_happens_is_in_the_conversation(tale: Tale) -> None:
    came = Happened(dedupe_key="r", external_user_id="1", at=at(0), kind="referral", details={"ref": "summer"})
    await tale.deliver(came)
    assert await tale.rows("SELECT kind, details FROM conversation_events") == [("referral", {"ref": "summer"})]
    assert await tale.stats("messages, sessions") == (0, 0)


async def whose(tale: Tale, *names: str) -> list[UUID]:
    """The users behind names."""
    return [await tale.user_id(name) for name in names]


async def test_a_second_name_of_a_person_is_the_same_person(tale: Tale) -> None:
    await tale.says(0, who="60123456789")
    await tale.says(1, who="MY.1", aliases=("60123456789",))
    await tale.says(2, who="60123456789")
    await tale.says(3, who="MY.1")
    old, new = await whose(tale, "60123456789", "MY.1")
    assert old == new
    assert await tale.stats("messages", "MY.1") == (4,)
    aliases = "SELECT external_id FROM identities WHERE alias_of IS NOT NULL"
    assert await tale.rows(aliases) == [("MY.1",)]


async def test_a_number_that_comes_with_another_id_has_another_owner(tale: Tale) -> None:
    await tale.says(0, who="MY.1", aliases=("60123456789",))
    await tale.says(1, who="MY.2", aliases=("60123456789",))
    first, second = await whose(tale, "MY.1", "MY.2")
    assert first != second


async def test_what_sending_takes_is_remembered_and_a_silent_event_does_not_forget_it(tale: Tale) -> None:
    address = {"service_url": "https://smba.example", "conversation_id": "a:1"}
    await tale.says(0, address=address, profile=Profile(fields={"first_name": "Ann"}))
    await tale.says(1, profile=Profile(fields={"language": "en"}))
    (profile,) = (await tale.rows("SELECT profile FROM identities"))[0]
    assert profile["address"] == address
    assert await tale.rows("SELECT first_name, language FROM users") == [("Ann", "en")]
    moved = {**address, "service_url": "https://smba2.example"}
    await tale.says(2, address=moved)
    assert await tale.rows("SELECT profile -> 'address' FROM identities") == [(moved,)]


async def test_an_address_that_holds_nothing_is_no_news_until_there_was_one(tale: Tale) -> None:
    ann = Profile(fields={"first_name": "Ann"}, full=True)
    await tale.says(0, profile=ann)
    written = await tale.rows("SELECT xmin::text, profile FROM identities")
    await tale.says(1, profile=ann, address={"business_connection_id": None})
    assert await tale.rows("SELECT xmin::text, profile FROM identities") == written
    for minute, connection in enumerate(("bc-1", None), start=2):
        await tale.says(minute, profile=ann, address={"business_connection_id": connection})
        assert await tale.rows("SELECT profile #>> '{address,business_connection_id}' FROM identities") == [
            (connection,)
        ]


def test_every_event_can_be_told_apart_by_its_delivery() -> None:
    assert {"dedupe_key", "external_user_id", "at", "aliases", "address", "account"} <= set(Event.__struct_fields__)
