"""The scorer that comes with Botfolk: the rules decide very short texts, the linear model with the rules the rest."""

from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from math import floor

from botfolk.sentiment.contract import EDGE, Sentiment, Words, label_of
from botfolk.sentiment.lexicon import Form, Own, is_run, lexicon
from botfolk.sentiment.model import Model, Weighed, chances
from botfolk.sentiment.rules import Judged, Rules
from botfolk.sentiment.table import table
from botfolk.sentiment.tokens import EMOJI, END, LINK, RUN, WORD, Token, Tokenizer

_SHORT = 2.0
"""Words of a text that the rules decide alone."""
_NEVER_SHORT = 9
_HAN_IN_A_WORD = 1.0
_THAI_IN_A_WORD = 2.5
_RULES_PULL = 0.2
"""What the rules' score adds to what speaks for its side: they know words that no training text has."""
_RULES_SHARE_IN_ENGLISH = 0.15
"""What the rules' score counts beside the model's chances in English: there they know enough words for their silence to
say something too."""
_TAKEN_BACK = 0.75
"""How much of the model's part of a word before "but" is taken back."""
_BUT_PULL = 2.5
"""What it adds more where there is a "but", whose sides the model does not tell apart."""
_SILENT = 7
"""Tokens of a text that counts as a short one in which no word is rated, and…"""
_SILENT_PULL = 0.5
"""…what speaks for neutral in it: most such are questions and answers about a matter."""
_OWN_PULL = 0.75
"""What a rating of the bot's own list adds to it."""
_LISTS_KNOWN = 32
"""Word lists of bots that are kept ready to score by."""
_MOST_WORDS = 12
_NAMED = (WORD, EMOJI)
_LEAST_PART = 0.4
"""What a word weighs at least to be named, where a rating goes from −4 to 4."""


class Standard:
    """Scores texts, with a bot's own ratings where there are any."""

    def __init__(self, own: Own | None = None) -> None:
        known = lexicon().with_own(own) if own else lexicon()
        self.cut = Tokenizer(known, table()).cut
        self._judge = Rules(known).judge
        self._weigh = Model(table(), [form for form in own or () if isinstance(form, str) and is_run(form)]).weigh

    def score(self, text: str) -> Sentiment | None:
        """Score a text; None when it has no words or emoji."""
        tokens = self.cut(text)
        if not _has_words(tokens):
            return None
        judged = self._judge(tokens)
        if len(tokens) < _NEVER_SHORT and _length(tokens) - judged.folded <= _SHORT:
            value = _thousandths(judged.score)
            return Sentiment(
                value, label_of(value), _strongest([(each.place, each.text, each.rating) for each in judged.found])
            )
        weighed = self._weigh(tokens, judged)
        if judged.folded or judged.turn > 0:
            _settle(judged, weighed)
        value = _score(tokens, judged, weighed)
        return Sentiment(value, label_of(value), _drove(tokens, judged, weighed))

    def form(self, written: str) -> Form:
        """Return what a word, phrase or emoji is looked up by. Raises ValueError when nothing could be."""
        tokens = [token for token in self.cut(written) if token.kind != END]
        if len(tokens) == 1 and tokens[0].kind in (WORD, RUN, EMOJI):
            return tokens[0].text.lower().replace("’", "'")
        if len(tokens) < 2 or any(token.kind not in (WORD, LINK) for token in tokens):
            raise ValueError("a word, a phrase of words, or one emoji")
        return tuple([token.norm for token in tokens])


def score(text: str, words: Words) -> Sentiment | None:
    """Score a text under a bot's word list; None when it has no words or emoji."""
    return (_standard_of(words) if words.scores else _standard()).score(text)


def has_words(text: str) -> bool:
    """Say whether a text holds a word or an emoji."""
    return _has_words(_standard().cut(text))


def form_of(written: str) -> Form:
    """Return what a word, phrase or emoji of a bot's list is looked up by. Raises ValueError when nothing can be."""
    return _standard().form(written)


@lru_cache(maxsize=1)
def _standard() -> Standard:
    return Standard()


@lru_cache(maxsize=_LISTS_KNOWN)
def _standard_of(words: Words) -> Standard:
    own: dict[Form, float] = {}
    for written, value in words.scores.items():
        with suppress(ValueError):
            own[form_of(written)] = value * 4
    return Standard(own)


def _has_words(tokens: Sequence[Token]) -> bool:
    for token in tokens:
        kind = token.kind
        if kind <= RUN or token.is_laughter:
            return True
        if kind == EMOJI and (token.rating is not None or _is_picture(token)):
            return True
    return False


def _is_picture(token: Token) -> bool:
    return token.text >= "\U0001f000" or "\u2600" <= token.text <= "\u27bf"


def _length(tokens: Sequence[Token]) -> float:
    """Return how many words a text has; a run without spaces has one for every few characters."""
    length = 0.0
    for token in tokens:
        if token.kind in (WORD, LINK):
            length += 1
        elif token.kind == RUN:
            length += len(token.text) / (_THAI_IN_A_WORD if token.text < "\u1000" else _HAN_IN_A_WORD)
    return length


