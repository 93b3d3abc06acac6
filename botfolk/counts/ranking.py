"""Asks the database for the orders a bot's lists are sorted by and its index does not know, while the index answers."""

import asyncio
from time import monotonic
from typing import Any
from uuid import UUID

import psycopg
import structlog
from msgspec import Struct
from psycopg import AsyncConnection

from botfolk.counts import reading
from botfolk.counts.index import Index
from botfolk.counts.ranks import Rank
from botfolk.counts.rows import Ids, ids_of
from botfolk.users.ordering import TABLES, Order

SLICE = 20_000
REST = 20
"""So many times as long as it took, an order is not asked for again."""
UNUSED_SECONDS = 900.0

Connection = AsyncConnection[Any]
_log = structlog.get_logger(__name__)


class _Found(Struct, frozen=True):
    """Everybody who has a value, in order, the snapshot that was so in, and what of it is in memory."""

    sort: str
    seen: str
    ids: Ids
    rank: Rank


class Ranking:
    """Keeps a bot's index in the orders that are asked of it, one after the other."""

    def __init__(self, connection: Connection, bot_id: UUID) -> None:
        self._connection = connection
        self._bot_id = bot_id
        self._task: asyncio.Task[_Found] | None = None
        self._found: _Found | None = None
        self._again_at: dict[str, float] = {}
        self._look_at = monotonic() + UNUSED_SECONDS

    @property
    def is_busy(self) -> bool:
        """Say whether something has been asked for that is not put in yet."""
        return self._task is not None or self._found is not None

    @property
    def has_found(self) -> bool:
        """Say whether there is something to put in."""
        return self._found is not None

    async def go_on(self, connection: Connection, index: Index) -> None:
        """Put in a portion of what has been found, `connection` being the index's own, or ask for what is wanted.
        Raises psycopg.Error where a connection has ended."""
        self._forget_unused(index)
        if self._found is None and self._task is not None and self._task.done():
            task, self._task = self._task, None
            self._found = self._ended(task, index)
        if self._found is not None:
            await self._put(connection, index, self._found)
        elif self._task is None:
            ready = [sort for sort in index.wanted if self._again_at.get(sort, 0.0) <= monotonic()]
            if ready:
                self._task = asyncio.create_task(self._find(ready[0], index.wanted[ready[0]]))

    def _ended(self, task: "asyncio.Task[_Found]", index: Index) -> _Found | None:
        try:
            found = task.result()
        except psycopg.Error as error:
            if self._connection.closed:
                raise
            _log.warning("counts.not_ranked", bot=str(self._bot_id), error=type(error).__name__, why=str(error))
            return None
        found.rank.grow(index.room)
        return found

    def end(self) -> None:
        """Ask for nothing any more."""
        if self._task is not None:
            self._task.cancel()

    async def _find(self, sort: str, order: Order) -> _Found:
        began, connection = monotonic(), self._connection
        self._again_at[sort] = began + UNUSED_SECONDS
        async with connection.transaction():
            # Everybody is read: not by keys, as the index reads.
            await connection.execute("SET LOCAL enable_seqscan = on")
            await connection.execute("SET LOCAL work_mem = '64MB'")
            seen = await reading.snapshot(connection)
            cursor = connection.cursor(binary=True)
            await cursor.execute(_query(order).encode(), {"bot": self._bot_id, "attribute": order.attribute})
            found = await cursor.fetchone()
        took = monotonic() - began
        self._again_at[sort] = monotonic() + REST * took
        ids = ids_of(found[0] if found and found[0] else b"")
        _log.info("counts.ranked", bot=str(self._bot_id), sort=sort, users=len(ids), seconds=round(took, 1))
        return _Found(sort, seen, ids, Rank(order))

    async def _put(self, connection: Connection, index: Index, found: _Found) -> None:
        """Let the index know a portion of an order; with the last, who has changed since it was so. What the index
        takes in from then on it notes by itself."""
        rank = found.rank
        await asyncio.to_thread(index.put_in_order, rank, found.ids[rank.ranked : rank.ranked + SLICE])
        if rank.ranked < len(found.ids):
            return
        self._found = None
        index.wanted.pop(found.sort, None)
        _, changed = await reading.changed(connection, self._bot_id, found.seen)
        if rank.order.several and "names" in changed:
            return
        rank.grow(index.room)
        index.ranks[found.sort] = rank
        for part, who in changed.items():
            index.note_changed(part, who.ids)

    def _forget_unused(self, index: Index) -> None:
        if monotonic() < self._look_at:
            return
        self._look_at = monotonic() + UNUSED_SECONDS
        for sort, rank in list(index.ranks.items()):
            if not rank.is_used:
                del index.ranks[sort]
            rank.is_used = False


def _query(order: Order) -> str:
    letter = order.table
    everybody = f"""SELECT {order.tie} AS id, {order.expression} AS value FROM {TABLES[letter]}
        WHERE {letter}.bot_id = %(bot)s AND {order.expression} IS NOT NULL"""  # noqa: S608
    ordered = f"SELECT id FROM ({order.of_all or everybody}) x ORDER BY value, id OFFSET 0"  # noqa: S608
    return f"SELECT string_agg(uuid_send(id), '') FROM ({ordered}) y"  # noqa: S608
