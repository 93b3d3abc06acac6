"""What a scorer is given, and what it answers."""

from collections.abc import Mapping
from typing import Literal, Protocol

from msgspec import Struct

Label = Literal["positive", "neutral", "negative"]

EDGE = 0.05
"""A score from this on is positive, from its negative down negative."""


class Sentiment(Struct, frozen=True):
    """A text's score from −1 to 1, its label, and the words and emoji that drove it, in order, each with its weight
    (−1 to 1)."""

    score: float
    label: Label
    words: list[tuple[str, float]]


def label_of(score: float) -> Label:
    """Return a score's label: ≥ 0.05 positive, ≤ −0.05 negative, else neutral."""
    return "positive" if score >= EDGE else "negative" if score <= -EDGE else "neutral"


class Words:
    """A bot's own word list: words, phrases and emoji as they are written, each with a score from −1 to 1.

    0: the word is ignored. Two lists with the same words are the same list.
    """

    __slots__ = ("_hash", "scores")

    def __init__(self, scores: Mapping[str, float] | None = None) -> None:
        self.scores = dict(scores or {})
        self._hash = hash(tuple(sorted(self.scores.items())))

    def __bool__(self) -> bool:
        return bool(self.scores)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Words) and self.scores == other.scores)

    def __hash__(self) -> int:
        return self._hash


class Scorer(Protocol):
    """Something that scores a text, under a bot's word list; None for a text without words or emoji.

    It is called for each message while a service waits for its answer, so it has to be quick.
    """

    def __call__(self, text: str, words: Words) -> Sentiment | None:
        """Score a text."""
        ...
