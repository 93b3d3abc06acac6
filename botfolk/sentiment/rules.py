"""What the rated words of a text come to: negation, boosters, "but", laughter, stretching, capitals, emoji."""

from collections.abc import Sequence
from math import sqrt

from msgspec import Struct

from botfolk.sentiment.lexicon import Lexicon
from botfolk.sentiment.tokens import EMOJI, LINK, RUN, WORD, Token

_NORM = 12.0
_REACH = 3
"""Words before a rated one that can negate or boost it."""
_AFTER = frozenset((
    "sangat", "sekali", "banget", "bgt", "bngt", "gila", "gile", "betul", "sgt", "pisan", "parah", "demais", "mucho",
    "muito", "jadi", "जी", "है", "جدا", "جداً", "مرة", "كثير",
))  # fmt: skip
"""Boosters that some languages put after the word."""
_AFTER_NOT = frozenset((
    "नहीं", "नही", "nahi", "nahin", "nhi", "nahii", "இல்லை", "இல்ல", "illa", "illai", "illaye",
))  # fmt: skip
"""Negations that some languages put after the word."""
_CLINGING = ("不太", "不是", "没有", "沒有", "不", "没", "沒", "别", "別", "ไม่ได้", "ไม่ค่อย", "ไม่มี", "ไม่", "มิได้")
"""Negations of scripts without spaces; what they take back of something bad is worth little."""
_CLINGING_BOOST = ("太", "很", "非常", "超", "好", "真", "特别", "特別", "十分", "โคตร", "สุด")
_AFTER_BOOST = ("มาก", "สุดๆ", "ๆ", "极了", "死了", "สุด")
_LAUGHING = frozenset(("哈哈", "呵呵", "嘻嘻", "嘿嘿", "嗬嗬"))


class Found:
    """A rated thing in a text: what it reads as, between which tokens it stands, its rating as qualified there."""

    __slots__ = ("end", "own", "place", "rating", "text")

    def __init__(self, text: str, place: int, end: int, rating: float, *, own: bool = False) -> None:
        self.text = text
        self.place = place
        self.end = end
        self.rating = rating
        self.own = own


class Judged(Struct):
    """What the rules say of a text: its score from −1 to 1, what they found, and what was noticed on the way.

    `settled` are the places of the tokens that a bot's own list or a phrase that says nothing ("good morning") settles;
    `folded` is how many words fewer there are when a rated phrase counts as one; `turn`: where the last "but" stands,
    −1 for none.
    """

    score: float
    found: list[Found]
    exclaimed: int
    negated: bool
    settled: list[int]
    folded: int
    turn: int


class Rules:
    """The rules over a lexicon."""

    def __init__(self, known: Lexicon) -> None:
        self._known = known

    def judge(self, tokens: Sequence[Token]) -> Judged:
        """Judge a text."""
        reading = _Reading(self._known, tokens)
        skip, last = 0, len(tokens) - 1
        for place, token in enumerate(tokens):
            if token.plain or place < skip:
                continue
            # Many words begin some phrase and say nothing else: asking the next one first spares the rest.
            second = token.second
            if second is not None and token.opens and (place == last or tokens[place + 1].norm not in second):
                continue
            skip = reading.take(place, token)
        return reading.judged()


