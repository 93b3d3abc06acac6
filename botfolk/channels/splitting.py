"""Cut a long text into parts a service takes, where a reader would."""

import re
from collections.abc import Callable
from itertools import accumulate

_ENDS = (re.compile(r"\n\n+"), re.compile(r"\n"), re.compile(r"(?<=[.!?。！？…])\s+"), re.compile(r"\s+"))
_URL = re.compile(r"https?://\S+")
_JOINED = re.compile(
    # a character with what belongs to it: marks, variation selectors, skin tones, joined emoji; flags are pairs
    "[\U0001f1e6-\U0001f1ff]{2}"
    "|.(?:[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0e31\u0e34-\u0e3a"
    "\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
    "|\u200d.)*",
    re.DOTALL,
)


def utf16(text: str) -> int:
    """Return a text's length in UTF-16 code units, which is how several services count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, limit: int, measure: Callable[[str], int] = utf16) -> list[str]:
    """Cut a text into parts of at most `limit` as `measure` counts; blank parts are left out.

    It is cut at a paragraph, else a line, a sentence, a word, and only then inside a word; never inside a character
    as readers see it, nor inside a link that itself fits.
    """
    parts: list[str] = []
    rest = text.strip()
    while measure(rest) > limit:
        most = _fitting(rest, limit, measure)
        cut = _where(rest, most, limit, measure)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    parts.append(rest)
    return [part for part in parts if part]


def _fitting(text: str, limit: int, measure: Callable[[str], int]) -> int:
    """Return how many code points fit, ending between two characters as readers see them."""
    # No character is less than one unit in any measure we know, so the text that fits starts within `limit` of them.
    window = text[: limit + 64]
    ends = list(accumulate(len(found[0]) for found in _JOINED.finditer(window)))
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(window[: ends[middle - 1]]) <= limit:
            low = middle
        else:
            high = middle - 1
    if low:
        return ends[low - 1]
    # One character of more than the limit: nothing to do but to cut it.
    return max(1, min(len(window), limit // 2))


def _where(text: str, most: int, limit: int, measure: Callable[[str], int]) -> int:
    """Return where to cut, at most at `most`: the best end in the latter half, outside links that fit."""
    links = [found.span() for found in _URL.finditer(text[: most + 2 * limit]) if measure(found[0]) <= limit]
    for end in _ENDS:
        found = [match.end() for match in end.finditer(text, 0, most) if match.start() >= most // 2]
        if found:
            return found[-1]
    for start, stop in links:
        if 0 < start < most < stop:
            return start
    spaces = [match.end() for match in _ENDS[-1].finditer(text, 0, most)]
    return spaces[-1] if spaces else most
