"""What drove a score: the words and emoji that weigh most in it."""

from collections.abc import Sequence

from botfolk.sentiment.model import Part
from botfolk.sentiment.rules import Found, Judged
from botfolk.sentiment.tokens import EMOJI, LINK, RUN, Token

_MOST_WORDS = 12
_LEAST_PART = 0.4
"""What a word weighs at least to be named, where a rating goes from −4 to 4."""

Word = tuple[str, float]
"""A word, phrase or emoji with its weight from −1 to 1."""


def drove(
    tokens: Sequence[Token], parts: dict[int, float], share: float, judged: Judged, pieces: Sequence[Part]
) -> list[Word]:
    """Return what drove a score, in order: what the rules found, with the model's part in it, and the model's words.

    Each part counts `share` times; they are changed on the way.
    """
    found = judged.found
    most = _LEAST_PART / share
    least = -most
    words: list[Word] = []
    named: dict[int, list[Word]] = {}
    if judged.runs:
        named, found = _in_runs(tokens, share, judged, pieces)
        parts.update(dict.fromkeys(named, 2 * most))
    for each in found:
        parts[each.place] += each.rating / share
    if not judged.is_plain:
        named |= _together(tokens, parts, share, found)
    for place, part in parts.items():
        if part > most or part < least:
            if named and place in named:
                words += named[place]
            elif tokens[place].kind <= EMOJI:
                words.append((tokens[place].text, _weight(part * share)))
    return words if len(words) <= _MOST_WORDS else _strongest(words)


def rated(found: Sequence[Found]) -> list[Word]:
    """Return what drove the score of a text that is left to the rules."""
    words = [(each.text, _weight(each.rating)) for each in found if abs(each.rating) >= _LEAST_PART]
    return words if len(words) <= _MOST_WORDS else _strongest(words)


def _weight(part: float) -> float:
    """Return a part from −4 to 4 as a weight from −1 to 1, in hundredths; not by round(), which is as slow as this."""
    hundredths = int(part * 25 + 0.5) if part > 0 else int(part * 25 - 0.5)
    return hundredths / 100 if -100 < hundredths < 100 else 1.0 if part > 0 else -1.0


def _strongest(words: Sequence[Word]) -> list[Word]:
    """Return the dozen that weigh most, in order."""
    least = sorted([abs(weight) for _, weight in words], reverse=True)[_MOST_WORDS - 1]
    return [word for word in words if abs(word[1]) >= least][:_MOST_WORDS]


def _together(
    tokens: Sequence[Token], parts: dict[int, float], share: float, found: Sequence[Found]
) -> dict[int, list[Word]]:
    """Return what has one weight together, phrases and laughing numbers, by where it begins; its parts are added up."""
    named: dict[int, list[Word]] = {}
    for each in found:
        place = each.place
        if each.end > place + 1 or tokens[place].kind == LINK:
            for other in range(place + 1, each.end):
                parts[place] += parts.pop(other, tokens[other].margin)
            named[place] = [(each.text, _weight(parts[place] * share))]
    return named


def _in_runs(
    tokens: Sequence[Token], share: float, judged: Judged, pieces: Sequence[Part]
) -> tuple[dict[int, list[Word]], list[Found]]:
    """Return what drove a score in runs without spaces, by the run's place: what is rated, and what the model knows
    beside it; and what is found elsewhere."""
    inside = [each for each in judged.found if tokens[each.place].kind == RUN]
    named: dict[int, list[Word]] = {}
    for each in inside:
        if abs(each.rating) >= _LEAST_PART:
            named.setdefault(each.place, []).append((each.text, _weight(each.rating)))
    most = _LEAST_PART / share
    heavy = [each for each in pieces if each[2] > most or each[2] < -most]
    for place, piece, part in _whole(heavy):
        if all(piece not in each.text and each.text not in piece for each in inside):
            named.setdefault(place, []).append((piece, _weight(part * share)))
    return named, [each for each in judged.found if tokens[each.place].kind != RUN]


def _whole(pieces: Sequence[Part]) -> list[Part]:
    """Return the pieces of two characters and more that weigh most, none of which is a part of another."""
    chosen: list[Part] = []
    for piece in sorted([each for each in pieces if len(each[1]) > 1], key=_lightness)[:_MOST_WORDS]:
        if all(piece[1] not in other[1] and other[1] not in piece[1] for other in chosen):
            chosen.append(piece)
    return chosen


def _lightness(piece: Part) -> float:
    return -abs(piece[2])
