"""How a text feels, from its words and emoji."""

from typing import Literal, Protocol

from msgspec import Struct

from botfolk.sentiment import rules

Label = Literal["positive", "neutral", "negative"]


class Sentiment(Struct, frozen=True):
    """A text's score from −1 to 1, its label, and the words and emoji that drove it with their weights, in order."""

    score: float
    label: Label
    words: list[tuple[str, float]]


class Scorer(Protocol):
    """Something that scores a text; it never raises, whatever the text."""

    def __call__(self, text: str) -> Sentiment:
        """Score a text."""
        ...


def label_of(score: float) -> Label:
    """Return a score's label: ≥ 0.05 positive, ≤ −0.05 negative, else neutral."""
    return "positive" if score >= 0.05 else "negative" if score <= -0.05 else "neutral"


def score(text: str) -> Sentiment:
    """Score a text; its first 2,000 characters count."""
    value, words = rules.rate(text)
    return Sentiment(value, label_of(value), words)


def is_scorable(text: str) -> bool:
    """Say whether a text holds words or emoji at all; one without is not scored."""
    return rules.has_words(text)


__all__ = ["Label", "Scorer", "Sentiment", "is_scorable", "label_of", "score"]
