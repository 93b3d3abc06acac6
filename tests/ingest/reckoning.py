"""What a user's statistics must be, worked out plainly from all they did: an oracle that shares no code with ingest.

Only the histories of the settings are taken from the database, since when a change takes effect is the product's word.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from botfolk import sentiment

KINDS = {"text": "Message", "photo": "Photo", "sticker": "Sticker", "button": "Button"}


@dataclass
class Said:
    """One message, as it stands after its edits; or the opening of a link, whose code is the text (kind "click")."""

    at: datetime
    received_at: datetime
    number: int
    kind: str
    text: str | None


@dataclass
class Settings:
    """What was in force when: (from, value), oldest first."""

    lengths: Sequence[tuple[datetime, int]]
    toggles: Sequence[tuple[datetime, bool]] = ()
    recounted_at: datetime | None = None
    """All before is judged by the length of that moment."""


@dataclass
class Reckoned:
    """The statistics, by their names; `sessions` as (started, last activity, messages, microseconds)."""

    statistics: dict[str, Any]
    sessions: list[list[Any]] = field(default_factory=list)


def reckon(said: Sequence[Said], settings: Settings) -> Reckoned:
    """Work out everything anew."""
    in_time = sorted(said, key=lambda message: (message.at, message.number))
    sessions: list[list[Any]] = []
    for message in in_time:
        length, infinite = _in_force(message, settings)
        gap = message.at - sessions[-1][1] if sessions else timedelta.max
        if sessions and (infinite or gap <= length):
            session = sessions[-1]
            session[1], session[2] = message.at, session[2] + 1
            session[3] += min(gap, length) // timedelta(microseconds=1)
            session[2] -= message.kind == "click"
        else:
            sessions.append([message.at, message.at, int(message.kind != "click"), 0])
    clicks = [each.text for each in said if each.kind == "click"]
    said = [each for each in said if each.kind != "click"]
    in_time = [each for each in in_time if each.kind != "click"]
    scores = [score for message in said if (score := _score(message)) is not None]
    last = in_time[-1]
    statistics = {
        "messages": len(said),
        "sessions": len(sessions),
        "clicks": len(clicks),
        "unique_clicks": len(set(clicks)),
        "created_at": in_time[0].at,
        "last_message": _shown(last),
        "last_message_at": last.at,
        "time_spent_us": sum(session[3] for session in sessions),
        "scored_messages": len(scores),
        "sentiment_sum": sum(scores),
    }
    return Reckoned(statistics, sessions)


def _in_force(message: Said, settings: Settings) -> tuple[timedelta, bool]:
    """The session length and the infinite session that judge a message: those of its own time, which in whole seconds
    means until the end of that second, but never of later than it was received."""
    moment = message.at + timedelta(microseconds=0 if message.at.microsecond else 999_999)
    moment = min(moment, message.received_at)
    of_length = moment if settings.recounted_at is None else max(moment, settings.recounted_at)
    lengths = [seconds for since, seconds in settings.lengths if since <= of_length]
    toggles = [is_on for since, is_on in settings.toggles if since <= moment]
    return timedelta(seconds=lengths[-1]), bool(toggles and toggles[-1])


def _score(message: Said) -> int | None:
    if message.kind == "button" or not message.text or not sentiment.is_scorable(message.text):
        return None
    return round(sentiment.score(message.text).score * 1000)


def _shown(message: Said) -> str:
    if message.kind == "button":
        return f"Button: {message.text}" if message.text else "Button"
    return message.text or KINDS[message.kind]
