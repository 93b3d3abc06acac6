"""How the text of a message is scored when it arrives or is edited."""

from collections.abc import Iterable

from botfolk import sentiment
from botfolk.channels.events import AnyEvent, InboundMessage

Score = tuple[int | None, list[tuple[str, float]] | None]
"""A text's sentiment in thousandths and the words behind it; None when it is not scored."""


def score(kind: str, text: str | None) -> Score:
    """Return a text's sentiment in thousandths and the words behind it; None when it has no words or emoji.

    A button's title is not the person's own words.
    """
    scored = sentiment.rate(text) if text and kind != "button" else None
    return (None, None) if scored is None else (round(scored.score * 1000), scored.words)


def scores_of(events: Iterable[AnyEvent]) -> dict[str, Score]:
    """Score the messages among events, by dedupe key."""
    return {e.dedupe_key: score(e.kind, e.text) for e in events if isinstance(e, InboundMessage)}
