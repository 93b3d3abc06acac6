"""The value of a Location header for a stored address. Pure."""

import re
from urllib.parse import quote, urlsplit

_KEPT = "%/:?#[]@!$&'()*+,;=~-._"
_PLAIN = re.compile(rf"[0-9A-Za-z{re.escape(_KEPT)}]+")


def location(url: str) -> bytes:
    """Return an address as a header may hold it: a host by its ASCII name, all else outside of ASCII, and whatever
    could end the header, percent-encoded."""
    if _PLAIN.fullmatch(url):
        return url.encode("ascii")
    place = urlsplit(url).netloc
    if not place.isascii():
        url = url.replace(place, _ascii(place), 1)
    return quote(url, safe=_KEPT).encode("ascii")


def _ascii(netloc: str) -> str:
    who, at, place = netloc.rpartition("@")
    name, colon, port = place.partition(":")
    try:
        name = name.encode("idna").decode()
    except UnicodeError:  # not a name that IDNA knows: a browser may
        name = quote(name)
    return f"{quote(who)}{at}{name}{colon}{port}"
