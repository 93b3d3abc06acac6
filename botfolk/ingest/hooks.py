"""`/hooks/<channel id>`: where services deliver. A plain ASGI application, since it is the hot path.

Nothing is parsed before it is verified, nothing is answered 2xx before it is committed.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from uuid import UUID

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from botfolk.channels.contract import Channel, Unreadable
from botfolk.channels.events import NotUnderstood
from botfolk.channels.registry import KINDS, Channels
from botfolk.clock import Clock
from botfolk.ingest.delivery import Delivery, QueueFull, Unavailable
from botfolk.ingest.queue import Ingest
from botfolk.ingest.score import scores_of

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

log = structlog.get_logger("hooks")


class TooLarge(Exception):
    """The body is over the channel's limit."""


class Gone(Exception):
    """The service closed the connection before its request was whole."""


class Hooks:
    """The ASGI application of all channels' webhooks."""

    def __init__(self, channels: Channels, ingest: Ingest, clock: Clock) -> None:
        self._channels = channels
        self._ingest = ingest
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one request, answer it."""
        try:
            status, text, wait = await self._take(scope, receive)
        except Gone:
            return
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"x-content-type-options", b"nosniff")]
        if wait:
            headers.append((b"retry-after", str(wait).encode()))
        if status == 413:
            headers.append((b"connection", b"close"))
        body = text.encode()
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _take(self, scope: Scope, receive: Receive) -> tuple[int, str, int]:
        """Return status, text and Retry-After (seconds, 0 for none)."""
        try:
            channel = await self._channel(scope)
        except (psycopg.Error, PoolTimeout):
            return 503, "The database cannot be asked now; come again.", Unavailable.retry_after
        if channel is None:
            return 404, "There is no such channel.", 0
        if scope["method"] != "POST":
            return 405, "A webhook is called by POST.", 0
        kind = KINDS[channel.kind]
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            body = await _read(headers, receive, kind.max_body_bytes)
        except TooLarge:
            return 413, f"At most {kind.max_body_bytes} bytes.", 0
        if not kind.verify(channel, headers, body):
            return 401, "This request does not prove that it comes from the service.", 0
        if not channel.enabled:
            return 503, "This channel is switched off.", 600
        delivery = self._delivery(channel, body)
        if not delivery.events and not delivery.not_understood:
            return 200, "", 0
        try:
            await self._ingest.submit(delivery)
        except QueueFull as full:
            return 503, "Too much waits already; come again.", full.retry_after
        except Unavailable:
            return 503, "The database cannot take it now; come again.", Unavailable.retry_after
        return 200, "", 0

    async def _channel(self, scope: Scope) -> Channel | None:
        try:
            channel_id = UUID(scope["path"].rpartition("/")[2])
        except ValueError:
            return None
        return await self._channels.get(channel_id)

    def _delivery(self, channel: Channel, body: bytes) -> Delivery:
        received_at = self._clock()
        try:
            events, not_understood = KINDS[channel.kind].parse(channel, body, received_at)
        except Unreadable as error:
            events, not_understood = [], [NotUnderstood(reason=str(error), raw=body)]
        except Exception as error:  # a parser's mistake loses nothing: the body waits in quarantine for a better one
            log.exception("a payload broke its parser", channel=str(channel.id), kind=channel.kind)
            events, not_understood = [], [NotUnderstood(reason=type(error).__name__, raw=body)]
        return Delivery(
            channel=channel,
            events=events,
            not_understood=not_understood,
            body=body,
            received_at=received_at,
            scores=scores_of(events),
        )


async def _read(headers: dict[str, str], receive: Receive, most: int) -> bytes:
    """Read the body, counting while it comes. Raises TooLarge as soon as it is, Gone."""
    announced = headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > most:
        raise TooLarge
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > most:
            raise TooLarge
        chunks.append(chunk)
        if not message.get("more_body"):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)
