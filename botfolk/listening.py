"""Take the address to listen on, before anything else is started for it."""

import socket
from contextlib import suppress


class CannotListen(Exception):
    """The address cannot be listened on; the text says why and how to choose another."""


def bind(host: str, port: int) -> list[socket.socket]:
    """Return a bound socket for each address a host's name stands for. Raises CannotListen."""
    taken: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in dict.fromkeys(found):
            try:
                listening = socket.socket(family, kind, protocol)
            except OSError:
                continue  # the name has an address of a family this machine does not speak
            taken.append(listening)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listening.bind(address)
    except (OSError, UnicodeError) as error:
        close(taken)
        raise cannot(host, port, error) from None
    if not taken:
        raise cannot(host, port, OSError("this machine does not speak that kind of address"))
    return taken


def cannot(host: str, port: int, error: Exception) -> CannotListen:
    """Return what to say of an address that cannot be taken."""
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    why = getattr(error, "strerror", None) or str(error)
    return CannotListen(
        f"cannot listen on {shown}: {why}. Choose another port with --port (BOTFOLK_PORT), another address of this"
        " machine with --host (BOTFOLK_HOST)."
    )


def close(sockets: list[socket.socket]) -> None:
    """Give addresses back."""
    for each in sockets:
        with suppress(OSError):
            each.close()
