"""The rated words, phrases, emoji and qualifiers of `words/*.txt`, read once."""

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from functools import lru_cache
from importlib.resources import files

_LANGUAGES = ("en", "ms_id", "es", "pt", "fr", "de", "it", "ta_hi_ar", "en_vader")
"""Where two languages rate a word, the first of these wins."""

AFTER = frozenset((
    "sangat", "sekali", "banget", "bgt", "bngt", "gila", "gile", "betul", "sgt", "pisan", "parah", "demais", "mucho",
    "muito", "jadi", "जी", "है", "جدا", "جداً", "مرة", "كثير",
))  # fmt: skip
"""Boosters that some languages put after the word."""
AFTER_NOT = frozenset((
    "नहीं", "नही", "nahi", "nahin", "nhi", "nahii", "இல்லை", "இல்ல", "illa", "illai", "illaye",
))  # fmt: skip
"""Negations that some languages put after the word."""

Form = str | tuple[str, ...]
"""A word, emoji or piece as it is looked up, or the words of a phrase."""
Own = Mapping[Form, float]
"""A bot's own ratings, −4 to 4; 0: to be ignored."""


class Lexicon:
    """What is known of words. Ratings go from −4 to 4."""

    def __init__(self) -> None:
        self.words: dict[str, float] = {}
        self.phrases: dict[tuple[str, ...], float] = {}
        for language in _LANGUAGES:
            for entry, rating in _ratings(language):
                parts = tuple(entry.split("_"))
                if len(parts) > 1:
                    self.phrases.setdefault(parts, rating)
                else:
                    self.words.setdefault(entry, rating)
        self.emoji = dict(_ratings("emoji"))
        self.qualifiers = dict(_ratings("qualifiers"))
        """−1: negates; above 1: boosts; below 1: softens; 0: "but"."""
        self.pieces = dict(_ratings("zh")) | dict(_ratings("th"))
        """Found inside runs of scripts without spaces."""
        self.own: frozenset[Form] = frozenset()
        """What a bot's own list rates: nothing else has a say in it."""
        self.second = _lengths_by_second(self.phrases)
        """By the first word of phrases and then the second: how many words such phrases have, the longest first."""
        self.starts = _lengths_by_start(self.pieces)
        """The lengths of the pieces that start with two characters, or are one, longest first."""
        self.tells: dict[str, list[str]] = {}
        """Function words, and the languages they tell."""
        self.friends: dict[str, set[str]] = {}
        """False friends: words, and the languages in which their rating does not hold."""
        for language, telling, false in _friends():
            for word in telling:
                self.tells.setdefault(word, []).append(language)
            for word in false:
                self.friends.setdefault(word, set()).add(language)

    def with_own(self, own: Own) -> "Lexicon":
        """Return what is known where a bot's own list holds."""
        lexicon = copy(self)
        lexicon.words, lexicon.phrases = dict(self.words), dict(self.phrases)
        lexicon.emoji, lexicon.pieces = dict(self.emoji), dict(self.pieces)
        lexicon.own = frozenset(own)
        for form, rating in own.items():
            lexicon._take(form, rating)
        lexicon.second = _lengths_by_second(lexicon.phrases)
        lexicon.starts = _lengths_by_start(lexicon.pieces)
        return lexicon

    def _take(self, form: Form, rating: float) -> None:
        """Take a form of a bot's own list: wherever its kind of form is looked up, it is found there."""
        if isinstance(form, tuple):
            self.phrases[form] = rating
        elif form in self.emoji or not form[0].isalnum():
            self.emoji[form] = rating
        elif form in self.pieces or is_run(form):
            self.pieces[form] = rating
        else:
            self.words[form] = rating


def is_run(form: str) -> bool:
    """Say whether a form is of a script that is written without spaces (Chinese, Japanese, Thai, Lao)."""
    return "\u0e01" <= form[0] <= "\u0eff" or "\u3005" <= form[0] <= "\u9fff" or form[0] >= "\U00020000"


def _lengths_by_second(phrases: Iterable[tuple[str, ...]]) -> dict[str, dict[str, list[int]]]:
    lengths: dict[str, dict[str, list[int]]] = {}
    for phrase in sorted(phrases, key=len, reverse=True):
        by_second = lengths.setdefault(phrase[0], {}).setdefault(phrase[1], [])
        if len(phrase) not in by_second:
            by_second.append(len(phrase))
    return lengths


def _lengths_by_start(pieces: Iterable[str]) -> dict[str, list[int]]:
    lengths: dict[str, set[int]] = {}
    for piece in pieces:
        lengths.setdefault(piece[:2], set()).add(len(piece))
    for start, found in lengths.items():
        if len(start) == 2 and start[0] in lengths:
            found.add(1)
    return {start: sorted(found, reverse=True) for start, found in lengths.items()}


def _lines(name: str) -> Iterator[str]:
    text = (files("botfolk.sentiment") / "words" / f"{name}.txt").read_text("utf-8")
    return (line for line in text.splitlines() if line and not line.startswith("#"))


def _ratings(name: str) -> Iterator[tuple[str, float]]:
    for line in _lines(name):
        rating, *words = line.split()
        value = float(rating)
        for word in words:
            yield word, value


def _friends() -> Iterator[tuple[str, list[str], list[str]]]:
    for line in _lines("friends"):
        telling, false = line.split(" | ")
        language, *words = telling.split()
        yield language, words, false.split()


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Return what is known of words, read at the first use."""
    return Lexicon()