def _settle(judged: Judged, weighed: Weighed) -> None:
    """Let the model say nothing of words whose rated phrase says the opposite, and less of what "but" takes back.

    It knows pairs of words only.
    """
    parts, share = weighed.parts, weighed.share
    for each in judged.found:
        if each.end - each.place > 1:
            for place in range(each.place, each.end):
                if parts[place] * each.rating < 0:
                    _take_back(weighed, parts[place] * share)
                    parts[place] = 0.0
    for place in range(judged.turn):
        _take_back(weighed, parts[place] * share * _TAKEN_BACK)
        parts[place] *= 1 - _TAKEN_BACK


def _take_back(weighed: Weighed, part: float) -> None:
    if part > 0:
        weighed.positive -= part
    else:
        weighed.negative += part


def _score(tokens: Sequence[Token], judged: Judged, weighed: Weighed) -> float:
    """Return the score: the label is the likeliest of the three, and the score never says another."""
    negative, positive = weighed.negative, weighed.positive
    pull = judged.score * (_RULES_PULL + _BUT_PULL if judged.turn >= 0 else _RULES_PULL)
    negative -= pull
    positive += pull
    if not judged.found and len(tokens) < _SILENT and all(token.kind != RUN for token in tokens):
        negative -= _SILENT_PULL
        positive -= _SILENT_PULL
    for each in judged.found:
        if each.own:
            negative -= _OWN_PULL * each.rating
            positive += _OWN_PULL * each.rating
    upset, indifferent, pleased = chances(negative, positive)
    if weighed.english > 0:
        model, said = 1 - _RULES_SHARE_IN_ENGLISH, judged.score * _RULES_SHARE_IN_ENGLISH
        upset, pleased = model * upset - (said if said < 0 else 0), model * pleased + (said if said > 0 else 0)
        indifferent = 1 - upset - pleased
    score = pleased - upset
    if indifferent >= upset and indifferent >= pleased:
        # Here positive and negative are less than half apart.
        return _thousandths(score * 2 * (EDGE - 0.001))
    if score > 0:
        return _thousandths(score) if score > EDGE else EDGE
    return _thousandths(score) if score < -EDGE else -EDGE


def _thousandths(value: float) -> float:
    """Round; not by round(), which is several times as slow."""
    return floor(value * 1000 + 0.5) / 1000


def _drove(tokens: Sequence[Token], judged: Judged, weighed: Weighed) -> list[tuple[str, float]]:
    """Return what drove a score, in order: what the rules found, with the model's part in it, and the model's words."""
    parts, share = weighed.parts, weighed.share
    read_as: dict[int, str] = {}
    in_runs: list[tuple[int, str, float]] = []
    for each in judged.found:
        place = each.place
        if tokens[place].kind == RUN:
            in_runs.append((place, each.text, each.rating))
        else:
            read_as[place] = each.text
            parts[place] += each.rating / share
            for other in range(place + 1, each.end):
                parts[place] += parts[other]
                parts[other] = 0.0
    most = _LEAST_PART / share
    least = -most
    drove: list[tuple[int, str, float]] = []
    for place, part in enumerate(parts):
        if part > most or part < least:
            text = read_as.get(place)
            if text is not None or tokens[place].kind in _NAMED:
                drove.append((place, text or tokens[place].text, part * share))
    if weighed.pieces or in_runs:
        drove = sorted(drove + _in_runs(in_runs, weighed), key=_place)
    return _strongest(drove)


def _in_runs(rated: list[tuple[int, str, float]], weighed: Weighed) -> list[tuple[int, str, float]]:
    """Return what drove a score in runs without spaces: what is rated, and what the model knows beside it."""
    share = weighed.share
    heavy = [each for each in weighed.pieces if abs(each[2]) * share > _LEAST_PART]
    return rated + [
        (place, piece, part * share)
        for place, piece, part in _whole(heavy)
        if all(piece not in text and text not in piece for _, text, _ in rated)
    ]


def _place(part: tuple[int, str, float]) -> int:
    return part[0]


def _whole(pieces: Sequence[tuple[int, str, float]]) -> list[tuple[int, str, float]]:
    """Return the pieces of two characters and more that weigh most, none of which is a part of another."""
    chosen: list[tuple[int, str, float]] = []
    for piece in sorted([each for each in pieces if len(each[1]) > 1], key=_weight)[:_MOST_WORDS]:
        if all(piece[1] not in other[1] and other[1] not in piece[1] for other in chosen):
            chosen.append(piece)
    return chosen


def _weight(piece: tuple[int, str, float]) -> float:
    return -abs(piece[2])


def _strongest(drove: Sequence[tuple[int, str, float]]) -> list[tuple[str, float]]:
    """Return what weighs anything of (place, text, part), at most a dozen, in order: of −4 to 4 as −1 to 1."""
    words = []
    for _, text, part in drove:
        if part >= _LEAST_PART or part <= -_LEAST_PART:
            # Not round(): it is several times as slow.
            hundredths = int(part * 25 + 0.5) if part > 0 else int(part * 25 - 0.5)
            words.append((text, 1.0 if hundredths > 100 else -1.0 if hundredths < -100 else hundredths / 100))
    if len(words) <= _MOST_WORDS:
        return words
    least = sorted((abs(weight) for _, weight in words), reverse=True)[_MOST_WORDS - 1]
    return [word for word in words if abs(word[1]) >= least][:_MOST_WORDS]
