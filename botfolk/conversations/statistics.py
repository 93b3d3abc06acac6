"""A user's statistics as messages come and change: pure, the same whatever order they come in."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from botfolk.channels.events import InboundMessage

MAX_SHOWN = 1000
_KINDS = {
    "photo": "Photo",
    "video": "Video",
    "voice": "Voice message",
    "audio": "Audio",
    "document": "Document",
    "sticker": "Sticker",
    "location": "Location",
    "contact": "Contact",
    "button": "Button",
    "text": "Message",
}


class Statistics(Struct, kw_only=True):
    """The hot row of a user (table user_stats), as held while its lock is."""

    user_id: UUID
    created_at: datetime
    sessions: int = 0
    messages: int = 0
    clicks: int = 0
    time_spent_us: int = 0
    sentiment_sum: int = 0
    scored_messages: int = 0
    last_message: str | None = None
    last_message_kind: str | None = None
    last_message_at: datetime | None = None
    last_message_id: UUID | None = None
    last_message_sequence: int = 0
    last_activity_at: datetime | None = None
    last_session_id: UUID | None = None
    last_received_at: datetime | None = None
    recounted_at: datetime | None = None
    infinite_session: bool = False
    paused_until: datetime | None = None
    waiting_since: datetime | None = None


def shown(kind: str, text: str | None) -> str:
    """Return how a message reads in one line: its text, or its kind ("Photo", "Button: Yes")."""
    if kind == "button":
        return f"Button: {text}"[:MAX_SHOWN] if text else "Button"
    if text:
        return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
    return _KINDS.get(kind, kind.capitalize())


def count(stats: Statistics, message_id: UUID, message: InboundMessage, sentiment: int | None) -> None:
    """Count one inbound message; `sentiment` in thousandths, None when it is not scored."""
    stats.created_at = message.at if not stats.messages else min(stats.created_at, message.at)
    stats.messages += 1
    if sentiment is not None:
        stats.sentiment_sum += sentiment
        stats.scored_messages += 1
    if is_newest(stats, message.at, message.sequence, message_id):
        stats.last_message = shown(message.kind, message.text)
        stats.last_message_kind = message.kind
        stats.last_message_at, stats.last_message_sequence = message.at, message.sequence
        stats.last_message_id = message_id


def is_newest(stats: Statistics, at: datetime, sequence: int, message_id: UUID) -> bool:
    """Say whether a message is newer than the last: by the channel's time, then by its own counter."""
    if stats.last_message_at is None or stats.last_message_id is None:
        return True
    return (at, sequence, message_id) > (stats.last_message_at, stats.last_message_sequence, stats.last_message_id)


def rescore(stats: Statistics, before: int | None, after: int | None) -> None:
    """Replace a message's score after an edit."""
    stats.sentiment_sum += (after or 0) - (before or 0)
    stats.scored_messages += (after is not None) - (before is not None)


def thousandths(total: int, scored: int) -> int | None:
    """Return the mean of scores in thousandths, halves away from zero; None for no scores."""
    if not scored:
        return None
    size = (2 * abs(total) + scored) // (2 * scored)
    return -size if total < 0 else size
