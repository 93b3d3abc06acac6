"""`/hooks/<channel id>`: where services deliver. A plain ASGI application, since it is the hot path.

Nothing is parsed before it is verified, nothing is answered 2xx before it is committed.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from botfolk.channels.address import hook_url
from botfolk.channels.contract import Channel, Unreadable
from botfolk.channels.events import AnyEvent, NotUnderstood
from botfolk.channels.exchanges import Exchanges
from botfolk.channels.registry import KINDS, Channels
from botfolk.channels.requests import Answer, Request
from botfolk.clock import Clock
from botfolk.http import Http
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

    def __init__(
        self,
        channels: Channels,
        ingest: Ingest,
        clock: Clock,
        http: Http,
        public_url: str,
        *,
        exchanges: Exchanges | None = None,
    ) -> None:
        self._channels = channels
        self._ingest = ingest
        self._clock = clock
        self._http = http
        self._exchanges = exchanges
        self._public_url = public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one request, answer it."""
        try:
            answer, wait = await self._take(scope, receive)
        except Gone:
            return
        headers = [(b"content-type", answer.content_type.encode()), (b"x-content-type-options", b"nosniff")]
        if wait:
            headers.append((b"retry-after", str(wait).encode()))
        if answer.status == 413:
            headers.append((b"connection", b"close"))
        if answer.status == 405:
            headers.append((b"allow", b"POST"))
        body = answer.text.encode()
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _take(self, scope: Scope, receive: Receive) -> tuple[Answer, int]:
        """Return the answer and Retry-After (seconds, 0 for none)."""
        try:
            channel = await self._channel(scope)
        except (psycopg.Error, PoolTimeout):
            return _away()
        if channel is None:
            return Answer(status=404, text="There is no such channel."), 0
        kind = KINDS[channel.kind]
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if scope["method"] == "GET":
            greeting = kind.greet(channel, self._request(scope, channel, headers, b""))
            return greeting or Answer(status=405, text="A webhook is called by POST."), 0
        if scope["method"] != "POST":
            return Answer(status=405, text="A webhook is called by POST."), 0
        try:
            body = await _read(headers, receive, kind.max_body_bytes)
        except TooLarge:
            return Answer(status=413, text=f"At most {kind.max_body_bytes} bytes."), 0
        answer, wait = await self._verified(scope, channel, headers, body)
        if self._exchanges is not None:
            self._exchanges.heard(channel, answer.status, answer.text if answer.status >= 400 else "")
        return answer, wait

    async def _verified(
        self, scope: Scope, channel: Channel, headers: dict[str, str], body: bytes
    ) -> tuple[Answer, int]:
        kind = KINDS[channel.kind]
        if not await kind.verify(channel, self._http, self._request(scope, channel, headers, body)):
            return Answer(status=401, text="This request does not prove that it comes from the service."), 0
        if not channel.enabled:
            return Answer(status=503, text="This channel is switched off."), 600
        return await self._store(channel, body)

    async def _store(self, channel: Channel, body: bytes) -> tuple[Answer, int]:
        """Hand what a verified body holds to ingest, and answer once it is committed."""
        try:
            received_at = self._clock()
            events, not_understood = self._parsed(channel, body, received_at)
            deliveries = await deliveries_of(self._channels, channel, events, not_understood, body, received_at)
            await _all([self._ingest.submit(delivery) for delivery in deliveries])
        except QueueFull as full:
            return Answer(status=503, text="Too much waits already; come again."), full.retry_after
        except (Unavailable, psycopg.Error, PoolTimeout):
            return _away()
        return KINDS[channel.kind].acknowledge(body), 0

    async def _channel(self, scope: Scope) -> Channel | None:
        try:
            channel_id = UUID(scope["path"].rpartition("/")[2])
        except ValueError:
            return None
        return await self._channels.get(channel_id)

    def _request(self, scope: Scope, channel: Channel, headers: dict[str, str], body: bytes) -> Request:
        query = bytes(scope["query_string"]).decode("latin-1")
        url = hook_url(self._public_url, channel.id)
        return Request(
            method=scope["method"],
            url=f"{url}?{query}" if query else url,
            headers=headers,
            body=body,
            query=dict(parse_qsl(query)) if query else {},
        )

    def _parsed(
        self, channel: Channel, body: bytes, received_at: datetime
    ) -> tuple[list[AnyEvent], list[NotUnderstood]]:
        try:
            return KINDS[channel.kind].parse(channel, body, received_at)
        except Unreadable as error:
            return [], [NotUnderstood(reason=str(error), raw=body)]
        except Exception as error:  # a parser's mistake loses nothing: the body waits in quarantine for a better one
            log.exception("a payload broke its parser", channel=str(channel.id), kind=channel.kind)
            return [], [NotUnderstood(reason=type(error).__name__, raw=body)]


async def deliveries_of(
    channels: Channels,
    channel: Channel,
    events: list[AnyEvent],
    not_understood: list[NotUnderstood],
    body: bytes,
    received_at: datetime,
) -> list[Delivery]:
    """Return what a body holds: a delivery for each person, so that no one's trouble is another's."""
    if len(events) == 1 and events[0].account is None:
        return [_delivery(channel, events, not_understood, body, received_at)]
    of_person: dict[tuple[UUID, str], tuple[Channel, list[AnyEvent]]] = {}
    for event in events:
        to = await _of_account(channels, channel, event.account)
        if to is None:
            reason = f"an event of the account {event.account}, for which there is no channel"
            not_understood.append(NotUnderstood(reason=reason[:300], raw=body))
        else:
            of_person.setdefault((to.id, event.external_user_id), (to, []))[1].append(event)
    deliveries = [_delivery(to, theirs, [], body, received_at) for to, theirs in of_person.values()]
    if not_understood:
        deliveries.append(_delivery(channel, [], not_understood, body, received_at))
    return deliveries


async def _of_account(channels: Channels, channel: Channel, account: str | None) -> Channel | None:
    """Return the bot's channel of an account that a hook serves; None when it is not connected."""
    if account is None or channel.config.get("account") in (None, account):
        return channel
    for other in await channels.all():
        alike = other.bot_id == channel.bot_id and other.kind == channel.kind and other.enabled
        if alike and other.config.get("account") == account:
            return other
    return None


def _away() -> tuple[Answer, int]:
    return Answer(status=503, text="The database cannot take it now; come again."), Unavailable.retry_after


async def _all(submissions: Sequence[Awaitable[None]]) -> None:
    """Wait until each has been stored or refused, then raise the first refusal: what is stored is recognised later."""
    if len(submissions) == 1:  # nearly always; a task of its own would cost more than the wait
        await submissions[0]
        return
    for result in await asyncio.gather(*submissions, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result


def _delivery(
    channel: Channel,
    events: list[AnyEvent],
    not_understood: list[NotUnderstood],
    body: bytes,
    received_at: datetime,
) -> Delivery:
    return Delivery(
        channel=channel,
        events=events,
        not_understood=not_understood,
        body=body,
        received_at=received_at,
        scores=scores_of(channel.bot_id, events),
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
