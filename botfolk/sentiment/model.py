"""The linear model: what its table adds to what the rules say, for each of a text's words and for the whole."""

from collections.abc import Iterable, Sequence
from math import exp, sqrt

from msgspec import Struct

from botfolk.sentiment import features
from botfolk.sentiment.rules import Judged
from botfolk.sentiment.table import NOTHING, Table, Weights
from botfolk.sentiment.tokens import RUN, WORD, Token

RULES_SHARE = 0.3
"""What a feature of the rules counts; a lexical one counts 1 / √(n + 2), where n of them are known."""
_MOST_KNOWN = 1000


class Weighed(Struct):
    """What speaks for negative and positive (neutral is 0), and each token's part in positive − negative.

    `pieces` are the parts inside runs of scripts without spaces: (place of the token, piece, part). Each part counts
    `share` times.
    """

    negative: float
    positive: float
    parts: list[float]
    pieces: list[tuple[int, str, float]]
    share: float


class Model:
    """The model over a table."""

    def __init__(self, table: Table, own_pieces: Iterable[str] = ()) -> None:
        self._single = table.single
        self._own_pieces = list(own_pieces)
        self._start = table.start
        self._rules = [_by_number(table, what) for what in features.NOTICED]
        self._shares = [1 / sqrt(known + 2) for known in range(_MOST_KNOWN)]

    def weigh(self, tokens: Sequence[Token], judged: Judged) -> Weighed:
        """Weigh a text, but for what is settled without the model."""
        settled = judged.settled
        known, negative, positive = 0, 0.0, 0.0
        parts = [0.0] * len(tokens)
        pieces: list[tuple[int, str, float]] = []
        pairs: dict[str, Weights] | None = None
        before = 0
        for place, token in enumerate(tokens):
            if settled and place in settled:
                pairs = None
                continue
            kind = token.kind
            if kind == RUN:
                pairs = None
                for piece, weights in self._pieces(token.norm):
                    known += 1
                    negative += weights[0]
                    positive += weights[1]
                    pieces.append((place, piece, weights[1] - weights[0]))
                continue
            found = token.weights
            if found is not None:
                known += 1
                negative += found[0]
                positive += found[1]
                parts[place] += found[1] - found[0]
            if kind == WORD:
                if pairs is not None and (pair := pairs.get(token.norm)) is not None:
                    known += 1
                    negative += pair[0]
                    positive += pair[1]
                    half = (pair[1] - pair[0]) / 2
                    parts[place] += half
                    parts[before] += half
                pairs, before = token.pairs, place
        share = self._shares[known] if known < _MOST_KNOWN else 1 / sqrt(known + 2)
        negative, positive = self._start[0] + negative * share, self._start[1] + positive * share
        for by_number, number in zip(self._rules, features.noticed(tokens, judged), strict=True):
            weights = by_number[number]
            negative += weights[0]
            positive += weights[1]
        return Weighed(negative, positive, parts, pieces, share)

    def _pieces(self, run: str) -> list[tuple[str, Weights]]:
        """Return the known pieces of a run of a script without spaces, but for the bot's own words in it."""
        for own in self._own_pieces:
            run = run.replace(own, "\n")
        find = self._single.get
        return [(piece, weights) for piece in features.pieces(run) if (weights := find(piece)) is not None]


def _by_number(table: Table, what: str) -> list[Weights]:
    """Return the weights of what is noticed by its number, so that a negative number counts from the end."""
    numbers = [*range(features.HIGHEST + 1), *range(features.LOWEST, 0)]
    weights = (table.rules.get(features.name_of(what, number), NOTHING) for number in numbers)
    return [(negative * RULES_SHARE, positive * RULES_SHARE) for negative, positive in weights]


def chances(negative: float, positive: float) -> tuple[float, float, float]:
    """Return the chances of negative, neutral and positive."""
    upset, pleased = exp(min(negative, 50.0)), exp(min(positive, 50.0))
    total = upset + 1.0 + pleased
    return upset / total, 1.0 / total, pleased / total
