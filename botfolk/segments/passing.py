"""Whether people enter and leave a filter as time passes, with nothing changed about them."""

import re

from botfolk.filters.errors import FilterError
from botfolk.filters.tokens import tokens

_OF_TIME = {"ago", "today", "yesterday", "last", "paused", "pause_bot"}
"""Words that speak of now. One that stands for something else only makes us look oftener."""


def passes(text: str) -> bool:
    """Say whether a filter's text speaks of the time it is asked at."""
    try:
        return any(token.word in _OF_TIME or re.search(r"\bago$", token.text) for token in tokens(text))
    except FilterError:
        return False
