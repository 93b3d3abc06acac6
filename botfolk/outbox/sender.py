"""Everything that leaves, leaves from here: one lane for every channel whose sending this process owns."""

import asyncio
import random
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import structlog
from psycopg import AsyncConnection
from psycopg import Error as DatabaseError
from psycopg_pool import PoolTimeout

from botfolk.channels.contract import ChannelKind
from botfolk.channels.exchanges import Exchanges
from botfolk.channels.registry import KINDS, Channels
from botfolk.clock import Clock, utc_now
from botfolk.db.pool import Pool
from botfolk.http import Http
from botfolk.outbox import owning
from botfolk.outbox.claim import adopt
from botfolk.outbox.lane import MOST_IN_FLIGHT, Lane, Outside

_log = structlog.get_logger(__name__)

_ROUND_SECONDS = 1.0
_RECONNECT_SECONDS = 0.5
# Many commits a second announce something to send; a look around at most this often serves them all.
_BREATH_SECONDS = 0.02


class Sender:
    """Sends what waits in the outbox of all bots; any number of processes may run one.

    It keeps one connection of `pool` for itself, and takes others for moments.
    """

    def __init__(
        self,
        pool: Pool,
        http: Http,
        channels: Channels,
        kinds: Mapping[str, ChannelKind] = KINDS,
        *,
        clock: Clock = utc_now,
        luck: Callable[[], float] = random.random,
        most_in_flight: int = MOST_IN_FLIGHT,
        shutdown_seconds: float = 10.0,
        public_url: str = "",
        exchanges: Exchanges | None = None,
        links_url: str = "",
    ) -> None:
        self._outside = Outside(
            pool=pool,
            http=http,
            channels=channels,
            clock=clock,
            luck=luck,
            most_in_flight=most_in_flight,
            public_url=public_url,
            exchanges=exchanges,
            links_url=links_url or public_url,
        )
        self._kinds = kinds
        self._shutdown_seconds = shutdown_seconds
        self._lanes: dict[UUID, Lane] = {}
        self._awake = asyncio.Event()

    def wake(self, bot_id: UUID | None = None) -> None:
        """Something of a bot (of any, when not said which) is to be sent now, or a channel has changed."""
        for lane in self._lanes.values():
            if bot_id in (None, lane.bot_id):
                lane.wake()
        self._awake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set; then let what is on its way finish, for `shutdown_seconds` at most."""
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: self._take_no_more())
        try:
            while not stop.is_set():
                try:
                    async with owning.holding(self._outside.pool) as connection:
                        await self._rounds(connection, stop)
                        await self._close()
                except (DatabaseError, PoolTimeout, OSError) as error:
                    _log.warning("outbox.database_gone", error=type(error).__name__)
                    self._take_no_more()
                    await asyncio.wait({stopping}, timeout=_RECONNECT_SECONDS)
        finally:
            stopping.cancel()
            await self._close()

    def _take_no_more(self) -> None:
        for lane in self._lanes.values():
            lane.disown()
        self._awake.set()

    async def _rounds(self, connection: AsyncConnection[Any], stop: asyncio.Event) -> None:
        """Look around, again and again, for channels with something to send that nobody sends on."""
        owned: set[UUID] = set()
        while not stop.is_set():
            self._awake.clear()
            for channel_id in self._ended() & owned:
                owned.discard(channel_id)
                await owning.disown(connection, channel_id)
            for channel_id in await owning.with_work(connection, self._outside.clock()):
                if channel_id in owned and channel_id in self._lanes:
                    self._lanes[channel_id].wake()
                elif await owning.own(connection, channel_id):
                    owned.add(channel_id)
                    await self._start(channel_id)
                    if channel_id not in self._lanes:
                        owned.discard(channel_id)
                        await owning.disown(connection, channel_id)
            await asyncio.sleep(_BREATH_SECONDS)
            await self._wait()

    def _ended(self) -> set[UUID]:
        """Forget the lanes that came to their end, and return their channels."""
        ended = {channel_id for channel_id, lane in self._lanes.items() if lane.ended()}
        for channel_id in ended:
            del self._lanes[channel_id]
        return ended

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(_ROUND_SECONDS):
                await self._awake.wait()
        except TimeoutError:
            return

    async def _start(self, channel_id: UUID) -> None:
        """Begin to send on a channel that was just made ours, or go on after the lock was lost for a moment."""
        lane = self._lanes.get(channel_id)
        channel = await self._outside.channels.get(channel_id)
        if channel is None:
            return
        async with self._outside.pool.connection() as connection:
            lost = await adopt(
                connection,
                channel.bot_id,
                channel.id,
                own=lane.on_their_way if lane else [],
                now=self._outside.clock(),
            )
        if lost:
            _log.warning("outbox.unknown", channel=str(channel_id), messages=lost)
        if lane is not None:
            lane.own()
        elif channel.enabled and channel.kind in self._kinds:
            self._lanes[channel_id] = Lane(self._outside, channel, self._kinds[channel.kind])
            self._lanes[channel_id].start()

    async def _close(self) -> None:
        lanes, self._lanes = list(self._lanes.values()), {}
        await asyncio.gather(*(lane.close(self._shutdown_seconds) for lane in lanes))
