"""How a text feels, from its words and emoji."""

from botfolk.sentiment.contract import Label, Scorer, Sentiment, Words, label_of
from botfolk.sentiment.using import ScorerError, is_scorable, rate, score, use

__all__ = [
    "Label",
    "Scorer",
    "ScorerError",
    "Sentiment",
    "Words",
    "is_scorable",
    "label_of",
    "rate",
    "score",
    "use",
]
