"""Where a code leads: asked of the database once, then known for a while."""

import asyncio
from collections import OrderedDict
from datetime import datetime

import psycopg
from msgspec import Struct

from botfolk.db.pool import Connection, connect_hot

KNOWN = 20_000
"""Codes that are remembered."""

FRESH_SECONDS = 60.0
WAIT_SECONDS = 3.0


class Away(Exception):
    """The database cannot be asked, and the code is not known."""


class Target(Struct, frozen=True, kw_only=True):
    """Where a link leads. `neutral`: the person is erased, nothing is counted. `sent_at`: when its message left;
    `is_leaving`: it has not yet."""

    url: str
    neutral: bool = False
    sent_at: datetime | None = None
    is_leaving: bool = False

    def seconds_since_sent(self, now: datetime) -> float | None:
        """Return how long ago the message left: 0 when it has not, None when that is not known."""
        if self.is_leaving:
            return 0.0
        return None if self.sent_at is None else (now - self.sent_at).total_seconds()


# By the index on the code alone, then the newest row of the outbox of its message.
_ASK = """
SELECT l.code, l.url, false, o.finished_at, coalesce(o.state IN ('queued', 'sending'), false)
FROM links l
LEFT JOIN LATERAL (SELECT finished_at, state FROM outbox WHERE bot_id = l.bot_id AND message_id = l.message_id
    ORDER BY id DESC LIMIT 1) o ON true
WHERE l.code = ANY(%(codes)s)
UNION ALL
SELECT code, url, true, NULL, false FROM forgotten_links WHERE code = ANY(%(codes)s)
"""


class Lookup:
    """Asks for all codes that wait at once, on a connection of its own; what is known is answered without asking."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: Connection | None = None
        self._known: OrderedDict[str, tuple[float, Target]] = OrderedDict()
        self._waiting: dict[str, asyncio.Future[Target | None]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def find(self, code: str) -> Target | None:
        """Return where a code leads, None when it leads nowhere. Raises Away.

        What was known a while ago is answered at once, and asked for anew beside it.
        """
        known = self._known.get(code)
        if known is None:
            return await self._ask(code)
        since, target = known
        self._known.move_to_end(code)
        if asyncio.get_running_loop().time() - since > FRESH_SECONDS:
            self._ask(code).add_done_callback(_heard)
        return target

    def forget(self, _: object = None) -> None:
        """Know nothing any more: links have changed."""
        self._known.clear()

    async def close(self) -> None:
        """Close the connection."""
        if self._asking is not None:
            await asyncio.wait({self._asking})
        if self._connection is not None:
            await self._connection.close()

    def _ask(self, code: str) -> asyncio.Future[Target | None]:
        answer = self._waiting.get(code)
        if answer is None:
            answer = self._waiting[code] = asyncio.get_running_loop().create_future()
            if self._asking is None:
                self._asking = asyncio.create_task(self._answer())
        return asyncio.shield(answer)

    async def _answer(self) -> None:
        await asyncio.sleep(0)
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting, {}
                try:
                    async with asyncio.timeout(WAIT_SECONDS):
                        found = await self._read(list(waiting))
                except (psycopg.Error, TimeoutError, OSError):
                    await self._hang_up()
                    for answer in waiting.values():
                        answer.set_exception(Away())
                        answer.exception()
                    continue
                self._learn(waiting, found)
        finally:
            self._asking = None

    def _learn(self, waiting: dict[str, asyncio.Future[Target | None]], found: dict[str, Target]) -> None:
        now = asyncio.get_running_loop().time()
        for code, answer in waiting.items():
            target = found.get(code)
            answer.set_result(target)
            if target is None or target.is_leaving:
                self._known.pop(code, None)
            else:
                self._known[code] = (now, target)
                self._known.move_to_end(code)
        while len(self._known) > KNOWN:
            self._known.popitem(last=False)

    async def _read(self, codes: list[str]) -> dict[str, Target]:
        if self._connection is None or self._connection.closed:
            self._connection = await connect_hot(self._dsn)
            await self._connection.set_autocommit(True)
        cursor = await self._connection.execute(_ASK, {"codes": codes})
        return {
            code: Target(url=url, neutral=neutral, sent_at=sent_at, is_leaving=is_leaving)
            for code, url, neutral, sent_at, is_leaving in await cursor.fetchall()
        }

    async def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


def _heard(answer: asyncio.Future[Target | None]) -> None:
    """Take note of an answer nobody waits for."""
    if not answer.cancelled():
        answer.exception()
