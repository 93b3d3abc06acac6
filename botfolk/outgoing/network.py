"""Connections that go only where they may: the address that was checked is the one that is connected to."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable

from httpcore2 import (
    SOCKET_OPTION,
    AnyIOBackend,
    AsyncNetworkBackend,
    AsyncNetworkStream,
    ConnectError,
    ConnectTimeout,
)

from botfolk.outgoing.addresses import is_public

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""A host name (or textual address) and a port to the textual addresses behind it. Raises OSError."""


class AddressRefused(ConnectError):
    """The name leads nowhere public."""


async def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a name, in its order of preference. Raises OSError when there is none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class CheckedNetwork(AsyncNetworkBackend):
    """TCP to public addresses only.

    The name is resolved once, here, and the connection is made to the address that passed, so a name that changes its
    answer between check and use gains nothing. TLS still checks the certificate against the name.
    """

    def __init__(self, *, resolve: Resolve = resolve, public: Callable[[str], bool] = is_public) -> None:
        self._resolve = resolve
        self._public = public
        self._tcp = AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        """Connect to the first address of `host` that is public and answers. Raises ConnectError, ConnectTimeout."""
        addresses = await self._public_addresses(host, port)
        share = None if timeout is None else timeout / len(addresses)
        failure: ConnectError | ConnectTimeout | None = None
        for address in addresses:
            try:
                return await self._tcp.connect_tcp(address, port, share, local_address, socket_options)
            except (ConnectError, ConnectTimeout) as error:
                failure = failure or error
        raise failure or ConnectError("no address to connect to")

    async def _public_addresses(self, host: str, port: int) -> list[str]:
        try:
            found = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise ConnectError(f"the name {host} cannot be resolved") from error
        allowed = [address for address in found if self._public(address)]
        if not allowed:
            raise AddressRefused(f"{host} is not on the public internet: this address may not be called")
        return allowed

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[SOCKET_OPTION] | None = None
    ) -> AsyncNetworkStream:
        """Refuse: nothing outgoing speaks to a socket of this machine."""
        raise AddressRefused("a socket of this machine may not be called")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._tcp.sleep(seconds)
