"""The scorer that comes with Botfolk: the rules decide very short texts, the linear model with the rules the rest."""

from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from math import exp, floor

from botfolk.sentiment.contract import EDGE, Label, Sentiment, Words, label_of
from botfolk.sentiment.drove import drove, rated
from botfolk.sentiment.lexicon import Form, Own, is_run, lexicon
from botfolk.sentiment.line import read
from botfolk.sentiment.model import SHARES, Model, Part, without
from botfolk.sentiment.rules import Judged, Rules
from botfolk.sentiment.table import ENGLISH, KNOWN, LIFTED, NEGATIVE, POSITIVE, PULL, STEP, table
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
_MODELS_SHARE_IN_ENGLISH = 1 - _RULES_SHARE_IN_ENGLISH
_FAR = 50.0
"""What speaks for a side at most: e to the power of much more is no number any more."""
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
        self._tokenizer = Tokenizer(known, table())
        self._rules = Rules(known)
        self._model = Model(table(), [form for form in own or () if isinstance(form, str) and is_run(form)])

    def score(self, text: str) -> Sentiment | None:  # noqa: C901 - see below
        """Score a text; None when it has no words or emoji.

        The label is the likeliest of the three, and the score never says another. What every text needs is done here
        at one go, since calls and what they hand on would cost more than the sums; what few texts need has its names.
        """
        tokens = self._tokenizer.cut(text)
        if not tokens or (tokens[0].kind > RUN and not _has_words(tokens)):
            return None
        total, parts, said, phrases = read(tokens)
        judged = self._rules.judge(tokens, said, phrases)
        length, model, by_rules = len(tokens), self._model, judged.score
        if length < _NEVER_SHORT and _length(tokens) - judged.folded <= _SHORT:
            value = floor(by_rules * 1000 + 0.5) / 1000
            return Sentiment(value, label_of(value), rated(judged.found))
        english = total >> ENGLISH
        if judged.settled:
            total = without(tokens, judged.settled, parts)
        known = total & KNOWN
        negative = ((total >> NEGATIVE & PULL) - length * LIFTED) * STEP
        positive = ((total >> POSITIVE & PULL) - length * LIFTED) * STEP
        pieces: Sequence[Part] = ()
        if judged.runs:
            pieces, more_negative, more_positive = model.pieces(tokens, judged)
            known += len(pieces)
            negative += more_negative
            positive += more_positive
        share = SHARES[known]
        start_negative, start_positive = model.start
        noticed_negative, noticed_positive = model.noticed[judged.noticed]
        negative = start_negative + negative * share + noticed_negative
        positive = start_positive + positive * share + noticed_positive
        if judged.folded or judged.turn > 0:
            taken = _settle(tokens, parts, judged)
            negative -= taken[0] * share
            positive -= taken[1] * share
        if by_rules:
            pull = by_rules * (_RULES_PULL if judged.turn < 0 else _RULES_PULL_BUT)
            negative -= pull
            positive += pull
        if judged.settled or judged.runs:
            own = sum([each.rating for each in judged.found if each.own]) * _OWN_PULL
            negative -= own
            positive += own
        if length < _SILENT and not judged.found and not judged.runs:
            negative -= _SILENT_PULL
            positive -= _SILENT_PULL
        upset = exp(negative if negative < _FAR else _FAR)
        pleased = exp(positive if positive < _FAR else _FAR)
        whole = upset + 1.0 + pleased
        upset, indifferent, pleased = upset / whole, 1.0 / whole, pleased / whole
        if english > 0:
            upset *= _MODELS_SHARE_IN_ENGLISH
            pleased *= _MODELS_SHARE_IN_ENGLISH
            if by_rules > 0:
                pleased += by_rules * _RULES_SHARE_IN_ENGLISH
            else:
                upset -= by_rules * _RULES_SHARE_IN_ENGLISH
            indifferent = 1.0 - upset - pleased
        value = pleased - upset
        label: Label = "positive" if value > 0 else "negative"
        if indifferent >= upset and indifferent >= pleased:
            # Here positive and negative are less than half apart.
            label = "neutral"
            value *= 2 * (EDGE - 0.001)
        elif -EDGE < value < EDGE:
            value = EDGE if value > 0 else -EDGE
        return Sentiment(floor(value * 1000 + 0.5) / 1000, label, drove(tokens, parts, share, judged, pieces))

    def has_words(self, text: str) -> bool:
        """Say whether a text holds a word or an emoji."""
        return _has_words(self._tokenizer.cut(text))

    def form(self, written: str) -> Form:
        """Return what a word, phrase or emoji is looked up by. Raises ValueError when nothing could be."""
        tokens = [token for token in self._tokenizer.cut(written) if token.kind != END]
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


def _settle(tokens: Sequence[Token], parts: dict[int, float], judged: Judged) -> tuple[float, float]:
    """Let the model say nothing of words whose rated phrase says the opposite, and less of what "but" takes back.

    It knows pairs of words only. Returns how much of what speaks for negative and for positive is taken back.
    """
    taken = [0.0]
    for each in judged.found:
        if each.end - each.place > 1:
            for place in range(each.place, each.end):
                part = parts.get(place, tokens[place].margin)
                if part * each.rating < 0:
                    taken.append(part)
                    parts[place] = 0.0
    for place in range(judged.turn):
        part = parts.get(place, tokens[place].margin)
        if part:
            taken.append(part * _TAKEN_BACK)
            if place in parts:
                parts[place] = part * (1 - _TAKEN_BACK)
    return -sum([part for part in taken if part < 0]), sum([part for part in taken if part > 0])
