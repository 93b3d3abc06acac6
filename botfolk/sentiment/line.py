"""A text's tokens, read once: what they come to together, and which of them have to be looked at again."""

from collections.abc import Sequence

from botfolk.sentiment.table import START
from botfolk.sentiment.tokens import BETWEEN, HEAVY, RUN, Token

_NOTHING = Token(kind=RUN, text="", norm="", begins=0)
"""Stands before the first token: no pair begins with it."""

Phrases = dict[int, list[int]]
"""The places where rated phrases may begin, and how many words such have."""


def read(tokens: Sequence[Token]) -> tuple[int, dict[int, float], list[int], Phrases | None]:  # noqa: C901 - see below
    """Read a text.

    Returns the sum of the tallies of all tokens and known pairs; by the places in order, the margins of the tokens that
    the rules have something to say of, that weigh much or that are of a known pair, with half of the pair's margin; the
    places of those that the rules have to look at; and where rated phrases may begin, None where none does.

    This is one function, and what it reads is laid out for it, since it does for every token what the rest does for
    few: a call or a look-up more here is a tenth of all that scoring a text takes.
    """
    parts: dict[int, float] = {}
    said: list[int] = []
    phrases: Phrases | None = None
    total = START
    before = _NOTHING
    for place, token in enumerate(tokens):
        total += token.tally
        if token.ends & before.begins and (pair := before.pairs.get(token.norm)) is not None:
            half, tally, lengths = pair
            total += tally
            at = place - 1
            while tokens[at] is not before:
                at -= 1
            if at in parts:
                parts[at] += half
            else:
                parts[at] = before.margin + half
                if at < place - 1:
                    parts = dict(sorted(parts.items()))
            parts[place] = token.margin + half
            if lengths and at == place - 1:
                phrases = phrases or {}
                phrases[at] = lengths
                if before.look <= HEAVY:
                    said.append(at)
        look = token.look
        if look:
            if look > BETWEEN:
                if place not in parts:
                    parts[place] = token.margin
                if look > HEAVY:
                    said.append(place)
            if token.begins < 0:
                continue
        before = token
    return total, parts, said, phrases
