"""What the rated words of a text come to: negation, boosters, "but", laughter, stretching, capitals, emoji."""

from collections.abc import Sequence
from math import sqrt
from operator import add

from msgspec import Struct

from botfolk.sentiment.lexicon import AFTER, AFTER_NOT, Lexicon
from botfolk.sentiment.line import Phrases
from botfolk.sentiment.tokens import (
    EMOJI,
    END,
    EXCLAIMING,
    EXCLAMATION,
    LINK,
    MOST_TEXT,
    QUALIFYING,
    RATED,
    RUN,
    SAYING,
    WORD,
    Token,
)

_NORM = 12.0
_REACH = 3
"""Words before a rated one that can negate or boost it."""
_CLINGING = ("不太", "不是", "没有", "沒有", "不", "没", "沒", "别", "別", "ไม่ได้", "ไม่ค่อย", "ไม่มี", "ไม่", "มิได้")
"""Negations of scripts without spaces; what they take back of something bad is worth little."""
_CLINGING_BOOST = ("太", "很", "非常", "超", "好", "真", "特别", "特別", "十分", "โคตร", "สุด")
_AFTER_BOOST = ("มาก", "สุดๆ", "ๆ", "极了", "死了", "สุด")
_ENDING = (END, EXCLAMATION)
"""What ends a clause: what stood before it qualifies nothing after it."""
_LAUGHING = frozenset(("哈哈", "呵呵", "嘻嘻", "嘿嘿", "嗬嗬"))


Noticed = tuple[int, ...]


class Found(Struct, gc=False):
    """A rated thing in a text: what it reads as, between which tokens it stands, its rating as qualified there."""

    text: str
    place: int
    end: int
    rating: float
    own: bool = False


class Judged(Struct, gc=False):
    """What the rules say of a text: what they found, its score from −1 to 1, and what was noticed on the way.

    `pulling` are the places and weights of qualifiers since the last "but". `noticed` is a whole number for each of
    NOTICED. `is_plain`: nothing of the rest is there. `turn`: where the last "but" stands, −1 for none. `folded`: how
    many words fewer there are when a rated phrase counts as one. `settled`: the places of the tokens that a bot's own
    list or a phrase that says nothing ("good morning") settles. `runs`: those of runs of scripts without spaces.
    """

    found: list[Found]
    pulling: list[tuple[int, float]]
    score: float = 0.0
    noticed: Noticed = ()
    negated: int = 0
    is_plain: bool = True
    turn: int = -1
    folded: int = 0
    settled: Sequence[int] = ()
    runs: Sequence[int] = ()


NOTICED = ("score", "pleased", "upset", "long", "exclaimed", "negated", "last")
LOWEST, HIGHEST = -5, 6
"""The numbers that what is noticed can have."""
_LENGTHS = [min(length.bit_length(), HIGHEST) for length in range(MOST_TEXT + 1)]
_MOST = 3
"""What "pleased", "upset" and "exclaimed" are counted to."""


