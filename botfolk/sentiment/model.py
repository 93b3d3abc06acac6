"""The linear model: what its table adds to what the rules say, for each of a text's words and for the whole."""

from collections.abc import Iterable, Sequence
from math import sqrt

from botfolk.sentiment import features
from botfolk.sentiment.line import read
from botfolk.sentiment.rules import HIGHEST, LOWEST, NOTICED, Judged, Noticed, capped
from botfolk.sentiment.table import IN_ENGLISH, NOTHING, STEP, Table, Weights
from botfolk.sentiment.tokens import MOST_TEXT, RUN, Token

RULES_SHARE = 0.3
"""What a feature of the rules counts; a lexical one counts 1 / √(n + 2), where n of them are known."""
SHARES = [STEP / sqrt(known + 2) for known in range(4 * MOST_TEXT)]
"""What a step of each feature counts where so many words, pairs and pieces are known."""
_MOST_NOTICED = 20_000
_SETTLED = Token(kind=RUN, text="", norm="", begins=0)
"""Stands where a token is settled: nothing, and no pair reaches over it."""

Part = tuple[int, str, float]
"""A place in a text, what stands there, and its part in positive − negative, in steps."""


class _Noticed(dict[Noticed, Weights]):
    """What speaks for either side at the start and in what the rules noticed: not many different things."""

    def __init__(self, table: Table) -> None:
        self._start = table.start
        self._rules = [_by_number(table, what) for what in NOTICED]

    def __missing__(self, noticed: Noticed) -> Weights:
        each = [by_number[number] for by_number, number in zip(self._rules, capped(noticed), strict=True)]
        negative, positive = self._start
        weights = negative + sum([one[0] for one in each]), positive + sum([one[1] for one in each])
        if len(self) < _MOST_NOTICED:
            self[noticed] = weights
        return weights


class Model:
    """The model over a table."""

    def __init__(self, table: Table, own_pieces: Iterable[str] = ()) -> None:
        self._single = table.single
        self._own_pieces = list(own_pieces)
        self.noticed = _Noticed(table)

    def pieces(self, tokens: Sequence[Token], judged: Judged) -> tuple[list[Part], int]:
        """Return the parts inside runs of scripts without spaces, but for what is settled and the bot's own words in
        them, and the sum of their tallies."""
        find = self._single.get
        parts: list[Part] = []
        total = 0
        for place in judged.runs:
            run = tokens[place].norm if place not in judged.settled else ""
            for own in self._own_pieces:
                run = run.replace(own, "\n")
            for piece in features.pieces(run):
                if (pull := find(piece)) is not None:
                    parts.append((place, piece, pull[0]))
                    total += pull[1]
        return parts, total


def without(total: int, tokens: Sequence[Token], settled: Iterable[int], parts: dict[int, float]) -> int:
    """Return the tally of a text but for what is settled without the model, and leave in `parts` what is left."""
    places = set(settled)
    rest, left, _, _ = read([_SETTLED if place in places else token for place, token in enumerate(tokens)])
    parts.clear()
    parts.update(left)
    # A settled word still tells of English.
    return rest % IN_ENGLISH + total // IN_ENGLISH * IN_ENGLISH


def _by_number(table: Table, what: str) -> list[Weights]:
    """Return the weights of what is noticed by its number, so that a negative number counts from the end."""
    numbers = [*range(HIGHEST + 1), *range(LOWEST, 0)]
    weights = (table.rules.get(features.name_of(what, number), NOTHING) for number in numbers)
    return [(negative * RULES_SHARE, positive * RULES_SHARE) for negative, positive in weights]
