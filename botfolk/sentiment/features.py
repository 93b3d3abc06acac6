"""What the linear model sees of a text: words, pairs of words, pieces of runs, and what the rules say."""

from collections.abc import Sequence

from botfolk.sentiment.rules import NOTICED, Judged, capped
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


def of_rules(judged: Judged) -> list[str]:
    """Return what the rules noticed, by names that no word can have."""
    return [name_of(what, number) for what, number in zip(NOTICED, capped(judged.noticed), strict=True)]


def name_of(what: str, number: int) -> str:
    """Return the name of a feature of the rules."""
    return f"#{what}{number}"
