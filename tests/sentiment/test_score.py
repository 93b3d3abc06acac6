"""The scorer: the obvious answers, and that no text upsets it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botfolk.sentiment import is_scorable, label_of, score

POSITIVE = """
hahaha|HAHA|jajaja|kkkkk|wkwkwk|lol|哈哈哈|not bad|terima kasih|makasih ya|👍|😂|❤️|:)|thank you so much|thanks!|great service|I love it
this is awesome|very good|goooood|so happy today|you are amazing|bagus sekali|mantap|gracias|muchas gracias, excelente|obrigado|merci beaucoup
danke schön|grazie mille|谢谢|太好了|ขอบคุณ|شكرا|धन्यवाद|நன்றி|well done|can't wait to see you|no problem|it was slow but now it is great
hahaha that is great 😂|5555|best bot ever|nice 👍👍|🎉🎉|xD|suka banget|not a bad idea
"""
NEUTRAL = """
hello|hi|ok|hello, how are you|good morning|what time do you open|I would like a table for two|my order number is 4711|selamat pagi|你好|สวัสดี|no thanks
can you send me the menu|where is the shop|tomorrow at noon|I'd like to know|buenos días|no thank you|yes please send it to the office
"""
NEGATIVE = """
 so slow!|lambat sangat|太慢了|😡|👎|thanks for nothing|this is terrible|not good|not happy|I hate this|worst service ever|very disappointed
my order has not arrived and I am not happy|useless bot|teruk|kecewa|sangat lambat|horrible|malísimo no, pésimo|muito ruim|c'est nul|sehr schlecht
pessimo servizio|垃圾|很差|แย่มาก|سيء|बहुत बुरा|waste of time|never again|you don't like me|it is great but so slow|:(|😭😭|SCAM|stupid|rude
tidak suka|tidak bagus|ช้า|不好|fed up with you
"""


def phrases(table: str) -> list[str]:
    return [phrase for line in table.strip("\n").splitlines() for phrase in line.split("|") if phrase.strip()]


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


def test_the_words_that_drove_it_are_named_in_order() -> None:
    assert [word for word, _ in score("great food but SO slow 😡").words] == ["great", "slow", "😡"]


def test_stretching_and_exclaiming_weigh_more() -> None:
    assert score("goooood!!!").score > score("good").score


@given(st.text(alphabet=st.characters(codec=None), max_size=300))
def test_no_text_upsets_it(text: str) -> None:
    found = score(text)
    assert -1 <= found.score <= 1
    assert found.label == label_of(found.score)
    assert isinstance(is_scorable(text), bool)
    assert all(weight for _, weight in found.words)


@given(st.lists(st.sampled_from(["great", "not", "slow", "😂", "\ud83d", "\x00", "谢谢", "very", "but"]), max_size=12))
def test_no_mixture_upsets_it(words: list[str]) -> None:
    assert -1 <= score(" ".join(words)).score <= 1
