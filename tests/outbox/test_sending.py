"""What becomes of a message that is sent, by what the service answers."""

import asyncio
from datetime import timedelta

import pytest

from botfolk.channels.contract import Button, Failed, Later, Limits, Outcome, Outgoing, Sent, Unknown
from botfolk.channels.registry import update
from botfolk.ids import new_id
from botfolk.outbox.rows import OutTap, insert
from tests.outbox.world import BOX, Service, World, until


def answering(*outcomes: Outcome) -> Service:
    """A service that answers with these, one after another, and accepts what comes later."""
    waiting = list(outcomes)

    async def answer(outgoing: Outgoing) -> Outcome:
        return waiting.pop(0) if waiting else Sent(external_id=f"m-{outgoing.text}")

    return Service(answer)


async def test_a_message_leaves_and_keeps_the_services_name(world: World) -> None:
    ann, service = await world.person(), Service()
    said = await world.say(
        ann, "hello", buttons=[Button(title="Yes", data="y"), Button(title="Site", url="https://x.y")]
    )
    async with world.sending(service):
        message = await world.until(said, "sent")
    assert message.external_id == "m-hello"
    assert message.details == {"buttons": [{"title": "Yes", "data": "y"}, {"title": "Site", "url": "https://x.y"}]}
    assert service.heard[0].external_user_id == "ann"
    assert service.heard[0].buttons == (Button(title="Yes", data="y"), Button(title="Site", url="https://x.y"))


async def test_a_message_queued_while_the_sender_runs_leaves_at_the_wake(world: World) -> None:
    ann, service = await world.person(), Service()
    async with world.sending(service) as sender:
        for text in ("one", "two"):
            said = await world.say(ann, text)
            sender.wake(world.bot_id)
            await world.until(said, "sent")
    assert service.texts == ["one", "two"]


async def test_a_long_message_leaves_in_parts_with_its_buttons_on_the_last(world: World) -> None:
    ann, service = await world.person(), Service()
    said = await world.say(ann, "a|b|c", buttons=[Button(title="Yes", data="y")])
    async with world.sending(service):
        message = await world.until(said, "sent")
    assert service.texts == ["a", "b", "c"]
    assert [len(outgoing.buttons) for outgoing in service.heard] == [0, 0, 1]
    assert message.external_id == "m-a"
    assert message.details is not None
    assert message.details["external_ids"] == ["m-a", "m-b", "m-c"]


async def test_a_part_the_service_took_is_not_sent_again_after_a_wait(world: World) -> None:
    ann = await world.person()
    service = answering(Sent(external_id="1"), Later(reason="busy", after=5))
    said = await world.say(ann, "a|b")
    async with world.sending(service) as sender:
        await until(lambda: _heard(service, 2))
        await world.until(said, "queued")
        world.clock.pass_(seconds=6)
        sender.wake()
        await world.until(said, "sent")
    assert service.texts == ["a", "b", "b"]


async def test_a_refused_message_fails_with_the_reason(world: World) -> None:
    ann, service = await world.person(), answering(Failed(reason="The text is not allowed"))
    said = await world.say(ann, "x")
    async with world.sending(service):
        message = await world.until(said, "failed")
    assert message.details == {"error": "The text is not allowed"}
    assert await world.one("SELECT state FROM identities") == "active"


async def test_a_person_who_blocked_the_bot_is_gone_and_nothing_more_is_tried(world: World) -> None:
    ann, service = await world.person(), answering(Failed(reason="The person blocked the bot", unreachable=True))
    first, second = await world.say(ann, "x"), await world.say(ann, "y")
    async with world.sending(service):
        await world.until(first, "failed")
        message = await world.until(second, "failed")
    assert service.texts == ["x"]
    assert message.details == {"error": "The person blocked the bot"}
    assert await world.one("SELECT state FROM identities") == "gone"


async def test_an_unknown_outcome_is_never_sent_again_by_itself_and_holds_nobody_up(world: World) -> None:
    ann, service = await world.person(), answering(Unknown(reason="The connection broke"))
    lost, next_ = await world.say(ann, "lost"), await world.say(ann, "next")
    async with world.sending(service):
        await world.until(next_, "sent")
        world.clock.pass_(days=2)
        await world.until(await world.say(ann, "later"), "sent")
    assert service.texts == ["lost", "next", "later"]
    assert (await world.message(lost)).details == {"error": "The connection broke"}
    assert (await world.message(lost)).status == "unknown"


