"""Texts in one long text: found, replaced, tidied up."""

import numpy as np
import pytest

from botfolk.counts import long_text
from botfolk.counts.long_text import LongText
from botfolk.filters.functions import FUNCTIONS


def rows(texts: LongText, function: str, *given: object) -> list[int]:
    return np.flatnonzero(texts.holds(FUNCTIONS["text"][function], given)).tolist()


@pytest.mark.parametrize("at_once", [4, 1 << 17])
def test_what_is_replaced_is_found_no_more_before_and_after_tidying_up(
    monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(long_text, "_AT_ONCE", at_once)
    monkeypatch.setattr(long_text, "_FEWEST_OLD", 5)
    texts = LongText(["anna", "", "ananas", "straße", "na"])
    for turn in range(9):
        assert rows(texts, "contains", "na") == [0, 2, 4]
        assert rows(texts, "contains", "nas") == [2]
        assert rows(texts, "contains", "ß") == [3]
        assert rows(texts, "starts_with", "an") == [0, 2]
        assert rows(texts, "is", "na") == [4]
        assert rows(texts, "is_one_of", ["anna", "an", "straße"]) == [0, 3]
        assert rows(texts, "is_set") == [0, 2, 3, 4]
        texts.put(np.array([0, 3]), ["nothing", ""])
        assert rows(texts, "contains", "ann") == []
        assert rows(texts, "is_set") == [0, 2, 4]
        texts.put(np.array([0, 3]), ["anna", "straße"])
        assert texts.size < 2000, turn
