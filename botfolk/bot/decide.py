"""What the bot answers: a pure function of the message, the person's state and the Personality."""

from datetime import datetime

from msgspec import Struct

from botfolk.bot.personality import Personality
from botfolk.channels.events import InboundMessage


class State(Struct, frozen=True, kw_only=True):
    """What the decision needs to know of the person before this message."""

    is_first: bool
    status: str
    paused_until: datetime | None


class Reply(Struct, frozen=True):
    """What the bot says."""

    text: str


def is_paused(paused_until: datetime | None, now: datetime) -> bool:
    """Say whether a human has the word: a pause ends by itself when its time passes."""
    return paused_until is not None and paused_until > now


def decide(message: InboundMessage, state: State, personality: Personality, now: datetime) -> Reply | None:
    """Return the bot's answer to a message, or None: greeting on the first message, fallback otherwise.

    The bot is silent while paused, to archived and blocked users, to what was not said to it (in a group, or in a
    business chat of the owner's), and where the text is left empty.
    """
    if state.status != "active" or is_paused(state.paused_until, now) or message.quiet:
        return None
    if state.is_first and personality.greeting:
        return Reply(personality.greeting)
    if not message.addressed or not personality.fallback:
        return None
    return Reply(personality.fallback)
