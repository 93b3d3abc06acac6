"""The one HTTP client for all that goes out."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from msgspec import Struct


class NotSent(Exception):
    """The request surely did not leave (name, address or connection refused); it may be tried again."""


class Broken(Exception):
    """The connection failed after the request began to leave: whether it was taken cannot be known."""


class TooLarge(Broken):
    """The answer is larger than the caller allows; the rest was not read."""


class Response(Struct, frozen=True, kw_only=True):
    """What came back. `headers` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Body(Struct, frozen=True, kw_only=True):
    """What is sent when it is not JSON."""

    content_type: str
    content: bytes


class Http(Protocol):
    """The one client for all that goes out."""

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
        """Send a request and read the whole answer (at most `max_bytes`); redirects are not followed.

        What is sent is `json`, or else `body` (see `botfolk.outgoing.forms`).
        `trusted_origin` ("http://127.0.0.1:8081") is an origin the bot's owner configured: its address may be private.
        `timeout` in seconds. Raises NotSent, Broken.
        """
        ...


def open_http(*, allow_private: bool = False) -> AbstractAsyncContextManager[Http]:
    """Open the client, to be shared by the whole process.

    Unless `allow_private`, it connects only to public addresses, and to those of a request's `trusted_origin`.
    """
    from botfolk.outgoing.client import open_client

    return open_client(allow_private=allow_private)
