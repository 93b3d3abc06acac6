"""What an outcome means for a row of the outbox: pure, so that every rule is a line of a test."""

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from botfolk.channels.contract import Failed, Later, Outcome, Sent, Unknown

FIRST_WAIT = 2.0
LONGEST_WAIT = 300.0
MOST_ATTEMPTS = 12
GIVE_UP_AFTER = timedelta(hours=24)
TAP_EXPIRES_AFTER = timedelta(seconds=60)

State = Literal["queued", "sent", "failed", "unknown"]


class Verdict(Struct, frozen=True, kw_only=True):
    """The row's next state. `parts_sent` counts the parts the service has taken.

    `gone`: the person cannot be reached any more, and is `person_state`. `moved_to`: the service's new id of them.
    `channel_pause`: seconds in which nothing may be sent on the channel. `channel_error`: nothing can be, until its
    config changes.
    """

    state: State
    parts_sent: int
    error: str | None = None
    next_at: datetime | None = None
    external_id: str | None = None
    gone: bool = False
    person_state: Literal["gone", "blocked", "opted_out"] = "gone"
    moved_to: str | None = None
    channel_pause: float | None = None
    channel_error: str | None = None


class Tried(Struct, frozen=True, kw_only=True):
    """A row as it was tried: part number `parts_sent` of `parts`, for the `attempts`th time (from 1)."""

    kind: str
    parts_sent: int
    parts: int
    attempts: int
    created_at: datetime


def judge(tried: Tried, outcome: Outcome, *, now: datetime, luck: float) -> Verdict:
    """Say what becomes of a row; `luck` (0 to 1) spreads those that wait, so that they do not return all at once."""
    match outcome:
        case Sent():
            taken = tried.parts_sent + 1
            done = taken >= tried.parts
            return Verdict(
                state="sent" if done else "queued",
                parts_sent=taken,
                next_at=None if done else now,
                external_id=outcome.external_id,
            )
        case Unknown():
            return Verdict(state="unknown", parts_sent=tried.parts_sent, error=outcome.reason)
        case Later():
            return _later(tried, outcome, now, luck)
        case Failed():
            return _failed(tried, outcome, now)


def wait_before(attempts: int, luck: float) -> float:
    """Return the seconds to wait after the `attempts`th failure in a row: 2, 4, 8 … 300, give or take a quarter."""
    even = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempts - 1, 20))
    return even * (0.75 + 0.5 * luck)


def _later(tried: Tried, outcome: Later, now: datetime, luck: float) -> Verdict:
    wait = wait_before(tried.attempts, luck) if outcome.after is None else max(outcome.after, 0.1)
    pause = wait if outcome.whole_channel else None
    age = now - tried.created_at
    # A service that says how long to wait is not failing: only time runs out on it.
    tired = outcome.after is None and tried.attempts >= MOST_ATTEMPTS
    if tried.kind == "tap" and age >= TAP_EXPIRES_AFTER:
        return Verdict(state="failed", parts_sent=tried.parts_sent, error="too late", channel_pause=pause)
    if tired or (tried.attempts > 1 and age >= GIVE_UP_AFTER):
        how = f"after {tried.attempts} attempts" if tired else "for a day"
        return Verdict(
            state="failed",
            parts_sent=tried.parts_sent,
            error=f"It could not be sent {how}: {outcome.reason}",
            channel_pause=pause,
        )
    return Verdict(
        state="queued",
        parts_sent=tried.parts_sent,
        error=outcome.reason,
        next_at=now + timedelta(seconds=wait),
        channel_pause=pause,
    )


def _failed(tried: Tried, outcome: Failed, now: datetime) -> Verdict:
    if outcome.moved_to is not None and tried.attempts < MOST_ATTEMPTS:
        return Verdict(
            state="queued",
            parts_sent=tried.parts_sent,
            error=outcome.reason,
            next_at=now,
            moved_to=outcome.moved_to,
        )
    if outcome.channel_broken:
        # Surely not taken, and not the message's fault: it waits with the others for the channel to be mended.
        return Verdict(
            state="queued",
            parts_sent=tried.parts_sent,
            error=outcome.reason,
            next_at=now,
            channel_error=outcome.reason,
        )
    return Verdict(
        state="failed",
        parts_sent=tried.parts_sent,
        error=outcome.reason,
        gone=outcome.unreachable,
        person_state=outcome.state,
    )