class _Reading:
    """A text as it is read from its first token to its last."""

    __slots__ = ("_but", "_exclaimed", "_folded", "_known", "_negated", "_pulling", "_settled", "_tokens", "found")

    def __init__(self, known: Lexicon, tokens: Sequence[Token]) -> None:
        self._known = known
        self._tokens = tokens
        self.found: list[Found] = []
        self._pulling: list[tuple[int, float]] = []
        self._settled = [place for place, token in enumerate(tokens) if token.own] if known.own else []
        self._exclaimed = 0
        self._negated = False
        self._folded = 0
        self._but = -1

    def take(self, place: int, token: Token) -> int:
        """Take the token at a place; return the place to go on from."""
        kind = token.kind
        if token.second is not None and (length := self._phrase(place, token.second)):
            self._folded += length - 1
            self._qualify(place, place + length)
            return place + length
        if kind == WORD:
            self._word(place, token)
        elif kind == RUN:
            self._pieces(place, token.text)
        elif kind == EMOJI:
            if token.rating:
                self.found.append(Found(token.text, place, place + 1, token.rating, own=token.own))
        elif kind == LINK:
            # 555 laughs in Thai, but for where it is a number among words.
            if token.is_laughter and all(each.kind != WORD for each in self._tokens):
                self.found.append(Found(token.text, place, place + 1, 3.0))
        else:
            # A clause ends: what stood before it qualifies nothing after it.
            self._exclaimed += token.text.count("!")
            self._pulling.clear()
        return place + 1

    def judged(self) -> Judged:
        """Return what it came to."""
        found, but = self.found, self._but
        if but >= 0:
            for each in found:
                each.rating *= 1.4 if each.place > but else 0.5
        score = _sum(found, self._exclaimed)
        return Judged(score, found, self._exclaimed, self._negated, self._settled, self._folded, but)

    def _phrase(self, place: int, lengths_by_second: dict[str, list[int]]) -> int:
        """Take the longest rated phrase that starts at a word; return how many tokens it has, 0 for none."""
        tokens, known = self._tokens, self._known
        if place + 1 == len(tokens):
            return 0
        for length in lengths_by_second.get(tokens[place + 1].norm, ()):
            phrase = tuple([token.norm for token in tokens[place : place + length]])
            rating = known.phrases.get(phrase)
            if rating is not None and len(phrase) == length:
                own = phrase in known.own
                if known.own and not own and any(token.own for token in tokens[place : place + length]):
                    continue
                if own or not rating:
                    self._settled += range(place, place + length)
                if rating:
                    text = " ".join([token.text for token in tokens[place : place + length]])
                    self.found.append(Found(text, place, place + length, rating, own=own))
                return length
        return 0

    def _word(self, place: int, token: Token) -> None:
        rating, weight = token.rating, token.weight
        if rating and not (token.norm in self._known.friends and self._is_false_friend(token.norm)):
            if token.loud and not _is_shouting(self._tokens):
                rating *= 1.2
            self.found.append(Found(token.text, place, place + 1, rating, own=token.own))
            self._qualify(place, place + 1)
        if weight == 0.0:
            self._but = place
            self._pulling.clear()
        elif weight != 1.0 and not self._qualify_before(token, place):
            self._pulling.append((place, weight))
            self._negated = self._negated or weight < 0

    def _is_false_friend(self, word: str) -> bool:
        """Say whether the text's language is one in which the word means something else."""
        told: dict[str, int] = {}
        for token in self._tokens:
            if token.norm != word:
                for language in self._known.tells.get(token.norm, ()):
                    told[language] = told.get(language, 0) + 1
        if not told:
            return False
        return max(told, key=lambda language: (told[language], language == "en")) in self._known.friends[word]

    def _qualify(self, place: int, end: int) -> None:
        """Apply what stands up to three words before to what was just found."""
        if not self._pulling or not self.found or self.found[-1].end != end:
            return
        just = self.found[-1]
        for at, weight in self._pulling:
            if place - at <= _REACH:
                if weight < 0:
                    weight = -0.7 if just.rating > 0 else -0.3
                just.rating *= weight

    def _qualify_before(self, token: Token, place: int) -> bool:
        """Let a booster or negation of a language that puts it after the word work on what was just found."""
        if not self.found:
            return False
        just = self.found[-1]
        if token.weight < 0:
            if token.norm not in _AFTER_NOT or place - just.end > 1:
                return False
            just.rating *= -0.7 if just.rating > 0 else -0.3
            return True
        if just.end == place and token.norm in _AFTER:
            just.rating *= 1.3
            return True
        return False

    def _pieces(self, place: int, run: str) -> None:
        """Take the rated pieces of a run of a script without spaces, the longest at each place."""
        pieces, starts = self._known.pieces, self._known.starts
        at, end = 0, len(run)
        while at < end:
            for length in starts.get(run[at : at + 2]) or starts.get(run[at]) or ():
                piece = run[at : at + length]
                rating = pieces.get(piece)
                if rating is not None:
                    if rating:
                        own, rating = piece in self._known.own, _clung(run, at, at + length, rating)
                        self.found.append(Found(piece, place, place + 1, rating, own=own))
                    at += length
                    while piece in _LAUGHING and run.startswith(piece[0], at):
                        at += 1
                    break
            else:
                at += 1


def _clung(run: str, start: int, end: int, rating: float) -> float:
    """Apply the negations and boosters that cling to a piece."""
    before = run[max(0, start - 8) : start]
    if before.endswith(_CLINGING):
        rating *= -0.7 if rating > 0 else -0.2
    elif before.endswith(_CLINGING_BOOST):
        rating *= 1.2
    return rating * 1.2 if run.startswith(_AFTER_BOOST, end) else rating


def _is_shouting(tokens: Sequence[Token]) -> bool:
    """Say whether all words are in capitals: then those of one word say nothing."""
    words = [token.text for token in tokens if token.kind == WORD]
    return bool(words) and all(word.isupper() for word in words)


def _sum(found: Sequence[Found], exclaimed: int) -> float:
    total = 0.0
    for each in found:
        total += each.rating
    if total and exclaimed:
        total *= 1 + 0.1 * min(exclaimed, 3)
    return total / sqrt(total * total + _NORM)
