"""How the text of a message is scored when it arrives or is edited."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from uuid import UUID

import msgspec

from botfolk import sentiment
from botfolk.channels.events import AnyEvent, InboundMessage
from botfolk.sentiment import Words

Score = tuple[int | None, list[tuple[str, float]] | None]
"""A text's sentiment in thousandths and the words behind it; None when it is not scored."""

NO_WORDS = Words()
_LISTS_KNOWN = 64
_newest: dict[UUID, Words] = {}


def score(kind: str, text: str | None, words: Words = NO_WORDS) -> Score:
    """Return a text's sentiment in thousandths and the words behind it; None when it has no words or emoji.

    A button's title is not the person's own words.
    """
    scored = sentiment.rate(text, words) if text and kind != "button" else None
    return (None, None) if scored is None else (round(scored.score * 1000), scored.words)


class Scores:
    """The scores of a delivery's texts by dedupe key, under the word list that the bot had when it was last seen."""

    __slots__ = ("_by_key", "_words")

    def __init__(self, by_key: Mapping[str, Score], words: Words) -> None:
        self._by_key = by_key
        self._words = words

    def of(self, message: InboundMessage, words: Words) -> Score:
        """Return a message's score under the list that holds; it is made again when the list has changed since."""
        if words == self._words:
            return self._by_key[message.dedupe_key]
        return score(message.kind, message.text, words)


def scores_of(bot_id: UUID, events: Iterable[AnyEvent]) -> Scores:
    """Score the messages among a bot's events."""
    words = _newest.get(bot_id, NO_WORDS)
    by_key = {e.dedupe_key: score(e.kind, e.text, words) for e in events if isinstance(e, InboundMessage)}
    return Scores(by_key, words)


def words_of(bot_id: UUID, listed: bytes) -> Words:
    """Return the list that a bot's transaction read, as JSON of words and their scores (or null), and remember it for
    what comes next."""
    words = NO_WORDS if listed == b"null" else _read(listed)
    if words:
        _newest[bot_id] = words
    else:
        _newest.pop(bot_id, None)
    return words


@lru_cache(maxsize=_LISTS_KNOWN)
def _read(listed: bytes) -> Words:
    return Words({word: value / 100 for word, value in msgspec.json.decode(listed, type=dict[str, int]).items()})