async def test_an_error_inside_a_kind_is_an_unknown_outcome(world: World) -> None:
    async def stumble(_outgoing: Outgoing) -> Outcome:
        raise KeyError("message_id")

    ann, service = await world.person(), Service(stumble)
    said = await world.say(ann, "x")
    async with world.sending(service):
        await world.until(said, "unknown")
    assert service.texts == ["x"]


async def test_a_message_the_service_cannot_take_now_is_sent_later(world: World) -> None:
    ann, service = await world.person(), answering(Later(reason="The service is down"))
    said = await world.say(ann, "x")
    async with world.sending(service) as sender:
        await until(lambda: _heard(service, 1))
        message = await world.until(said, "queued")
        assert await world.one("SELECT error FROM outbox") == "The service is down"
        assert message.details is None
        world.clock.pass_(seconds=3)
        sender.wake()
        await world.until(said, "sent")
    assert service.texts == ["x", "x"]


async def test_a_message_that_cannot_be_sent_for_a_day_is_given_up(world: World) -> None:
    async def busy(_outgoing: Outgoing) -> Outcome:
        return Later(reason="Busy", after=3600)

    ann, service = await world.person(), Service(busy)
    said = await world.say(ann, "x")
    async with world.sending(service) as sender:
        for hour in range(24):
            await until(lambda: _heard(service, hour + 1))  # noqa: B023 - awaited at once
            await world.until(said, "queued")
            world.clock.pass_(hours=1, seconds=1)
            sender.wake()
        message = await world.until(said, "failed")
    assert len(service.heard) == 25
    assert message.details == {"error": "It could not be sent for a day: Busy"}