class Rules:
    """The rules over a lexicon."""

    def __init__(self, known: Lexicon) -> None:
        self._known = known

    def judge(self, tokens: Sequence[Token], said: Sequence[int], phrases: Phrases | None) -> Judged:  # noqa: C901 - as line.read
        """Judge a text by the places of tokens that say something, and those where rated phrases may begin."""
        found: list[Found] = []
        pulling: list[tuple[int, float]] = []
        judged = Judged(found, pulling)
        if self._known.own:
            judged.settled = [place for place, token in enumerate(tokens) if token.own]
            judged.is_plain = not judged.settled
        exclaimed = skip = 0
        for place in said:
            if place < skip:
                continue
            token = tokens[place]
            look = token.look
            if (
                phrases is not None
                and place in phrases
                and (length := self._phrase(place, phrases[place], tokens, judged))
            ):
                skip = place + length
            elif look == RATED:
                just = Found(token.text, place, place + 1, token.rating or 0.0, token.own)
                found.append(just)
                if pulling:
                    _qualify(just, pulling, tokens)
            elif look == QUALIFYING:
                pulling.append((place, token.weight))
                if token.weight < 0:
                    judged.negated = 1
            elif look == EXCLAIMING:
                exclaimed += token.text.count("!")
            elif look == SAYING:
                skip = self._take(place, token, tokens, judged)
        if judged.turn >= 0:
            for each in found:
                each.rating *= 1.4 if each.place > judged.turn else 0.5
        total = 0.0
        strength = pleased = upset = last = 0
        for each in found:
            rating = each.rating
            total += rating
            if rating > 0:
                pleased += 1
                last = 1
            else:
                upset += 1
                last = -1
        if total:
            if exclaimed:
                total *= 1 + 0.1 * (exclaimed if exclaimed < _MOST else _MOST)
            judged.score = total = total / sqrt(total * total + _NORM)
            strength = round(total * 5)
        if judged.turn >= 0:
            last *= 2
        judged.noticed = (strength, pleased, upset, _LENGTHS[len(tokens)], exclaimed, judged.negated, last)
        return judged

    def _take(self, place: int, token: Token, tokens: Sequence[Token], judged: Judged) -> int:
        """Take the token at a place; return the place to go on from."""
        kind = token.kind
        if kind == WORD:
            self._word(place, token, tokens, judged)
        elif kind == RUN:
            judged.runs = [*judged.runs, place]
            judged.is_plain = False
            self._pieces(place, token.text, judged.found)
        elif kind == EMOJI:
            if token.rating:
                judged.found.append(Found(token.text, place, place + 1, token.rating, token.own))
        elif token.pairs and place + 1 < len(tokens):
            _, _, lengths = token.pairs.get(tokens[place + 1].norm, (0.0, 0, None))
            if lengths and (length := self._phrase(place, lengths, tokens, judged)):
                return place + length
        # 555 laughs in Thai, but for where it is a number among words.
        if kind == LINK and token.is_laughter and all(each.kind != WORD for each in tokens):
            judged.found.append(Found(token.text, place, place + 1, 3.0, token.own))
            judged.is_plain = False
        return place + 1

    def _phrase(self, place: int, lengths: Sequence[int], tokens: Sequence[Token], judged: Judged) -> int:
        """Take the longest rated phrase of some lengths that starts at a word; return how many tokens it has, 0 for
        none."""
        known = self._known
        for length in lengths:
            words = tokens[place : place + length]
            phrase = tuple([token.norm for token in words])
            rating = known.phrases.get(phrase)
            if rating is not None and len(phrase) == length:
                own = phrase in known.own
                if known.own and not own and any(token.own for token in words):
                    continue
                if own or not rating:
                    judged.settled = [*judged.settled, *range(place, place + length)]
                if rating:
                    just = Found(" ".join([token.text for token in words]), place, place + length, rating, own)
                    judged.found.append(just)
                    _qualify(just, judged.pulling, tokens)
                judged.folded += length - 1
                judged.is_plain = False
                return length
        return 0

    def _word(self, place: int, token: Token, tokens: Sequence[Token], judged: Judged) -> None:
        """Take a word of which more is to be asked than its rating or its weight."""
        rating, weight = token.rating, token.weight
        if rating and not (token.norm in self._known.friends and self._is_false_friend(token.norm, tokens)):
            if token.loud and not _is_shouting(tokens):
                rating *= 1.2
            just = Found(token.text, place, place + 1, rating, token.own)
            judged.found.append(just)
            _qualify(just, judged.pulling, tokens)
        if weight == 0.0:
            judged.turn = place
            judged.is_plain = False
            judged.pulling.clear()
        elif weight != 1.0 and not (judged.found and _qualify_before(token, place, judged.found[-1])):
            judged.pulling.append((place, weight))
            if weight < 0:
                judged.negated = 1

    def _is_false_friend(self, word: str, tokens: Sequence[Token]) -> bool:
        """Say whether the text's language is one in which the word means something else."""
        told: dict[str, int] = {}
        for token in tokens:
            if token.english and token.norm != word:
                for language in self._known.tells.get(token.norm, ()):
                    told[language] = told.get(language, 0) + 1
        if not told:
            return False
        return max(told, key=lambda language: (told[language], language == "en")) in self._known.friends[word]

    def _pieces(self, place: int, run: str, found: list[Found]) -> None:
        """Take the rated pieces of a run of a script without spaces, the longest at each place."""
        pieces, lengths_of = self._known.pieces, self._known.starts.get
        by_two = map(lengths_of, map(add, run, run[1:] + " "), map(lengths_of, run))
        skip = 0
        for at, lengths in enumerate(by_two):
            if not lengths or at < skip:
                continue
            for length in lengths:
                piece = run[at : at + length]
                rating = pieces.get(piece)
                if rating is not None:
                    if rating:
                        own, rating = piece in self._known.own, _clung(run, at, at + length, rating)
                        found.append(Found(piece, place, place + 1, rating, own))
                    skip = at + length
                    while piece in _LAUGHING and run.startswith(piece[0], skip):
                        skip += 1
                    break


def capped(noticed: Noticed) -> Noticed:
    """Return what was noticed with what is counted no further than to three."""
    strength, pleased, upset, length, exclaimed, *rest = noticed
    return strength, min(pleased, _MOST), min(upset, _MOST), length, min(exclaimed, _MOST), *rest


def _qualify(just: Found, pulling: Sequence[tuple[int, float]], tokens: Sequence[Token]) -> None:
    """Apply what stands up to three words before, in the same clause, to what was just found."""
    for at, weight in pulling:
        if just.place - at <= _REACH and all(token.kind not in _ENDING for token in tokens[at : just.place]):
            if weight < 0:
                weight = -0.7 if just.rating > 0 else -0.3
            just.rating *= weight


def _qualify_before(token: Token, place: int, just: Found) -> bool:
    """Let a booster or negation of a language that puts it after the word work on what was just found."""
    if token.weight < 0:
        if token.norm not in AFTER_NOT or place - just.end > 1:
            return False
        just.rating *= -0.7 if just.rating > 0 else -0.3
        return True
    if just.end == place and token.norm in AFTER:
        just.rating *= 1.3
        return True
    return False


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
