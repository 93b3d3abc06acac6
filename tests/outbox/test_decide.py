"""What a member decides about a message nobody knows the fate of."""

import asyncio
from uuid import UUID

import pytest

from botfolk.channels.contract import Failed, Outcome, Outgoing, Sent, Unknown
from botfolk.outbox.decide import discard, retry
from botfolk.outbox.queue import CannotSend
from tests.outbox.world import Service, World


async def test_a_member_sends_an_unknown_message_again(world: World) -> None:
    outcomes: list[Outcome] = [Sent(external_id="m1"), Unknown(reason="broke")]

    async def answer(outgoing: Outgoing) -> Outcome:
        return outcomes.pop(0) if outcomes else Sent(external_id="m2")

    service = Service(answer)
    said = await world.say(await world.person(), "a|b")
    async with world.sending(service) as sender:
        await world.until(said, "unknown")
        async with world.pool.connection() as connection:
            await retry(connection, world.bot_id, said, now=world.clock())
        sender.wake()
        message = await world.until(said, "sent")
    assert service.texts == ["a", "b", "b"]
    assert message.details == {"external_ids": ["m1", "m2"]}


async def test_a_failed_message_can_be_sent_again(world: World) -> None:
    outcomes: list[Outcome] = [Failed(reason="no")]

    async def answer(outgoing: Outgoing) -> Outcome:
        return outcomes.pop(0) if outcomes else Sent(external_id="1")

    said = await world.say(await world.person(), "x")
    async with world.sending(Service(answer)) as sender:
        await world.until(said, "failed")
        async with world.pool.connection() as connection:
            await retry(connection, world.bot_id, said, now=world.clock())
        sender.wake()
        assert (await world.until(said, "sent")).details is None


async def test_what_is_on_its_way_or_sent_cannot_be_sent_again(world: World) -> None:
    let = asyncio.Event()

    async def answer(outgoing: Outgoing) -> Outcome:
        await let.wait()
        return Sent(external_id="1")

    said = await world.say(await world.person(), "x")
    with pytest.raises(CannotSend, match="already waiting"):
        await _retry(world, said)
    async with world.sending(Service(answer)):
        await world.until(said, "sending")
        with pytest.raises(CannotSend, match="on its way"):
            await _retry(world, said)
        let.set()
        await world.until(said, "sent")
    with pytest.raises(CannotSend, match="has been sent"):
        await _retry(world, said)


async def test_a_message_of_another_bot_is_not_there(world: World) -> None:
    other = await World.make(world.pool)
    said = await other.say(await other.person(), "x")
    with pytest.raises(CannotSend, match="no such message"):
        await _retry(world, said)


async def test_a_discarded_message_does_not_leave_and_its_line_moves_on(world: World) -> None:
    ann, service = await world.person(), Service()
    first, second = await world.say(ann, "x"), await world.say(ann, "y")
    async with world.pool.connection() as connection:
        await discard(connection, world.bot_id, first, now=world.clock())
    async with world.sending(service):
        await world.until(second, "sent")
    assert service.texts == ["y"]
    assert (await world.message(first)).details == {"error": "A member decided not to send this"}


async def _retry(world: World, message_id: UUID) -> None:
    async with world.pool.connection() as connection:
        await retry(connection, world.bot_id, message_id, now=world.clock())
