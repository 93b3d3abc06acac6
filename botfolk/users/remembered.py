"""Functions of texts that are asked the same again and again."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, TypeVar, cast

OfTexts = TypeVar("OfTexts", bound=Callable[..., Any])


def remembered(most: int, longest: int) -> Callable[[OfTexts], OfTexts]:
    """Let a function of texts keep so many answers, to those whose last text has at most so many characters: what
    somebody may send in any length is not kept."""

    def remembering(function: OfTexts) -> OfTexts:
        kept = lru_cache(most)(function)

        @wraps(function)
        def ask(*texts: str) -> Any:
            return kept(*texts) if len(texts[-1]) <= longest else function(*texts)

        return cast(OfTexts, ask)

    return remembering
