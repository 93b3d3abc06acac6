"""A filter's text in pieces: words, quoted texts, signs."""

import re
from typing import Literal, NamedTuple

from botfolk.filters.errors import FilterError
from botfolk.pages.catalogue import gettext as _

_CLOSING = {'"': '"', "'": "'", "“": "”", "„": "“", "‘": "’", "«": "»"}
_SIGN = re.compile(r"!=|<>|>=|<=|==|[=≠<>≥≤(),]")
_WORD = re.compile(r"""(?:(?!!=)[^\s=≠<>≥≤(),"“”„«»])+""")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}


class Token(NamedTuple):
    """A piece: what it says (a quoted text without its quotes), where it begins, and how many characters it has."""

    kind: Literal["word", "quoted", "sign", "end"]
    text: str
    position: int
    length: int

    @property
    def word(self) -> str:
        """The piece as a word of the language; "" for a quoted text, which never is one."""
        return self.text.lower() if self.kind in ("word", "sign") else ""


def tokens(text: str) -> list[Token]:
    """Return the pieces of a text, and at last the end. Raises FilterError."""
    found: list[Token] = []
    at = 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if at == len(text):
            return [*found, Token("end", "", at, 0)]
        token = _quoted(text, at) if text[at] in _CLOSING else _plain(text, at)
        found.append(token)
        at += token.length


def _plain(text: str, at: int) -> Token:
    if sign := _SIGN.match(text, at):
        return Token("sign", sign[0], at, len(sign[0]))
    if word := _WORD.match(text, at):
        return Token("word", word[0], at, len(word[0]))
    raise FilterError(_("“%s” does not belong here.") % text[at], at, 1)


def _quoted(text: str, start: int) -> Token:
    closing = _CLOSING[text[start]]
    said: list[str] = []
    at = start + 1
    while at < len(text):
        letter = text[at]
        if letter == closing:
            return Token("quoted", "".join(said), start, at + 1 - start)
        if letter == "\\" and at + 1 < len(text):
            at += 1
            letter = _ESCAPED.get(text[at], text[at])
        said.append(letter)
        at += 1
    raise FilterError(
        _("The quotation mark is never closed."), start, len(text) - start, hint=_("Put %s at its end.") % closing
    )
