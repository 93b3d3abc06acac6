"""The ingest queue: bounded, split by person into a line for each writer."""

import asyncio

from botfolk.channels.events import AnyEvent
from botfolk.clock import Clock
from botfolk.db.secrets import SecretBox
from botfolk.ingest.delivery import Delivery, QueueFull
from botfolk.ingest.writer import Writer

WRITERS = 2
"""While the database works on one writer's batch, Python prepares the other's. A person is always the same writer's: no
two wait for each other's locks, and nobody's messages overtake one another."""

ANSWER_WITHIN_SECONDS = 25.0


class Ingest:
    """Takes deliveries of verified webhooks and answers when they are committed."""

    def __init__(
        self, dsn: str, clock: Clock, box: SecretBox, *, queue_size: int, batch_size: int, writers: int = WRITERS
    ) -> None:
        """`queue_size`: deliveries that may wait; `batch_size`: deliveries in one transaction at most. `box` knows
        people who were erased."""
        self._queue_size = queue_size
        self._writers = [Writer(dsn, clock, box, batch_size=batch_size) for _ in range(writers)]

    @property
    def depth(self) -> int:
        """How many deliveries wait."""
        return sum(writer.depth for writer in self._writers)

    async def submit(self, delivery: Delivery) -> None:
        """Return once the delivery is committed (or was before). Raises QueueFull, Unavailable."""
        if self.depth >= self._queue_size:
            raise QueueFull
        await self._writer_of(delivery.events).put(delivery)

    def _writer_of(self, events: list[AnyEvent]) -> Writer:
        person = events[0].external_user_id if events else ""
        return self._writers[hash(person) % len(self._writers)]

    async def run(self, stop: asyncio.Event) -> None:
        """Write batches until told to stop, then what still waits."""
        async with asyncio.TaskGroup() as tasks:
            impatience = tasks.create_task(self._answer_in_time())
            writers = [tasks.create_task(writer.run(stop)) for writer in self._writers]
            await asyncio.wait(writers)
            impatience.cancel()

    async def _answer_in_time(self) -> None:
        while True:
            await asyncio.sleep(1)
            self.give_up(before=asyncio.get_running_loop().time() - ANSWER_WITHIN_SECONDS)

    def give_up(self, before: float) -> None:
        """Answer Unavailable to all that wait since before a time of the event loop's clock."""
        for writer in self._writers:
            writer.give_up(before)
