"""Every person gets their messages in the order they were said, each exactly once, whatever the service answers."""

import asyncio
import random
from collections import defaultdict
from uuid import UUID

import pytest

from botfolk.channels.contract import Failed, Later, Outcome, Outgoing, Sent, Unknown
from tests.outbox.world import Service, World, all_sent, until


class Moody:
    """A service that takes its time and answers at random, and remembers what it took."""

    def __init__(self, luck: random.Random) -> None:
        self.luck = luck
        self.taken: dict[str, list[str]] = defaultdict(list)

    async def __call__(self, outgoing: Outgoing) -> Outcome:
        await asyncio.sleep(self.luck.choice((0, 0, 0.001, 0.005)))
        match self.luck.randrange(10):
            case 0:
                return Later(reason="busy", after=0.05)
            case 1:
                return Later(reason="slow down", after=0.02, whole_channel=True)
            case 2:
                return Failed(reason="not this one")
            case 3:
                # It took the message, and nobody will know.
                self.taken[outgoing.external_user_id].append(outgoing.text)
                return Unknown(reason="broke")
            case _:
                self.taken[outgoing.external_user_id].append(outgoing.text)
                return Sent(external_id="1")


@pytest.mark.parametrize("seed", range(6))
async def test_nothing_is_doubled_or_overtakes(world: World, seed: int) -> None:
    luck = random.Random(seed)
    moody = Moody(luck)
    service = Service(moody)
    people = [await world.person(f"p{number}") for number in range(5)]
    said: dict[str, list[tuple[UUID, str]]] = defaultdict(list)
    async with world.sending(service, most_in_flight=luck.choice((1, 3, 16))) as sender:
        for number in range(60):
            person = luck.choice(people)
            parts = "|".join(f"{number}.{part}" for part in range(luck.choice((1, 1, 1, 3))))
            said[person.name].append((await world.say(person, parts), parts))
            if luck.random() < 0.3:
                sender.wake(world.bot_id)
        async with world.pool.connection() as connection:
            # Waits are asked for in hundredths of a second: the clock's own steps are enough.
            await connection.set_autocommit(True)
            await until(lambda: all_sent(connection))
            await connection.set_autocommit(False)
    for person in people:
        taken = moody.taken[person.name]
        assert taken == sorted(taken, key=_number), "a later message overtook an earlier one"
        assert len(set(taken)) == len(taken), "a message was sent twice"
        for message_id, parts in said[person.name]:
            status = (await world.message(message_id)).status
            assert status in ("sent", "failed", "unknown")
            if status == "sent":
                assert set(parts.split("|")) <= set(taken), "a message counts as sent that the service never took"


def _number(part: str) -> tuple[int, int]:
    message, _, piece = part.partition(".")
    return int(message), int(piece)
