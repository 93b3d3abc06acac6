"""The first scorer: valence words, emoji and a few rules of how people qualify them. Plain Python, no network."""

import re
from functools import lru_cache
from importlib.resources import files
from math import sqrt

MOST_TEXT = 2000
"""Characters of a text that are looked at; what comes after says nothing new."""

_KNOWN_WORDS = 50_000
"""Words whose rating is remembered: few words make up most of what people write."""
_NORM = 12.0
_END = ","
_REACH = 3
"""Words before a word that can negate or boost it."""

_BUT = frozenset({"but", "however", "although", "tapi", "tetapi", "pero", "mas", "mais", "aber", "لكن", "लेकिन"})

_PHRASES = {
    "thanks for nothing": -3.0,
    "thank you for nothing": -3.0,
    "no thanks": 0.0,
    "no thank you": 0.0,
    "not bad": 1.5,
    "not too bad": 1.2,
    "tidak buruk": 1.5,
    "no problem": 1.0,
    "no problems": 1.0,
    "no worries": 1.0,
    "no hay problema": 1.0,
    "kein problem": 1.0,
    "tak apa": 0.5,
    "can't wait": 2.0,
    "cant wait": 2.0,
    "good morning": 0.0,
    "good evening": 0.0,
    "good afternoon": 0.0,
    "good night": 0.0,
    "good day": 0.0,
    "selamat pagi": 0.0,
    "selamat malam": 0.0,
    "selamat petang": 0.0,
    "buenos días": 0.0,
    "guten morgen": 0.0,
    "bom dia": 0.0,
    "boa tarde": 0.0,
    "boa noite": 0.0,
    "i would like": 0.0,
    "i'd like": 0.0,
    "would like to": 0.0,
    "looks like": 0.0,
    "feel like": 0.0,
    "waste of time": -3.0,
    "waste of money": -3.0,
    "not happy": -2.5,
    "fed up": -2.5,
    "let down": -2.0,
    "long time": -1.0,
    "so long": -1.0,
    "never again": -2.5,
    "what the hell": -2.5,
    "keep it up": 2.0,
    "well done": 2.5,
    "thumbs up": 2.5,
    "how dare": -2.5,
    "bagaimana kabar": 0.0,
}
_LAUGHTER = re.compile(
    r"(?:b?w?a?(?:ha|he|hi|ah){2,}h?|(?:ja|je){2,}j?|(?:ka|ke){3,}|(?:wk){2,}w?|k{4,}|r?s?rs{3,}|l+o+l+|lmf?ao+|rofl|x+d+|55{2,}5*|(?:哈|呵){2,})"
)
_HAN_THAI = re.compile("[\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]+")
_CLINGING = ("不", "没", "没有", "ไม่", "ไม่ได้")
"""Negations of scripts without spaces; what they take back of something bad is worth little."""
_LONG = re.compile(r"(.)\1{2,}")


class _Tables:
    """The rated words, loaded once."""

    def __init__(self) -> None:
        self.words = dict(_read("words.txt"))
        self.phrases = {tuple(word.split("_")): r for word, r in self.words.items() if "_" in word}
        self.phrases |= {tuple(phrase.split()): r for phrase, r in _PHRASES.items()}
        self.words = {word: rating for word, rating in self.words.items() if "_" not in word}
        self.longest = max(map(len, self.phrases))
        self.firsts = {phrase[0] for phrase in self.phrases}
        self.negations = {word for word, weight in _read("qualifiers.txt") if weight < 0}
        self.boosters = {word: weight for word, weight in _read("qualifiers.txt") if weight > 0}
        self.pieces = dict(_read("pieces.txt"))
        self.piece = re.compile("|".join(map(re.escape, sorted(self.pieces, key=len, reverse=True))))
        self.emoji = dict(_read("emoji.txt"))
        marks = "|".join(map(re.escape, sorted(self.emoji, key=len, reverse=True)))
        # A word holds letters, marks of Indic scripts and apostrophes; `\w` alone would break Hindi and Tamil words.
        self.token = re.compile(
            rf"({marks})|((?:[^\W_]|[\u0900-\u0dff\u0e00-\u0e7f\u0610-\u061a\u064b-\u065f]|['’](?=\w))+)|([!?.,;]+)|([\U0001f000-\U0001faff☀-➿])"
        )


def _read(name: str) -> list[tuple[str, float]]:
    text = (files("botfolk.sentiment") / name).read_text("utf-8")
    return [
        (word, float(line.split(" ", 1)[0]))
        for line in text.splitlines()
        if line and not line.startswith("#")
        for word in line.split()[1:]
    ]


@lru_cache(maxsize=1)
def tables() -> _Tables:
    """Return the rated words, loaded at the first use."""
    return _Tables()


class _Found:
    """One rated thing in a text: what it reads as, where it stands among the words, and its rating."""

    __slots__ = ("place", "rating", "text")

    def __init__(self, text: str, place: int, rating: float) -> None:
        self.text = text
        self.place = place
        self.rating = rating


