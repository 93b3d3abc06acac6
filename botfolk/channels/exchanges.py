"""What passed between us and each service, for members to read when something goes wrong: no bodies, no secrets.

Noting is cheap (the hot path does it); what was noted is written together every few seconds.
"""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
import structlog
from msgspec import Struct
from psycopg_pool import PoolTimeout

from botfolk.channels.contract import Channel
from botfolk.clock import Clock
from botfolk.db.pool import Pool
from botfolk.http import Body, Broken, Http, NotSent, Response
from botfolk.ids import new_id

MOST_KEPT = 200
"""of a channel; older ones are dropped"""
_MOST_AT_ONCE = 50
_FLUSH_SECONDS = 3.0
_HIDDEN = "•••"
_SHORTEST_SECRET = 6

_log = structlog.get_logger(__name__)


class Exchange(Struct, frozen=True, kw_only=True):
    """One request and its answer. `what` is the address without its query and secrets; `seconds` it took."""

    at: datetime
    direction: Literal["in", "out"]
    what: str
    status: int | None
    words: str = ""
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether it went as it should."""
        return self.status is not None and self.status < 400


class Exchanges:
    """The log of all channels; of a busy one only the latest are kept."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._waiting = _empty()

    def heard(self, channel: Channel, status: int, words: str = "") -> None:
        """Note that a service called us, and what it was answered."""
        exchange = Exchange(at=self._clock(), direction="in", what="webhook", status=status, words=words[:300])
        self._waiting[channel.bot_id, channel.id].append(exchange)

    def asked(self, channel: Channel, what: str, status: int | None, words: str, seconds: float) -> None:
        """Note that we called a service, and what it answered; None: no answer came."""
        exchange = Exchange(
            at=self._clock(),
            direction="out",
            what=what[:200],
            status=status,
            words=without_secrets(channel, words)[:300],
            seconds=seconds,
        )
        self._waiting[channel.bot_id, channel.id].append(exchange)

    def listening(self, channel: Channel, http: Http) -> Http:
        """Return a client whose requests are noted as this channel's."""
        return _Listening(self, channel, http)

    async def run(self, stop: asyncio.Event) -> None:
        """Write what was noted, every few seconds and in the end."""
        while not stop.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(_FLUSH_SECONDS):
                    await stop.wait()
            await self.flush()

    async def flush(self) -> None:
        """Write what was noted. A log that cannot be written now is no reason to stop."""
        waiting, self._waiting = self._waiting, _empty()
        for (bot_id, channel_id), exchanges in waiting.items():
            try:
                await self._write(bot_id, channel_id, list(exchanges))
            except (psycopg.Error, PoolTimeout) as error:
                _log.info("exchanges.not_written", error=type(error).__name__)

    async def _write(self, bot_id: UUID, channel_id: UUID, exchanges: list[Exchange]) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(
                """INSERT INTO exchanges (bot_id, id, channel_id, at, direction, what, status, words, seconds)
                   SELECT %s, e.id, %s, e.at, e.direction, e.what, e.status, e.words, e.seconds
                   FROM unnest(%s::uuid[], %s::timestamptz[], %s::text[], %s::text[], %s::int[], %s::text[],
                       %s::real[]) AS e (id, at, direction, what, status, words, seconds)
                   WHERE EXISTS (SELECT 1 FROM channels WHERE bot_id = %s AND id = %s)""",
                [
                    bot_id,
                    channel_id,
                    [new_id() for _ in exchanges],
                    [e.at for e in exchanges],
                    [e.direction for e in exchanges],
                    [e.what for e in exchanges],
                    [e.status for e in exchanges],
                    [e.words for e in exchanges],
                    [e.seconds for e in exchanges],
                    bot_id,
                    channel_id,
                ],
            )
            await connection.execute(
                """DELETE FROM exchanges WHERE bot_id = %(bot)s AND channel_id = %(channel)s AND id < (
                       SELECT id FROM exchanges WHERE bot_id = %(bot)s AND channel_id = %(channel)s
                       ORDER BY id DESC OFFSET %(most)s LIMIT 1)""",
                {"bot": bot_id, "channel": channel_id, "most": MOST_KEPT - 1},
            )


def _empty() -> dict[tuple[UUID, UUID], deque[Exchange]]:
    return defaultdict(lambda: deque(maxlen=_MOST_AT_ONCE))


def without_secrets(channel: Channel, text: str) -> str:
    """Return a text in which no secret of the channel stands."""
    for secret in sorted(channel.secrets.values(), key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, _HIDDEN)
    return text


class _Listening:
    def __init__(self, log: Exchanges, channel: Channel, http: Http) -> None:
        self._log, self._channel, self._http = log, channel, http

    async def request(
        self,
        method: str,
        url: str,
        *,
        json: object | None = None,
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
        trusted_origin: str | None = None,
        timeout: float = 20.0,
        max_bytes: int = 25_000_000,
    ) -> Response:
        """See `botfolk.http.Http`."""
        given: dict[str, Any] = {"json": json, "body": body, "headers": headers, "trusted_origin": trusted_origin}
        what = f"{method} {without_secrets(self._channel, urlsplit(url).path)}"
        began = time.monotonic()
        try:
            response = await self._http.request(method, url, **given, timeout=timeout, max_bytes=max_bytes)
        except (NotSent, Broken) as error:
            self._log.asked(self._channel, what, None, str(error), time.monotonic() - began)
            raise
        self._log.asked(self._channel, what, response.status, "", time.monotonic() - began)
        return response
