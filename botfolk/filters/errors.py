"""What is wrong with a filter, and where."""

from collections.abc import Iterable
from difflib import get_close_matches


class FilterError(Exception):
    """A filter that cannot be taken.

    `position` and `length` in characters of the text (None where the filter came as rows), `hint`: how to mend it,
    `path`: the indexes that lead to the row.
    """

    def __init__(
        self,
        message: str,
        position: int | None = None,
        length: int = 0,
        hint: str | None = None,
        path: tuple[int, ...] = (),
    ) -> None:
        super().__init__(f"{message} {hint}" if hint else message)
        self.message = message
        self.position = position
        self.length = length
        self.hint = hint
        self.path = path

    def at(self, position: int, length: int) -> "FilterError":
        """Return the same error with its place in the text."""
        return FilterError(self.message, position, length, self.hint, self.path)

    def in_row(self, path: tuple[int, ...]) -> "FilterError":
        """Return the same error with the way to its row."""
        return FilterError(self.message, self.position, self.length, self.hint, path)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name that a word most likely means."""
    found = get_close_matches(word.lower()[:64], list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def shortened(text: str) -> str:
    """Return a text as an error can quote it."""
    return text if len(text) <= 40 else text[:39] + "…"
