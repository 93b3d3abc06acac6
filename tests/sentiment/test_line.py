"""A text read at once: what it comes to is what the trainer sees in it, one feature after the other."""

from math import exp

from botfolk.sentiment import Words, features, score, train
from botfolk.sentiment.lexicon import lexicon
from botfolk.sentiment.line import read
from botfolk.sentiment.model import SHARES
from botfolk.sentiment.rules import Rules
from botfolk.sentiment.table import ENGLISH, HALF, KNOWN, NAME, NEGATIVE, POSITIVE, PULL, table
from botfolk.sentiment.tokens import MOST_TEXT, RUN, Tokenizer
from tests.sentiment import anchors
from tests.sentiment.test_train import PACKAGE

ACROSS = ["so, good", "so 😀 good", "not!! good ... at all", "it is 5 a day and not 24 7", "thank 5 you, so @you much"]
LONG = [word * (MOST_TEXT // len(word)) for word in ("love ", "not good ", "terrible ", "worst, ", "a ", "?!.", "die ")]


def weights() -> dict[str, tuple[int, int]]:
    """Return the steps of each feature as they stand in the table."""
    lines = [line.split(" ") for line in (PACKAGE / NAME).read_text("utf-8").splitlines() if line[:2] != "#!"]
    return {name: (int(negative), int(positive)) for negative, positive, *names in lines for name in names}


def test_what_is_added_up_at_once_is_what_each_feature_weighs() -> None:
    known, cut, rules = weights(), Tokenizer(lexicon(), table()).cut, Rules(lexicon())
    texts = [*anchors.phrases(anchors.POSITIVE), *anchors.phrases(anchors.NEGATIVE), *ACROSS, *LONG]
    for text in [*texts, *(each.text for each in train.read_own())]:
        tokens = cut(text)
        total, parts, said, phrases = read(tokens)
        judged = rules.judge(tokens, said, phrases)
        if judged.settled or any(token.kind == RUN for token in tokens):
            continue
        seen = [known[feature] for feature in features.lexical(tokens, judged) if feature in known]
        assert total & KNOWN == len(seen), text
        assert (total >> NEGATIVE & PULL) - HALF == sum(negative for negative, _ in seen), text
        assert (total >> POSITIVE & PULL) - HALF == sum(positive for _, positive in seen), text
        assert total >> ENGLISH == sum(token.english for token in tokens), text
        assert list(parts) == sorted(parts), text
        assert set(said) <= set(parts), text


def test_no_text_is_so_much_of_a_kind_that_its_chances_cannot_be_reckoned() -> None:
    heaviest = max(abs(steps) for pair in weights().values() for steps in pair)
    most = max(heaviest * known * share for known, share in enumerate(SHARES))
    assert exp(most + 200) > 0
    for text in [word * (MOST_TEXT // len(word)) for word in ("best ", "worst ", "รัก", "爱")]:
        for words in ({}, {text.split()[0]: 1.0}, {text.split()[0]: -1.0}):
            assert -1 <= score(text, Words(words)).score <= 1
