"""A bot's own word list."""

import pytest

from botfolk.sentiment import Words, score
from botfolk.sentiment.standard import form_of

LIST = Words({"sick": 0.8, "slow": 0.0, "cheap lah": -0.5, "便宜": -0.9, "👍": -0.6, "Great": 0.0})


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("this is sick", "positive"),
        ("that sick burger of yours", "positive"),
        ("so slow", "neutral"),
        ("very cheap lah this shop", "negative"),
        ("这个便宜", "negative"),
        ("👍", "negative"),
        ("GREAT", "neutral"),
        ("I love it", "positive"),
        ("great job", "neutral"),
    ],
)
def test_a_bots_own_words_win(text: str, label: str) -> None:
    assert score(text, LIST).label == label


def test_what_is_ignored_is_not_named() -> None:
    assert score("the great and slow train", LIST).words == []


def test_what_is_rated_is_named_with_its_score() -> None:
    assert ("sick", 0.8) in score("this is so very much my kind of sick burger", LIST).words


def test_the_list_of_one_bot_is_not_anothers() -> None:
    assert score("this is sick").label == "negative"


@pytest.mark.parametrize("written", ["", " ", "!", "12", "https://example.com", "word 👍", "👍👍"])
def test_what_can_never_be_found_is_no_word(written: str) -> None:
    with pytest.raises(ValueError, match="word"):
        form_of(written)
