"""Who wrote, and what their app says of them: one display name, a language, a timezone."""

from datetime import datetime, timedelta
from functools import cache
from zoneinfo import available_timezones

from botfolk.channels.botframework.payloads import Account, Activity, ClientInfo, known
from botfolk.channels.events import Profile, Sender
from botfolk.channels.names import names
from botfolk.channels.texts import clean, some

_MOST_OFFSET = timedelta(hours=14)


def profile(activity: Activity, person: Account | None) -> Profile:
    """Return what an activity says of a person: never all there is, so nothing that is missing erases anything."""
    info = next(iter(known(activity.entities, ClientInfo)), ClientInfo())
    said = {
        **names(person.name if person else None),
        "timezone": timezone(activity.local_timezone, info.timezone, activity.local_timestamp),
        "language": some(activity.locale) or some(info.locale),
    }
    return Profile(fields={name: value for name, value in said.items() if value})


def timezone(local_timezone: str | None, of_client: str | None, local_timestamp: str | None) -> str | None:
    """Return the person's timezone: by name, else only the offset of their clock ("UTC+03:00")."""
    for named in (local_timezone, of_client):
        if named and named in _zones():
            return named
    return _offset(local_timestamp)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _offset(local_timestamp: str | None) -> str | None:
    """Return the offset that a local time names; "Z" is what services write that do not know the person's."""
    if not local_timestamp or local_timestamp.endswith(("Z", "z")):
        return None
    try:
        offset = datetime.fromisoformat(local_timestamp).utcoffset()
    except ValueError:
        return None
    if offset is None or abs(offset) > _MOST_OFFSET:
        return None
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    return f"UTC{'-' if offset < timedelta(0) else '+'}{hours:02}:{minutes:02}"


def sender(account: Account) -> Sender:
    """Return who said something in a group."""
    external_id = clean(account.id)
    return Sender(external_id=external_id, name=some(account.name) or external_id)
