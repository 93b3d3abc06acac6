"""Saying something to a person: where it goes, and why it cannot."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from botfolk.ids import new_id
from botfolk.live.notify import CHANNEL
from botfolk.outbox.queue import CannotSend
from tests.outbox.world import BOX, Person, World


async def second_channel(world: World, person: Person) -> UUID:
    channel_id = new_id()
    await world.set(
        "INSERT INTO channels (bot_id, id, kind, name, secrets) VALUES (%s, %s, 'plain', 'Second', %s)",
        world.bot_id,
        channel_id,
        BOX.seal({}),
    )
    await world.set(
        "INSERT INTO identities (bot_id, id, user_id, channel_id, external_id) VALUES (%s, %s, %s, %s, '2')",
        world.bot_id,
        new_id(),
        person.user_id,
        channel_id,
    )
    return channel_id


async def wrote(world: World, person: Person, channel_id: UUID, minutes_ago: int) -> None:
    at = world.clock() - timedelta(minutes=minutes_ago)
    await world.set(
        """INSERT INTO messages (bot_id, id, user_id, channel_id, direction, author, kind, text, sent_at, received_at,
               status)
           VALUES (%s, %s, %s, %s, 'in', 'user', 'text', 'hi', %s, %s, 'received')""",
        world.bot_id,
        new_id(),
        person.user_id,
        channel_id,
        at,
        at,
    )


async def channel_of(world: World, message_id: UUID) -> Any:
    assert await world.one("SELECT channel_id FROM outbox WHERE message_id = %s", message_id) == await world.one(
        "SELECT channel_id FROM messages WHERE id = %s", message_id
    )
    return await world.one("SELECT channel_id FROM outbox WHERE message_id = %s", message_id)


async def test_a_message_goes_where_the_person_wrote_last(world: World) -> None:
    ann = await world.person()
    second = await second_channel(world, ann)
    await wrote(world, ann, second, 20)
    await wrote(world, ann, world.channel_id, 10)
    assert await channel_of(world, await world.say(ann, "x")) == world.channel_id
    await wrote(world, ann, second, 5)
    assert await channel_of(world, await world.say(ann, "x")) == second


async def test_a_channel_can_be_chosen(world: World) -> None:
    ann = await world.person()
    second = await second_channel(world, ann)
    assert await channel_of(world, await world.say(ann, "x", channel_id=second)) == second
    assert await channel_of(world, await world.say(ann, "x", channel_id=world.channel_id)) == world.channel_id


async def test_an_identity_that_is_closed_is_passed_over(world: World) -> None:
    ann = await world.person()
    second = await second_channel(world, ann)
    await wrote(world, ann, second, 1)
    await world.set("UPDATE identities SET state = 'blocked' WHERE channel_id = %s", second)
    assert await channel_of(world, await world.say(ann, "x")) == world.channel_id


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("UPDATE users SET status = 'blocked'", "This user is blocked"),
        ("UPDATE identities SET state = 'blocked'", "has blocked the bot on Plain"),
        ("UPDATE identities SET state = 'gone', state_reason = 'The account was deleted'", "The account was deleted"),
        ("UPDATE channels SET enabled = false", "The channel Plain is switched off"),
        ("DELETE FROM identities", "no channel to answer on"),
    ],
)
async def test_what_cannot_be_sent_says_why_and_leaves_nothing(world: World, change: str, why: str) -> None:
    ann = await world.person()
    await world.set(change)
    with pytest.raises(CannotSend, match=why):
        await world.say(ann, "x")
    assert await world.one("SELECT count(*) FROM messages") == 0
    assert await world.one("SELECT count(*) FROM outbox") == 0


@pytest.mark.parametrize("text", ["", "  \n", "a\0b", "\ud83d"])
async def test_a_text_that_is_none_is_refused(world: World, text: str) -> None:
    with pytest.raises(CannotSend, match="text"):
        await world.say(await world.person(), text)


async def test_the_bot_does_not_write_to_the_archived_but_a_member_may(world: World) -> None:
    ann = await world.person()
    await world.set("UPDATE users SET status = 'archived'")
    with pytest.raises(CannotSend, match="archived"):
        await world.say(ann, "x", author="bot")
    await world.say(ann, "x", author="member")


async def test_a_user_of_another_bot_cannot_be_written_to(world: World) -> None:
    other = await World.make(world.pool)
    stranger = await other.person()
    with pytest.raises(CannotSend, match="no such user"):
        await world.say(stranger, "x")


async def test_a_message_keeps_who_said_it_and_is_announced(world: World) -> None:
    ann, member = await world.person(), new_id()
    async with world.pool.connection() as listener:
        await listener.set_autocommit(True)
        await listener.execute(f"LISTEN {CHANNEL}".encode())
        said = await world.say(ann, "hi", member_id=member)
        heard = [notification.payload async for notification in listener.notifies(timeout=5, stop_after=2)]
        await listener.execute("UNLISTEN *")
        await listener.set_autocommit(False)
    assert f'{{"bot":"{world.bot_id}","what":"outbox"}}' in heard
    assert f'{{"bot":"{world.bot_id}","users":["{ann.user_id}"]}}' in heard
    async with world.pool.connection() as connection:
        row = await (
            await connection.execute(
                """SELECT direction, author, member_id, kind, text, status, external_id, sent_at = received_at
                   FROM messages WHERE bot_id = %s AND id = %s""",
                [world.bot_id, said],
            )
        ).fetchone()
    assert row == ("out", "member", member, "text", "hi", "queued", None, True)
