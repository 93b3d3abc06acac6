"""What the linear model sees of a text: words, pairs of words, pieces of runs, and what the rules say."""

from collections.abc import Sequence

from botfolk.sentiment.rules import Judged
from botfolk.sentiment.tokens import RUN, WORD, Token

HAN_PIECES = (1, 2, 3)
THAI_PIECES = (2, 3, 4)


def lexical(tokens: Sequence[Token], judged: Judged) -> list[str]:
    """Return a text's words, pairs of words, emoji and pieces, repeated as they are; nothing of what is settled."""
    seen: list[str] = []
    before = ""
    for place, token in enumerate(tokens):
        kind = token.kind
        if place in judged.settled:
            before = ""
        elif kind == RUN:
            seen += pieces(token.norm)
            before = ""
        elif token.feature:
            seen.append(token.feature)
            if kind == WORD:
                if before:
                    seen.append(f"{before}_{token.feature}")
                before = token.feature
    return seen


def pieces(run: str) -> list[str]:
    """Return the pieces of a run of a script without spaces."""
    lengths = THAI_PIECES if run < "\u1000" else HAN_PIECES
    return [run[at : at + length] for length in lengths for at in range(len(run) - length + 1)]


NOTICED = ("score", "pleased", "upset", "long", "exclaimed", "negated", "last")
LOWEST, HIGHEST = -5, 6
"""The numbers that what is noticed can have."""
_LENGTHS = [min(length.bit_length(), HIGHEST) for length in range(64)]


def noticed(length: int, judged: Judged) -> tuple[int, ...]:
    """Return what the rules noticed in a text of so many tokens, a small whole number for each of NOTICED."""
    pleased = upset = last = 0
    for each in judged.found:
        if each.rating > 0:
            pleased += 1
            last = 1
        else:
            upset += 1
            last = -1
    return (
        round(judged.score * 5),
        pleased if pleased < 3 else 3,
        upset if upset < 3 else 3,
        _LENGTHS[length] if length < 64 else HIGHEST,
        judged.exclaimed if judged.exclaimed < 3 else 3,
        1 if judged.negated else 0,
        last if judged.turn < 0 else 2 * last,
    )


def of_rules(tokens: Sequence[Token], judged: Judged) -> list[str]:
    """Return what the rules noticed, by names that no word can have."""
    return [name_of(what, number) for what, number in zip(NOTICED, noticed(len(tokens), judged), strict=True)]


def name_of(what: str, number: int) -> str:
    """Return the name of a feature of the rules."""
    return f"#{what}{number}"
