"""A small HTTP server for the fakes of services: real HTTP over real sockets, and full power over the connection.

A fake can answer late, with any status, break the connection before it has taken a request, or after.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httptools
import msgspec
from msgspec import Struct


class Request(Struct, frozen=True, kw_only=True):
    """One request. Header names are in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body's JSON; an empty body is an empty object."""
        return msgspec.json.decode(self.body) if self.body else {}


class Reply(Struct, frozen=True, kw_only=True):
    """An answer. `close`: the connection breaks instead, without a byte of answer."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = {}
    close: bool = False


Handler = Callable[[Request], Awaitable[Reply]]


def reply_json(value: object, status: int = 200, **headers: str) -> Reply:
    """Return an answer of JSON."""
    return Reply(status=status, body=msgspec.json.encode(value), headers=headers)


class _Connection(asyncio.Protocol):
    """One connection: requests are answered one after the other."""

    def __init__(self, handler: Handler, open_now: "set[_Connection]") -> None:
        self._handler = handler
        self._open_now = open_now
        self._parser = httptools.HttpRequestParser(self)
        self._queue: asyncio.Queue[Request] = asyncio.Queue()
        self._start()

    def _start(self) -> None:
        self._url = b""
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._open_now.add(self)
        self._worker = asyncio.ensure_future(self._answer())

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        self._open_now.discard(self)
        self._worker.cancel()

    def abort(self) -> None:
        """Break the connection."""
        self._transport.abort()

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        parts = urlsplit(self._url.decode("latin-1"))
        request = Request(
            method=self._parser.get_method().decode(),
            path=parts.path,
            query=dict(parse_qsl(parts.query)),
            headers=self._headers,
            body=b"".join(self._body),
        )
        self._start()
        self._queue.put_nowait(request)

    async def _answer(self) -> None:
        while True:
            request = await self._queue.get()
            try:
                reply = await self._handler(request)
            except Exception as error:  # a request that the fake did not expect must not leave its caller waiting
                reply = Reply(status=500, body=f"{type(error).__name__}: {error}".encode(), content_type="text/plain")
            if reply.close:
                self._transport.abort()
                return
            headers = {"content-type": reply.content_type, "content-length": str(len(reply.body)), **reply.headers}
            head = f"HTTP/1.1 {reply.status} Fake\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items())
            self._transport.write(head.encode("latin-1") + b"\r\n" + reply.body)


class FakeServer:
    """Serves a handler on a port of this machine (0: any free one)."""

    def __init__(self, handler: Handler, host: str = "127.0.0.1", port: int = 0) -> None:
        self._handler = handler
        self._host = host
        self._port = port
        self._open_now: set[_Connection] = set()

    async def __aenter__(self) -> "FakeServer":
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Connection(self._handler, self._open_now), self._host, self._port
        )
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for connection in list(self._open_now):
            connection.abort()

    @property
    def url(self) -> str:
        """The address it is reached at."""
        return f"http://{self._host}:{self._port}"
