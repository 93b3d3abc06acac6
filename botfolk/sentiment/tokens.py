"""A text as tokens: words, runs of scripts without spaces, emoji, punctuation. Each form is looked up once."""

import re
from collections.abc import Callable
from itertools import chain

from msgspec import Struct, field

from botfolk.sentiment.lexicon import AFTER, AFTER_NOT, Lexicon
from botfolk.sentiment.table import ENGLISH, STEP, Pair, Table

MOST_TEXT = 2000
"""Characters of a text that are looked at; what comes after says nothing new."""

_KNOWN_FORMS = 50_000
"""Forms that are remembered: few words make up most of what people write."""
_LONGEST_KNOWN = 40

_HAN = "\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ffff"
_THAI = "\u0e01-\u0e3a\u0e40-\u0e4e\u0e80-\u0eff"
_MARKS = "\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0dff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u200c\u200d"
_LETTER = rf"[^\W_{_HAN}{_THAI}]"
_WORD = rf"{_LETTER}+(?:[{_MARKS}]+{_LETTER}*|['’]{_LETTER}+)*"
_EMOJI = (
    "\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\u203c\u2049"
    "\u3297\u3299\u303d"
)
_LINK = re.compile(r"(?:https?://|www\.)\S+|\bhttps?\b")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_LONG = re.compile(r"(.)\1{2,}")
_LAUGHTER = re.compile(
    r"b?w?a*(?:h+[aeio]+){2,}h*|(?:[aeio]h){2,}[aeio]?|m?(?:j+[aei]+){2,}j*|(?:k+[aeo]){3,}k*|(?:wk){2,}w?|k{3,}"
    r"|(?:rs){2,}r?|hu(?:e|he)+|l+o+l+(?:ol)*|lm?f?ao+|rofl+|x+d+|w{3,}|(?:х+[аеио]+){2,}х*|а(?:ха)+х?|ه{3,}|خ{3,}"
    r"|(?:हा|ही){2,}|(?:ஹா){2,}|ㅋ{2,}|ㅎ{2,}"
)
_LAUGHTER_IN_THAI = re.compile(r"5{3,}")
_LAUGHING = "abdefhijklmorsuwxахеиоهخहाीஹஹாㅋㅎ"
"""What laughter is written with: a word with anything else in it is none, which is quicker to see."""
_is_emoji = re.compile(f"[{_EMOJI}]").match
_is_run = re.compile(f"[{_HAN}{_THAI}]").match

WORD, RUN, EMOJI, EXCLAMATION, END, LINK = range(6)
"""What a token is; a LINK is also an address or a number. Plain numbers: an enumeration costs a look-up each time."""

PASSED, BETWEEN, HEAVY, RATED, QUALIFYING, EXCLAIMING, SAYING = range(7)
"""Whether a token has to be looked at again: no, a word or else what pairs reach over; for what it may weigh; for its
rating, its weight or its exclamation marks alone; for all that the rules say of it."""
_HEAVY = 0.6 / STEP
"""The least margin that may name a word: it would have to be the only one that the model knows of its text."""
_NO_PAIRS: dict[str, Pair] = {}


class Token(Struct, gc=False, kw_only=True):
    """One form as written, and what is known of it.

    `norm` is the form it is looked up by. `rating` is None for a word that is
    not rated; `weight` is what it does to rated words after it (1: nothing). `english`: 1 for a function word of
    English, −1 for one of other languages alone. `own`: a bot's own list rates it. `margin` and `tally` are what the
    model knows of it, `pairs` what is known of it and the word after it.

    Most words are of no pair with the next one. To see that sooner, `ends` has a bit for the word where it ends any
    pair at all, and `begins` the bits of those that end one with it; −1 for what a pair reaches over.

    What is asked of every token stands first, to lie together in memory: most of the time goes to fetching it.
    """

    tally: int = 0
    ends: int = 0
    begins: int = -1
    look: int = SAYING
    margin: float = 0.0
    kind: int
    text: str
    norm: str
    rating: float | None = None
    weight: float = 1.0
    pairs: dict[str, Pair] = field(default_factory=lambda: _NO_PAIRS)
    english: int = 0
    is_laughter: bool = False
    loud: bool = False
    own: bool = False

    @property
    def feature(self) -> str:
        """The form that the model knows it by: all numbers are one."""
        return "0" if self.kind == LINK and self.text != "\u2460" else self.norm


