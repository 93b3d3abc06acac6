"""The linear model: what its table adds to what the rules say, for each of a text's words and for the whole."""

from collections.abc import Iterable, Sequence
from math import exp, sqrt

from msgspec import Struct

from botfolk.sentiment import features
from botfolk.sentiment.rules import Judged
from botfolk.sentiment.table import NOTHING, Pull, Table, Weights
from botfolk.sentiment.tokens import RUN, WORD, Token

RULES_SHARE = 0.3
"""What a feature of the rules counts; a lexical one counts 1 / √(n + 2), where n of them are known."""
_MOST_KNOWN = 1000
_SETTLED = Token(RUN, "", "")
"""Stands where a token is settled: nothing, and no pair reaches over it."""
_FAR = 50.0
"""What speaks for a side at most: e to the power of much more is no number any more."""


class Weighed(Struct, gc=False):
    """What speaks for negative and positive (neutral is 0), and each token's part in positive − negative.

    `pieces` are the parts inside runs of scripts without spaces: (place of the token, piece, part). Each part counts
    `share` times. `english`: by how much the function words of English outnumber those of other languages.
    """

    negative: float
    positive: float
    parts: list[float]
    pieces: list[tuple[int, str, float]]
    share: float
    english: int


class Model:
    """The model over a table."""

    def __init__(self, table: Table, own_pieces: Iterable[str] = ()) -> None:
        self._single = table.single
        self._own_pieces = list(own_pieces)
        self._start = table.start
        self._rules = [_by_number(table, what) for what in features.NOTICED]
        self._noticed: dict[tuple[int, ...], Weights] = {}
        self._shares = [1 / sqrt(known + 2) for known in range(_MOST_KNOWN)]

    def weigh(self, tokens: Sequence[Token], judged: Judged) -> Weighed:
        """Weigh a text, but for what is settled without the model."""
        english = 0
        if judged.settled:
            settled = set(judged.settled)
            english = sum([tokens[place].english for place in settled])
            tokens = [_SETTLED if place in settled else token for place, token in enumerate(tokens)]
        parts = [token.margin for token in tokens]
        pieces: list[tuple[int, str, float]] = []
        pairs: dict[str, Pull] | None = None
        before = known = 0
        spread = 0.0
        for place, token in enumerate(tokens):
            known += token.known
            spread += token.spread
            english += token.english
            if token.kind == WORD:
                if pairs is not None and (pair := pairs.get(token.norm)) is not None:
                    known += 1
                    spread += pair[1]
                    half = pair[0] / 2
                    parts[place] += half
                    parts[before] += half
                pairs, before = token.pairs, place
            elif token.kind == RUN:
                pairs = None
                for piece, pull in self._pieces(token.norm):
                    known += 1
                    spread += pull[1]
                    pieces.append((place, piece, pull[0]))
        margin = sum(parts)
        if pieces:
            margin += sum([each[2] for each in pieces])
        share = self._shares[known] if known < _MOST_KNOWN else 1 / sqrt(known + 2)
        noticed = features.noticed(len(parts), judged)
        by_rules = self._noticed.get(noticed) or self._learn_noticed(noticed)
        half_share = share / 2
        negative = self._start[0] + (spread - margin) * half_share + by_rules[0]
        positive = self._start[1] + (spread + margin) * half_share + by_rules[1]
        return Weighed(negative, positive, parts, pieces, share, english)

    def _learn_noticed(self, noticed: tuple[int, ...]) -> Weights:
        """Return what speaks in what the rules noticed; there are not many different things to notice."""
        weights = [by_number[number] for by_number, number in zip(self._rules, noticed, strict=True)]
        self._noticed[noticed] = total = (sum(each[0] for each in weights), sum(each[1] for each in weights))
        return total

    def _pieces(self, run: str) -> list[tuple[str, Pull]]:
        """Return the known pieces of a run of a script without spaces, but for the bot's own words in it."""
        for own in self._own_pieces:
            run = run.replace(own, "\n")
        find = self._single.get
        return [(piece, pull) for piece in features.pieces(run) if (pull := find(piece)) is not None]


def _by_number(table: Table, what: str) -> list[Weights]:
    """Return the weights of what is noticed by its number, so that a negative number counts from the end."""
    numbers = [*range(features.HIGHEST + 1), *range(features.LOWEST, 0)]
    weights = (table.rules.get(features.name_of(what, number), NOTHING) for number in numbers)
    return [(negative * RULES_SHARE, positive * RULES_SHARE) for negative, positive in weights]


def chances(negative: float, positive: float) -> tuple[float, float, float]:
    """Return the chances of negative, neutral and positive."""
    upset = exp(negative if negative < _FAR else _FAR)
    pleased = exp(positive if positive < _FAR else _FAR)
    total = upset + 1.0 + pleased
    return upset / total, 1.0 / total, pleased / total
