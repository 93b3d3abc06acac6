"""What the rated words of a text come to: negation, boosters, "but", laughter, stretching, capitals, emoji."""

from collections.abc import Sequence
from math import sqrt

from msgspec import Struct

from botfolk.sentiment.lexicon import Lexicon
from botfolk.sentiment.tokens import EMOJI, END, EXCLAMATION, LINK, RUN, WORD, Token

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


class Found(Struct, gc=False):
    """A rated thing in a text: what it reads as, between which tokens it stands, its rating as qualified there."""

    text: str
    place: int
    end: int
    rating: float
    own: bool = False


class Judged(Struct, gc=False):
    """What the rules say of a text: its score from −1 to 1, what they found, and what was noticed on the way.

    `settled` are the places of the tokens that a bot's own list or a phrase that says nothing ("good morning") settles;
    `folded` is how many words fewer there are when a rated phrase counts as one; `turn`: where the last "but" stands,
    −1 for none.
    """

    score: float = 0.0
    found: list[Found] = []
    exclaimed: int = 0
    negated: bool = False
    settled: list[int] = []
    folded: int = 0
    turn: int = -1


class Rules:
    """The rules over a lexicon."""

    def __init__(self, known: Lexicon) -> None:
        self._known = known

    def judge(self, tokens: Sequence[Token]) -> Judged:
        """Judge a text."""
        reading = _Reading(tokens=tokens, known=self._known)
        if self._known.own:
            reading.settled = [place for place, token in enumerate(tokens) if token.own]
        skip, last = 0, len(tokens) - 1
        for place, token in enumerate(tokens):
            if token.plain or place < skip:
                continue
            # Many words begin some phrase and say nothing else: asking the next one first spares the rest.
            second = token.second
            if second is not None and (place == last or tokens[place + 1].norm not in second):
                if token.opens:
                    continue
                second = None
            skip = reading.take(place, token, second)
        return reading.judged()


class _Reading(Judged, gc=False, kw_only=True):
    """A text as it is read from its first token to its last; `pulling` are the qualifiers since the clause began."""

    tokens: Sequence[Token]
    known: Lexicon
    pulling: list[tuple[int, float]] = []

    def take(self, place: int, token: Token, second: dict[str, list[int]] | None) -> int:
        """Take the token at a place, where `second` holds the word after it or is None; return the place to go on
        from."""
        kind = token.kind
        if second is not None and (length := self._phrase(place, second)):
            self.folded += length - 1
            if self.pulling:
                self._qualify(place, place + length)
            return place + length
        if kind == WORD:
            self._word(place, token)
        elif kind == END:
            # A clause ends: what stood before it qualifies nothing after it.
            if self.pulling:
                self.pulling.clear()
        elif kind == EXCLAMATION:
            self.exclaimed += token.text.count("!")
            self.pulling.clear()
        elif kind == RUN:
            self._pieces(place, token.text)
        else:
            self._mark(place, token)
        return place + 1

    def _mark(self, place: int, token: Token) -> None:
        rating = token.rating if token.kind == EMOJI else None
        # 555 laughs in Thai, but for where it is a number among words.
        if token.kind == LINK and token.is_laughter and all(each.kind != WORD for each in self.tokens):
            rating = 3.0
        if rating:
            self.found.append(Found(token.text, place, place + 1, rating, token.own))

    def judged(self) -> Judged:
        """Return what it came to."""
        found = self.found
        if found:
            if self.turn >= 0:
                for each in found:
                    each.rating *= 1.4 if each.place > self.turn else 0.5
            self.score = _sum(found, self.exclaimed)
        return self

    def _phrase(self, place: int, lengths_by_second: dict[str, list[int]]) -> int:
        """Take the longest rated phrase that starts at a word; return how many tokens it has, 0 for none."""
        tokens, known = self.tokens, self.known
        for length in lengths_by_second[tokens[place + 1].norm]:
            phrase = tuple([token.norm for token in tokens[place : place + length]])
            rating = known.phrases.get(phrase)
            if rating is not None and len(phrase) == length:
                own = phrase in known.own
                if known.own and not own and any(token.own for token in tokens[place : place + length]):
                    continue
                if own or not rating:
                    self.settled += range(place, place + length)
                if rating:
                    text = " ".join([token.text for token in tokens[place : place + length]])
                    self.found.append(Found(text, place, place + length, rating, own))
                return length
        return 0

    def _word(self, place: int, token: Token) -> None:
        rating, weight = token.rating, token.weight
        if rating and not (token.norm in self.known.friends and self._is_false_friend(token.norm)):
            if token.loud and not _is_shouting(self.tokens):
                rating *= 1.2
            self.found.append(Found(token.text, place, place + 1, rating, token.own))
            if self.pulling:
                self._qualify(place, place + 1)
        if weight == 1.0:
            return
        if weight == 0.0:
            self.turn = place
            self.pulling.clear()
        elif not self._qualify_before(token, place):
            self.pulling.append((place, weight))
            self.negated = self.negated or weight < 0

    def _is_false_friend(self, word: str) -> bool:
        """Say whether the text's language is one in which the word means something else."""
        told: dict[str, int] = {}
        for token in self.tokens:
            if token.english and token.norm != word:
                for language in self.known.tells.get(token.norm, ()):
                    told[language] = told.get(language, 0) + 1
        if not told:
            return False
        return max(told, key=lambda language: (told[language], language == "en")) in self.known.friends[word]

    def _qualify(self, place: int, end: int) -> None:
        """Apply what stands up to three words before to what was just found."""
        if not self.found or self.found[-1].end != end:
            return
        just = self.found[-1]
        for at, weight in self.pulling:
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
        pieces, starts = self.known.pieces, self.known.starts
        at, end = 0, len(run)
        while at < end:
            for length in starts.get(run[at : at + 2]) or starts.get(run[at]) or ():
                piece = run[at : at + length]
                rating = pieces.get(piece)
                if rating is not None:
                    if rating:
                        own, rating = piece in self.known.own, _clung(run, at, at + length, rating)
                        self.found.append(Found(piece, place, place + 1, rating, own))
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