def _bit(word: str) -> int:
    """Return one bit of those that a small number has room for; which words share one makes no difference."""
    return 1 << hash(word) % 30


class _Chunks(dict[str, tuple[Token, ...]]):
    """What stands between spaces, by its tokens; what it does not know it learns."""

    def __init__(self, learn: Callable[[str], tuple[Token, ...]]) -> None:
        self._learn = learn

    def __missing__(self, chunk: str) -> tuple[Token, ...]:
        tokens = self._learn(chunk)
        if len(chunk) <= _LONGEST_KNOWN:
            if len(self) >= _KNOWN_FORMS:
                self.clear()
            self[chunk] = tokens
        return tokens


class Tokenizer:
    """Cuts texts into tokens, with a memory of the forms it has met."""

    def __init__(self, known: Lexicon, table: Table) -> None:
        self._lexicon = known
        self._table = table
        self._known: dict[str, Token] = {}
        self._seconds = {word for seconds in known.second.values() for word in seconds}
        self._once: dict[int, int] = {}
        """Tallies and masks, each kept once: there are few, and what is used often is near in memory."""
        self._tokens_of = _Chunks(self._learn_chunk).__getitem__
        emoticons = [mark for mark in known.emoji if not re.fullmatch(f"[{_EMOJI}]|[a-zA-Z]+", mark)]
        emoticons.sort(key=lambda mark: (-len(mark), mark))
        starts = "".join(re.escape(start) for start in sorted({mark[0] for mark in emoticons}))
        written = "|".join(re.escape(mark) + (r"(?!\w)" if mark[-1].isalnum() else "") for mark in emoticons)
        self._form = re.compile(
            rf"[a-zA-Z]+(?![\w'’{_MARKS}])|(?=[{starts}])(?:{written})|@?{_WORD}|[{_HAN}]+|[{_THAI}]+|[{_EMOJI}]|[!?！？]+|[.,;:…。，、；\n]+"
        )

    def cut(self, text: str) -> list[Token]:
        """Return the tokens of a text's first 2,000 characters."""
        if len(text) > MOST_TEXT:
            text = text[:MOST_TEXT]
        if "@" in text and (at := text.index("@")) > 0 and not text[at - 1].isspace():
            text = _ADDRESS.sub(" \u2460 ", text)
        if "http" in text or "www." in text:
            text = _LINK.sub(" \u2460 ", text)
        # No form holds a space, and looking a whole chunk up is several times as fast as finding the forms in it.
        return [*chain.from_iterable(map(self._tokens_of, text.split(" ")))]

    def _learn_chunk(self, chunk: str) -> tuple[Token, ...]:
        known = self._known.get
        forms = (chunk,) if chunk.isascii() and chunk.isalpha() else self._form.findall(chunk)
        return tuple([known(form) or self._learn(form) for form in forms])

    def _learn(self, form: str) -> Token:
        token = self._look_up(form)
        norm, own, once = token.norm, self._lexicon.own, self._once.setdefault
        if own:
            token.own = norm in own or form in own
        counted = 0
        if told := self._lexicon.tells.get(norm):
            token.english = 1 if "en" in told else -1
            counted += token.english << ENGLISH
        if token.kind != RUN and (pull := self._table.single.get(token.feature)):
            token.margin = pull[0]
            counted += pull[1]
        token.tally = once(counted, counted)
        self._learn_pairs(token)
        token.look = self._look(token)
        if len(form) <= _LONGEST_KNOWN:
            if len(self._known) >= _KNOWN_FORMS:
                self._known.clear()
            self._known[form] = token
        return token

    def _learn_pairs(self, token: Token) -> None:
        kind, norm, once = token.kind, token.norm, self._once.setdefault
        if kind in (WORD, LINK):
            second = self._table.seconds.get(norm)
            if second is not None:
                token.norm = second
            if second is not None or norm in self._seconds:
                token.ends = once(_bit(norm), _bit(norm))
            token.pairs = self._pairs(norm, kind)
        if kind in (WORD, RUN):
            begins = 0
            for second in token.pairs:
                begins |= _bit(second)
            token.begins = once(begins, begins)

    def _look(self, token: Token) -> int:
        """Return what a token has to be looked at for."""
        kind, norm, weight = token.kind, token.norm, token.weight
        if kind == WORD and token.rating:
            is_plain = weight == 1.0 and not token.loud and norm not in self._lexicon.friends
            return RATED if is_plain else SAYING
        if kind == WORD and weight != 1.0:
            return SAYING if weight == 0.0 or norm in AFTER or norm in AFTER_NOT else QUALIFYING
        if kind == EXCLAMATION:
            return EXCLAIMING
        if kind == RUN or token.rating or (kind == LINK and (token.pairs or token.is_laughter)):
            return SAYING
        if abs(token.margin) > _HEAVY:
            return HEAVY
        return PASSED if kind == WORD else BETWEEN

    def _pairs(self, norm: str, kind: int) -> dict[str, Pair]:
        """Return what is known of a word or number and the word after it."""
        pairs = self._table.pairs.get(norm, _NO_PAIRS) if kind == WORD else _NO_PAIRS
        if (phrases := self._lexicon.second.get(norm)) is not None:
            pairs = dict(pairs)
            for second, lengths in phrases.items():
                half, counted, _ = pairs.get(second, (0.0, 0, None))
                pairs[second] = half, counted, lengths
        return pairs

    def _look_up(self, form: str) -> Token:
        first = form[0]
        if first.isascii() and first.isalpha() and form not in self._lexicon.emoji:
            return self._word(form)
        if first == "@":
            return Token(kind=END, text=form, norm="")
        if form == "\u2460":
            return Token(kind=LINK, text=form, norm="<link>")
        rating = self._lexicon.emoji.get(form)
        if rating is not None or _is_emoji(form):
            return Token(kind=EMOJI, text=form, norm=form, rating=rating)
        if first in "!?！？":
            text = form.replace("！", "!").replace("？", "?")
            return Token(kind=EXCLAMATION, text=text, norm="!?" if "!" in text and "?" in text else text[0])
        if first in ".,;:…。，、；\n":
            return Token(kind=END, text=form, norm="…" if form.startswith(("..", "…", "。。")) else "")
        if _is_run(form):
            return Token(kind=RUN, text=form, norm=_LONG.sub(r"\1\1", form))
        return self._word(form)

    def _word(self, form: str) -> Token:
        lower = form.lower()
        if "’" in lower:
            lower = lower.replace("’", "'")
        if form.isdigit():
            laughs = _LAUGHTER_IN_THAI.fullmatch(form) is not None
            return Token(kind=LINK, text=form, norm=form, is_laughter=laughs)
        if not lower.strip(_LAUGHING) and lower not in self._lexicon.own and _LAUGHTER.fullmatch(lower):
            return Token(kind=WORD, text=form, norm="haha", rating=3.0, is_laughter=True)
        words, qualifiers = self._lexicon.words, self._lexicon.qualifiers
        norm, rating, loud = lower, words.get(lower), len(form) > 2 and form.isupper()
        # Where nearly every letter is another, none stands three times in a row.
        if len(set(lower)) <= len(lower) - 2 and (norm := _LONG.sub(r"\1\1", lower)) != lower and rating is None:
            shorter = _LONG.sub(r"\1", lower)
            rating = words.get(norm, words.get(shorter))
            loud = True
            if rating is not None or shorter in qualifiers:
                norm = norm if norm in words else shorter
        weight = qualifiers.get(lower)
        if weight is None:
            weight = 1.0 if norm is lower else qualifiers.get(norm, 1.0)
        if norm == form:
            norm = form
        return Token(kind=WORD, text=form, norm=norm, rating=rating, weight=weight, loud=loud)
