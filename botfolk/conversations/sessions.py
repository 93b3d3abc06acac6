"""Sessions and time spent: pure functions of a user's activities and the settings in force at their times.

The order in which activities arrive does not matter here: everything is decided between neighbours in time.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from msgspec import Struct, field

EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
_ALMOST_A_SECOND = timedelta(microseconds=999_999)


class Activity(Struct, frozen=True):
    """What a person did, at the channel's time; `judged_at` picks the settings in force. `is_message` or a click."""

    id: UUID
    at: datetime
    judged_at: datetime
    is_message: bool = True


class Rules(Struct, frozen=True):
    """The settings over time, each a list ordered by when it took effect.

    `lengths`: the bot's session length in seconds. `toggles`: the user's infinite session. `recounted_at`: everything
    before is judged under the length of that moment.
    """

    lengths: Sequence[tuple[datetime, int]]
    toggles: Sequence[tuple[datetime, bool]] = ()
    recounted_at: datetime | None = None

    def length(self, judged_at: datetime) -> timedelta:
        """Return the session length an activity is judged under."""
        if self.recounted_at is not None and judged_at < self.recounted_at:
            judged_at = self.recounted_at
        index = bisect_right(self.lengths, judged_at, key=lambda entry: entry[0])
        return timedelta(seconds=self.lengths[max(index - 1, 0)][1])

    def infinite(self, judged_at: datetime) -> bool:
        """Say whether the infinite session was on."""
        index = bisect_right(self.toggles, judged_at, key=lambda entry: entry[0])
        return bool(index) and self.toggles[index - 1][1]


class Session(Struct):
    """A run of activities. `time_spent` in microseconds."""

    started_at: datetime
    last_activity_at: datetime
    activities: int = 0
    messages: int = 0
    time_spent: int = 0
    members: list[UUID] = field(default_factory=list)


def judged_at(at: datetime, received_at: datetime) -> datetime:
    """Return the moment whose settings judge an activity: its own time, but never later than it was received.

    A time without a fraction (many channels count whole seconds) means any moment of that second.
    """
    latest = at if at.microsecond or at.year == 9999 else at + _ALMOST_A_SECOND
    return min(latest, received_at)


def continues(previous_at: datetime, activity: Activity, rules: Rules) -> bool:
    """Say whether an activity belongs to the session of the one before it; exactly the length still does."""
    return rules.infinite(activity.judged_at) or activity.at - previous_at <= rules.length(activity.judged_at)


def spent(previous_at: datetime, activity: Activity, rules: Rules) -> int:
    """Return the time spent (microseconds) between an activity and the one before it in its session."""
    return min(activity.at - previous_at, rules.length(activity.judged_at)) // timedelta(microseconds=1)


def extend(session: Session, activity: Activity, rules: Rules) -> None:
    """Add an activity that continues a session to it."""
    session.time_spent += spent(session.last_activity_at, activity, rules)
    session.last_activity_at = activity.at
    _count(session, activity)


def start(activity: Activity) -> Session:
    """Open a session with an activity."""
    session = Session(activity.at, activity.at)
    _count(session, activity)
    return session


def _count(session: Session, activity: Activity) -> None:
    session.activities += 1
    session.messages += activity.is_message
    session.members.append(activity.id)


def divide(activities: Iterable[Activity], rules: Rules) -> list[Session]:
    """Divide all activities of a user, or all from the start of a session on, into sessions, oldest first."""
    sessions: list[Session] = []
    for activity in sorted(activities, key=lambda activity: activity.at):
        if sessions and continues(sessions[-1].last_activity_at, activity, rules):
            extend(sessions[-1], activity, rules)
        else:
            sessions.append(start(activity))
    return sessions
