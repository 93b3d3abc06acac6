"""The HTTP client: no proxies, cookies, redirects or decompression, one time limit, and exact words for failures."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

import httpcore2
import msgspec
from httpx2 import URL, InvalidURL

from botfolk import __version__
from botfolk.http import Body, Broken, Http, NotSent, Response, TooLarge
from botfolk.outgoing.network import CheckedNetwork

_CONNECT_SECONDS = 10.0
# Services drop idle connections after a minute or so; one that they drop while we write costs an unknown outcome.
_KEEP_ALIVE_SECONDS = 15.0
_CONNECTIONS = 100

_FAILURES = (
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.UnsupportedProtocol,
    OSError,
    TimeoutError,
    UnicodeError,
)


@asynccontextmanager
async def open_client(
    *, allow_private: bool = False, network: httpcore2.AsyncNetworkBackend | None = None
) -> AsyncGenerator[Http]:
    """Open the client; `network` is what untrusted requests connect through (by default: public addresses only)."""
    # At debug level it writes what it exchanges into the log.
    logging.getLogger("httpcore2").setLevel(logging.WARNING)
    tls = httpcore2.default_ssl_context()

    def pool(backend: httpcore2.AsyncNetworkBackend) -> httpcore2.AsyncConnectionPool:
        return httpcore2.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=_CONNECTIONS,
            max_keepalive_connections=_CONNECTIONS,
            keepalive_expiry=_KEEP_ALIVE_SECONDS,
            network_backend=backend,
        )

    # Two pools: a connection that a trusted request opened to a private address is never handed to another request.
    async with pool(httpcore2.AnyIOBackend()) as anywhere, pool(network or CheckedNetwork()) as checked:
        yield _Client(checked=anywhere if allow_private else checked, anywhere=anywhere)


class _Journey:
    """How far a request got: `begun` once its first byte may have left."""

    def __init__(self) -> None:
        self.begun = False

    async def trace(self, event: str, info: Mapping[str, object]) -> None:
        if event == "http11.send_request_headers.started":
            self.begun = True
        elif event == "http11.send_request_headers.failed":
            # A head that our own side finds malformed is refused before it is written.
            self.begun = not isinstance(info.get("exception"), httpcore2.LocalProtocolError)

    def failed(self, said: str) -> NotSent | Broken:
        return Broken(said) if self.begun else NotSent(said)


class _Client:
    def __init__(self, *, checked: httpcore2.AsyncConnectionPool, anywhere: httpcore2.AsyncConnectionPool) -> None:
        self._checked = checked
        self._anywhere = anywhere

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
        """Send a request; see `botfolk.http.Http`."""
        target = _parse(url)
        trusted = trusted_origin is not None and _origin(_parse(trusted_origin)) == _origin(target)
        pool = self._anywhere if trusted else self._checked
        if json is not None:
            body = Body(content_type="application/json", content=msgspec.json.encode(json))
        journey = _Journey()
        connect = min(_CONNECT_SECONDS, timeout)
        try:
            async with (
                asyncio.timeout(timeout),
                pool.stream(
                    method,
                    httpcore2.URL(
                        scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path
                    ),
                    headers=_headers(target, headers or {}, body),
                    content=body.content if body else None if method in {"GET", "HEAD"} else b"",
                    extensions={"trace": journey.trace, "timeout": {"connect": connect, "pool": connect}},
                ) as answer,
            ):
                return await _read(answer, max_bytes)
        except _FAILURES as error:
            raise journey.failed(_said(error, target.host)) from error


async def _read(answer: httpcore2.Response, max_bytes: int) -> Response:
    """Read the answer, holding at most `max_bytes` of it. Raises TooLarge."""
    content = bytearray()
    async for chunk in answer.aiter_stream():
        content += chunk
        if len(content) > max_bytes:
            raise TooLarge(f"the answer is larger than {max_bytes} bytes")
    names = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
    return Response(status=answer.status, headers=names, content=bytes(content))


def _headers(target: URL, given: Mapping[str, str], body: Body | None) -> list[tuple[str, str]]:
    headers = {"user-agent": f"Botfolk/{__version__}", "accept": "*/*", "accept-encoding": "identity"}
    if body is not None:
        headers["content-type"] = body.content_type
    headers |= {name.lower(): value for name, value in given.items()}
    headers["host"] = target.netloc.decode("ascii")
    return list(headers.items())


def _parse(url: str) -> URL:
    try:
        parsed = URL(url)
    except (InvalidURL, UnicodeError) as error:
        raise NotSent("this is not an address") from error
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise NotSent("only http and https addresses can be called")
    return parsed


def _origin(url: URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)


def _said(error: BaseException, host: str) -> str:
    """Say what failed without the address's path, which may hold a token."""
    if isinstance(error, TimeoutError | httpcore2.TimeoutException):
        return f"{host} did not answer in time"
    if isinstance(error, UnicodeError | httpcore2.LocalProtocolError):
        return "the request is malformed"
    return f"{host}: {error}" if str(error) else f"{host}: the connection broke"
