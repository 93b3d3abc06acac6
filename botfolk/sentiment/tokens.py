"""A text as tokens: words, runs of scripts without spaces, emoji, punctuation. Each form is looked up once."""

import re
from collections.abc import Callable
from itertools import chain

from msgspec import Struct

from botfolk.sentiment.lexicon import Lexicon
from botfolk.sentiment.table import Pull, Table

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


class Token(Struct, gc=False):
    """One form as written, and what is known of it.

    `norm` is the form it is looked up by, `feature` the one the model knows it by. `rating` is None for a word that is
    not rated; `weight` is what it does to rated words after it (1: nothing); `second` are the second words of rated
    phrases that it begins. `plain`: the rules have nothing to say of it; `opens`: but that it may begin a phrase.
    `english`: 1 for a function word of English, −1 for one of other languages alone. `own`: a bot's own list rates it.
    What the model knows: whether it is `known` (1 or 0), its pull (`margin` and `spread`), the pull of words after it.

    What is asked of every token stands first, to lie together in memory: much of the time goes to fetching it.
    """

    kind: int
    text: str
    norm: str
    rating: float | None = None
    weight: float = 1.0
    plain: bool = False
    margin: float = 0.0
    spread: float = 0.0
    known: int = 0
    english: int = 0
    pairs: dict[str, Pull] | None = None
    second: dict[str, list[int]] | None = None
    opens: bool = False
    is_laughter: bool = False
    loud: bool = False
    own: bool = False
    feature: str = ""

    def __post_init__(self) -> None:
        self.feature = self.norm


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
        text = text[:MOST_TEXT]
        at = text.find("@")
        if at > 0 and not text[at - 1].isspace():
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
        says_nothing = token.kind in (WORD, LINK) and not (token.rating or token.weight != 1.0 or token.is_laughter)
        token.plain = says_nothing and token.second is None
        token.opens = says_nothing and token.second is not None
        if told := self._lexicon.tells.get(token.norm):
            token.english = 1 if "en" in told else -1
        if token.kind != RUN and (pull := self._table.single.get(token.feature)) is not None:
            token.margin, token.spread = pull
            token.known = 1
        if token.kind == WORD:
            token.pairs = self._table.pairs.get(token.norm)
        own = self._lexicon.own
        token.own = bool(own) and (token.norm in own or form in own)
        if len(form) <= _LONGEST_KNOWN:
            if len(self._known) >= _KNOWN_FORMS:
                self._known.clear()
            self._known[form] = token
        return token

    def _look_up(self, form: str) -> Token:
        first = form[0]
        if first.isascii() and first.isalpha() and form not in self._lexicon.emoji:
            return self._word(form)
        if first == "@":
            return Token(END, form, "")
        if form == "\u2460":
            return Token(LINK, form, "<link>")
        rating = self._lexicon.emoji.get(form)
        if rating is not None or _is_emoji(form):
            return Token(EMOJI, form, form, rating)
        if first in "!?！？":
            text = form.replace("！", "!").replace("？", "?")
            return Token(EXCLAMATION, text, "!?" if "!" in text and "?" in text else text[0])
        if first in ".,;:…。，、；\n":
            return Token(END, form, "…" if form.startswith(("..", "…", "。。")) else "")
        if _is_run(form):
            return Token(RUN, form, _LONG.sub(r"\1\1", form))
        return self._word(form)

    def _word(self, form: str) -> Token:
        lower = form.lower().replace("’", "'")
        if form.isdigit():
            token = Token(LINK, form, form)
            token.feature = "0"
            token.second = self._lexicon.second.get(form)
            token.is_laughter = _LAUGHTER_IN_THAI.fullmatch(form) is not None
            return token
        if not lower.strip(_LAUGHING) and lower not in self._lexicon.own and _LAUGHTER.fullmatch(lower):
            token = Token(WORD, form, "haha", 3.0)
            token.is_laughter = True
            return token
        # Where nearly every letter is another, none stands three times in a row.
        norm = lower if len(set(lower)) > len(lower) - 2 else _LONG.sub(r"\1\1", lower)
        words, qualifiers = self._lexicon.words, self._lexicon.qualifiers
        rating, loud = words.get(lower), False
        if rating is None and norm != lower:
            shorter = _LONG.sub(r"\1", lower)
            rating = words.get(norm, words.get(shorter))
            loud = True
            if rating is not None or shorter in qualifiers:
                norm = norm if norm in words else shorter
        weight = qualifiers.get(lower, qualifiers.get(norm, 1.0))
        token = Token(WORD, form, norm, rating, weight)
        token.loud = loud or (len(form) > 2 and form.isupper())
        token.second = self._lexicon.second.get(norm)
        return token
