"""The scorer that comes with Botfolk: the rules decide very short texts, the linear model with the rules the rest."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from math import exp, floor

from botfolk.sentiment.contract import EDGE, Label, Sentiment, Words, label_of
from botfolk.sentiment.drove import drove, rated
from botfolk.sentiment.lexicon import Form, Own, is_run, lexicon
from botfolk.sentiment.line import read
from botfolk.sentiment.model import SHARES, Model, Part, without
from botfolk.sentiment.rules import Judged, Rules
from botfolk.sentiment.table import HALF, IN_ENGLISH, KNOWN, NEGATIVE, POSITIVE, PULL, table
from botfolk.sentiment.tokens import EMOJI, END, LINK, RUN, WORD, Token, Tokenizer

_SHORT = 2.0
"""Words of a text that the rules decide alone."""
_NEVER_SHORT = 9
_NEUTRAL = 2 * (EDGE - 0.001)
_HAN_IN_A_WORD = 1.0
_THAI_IN_A_WORD = 2.5
_RULES_PULL = 0.2
"""What the rules' score adds to what speaks for its side: they know words that no training text has."""
_RULES_SHARE_IN_ENGLISH = 0.15
"""What the rules' score counts beside the model's chances in English: there they know enough words for their silence to
say something too."""
_MODELS_SHARE_IN_ENGLISH = 1 - _RULES_SHARE_IN_ENGLISH
_FAR = 50.0
"""What a bot's own ratings add at most: e to the power of much more is no number any more."""
_TAKEN_BACK = 0.75
"""How much of the model's part of a word before "but" is taken back."""
_RULES_PULL_BUT = 2.7
"""What it adds where there is a "but", whose sides the model does not tell apart."""
_SILENT = 7
"""Tokens of a text that counts as a short one in which no word is rated, and…"""
_SILENT_PULL = 0.5
"""…what speaks for neutral in it: most such are questions and answers about a matter."""
_OWN_PULL = 0.75
"""What a rating of the bot's own list adds to it."""
_LISTS_KNOWN = 32
"""Word lists of bots that are kept ready to score by."""


class Standard:
    """Scores texts, with a bot's own ratings where there are any."""

    def __init__(self, own: Own | None = None) -> None:
        known = lexicon().with_own(own) if own else lexicon()
        self._cut = Tokenizer(known, table()).cut
        self._judge = Rules(known).judge
        self._model = Model(table(), [form for form in own or () if isinstance(form, str) and is_run(form)])
        self._noticed = self._model.noticed

    def score(self, text: str) -> Sentiment | None:  # noqa: C901 - see below
        """Score a text; None when it has no words or emoji.

        The label is the likeliest of the three, and the score never says another. What every text needs is done here
        at one go, since calls and what they hand on would cost more than the sums; what few texts need has its names.
        """
        tokens = self._cut(text)
        if not tokens or (tokens[0].kind > RUN and not _has_words(tokens)):
            return None
        total, parts, said, phrases = read(tokens)
        judged = self._judge(tokens, said, phrases)
        length, by_rules = len(tokens), judged.score
        if length < _NEVER_SHORT and _length(tokens) - judged.folded <= _SHORT:
            value = floor(by_rules * 1000 + 0.5) / 1000
            return Sentiment(value, label_of(value), rated(judged.found))
        pieces: Sequence[Part] = ()
        if judged.settled:
            total = without(total, tokens, judged.settled, parts)
        if judged.runs:
            pieces, more = self._model.pieces(tokens, judged)
            total += more
        share = SHARES[total & KNOWN]
        negative, positive = self._noticed[judged.noticed]
        pull = by_rules * _RULES_PULL
        negative += ((total >> NEGATIVE & PULL) - HALF) * share - pull
        positive += ((total >> POSITIVE & PULL) - HALF) * share + pull
        if not judged.is_plain:
            less = _settle(tokens, parts, judged, share)
            negative -= less[0]
            positive -= less[1]
        if length < _SILENT and not judged.found and not judged.runs:
            negative -= _SILENT_PULL
            positive -= _SILENT_PULL
        upset, pleased = exp(negative), exp(positive)
        whole = upset + 1.0 + pleased
        if total >= IN_ENGLISH:
            upset *= _MODELS_SHARE_IN_ENGLISH / whole
            pleased *= _MODELS_SHARE_IN_ENGLISH / whole
            if by_rules > 0:
                pleased += by_rules * _RULES_SHARE_IN_ENGLISH
            else:
                upset -= by_rules * _RULES_SHARE_IN_ENGLISH
            value = pleased - upset
            indifferent = 1.0 - upset - pleased
        else:
            value = (pleased - upset) / whole
            indifferent = 1.0
        label: Label = "positive" if value > 0 else "negative"
        if upset <= indifferent >= pleased:
            # Here positive and negative are less than half apart.
            label = "neutral"
            value *= _NEUTRAL
        elif -EDGE < value < EDGE:
            value = EDGE if value > 0 else -EDGE
        return Sentiment(floor(value * 1000 + 0.5) / 1000, label, drove(tokens, parts, share, judged, pieces))

    def has_words(self, text: str) -> bool:
        """Say whether a text holds a word or an emoji."""
        return _has_words(self._cut(text))

    def form(self, written: str) -> Form:
        """Return what a word, phrase or emoji is looked up by. Raises ValueError when nothing could be."""
        tokens = [token for token in self._cut(written) if token.kind != END]
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
    return _standard().has_words(text)


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


def _settle(tokens: Sequence[Token], parts: dict[int, float], judged: Judged, share: float) -> tuple[float, float]:
    """Return how much of what speaks for negative and for positive is taken back in a text that is not plain.

    The model knows pairs of words only: it has nothing to say of words whose rated phrase says the opposite, and less
    of what "but" takes back. The rules and a bot's own ratings have more to say there.
    """
    negative = positive = 0.0
    for place, part in _taken(tokens, parts, judged):
        parts[place] = parts.get(place, tokens[place].margin) - part
        if part < 0:
            negative -= part * share
        else:
            positive += part * share
    pull = 0.0
    if judged.turn >= 0:
        pull -= judged.score * (_RULES_PULL_BUT - _RULES_PULL)
    if judged.settled or judged.runs:
        own = sum([each.rating for each in judged.found if each.own]) * _OWN_PULL
        pull -= max(-_FAR, min(_FAR, own))
    return negative - pull, positive + pull


def _taken(tokens: Sequence[Token], parts: dict[int, float], judged: Judged) -> Iterator[tuple[int, float]]:
    """Yield the places of words whose part is taken back, and how much of it."""
    for each in judged.found:
        if each.end - each.place > 1:
            for place in range(each.place, each.end):
                part = parts.get(place, tokens[place].margin)
                if part * each.rating < 0:
                    yield place, part
    for place in range(judged.turn):
        part = parts.get(place, tokens[place].margin)
        if part:
            yield place, part * _TAKEN_BACK
