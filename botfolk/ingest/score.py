"""How the text of a message is scored when it arrives or is edited."""

from botfolk import sentiment


def score(kind: str, text: str | None) -> tuple[int | None, list[tuple[str, float]] | None]:
    """Return a text's sentiment in thousandths and the words behind it; None when it has no words or emoji.

    A button's title is not the person's own words.
    """
    if not text or kind == "button" or not sentiment.is_scorable(text):
        return None, None
    scored = sentiment.score(text)
    return round(scored.score * 1000), scored.words
