"""Find the http(s) links of a text, in any script, and put tracked ones in their place. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from msgspec import Struct

LONGEST_URL = 8000
"""What browsers and servers take; a longer one is sent as it is."""

# No space, quote, angle or backslash, nothing invisible (controls, zero width, marks of direction).
_LINK = re.compile(
    r"(?<![a-z0-9+.\-])https?://[^\s<>\"\\`\x00-\x20\x7f-\xa0\u00ad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff"
    r"\u201c-\u201f\u00ab\u00bb\u3000-\u3003\u3008-\u3011\u3014-\u301b\u3030\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f"
    r"\uff3b\uff3d\uff5b\uff5d\uff5e-\uff65\ufe10-\ufe19\ufe30-\ufe4f]+",
    re.IGNORECASE,
)
# Scripts that are written without spaces, and signs that are no letters (emoji): a text goes on in them right after a
# link. Behind a slash or another mark they are the link's own ("/wiki/中国").
_GOES_ON = re.compile(
    r"(?<=[A-Za-z0-9])[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1100-\u11ff\u2190-\u2bff\u3040-\u30ff\u3105-\u312f"
    r"\u3400-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\U0001f000-\U0001faff\U00020000-\U0003ffff]"
)
_ENDS = ".,;:!?'*~|…‘’՝՞؟،؛।॥።၊။។‥⋯٪۔"
_OPENS = {")": "(", "]": "[", "}": "{"}
_HOST = re.compile(r"[\w.\-]+|[0-9a-f:.]+", re.IGNORECASE)
_TRACKED = re.compile(r"/l/[0-9A-Za-z]{12}")


class Found(Struct, frozen=True):
    """A link in a text: from `start` up to `end`."""

    start: int
    end: int
    url: str


def find(text: str) -> Iterator[Found]:
    """Yield the links of a text in order, without the punctuation and brackets around them."""
    if "://" not in text:
        return
    for match in _LINK.finditer(text):
        url = _without_what_follows(match[0], text[match.start() - 1 : match.start()])
        if is_link(url):
            yield Found(match.start(), match.start() + len(url), url)


def _without_what_follows(url: str, before: str) -> str:
    on = _GOES_ON.search(url, url.index("://") + 3)
    if on is not None:
        url = url[: on.start()]
    while url and _is_around(url, before):
        url = url[:-1]
    return url


def _is_around(url: str, before: str) -> bool:
    """Say whether the last character belongs to the text around a link: punctuation, a bracket that was opened before
    the link, or the mark that opened there (*bold*, _italic_)."""
    last = url[-1]
    if last in _OPENS:
        return url.count(last) > url.count(_OPENS[last])
    return last in _ENDS or (last == "_" and before == "_")


def is_link(url: str) -> bool:
    """Say whether an address is one of http(s) with a host, that a redirect may lead to."""
    if len(url) > LONGEST_URL or not url.isprintable() or " " in url or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host and _HOST.fullmatch(host)) and host != "."


def is_tracked(url: str) -> bool:
    """Say whether an address is a tracked link already: following one by another would count for somebody else."""
    return _TRACKED.fullmatch(urlsplit(url).path) is not None


def to_track(texts: Sequence[str], urls: Sequence[str | None] = ()) -> list[str]:
    """Return the addresses to track in the texts of a message and of its buttons (`urls`), each once, in order."""
    found = [each.url for text in texts for each in find(text)] + [url for url in urls if url and is_link(url)]
    return [url for url in dict.fromkeys(found) if not is_tracked(url)]


def tracked(text: str, codes: Mapping[str, str], at: str) -> str:
    """Return a text with tracked links (`at` and the code of each address) in place of its own."""
    parts, end = [], 0
    for each in find(text):
        if each.url in codes:
            parts += [text[end : each.start], address(at, codes[each.url])]
            end = each.end
    return "".join([*parts, text[end:]]) if parts else text


def address(at: str, code: str) -> str:
    """Return the address of a tracked link; `at` is where links lead to us, like https://go.example.com."""
    return f"{at}/l/{code}"