async def test_a_wait_of_the_whole_channel_lets_nobody_pass(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    service = answering(Later(reason="Slow down", after=3600, whole_channel=True))
    await world.say(ann, "to ann")
    async with world.sending(service, most_in_flight=1) as sender:
        await until(lambda: _heard(service, 1))
        said = await world.say(ben, "to ben")
        for _ in range(20):
            sender.wake()
            await asyncio.sleep(0.01)
        assert (await world.message(said)).status == "queued"
    assert service.texts == ["to ann"]


async def test_a_channel_with_a_bad_token_stops_until_its_config_changes(world: World) -> None:
    ann, ben = await world.person("ann"), await world.person("ben")
    service = answering(Failed(reason="The token is not accepted", channel_broken=True))
    to_ann, to_ben = await world.say(ann, "a"), await world.say(ben, "b")
    async with world.sending(service, most_in_flight=1) as sender:
        await until(lambda: _blamed(world, "The token is not accepted"))
        for _ in range(20):
            sender.wake()
            await asyncio.sleep(0.01)
        assert service.texts == ["a"]
        async with world.pool.connection() as connection:
            await update(connection, BOX, world.bot_id, world.channel_id, config={"token": "new"})
        world.channels.invalidate()
        sender.wake()
        await world.until(to_ann, "sent")
        await world.until(to_ben, "sent")
    assert await world.one("SELECT last_error FROM channels") is None


async def test_a_group_that_moved_is_followed(world: World) -> None:
    group = await world.person("-100", is_group=True)
    service = answering(Failed(reason="The group has become a supergroup", moved_to="-200"))
    said = await world.say(group, "x")
    async with world.sending(service):
        await world.until(said, "sent")
    assert [outgoing.external_user_id for outgoing in service.heard] == ["-100", "-200"]
    assert await world.one("SELECT external_id FROM identities") == "-200"


async def test_a_group_that_moved_to_an_address_met_meanwhile_is_one_user_and_the_message_arrives(world: World) -> None:
    group = await world.person("-100", is_group=True)
    await world.person("-200", is_group=True)
    service = answering(Failed(reason="The group has become a supergroup", moved_to="-200"))
    said = await world.say(group, "x")
    async with world.sending(service):
        await world.until(said, "sent")
    assert [outgoing.external_user_id for outgoing in service.heard] == ["-100", "-200"]
    async with world.pool.connection() as connection:
        rows = await (await connection.execute("SELECT external_id, state, user_id FROM identities")).fetchall()
    assert sorted(rows) == [("-100", "gone", group.user_id), ("-200", "active", group.user_id)]


async def test_what_the_bot_said_before_the_pause_does_not_leave_in_it_but_a_members_word_does(world: World) -> None:
    ann, service = await world.person(), Service()
    bots, members = await world.say(ann, "from the bot", author="bot"), await world.say(ann, "from a member")
    await world.set("UPDATE user_stats SET paused_until = %s", world.clock() + timedelta(minutes=10))
    async with world.sending(service):
        await world.until(members, "sent")
        message = await world.until(bots, "failed")
    assert service.texts == ["from a member"]
    assert message.details == {"error": "The bot was paused before this left"}


async def test_nothing_leaves_to_a_user_who_was_blocked_meanwhile(world: World) -> None:
    ann, service = await world.person(), Service()
    said = await world.say(ann, "x")
    await world.set("UPDATE users SET status = 'blocked'")
    async with world.sending(service):
        await world.until(said, "failed")
    assert service.heard == []


async def test_nothing_leaves_on_a_channel_that_is_switched_off(world: World) -> None:
    ann, service = await world.person(), Service()
    said = await world.say(ann, "x")
    await world.set("UPDATE channels SET enabled = false")
    async with world.sending(service) as sender:
        for _ in range(5):
            sender.wake()
            await asyncio.sleep(0.03)
        assert (await world.message(said)).status == "queued"
        await world.set("UPDATE channels SET enabled = true")
        world.channels.invalidate()
        sender.wake()
        await world.until(said, "sent")


async def test_a_tap_is_answered_before_what_waits_and_without_the_persons_pace(world: World) -> None:
    slow = Limits(per_second=1000, per_person_seconds=3600, per_group_seconds=3600)
    ann, service = await world.person(), Service(limits=slow)
    for number in range(5):
        await world.say(ann, f"message {number}")
    taps = [f"tap {number}" for number in range(6)]
    async with world.pool.connection() as connection:
        await insert(
            connection,
            [],
            [
                OutTap(
                    bot_id=world.bot_id,
                    user_id=ann.user_id,
                    channel_id=world.channel_id,
                    identity_id=ann.identity_id,
                    tap=tap,
                    at=world.clock(),
                )
                for tap in taps
            ],
        )
    async with world.sending(service, most_in_flight=1):
        await until(lambda: _heard(service, 9))
    assert [outgoing.tap for outgoing in service.heard[:6]] == taps
    # the burst, and then the pace
    assert service.texts[6:] == ["message 0", "message 1", "message 2"]


async def test_a_tap_that_waited_too_long_is_dropped(world: World) -> None:
    ann, service = await world.person(), Service()
    tap = OutTap(
        bot_id=world.bot_id,
        user_id=ann.user_id,
        channel_id=world.channel_id,
        identity_id=ann.identity_id,
        tap="t",
        at=world.clock() - timedelta(seconds=61),
        outbox_id=new_id(),
    )
    async with world.pool.connection() as connection:
        await insert(connection, [], [tap])
    async with world.sending(service):
        await until(lambda: _state(world, "failed"))
    assert service.heard == []
    assert await world.one("SELECT error FROM outbox") == "too late"


@pytest.mark.parametrize("allowed", [1, 4])
async def test_no_more_calls_are_made_at_once_than_allowed(world: World, allowed: int) -> None:
    async def take_a_moment(_outgoing: Outgoing) -> Outcome:
        await asyncio.sleep(0.01)
        return Sent(external_id=None)

    service = Service(take_a_moment)
    said = [await world.say(await world.person(f"p{number}"), "x") for number in range(12)]
    async with world.sending(service, most_in_flight=allowed):
        for message_id in said:
            await world.until(message_id, "sent")
    assert service.most_at_once == allowed


async def _heard(service: Service, count: int) -> bool:
    return len(service.heard) >= count


async def _blamed(world: World, error: str) -> bool:
    return bool(await world.one("SELECT last_error FROM channels") == error)


async def _state(world: World, state: str) -> bool:
    return bool(await world.one("SELECT state FROM outbox") == state)
