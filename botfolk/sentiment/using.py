"""The scorer in use: the one that comes with Botfolk, or another that the configuration names."""

from importlib import import_module
from math import isfinite
from typing import cast

import structlog

from botfolk.sentiment import standard
from botfolk.sentiment.contract import Scorer, Sentiment, Words, label_of

STANDARD = "botfolk.sentiment.standard:score"
"""The scorer that comes with Botfolk, as the configuration names it."""

_NO_WORDS = Words()
_log = structlog.get_logger("sentiment")


class ScorerError(Exception):
    """The scorer that the configuration names cannot be used; the text says why."""


_in_use: list[Scorer] = [standard.score]
"""What scores in this process."""


def use(name: str) -> None:
    """Score by the scorer of a name, `module:object`, from now on. Raises ScorerError when there is none."""
    _in_use[0] = _load(name)


def _load(name: str) -> Scorer:
    module_name, _, path = name.partition(":")
    if not module_name or not path:
        raise ScorerError(f"{name!r} is not module:object, such as {STANDARD}")
    try:
        found: object = import_module(module_name)
        for part in path.split("."):
            found = getattr(found, part)
    except Exception as error:  # whatever a module that is not ours does while it is imported
        raise ScorerError(f"{name!r} cannot be loaded: {type(error).__name__}: {error}") from error
    if not callable(found):
        raise ScorerError(f"{name!r} cannot be called: a scorer is called with a text and a bot's word list")
    return cast(Scorer, found)


def rate(text: str, words: Words = _NO_WORDS) -> Sentiment | None:
    """Score a text under a bot's word list; None when it has no words or emoji.

    A scorer that fails is logged, and the one that comes with Botfolk scores instead: no message is lost by it.
    """
    [scorer] = _in_use
    if scorer is standard.score:
        return standard.score(text, words)
    try:
        return _checked(scorer(text, words))
    except Exception as error:
        _log.error("the scorer failed; the standard one is used", error=type(error).__name__)
        return standard.score(text, words)


def _checked(found: Sentiment | None) -> Sentiment | None:
    """Return what another scorer says, within bounds and with the label that its score has."""
    if found is None:
        return None
    if not isfinite(found.score):
        raise ValueError("a score is a number from -1 to 1")
    value = max(-1.0, min(1.0, float(found.score)))
    return Sentiment(value, label_of(value), [(str(word), float(weight)) for word, weight in found.words])


def score(text: str, words: Words = _NO_WORDS) -> Sentiment:
    """Score a text; one without words or emoji is neutral."""
    return rate(text, words) or Sentiment(0.0, "neutral", [])


def is_scorable(text: str) -> bool:
    """Say whether a text holds words or emoji at all; one without is not scored."""
    return standard.has_words(text)
