"""The scorer: the obvious answers, and that no text upsets it."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from botfolk.sentiment import Words, is_scorable, label_of, rate, score
from tests.sentiment.anchors import NEGATIVE, NEUTRAL, POSITIVE, phrases


@pytest.mark.parametrize("phrase", phrases(POSITIVE))
def test_what_pleases_is_positive(phrase: str) -> None:
    assert score(phrase).label == "positive", score(phrase)


@pytest.mark.parametrize("phrase", phrases(NEUTRAL))
def test_what_only_informs_is_neutral(phrase: str) -> None:
    assert score(phrase).label == "neutral", score(phrase)


@pytest.mark.parametrize("phrase", phrases(NEGATIVE))
def test_what_upsets_is_negative(phrase: str) -> None:
    assert score(phrase).label == "negative", score(phrase)


@pytest.mark.parametrize("phrase", ["", " ", "...", "?!", "12345", "!!!", "+60 12 345"])
def test_what_has_no_words_is_not_scored(phrase: str) -> None:
    assert not is_scorable(phrase)


@pytest.mark.parametrize("phrase", ["ok", "👍", "你好", "สวัสดี", "नमस्ते", ":)", "5555", "a1"])
def test_what_has_words_or_emoji_is_scored(phrase: str) -> None:
    assert is_scorable(phrase)


def test_there_are_enough_anchors() -> None:
    table = [*phrases(POSITIVE), *phrases(NEUTRAL), *phrases(NEGATIVE)]
    assert len(set(table)) > 400


def test_the_words_that_drove_it_are_named_in_order() -> None:
    assert [word for word, _ in score("great food but SO slow 😡").words] == ["great", "slow", "😡"]
    assert [word for word, _ in score("这家店的服务很好，但是太贵了").words] == ["很好", "太贵"]


def test_a_phrase_is_named_whole() -> None:
    [named] = score("well, thanks for nothing then").words
    assert named[0] == "thanks for nothing"
    assert named[1] <= -0.75


@pytest.mark.parametrize("phrase", ["thank you but it is still broken", "good food but terrible service, never again"])
def test_what_comes_after_but_is_what_is_meant(phrase: str) -> None:
    assert score(phrase).label == "negative"


def test_a_word_means_what_it_means_in_the_language_of_the_text() -> None:
    assert score("die Lieferung war schnell und gut").label == "positive"
    assert score("wo ist die Rechnung").label == "neutral"


def test_a_number_is_no_laughter() -> None:
    assert score("my order is 5555").label == "neutral"


def test_stretching_and_exclaiming_weigh_more() -> None:
    assert score("goooood!!!").score > score("good").score


@given(st.text(alphabet=st.characters(codec=None), max_size=300))
def test_no_text_upsets_it(text: str) -> None:
    found = score(text)
    assert -1 <= found.score <= 1
    assert found.label == label_of(found.score)
    assert is_scorable(text) == (rate(text) is not None)
    assert all(weight and -1 <= weight <= 1 for _, weight in found.words)


PIECES = [
    "great",
    "not",
    "slow",
    "😂",
    "\ud83d",
    "\x00",
    "谢谢",
    "不",
    "very",
    "but",
    "ดีมาก",
    "!",
    "5555",
    "die",
    "अच्छा",
    "नहीं",
]


@given(st.lists(st.sampled_from(PIECES), max_size=12), st.sampled_from(["", " "]))
def test_no_mixture_upsets_it(words: list[str], between: str) -> None:
    found = score(between.join(words))
    assert -1 <= found.score <= 1
    assert found.label == label_of(found.score)


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join), min_size=1, max_size=8), st.randoms())
def test_the_order_of_messages_is_of_no_matter(texts: list[str], chance: Random) -> None:
    before = {text: score(text) for text in texts}
    shuffled = texts * 2
    chance.shuffle(shuffled)
    assert all(score(text) == before[text] for text in shuffled)


@settings(deadline=None)
@given(
    st.dictionaries(st.text(max_size=12), st.floats(-1, 1, allow_nan=False), max_size=5),
    st.lists(st.sampled_from(PIECES), max_size=8),
)
def test_no_word_list_upsets_it(scores: dict[str, float], words: list[str]) -> None:
    found = rate(" ".join([*words, *scores]), Words(scores))
    assert found is None or (-1 <= found.score <= 1 and found.label == label_of(found.score))
