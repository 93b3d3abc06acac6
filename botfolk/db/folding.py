"""Comparing without regard to case, in every language: one function, in memory (`fold`) and in SQL (`botfolk_fold`).

Two texts are equal when they fold to the same: Unicode's full case folding (ß = SS, Σ = σ = ς), the dotted and the
dotless i of Turkish taken for one letter (İ = I = ı = i, whoever writes them), and letters with marks composed (é in
one character or in two). A test holds the two together over all of Unicode.
"""

import sys
import unicodedata
from collections.abc import Iterable

NAME = "botfolk_fold"
_SINCE_14 = {
    0x1C89: 0x1C8A, 0xA7CB: 0x264, 0xA7CC: 0xA7CD, 0xA7DA: 0xA7DB, 0xA7DC: 0x19B,
    **{code: code + 0x20 for code in range(0x10D50, 0x10D66)},
}  # fmt: skip
"""What Unicode has learned to fold since version 14, the one of Python 3.11; PostgreSQL 18 knows 16."""
_DOTTED, _DOTLESS = "i\N{COMBINING DOT ABOVE}", "\N{LATIN SMALL LETTER DOTLESS I}"

# Most texts are ASCII, and done at once.
_SQL = f"""
CREATE FUNCTION {{name}}(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
CASE WHEN octet_length(value) = length(value) THEN lower(value COLLATE "C")
     ELSE normalize(replace(replace({{folded}} COLLATE "C", '{_DOTTED}', 'i'), '{_DOTLESS}', 'i'), NFC) END
"""
_BLOCKS = ((0x80, 0x250), (0x250, 0x590), (0x590, sys.maxunicode + 1))
_PLPGSQL = """
CREATE FUNCTION {name}_wide(value text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    folded text := lower(value COLLATE "C");
BEGIN
    {steps}
    RETURN folded;
END $$
"""


def fold(text: str) -> str:
    """Return a text as it is compared, and as `botfolk_fold` returns it."""
    if text.isascii():
        return text.lower()
    folded = text.translate(_SINCE_14).casefold().replace(_DOTTED, "i").replace(_DOTLESS, "i")
    return unicodedata.normalize("NFC", folded)


def statements(server_version: int, name: str = NAME) -> list[str]:
    """Return what makes the function, for a server's version (`server_version_num`).

    PostgreSQL 18 folds by itself; before, tables of letters do the same, at some ten times the time.
    """
    if server_version >= 180000:
        return [_SQL.format(name=name, folded="casefold(value COLLATE pg_catalog.pg_unicode_fast)")]
    return [_PLPGSQL.format(name=name, steps=_steps()), _SQL.format(name=name, folded=f"{name}_wide(value)")]


def _steps() -> str:
    """Return the statements that fold letter by letter: those that become one letter in blocks, then the others."""
    letters = {chr(code): chr(code).casefold() for code in range(0x80, sys.maxunicode + 1) if not _is_half(code)}
    letters |= {chr(code): chr(to) for code, to in _SINCE_14.items()}
    changed = {letter: folded for letter, folded in letters.items() if folded != letter}
    steps = []
    for first, end in _BLOCKS:
        single = {a: b for a, b in changed.items() if len(b) == 1 and first <= ord(a) < end}
        steps.append(_when(single, f"translate(folded, '{''.join(single)}', '{''.join(single.values())}')"))
    long = {a: b for a, b in changed.items() if len(b) > 1}
    replaced = "folded"
    for letter, folded in long.items():
        replaced = f"replace({replaced}, '{letter}', '{folded}')"
    steps.append(_when(long, replaced))
    return "\n    ".join(steps)


def _when(letters: Iterable[str], expression: str) -> str:
    # An expression over a class of single letters; none of them means anything inside brackets.
    return f"IF folded ~ ('[{''.join(letters)}]' COLLATE \"C\") THEN folded := {expression}; END IF;"


def _is_half(code: int) -> bool:
    return 0xD800 <= code < 0xE000