def rate(text: str) -> tuple[float, list[tuple[str, float]]]:
    """Return a text's score (−1 to 1) and what drove it, in order, each with its weight."""
    table = tables()
    text = text[:MOST_TEXT]
    shouting = text.isupper()
    words: list[str] = []
    shown: list[str] = []
    found: list[_Found] = []
    exclaimed = 0
    for match in table.token.finditer(text):
        mark, word, exclaim, _ = match.groups()
        if mark is not None:
            found.append(_Found(mark, len(words), table.emoji[mark]))
        elif word is not None:
            if _HAN_THAI.search(word):
                found += _pieces(table, word, len(words))
            words.append(word.lower().replace("’", "'"))
            shown.append(word)
        elif exclaim is not None:
            exclaimed += exclaim.count("!")
            # A clause ends: what stood before it qualifies nothing after it.
            words.append(_END)
            shown.append(_END)
    found += _words(table, words, shown, shouting=shouting)
    found.sort(key=lambda each: each.place)
    _weigh_but(words, found)
    weights = [(each.text, round(each.rating, 2)) for each in found if each.rating]
    total = sum(rating for _, rating in weights)
    if total and exclaimed:
        total *= 1 + 0.1 * min(exclaimed, 3)
    return max(-1.0, min(1.0, round(total / sqrt(total * total + _NORM), 3))), weights


def _words(table: _Tables, words: list[str], shown: list[str], *, shouting: bool) -> list[_Found]:
    found: list[_Found] = []
    index = 0
    while index < len(words):
        length, rating = _phrase(table, words, index)
        if length:
            if rating:
                found.append(_Found(" ".join(shown[index : index + length]), index, rating))
            index += length
            continue
        known = _rating(words[index])
        if known is not None:
            rating, stretched = known
            rating = _qualified(words, index, rating)
            if stretched or (shown[index].isupper() and len(shown[index]) > 2 and not shouting):
                rating *= 1.2
            found.append(_Found(shown[index], index, rating))
        index += 1
    return found


def _phrase(table: _Tables, words: list[str], index: int) -> tuple[int, float]:
    """Return the longest phrase that starts at a word: how many words, and its rating."""
    if words[index] in table.firsts:
        for length in range(min(table.longest, len(words) - index), 1, -1):
            rating = table.phrases.get(tuple(words[index : index + length]))
            if rating is not None:
                return length, rating
    return 0, 0.0


@lru_cache(maxsize=_KNOWN_WORDS)
def _rating(word: str) -> tuple[float, bool] | None:
    """Return a word's rating, and whether it was stretched ("sooo", "goood")."""
    table = tables()
    rating = table.words.get(word)
    if rating is not None:
        return rating, False
    if _LAUGHTER.fullmatch(word):
        return 3.0, False
    if _LONG.search(word):
        for shorter in (_LONG.sub(r"\1\1", word), _LONG.sub(r"\1", word)):
            rating = table.words.get(shorter)
            if rating is not None:
                return rating, True
    return None


@lru_cache(maxsize=_KNOWN_WORDS)
def _weight_before(word: str) -> float:
    """Return what a word does to a rated one after it."""
    table = tables()
    return -0.7 if word in table.negations else table.boosters.get(_LONG.sub(r"\1", word), 1.0)


def _qualified(words: list[str], index: int, rating: float) -> float:
    """Apply the boosters and negations before a word (and the boosters that some languages put after it)."""
    for word in reversed(words[max(0, index - _REACH) : index]):
        if word == _END:
            break
        rating *= _weight_before(word)
    if index + 1 < len(words) and words[index + 1] in ("sangat", "sekali", "banget", "gila", "जी", "جدا"):
        rating *= 1.3
    return rating


def _pieces(table: _Tables, word: str, place: int) -> list[_Found]:
    found = []
    for match in table.piece.finditer(word):
        rating = table.pieces[match[0]]
        if word[max(0, match.start() - 3) : match.start()].endswith(_CLINGING):
            rating *= -0.7 if rating > 0 else -0.3
        found.append(_Found(match[0], place, rating))
    return found


def _weigh_but(words: list[str], found: list[_Found]) -> None:
    """What comes after "but" is what is meant."""
    places = [index for index, word in enumerate(words) if word in _BUT]
    if not places:
        return
    for each in found:
        each.rating *= 1.4 if each.place > places[-1] else 0.5


def has_words(text: str) -> bool:
    """Say whether a text holds a letter or an emoji."""
    text = text[:MOST_TEXT]
    if text[:1].isalpha():
        return True
    for match in tables().token.finditer(text):
        mark, word, _, other = match.groups()
        if mark is not None or other is not None or (word is not None and not word.isnumeric()):
            return True
        if word is not None and _LAUGHTER.fullmatch(word):
            return True
    return False
