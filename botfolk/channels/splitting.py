"""Cut a long text into parts a service takes, where a reader would."""

import re
import unicodedata
from collections.abc import Callable

_ENDS = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"(?<=[.!?。！？…])\s+"), re.compile(r"\s+"))
"""Where to cut, best first: after a paragraph, a line, a sentence, a word."""

_URL = re.compile(r"https?://\S+")
_JOINER = "\N{ZERO WIDTH JOINER}"
# Skin tones, tags (the flags of Scotland and Wales), and the vowels and finals of decomposed Hangul.
_BELONGS_BEFORE = re.compile("[\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\u1160-\u11ff]")
_HALF_FLAGS = re.compile("[\U0001f1e6-\U0001f1ff]*$")


def utf16(text: str) -> int:
    """Return a text's length in UTF-16 code units, which is how several services count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, limit: int, measure: Callable[[str], int] = utf16) -> list[str]:
    """Cut a text into parts of at most `limit` as `measure` counts; blank parts are left out.

    It is cut at a paragraph, else a line, a sentence, a word, and only then inside a word; never inside a character
    as readers see it, nor inside a link that itself fits. `measure` counts every character as one or more.
    """
    parts: list[str] = []
    rest = text.strip()
    while measure(rest) > limit:
        cut = _where(rest, _fitting(rest, limit, measure), limit, measure)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    parts.append(rest)
    return [part for part in parts if part]


def _fitting(text: str, limit: int, measure: Callable[[str], int]) -> int:
    """Return how much of the text fits, ending between two characters as readers see them."""
    low, high = 0, min(limit, len(text))
    while low < high:
        middle = (low + high + 1) // 2
        if measure(text[:middle]) <= limit:
            low = middle
        else:
            high = middle - 1
    whole = low
    while whole and _is_inside(text, whole):
        whole -= 1
    # One character of more than the limit: nothing to do but to cut it.
    return whole or low or 1


def _is_inside(text: str, at: int) -> bool:
    """Say whether a cut before text[at] would fall inside a character as readers see it.

    The main rules of https://unicode.org/reports/tr29/#Grapheme_Cluster_Boundaries: marks, joined emoji, flags.
    """
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if _JOINER in (before, after) or _BELONGS_BEFORE.match(after) or (before, after) == ("\r", "\n"):
        return True
    if unicodedata.category(after).startswith("M"):
        return True
    halves = _HALF_FLAGS.search(text, max(0, at - 256), at)
    return bool(halves and len(halves[0]) % 2 and _HALF_FLAGS.fullmatch(after))


def _where(text: str, most: int, limit: int, measure: Callable[[str], int]) -> int:
    """Return where to cut, at most at `most` (or after the space there): the best end in the latter half, else before
    a link that fits, else after any word."""
    for end in _ENDS:
        for found in reversed(list(end.finditer(text, most // 2, most + 1))):
            if not _is_inside(text, found.end()):
                return found.end()
    for link in _URL.finditer(text, 0, most + 2 * limit):
        if 0 < link.start() < most < link.end() and measure(link[0]) <= limit:
            return link.start()
    spaces = [found.end() for found in _ENDS[-1].finditer(text, 0, most) if not _is_inside(text, found.end())]
    return spaces[-1] if spaces else most
