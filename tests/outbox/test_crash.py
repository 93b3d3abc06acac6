"""Crashes, several processes, a lost database connection, and stopping: nobody is sent the same thing twice."""

import asyncio
from uuid import UUID

from botfolk.channels.contract import Outcome, Outgoing, Sent
from botfolk.http import open_http
from botfolk.outbox.claim import STOPPED, claim
from tests.outbox.world import Service, World, running, until


class Slow:
    """A service that answers when it is let."""

    def __init__(self) -> None:
        self.let = asyncio.Event()

    async def __call__(self, outgoing: Outgoing) -> Outcome:
        await self.let.wait()
        return Sent(external_id=f"m-{outgoing.text}")


async def die_while_sending(world: World) -> None:
    """Leave what is due as a process leaves it that was killed with requests on their way."""
    async with world.pool.connection() as connection:
        claims = await claim(
            connection, world.bot_id, world.channel_id, kind="message", limit=10, busy=[], now=world.clock()
        )
    assert claims.to_send


async def test_what_was_on_its_way_in_a_crash_is_unknown_and_not_sent_again(world: World) -> None:
    ann, ben, service = await world.person("ann"), await world.person("ben"), Service()
    lost = [await world.say(ann, "to ann"), await world.say(ben, "to ben")]
    waiting = await world.say(ann, "after it")
    await die_while_sending(world)
    async with world.sending(service):
        await world.until(waiting, "sent")
        for message_id in lost:
            message = await world.until(message_id, "unknown")
            assert message.details == {"error": STOPPED}
    assert service.texts == ["after it"]


async def test_a_crash_with_nothing_left_to_send_is_found_too(world: World) -> None:
    lost = await world.say(await world.person(), "x")
    await die_while_sending(world)
    service = Service()
    async with world.sending(service):
        await world.until(lost, "unknown")
    assert service.heard == []


async def test_two_processes_share_the_work_without_doing_it_twice(world: World) -> None:
    service = Service()
    people = [await world.person(f"p{number}") for number in range(4)]
    said: list[UUID] = []
    async with open_http(allow_private=True) as http:
        one, two = world.sender(service, http), world.sender(service, http)
        async with running(one), running(two):
            for number in range(40):
                said.append(await world.say(people[number % 4], f"{number}"))
                one.wake()
                two.wake()
            for message_id in said:
                await world.until(message_id, "sent")
    assert sorted(service.texts, key=int) == [str(number) for number in range(40)]
    for start in range(4):
        of_one = [int(text) for text in service.texts if int(text) % 4 == start]
        assert of_one == sorted(of_one)


async def test_a_process_takes_over_from_one_that_stopped(world: World) -> None:
    ann, service = await world.person(), Service()
    async with open_http(allow_private=True) as http:
        second = world.sender(service, http)
        async with running(second):
            async with running(world.sender(service, http)):
                await world.until(await world.say(ann, "first"), "sent")
            said = await world.say(ann, "second")
            second.wake()
            await world.until(said, "sent")
    assert service.texts == ["first", "second"]


async def test_a_lost_database_connection_neither_loses_nor_repeats(world: World) -> None:
    slow = Slow()
    service = Service(slow)
    ann = await world.person()
    on_its_way, next_ = await world.say(ann, "on its way"), await world.say(ann, "next")
    async with world.sending(service) as sender:
        await world.until(on_its_way, "sending")
        await world.set(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
            "pg_backend_pid()"
        )
        sender.wake()
        slow.let.set()
        message = await world.until(on_its_way, "sent")
        await world.until(next_, "sent")
    assert message.external_id == "m-on its way"
    assert service.texts == ["on its way", "next"]


async def test_stopping_waits_for_what_is_on_its_way(world: World) -> None:
    slow = Slow()
    service = Service(slow)
    said, after = await world.say(ann := await world.person(), "x"), await world.say(ann, "y")
    async with open_http(allow_private=True) as http:
        stop = asyncio.Event()
        task = asyncio.create_task(world.sender(service, http, shutdown_seconds=30).run(stop))
        await world.until(said, "sending")
        stop.set()
        await asyncio.sleep(0)
        slow.let.set()
        await task
    assert (await world.message(said)).status == "sent"
    assert (await world.message(after)).status == "queued"
    assert service.texts == ["x"]


async def test_what_does_not_finish_while_stopping_is_unknown(world: World) -> None:
    service = Service(Slow())
    said = await world.say(await world.person(), "x")
    async with open_http(allow_private=True) as http:
        stop = asyncio.Event()
        task = asyncio.create_task(world.sender(service, http, shutdown_seconds=0.05).run(stop))
        await world.until(said, "sending")
        stop.set()
        await task
    assert (await world.message(said)).status == "unknown"


async def test_an_answer_that_comes_after_the_row_was_given_up_is_still_believed(world: World) -> None:
    slow = Slow()
    service = Service(slow)
    said = await world.say(await world.person(), "x")
    async with world.sending(service):
        await world.until(said, "sending")
        await world.set("UPDATE outbox SET state = 'unknown'")
        await world.set("UPDATE messages SET status = 'unknown'")
        slow.let.set()
        message = await world.until(said, "sent")
    assert message.external_id == "m-x"
    assert service.texts == ["x"]


async def test_the_row_of_an_erased_person_is_not_missed(world: World) -> None:
    slow = Slow()
    service = Service(slow)
    said = await world.say(await world.person(), "x")
    async with world.sending(service):
        await world.until(said, "sending")
        await world.set("DELETE FROM users")
        slow.let.set()
        other = await world.say(await world.person("ben"), "y")
        await world.until(other, "sent")
        await until(lambda: _none_open(world))


async def _none_open(world: World) -> bool:
    return bool(await world.one("SELECT count(*) FROM outbox WHERE state <> 'sent'") == 0)


async def test_stopping_in_the_middle_of_taking_leaves_nothing_unknown(world: World) -> None:
    async def answer(outgoing: Outgoing) -> Outcome:
        await asyncio.sleep(0.005)
        return Sent(external_id="1")

    service = Service(answer)
    said = [await world.say(await world.person(f"p{number}"), f"{number}") for number in range(60)]
    for stop_after in (1, 7, 20, 33):
        async with world.sending(service, most_in_flight=4):
            await until(lambda: _heard(service, stop_after))  # noqa: B023 - awaited at once
        statuses = [(await world.message(message_id)).status for message_id in said]
        assert set(statuses) <= {"sent", "queued"}
        assert statuses.count("sent") == len(service.heard)


async def _heard(service: Service, count: int) -> bool:
    return len(service.heard) >= count
