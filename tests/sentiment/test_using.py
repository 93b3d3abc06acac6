"""Another scorer, by configuration."""

from collections.abc import Iterator

import pytest

from botfolk import sentiment
from botfolk.sentiment import ScorerError, Sentiment, Words
from botfolk.sentiment.using import STANDARD
from botfolk.serve import use_scorer
from botfolk.settings import SettingsError, load

HERE = "tests.sentiment.test_using"
no_scorer = 7


def cheerful(text: str, words: Words) -> Sentiment | None:
    """Likes everything, beyond measure."""
    return Sentiment(7.0, "neutral", [(text, 7.0)]) if text else None


def moody(text: str, words: Words) -> Sentiment | None:
    """Fails."""
    raise RuntimeError(text)


def lost(text: str, words: Words) -> Sentiment | None:
    """Says what is no score."""
    return Sentiment(float("nan"), "neutral", [])


@pytest.fixture(autouse=True)
def _back() -> Iterator[None]:
    yield
    sentiment.use(STANDARD)


def test_another_scorer_is_used_within_bounds() -> None:
    sentiment.use(f"{HERE}:cheerful")
    assert sentiment.score("terrible") == Sentiment(1.0, "positive", [("terrible", 7.0)])
    assert sentiment.rate("") is None


@pytest.mark.parametrize("name", ["moody", "lost"])
def test_when_it_fails_the_standard_one_scores(name: str) -> None:
    sentiment.use(f"{HERE}:{name}")
    assert sentiment.score("terrible").label == "negative"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("nonsense", "is not module:object"),
        ("no.such.module:score", "No module named"),
        (f"{HERE}:nothing", "has no attribute"),
        (f"{HERE}:no_scorer", "cannot be called"),
    ],
)
def test_one_that_cannot_be_used_is_named_with_the_reason(name: str, why: str) -> None:
    with pytest.raises(ScorerError, match=why) as caught:
        sentiment.use(name)
    assert name in str(caught.value)
    assert sentiment.score("terrible").label == "negative"


def test_the_setting_names_itself_when_its_scorer_cannot_be_used() -> None:
    settings = load({"BOTFOLK_SENTIMENT_SCORER": "no.such.module:score", "BOTFOLK_SECRET_KEY": "k" * 32})
    with pytest.raises(SettingsError, match=r"BOTFOLK_SENTIMENT_SCORER: 'no.such.module:score' cannot be loaded"):
        use_scorer(settings)
