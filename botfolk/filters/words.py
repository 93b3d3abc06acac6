"""How functions are written in text: the first spelling of each is the one we write, all are understood."""

from msgspec import Struct

JOINERS = ("and", "or", "not", "has", "all", "any")
"""Words that are never a value or an attribute's name as they stand: those go in quotes, or after "attributes."."""


class Spelling(Struct, frozen=True):
    """Words that ask for a function, or (`negated`) for where it is not met."""

    words: tuple[str, ...]
    function: str
    negated: bool = False


SPELLINGS = tuple(
    Spelling(tuple(words.split()), function, negated)
    for words, function, negated in (
        ("=", "is", False),
        ("is", "is", False),
        ("==", "is", False),
        ("!=", "is_not", False),
        ("is not", "is_not", False),
        ("≠", "is_not", False),
        ("<>", "is_not", False),
        ("contains", "contains", False),
        ("does not contain", "does_not_contain", False),
        ("starts with", "starts_with", False),
        ("does not start with", "starts_with", True),
        ("is set", "is_set", False),
        ("is not set", "is_not_set", False),
        ("is one of", "is_one_of", False),
        ("is not one of", "is_one_of", True),
        ("in", "is_one_of", False),
        ("not in", "is_one_of", True),
        (">", "more", False),
        (">=", "at_least", False),
        ("≥", "at_least", False),
        ("<", "less", False),
        ("<=", "at_most", False),
        ("≤", "at_most", False),
        ("between", "between", False),
        ("not between", "between", True),
        ("in the last", "in_the_last", False),
        ("not in the last", "not_in_the_last", False),
    )
)
WRITTEN = {spelling.function: " ".join(spelling.words) for spelling in reversed(SPELLINGS) if not spelling.negated}
LONGEST = max(len(spelling.words) for spelling in SPELLINGS)
_BY_WORDS = {spelling.words: spelling for spelling in SPELLINGS}


def spelled(words: tuple[str, ...]) -> Spelling | None:
    """Return the function that the first of these words ask for; the longest spelling counts."""
    for size in range(min(LONGEST, len(words)), 0, -1):
        if found := _BY_WORDS.get(words[:size]):
            return found
    return None
