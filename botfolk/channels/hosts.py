"""Which hosts a channel speaks to, whatever an address in a payload says."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from botfolk.channels.contract import Channel

# Nothing that two readers of an address could take differently: no user name, backslash or encoded host.
_PLAIN = re.compile(r"https?://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?(/[!-\[\]-~]*)?")


def configured(channel: Channel, name: str, default: Iterable[str]) -> list[str]:
    """Return a list of the channel's config, which may be written with commas."""
    given: Any = channel.config.get(name)
    if isinstance(given, str):
        given = given.split(",")
    entries = [str(entry).strip().rstrip("/").lower() for entry in given] if isinstance(given, list | tuple) else []
    return [entry for entry in entries if entry] or list(default)


def is_allowed(url: str, entries: Iterable[str]) -> bool:
    """Say whether an address is at one of the entries: a host or `*.domain`, reached by https on its usual port, or a
    whole origin (http://127.0.0.1:8083)."""
    if not _PLAIN.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
        usual = parts.scheme == "https" and parts.port in (None, 443)
    except ValueError:
        return False
    host = (parts.hostname or "").lower()
    for entry in entries:
        if "://" in entry:
            if entry == origin(url):
                return True
        elif usual and (host == entry or (entry.startswith("*.") and host.endswith(entry[1:]))):
            return True
    return False


def origin(url: str) -> str:
    """Return scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
