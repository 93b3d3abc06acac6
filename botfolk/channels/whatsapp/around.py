"""What stands around each part of a delivery, and what all parts have in common."""

from datetime import UTC, datetime, timedelta

from msgspec import Struct, structs

from botfolk.channels.events import AnyEvent
from botfolk.channels.texts import clean
from botfolk.channels.whatsapp import profile
from botfolk.channels.whatsapp.payloads import Contact, Seconds
from botfolk.channels.whatsapp.profile import Named, Person

_BEFORE_WHATSAPP = datetime(2009, 1, 1, tzinfo=UTC)
_MILLISECONDS = 1e12
_AHEAD = timedelta(days=1)


class Strange(Exception):
    """A genuine part of which we do not know what it means; `events` are what is known all the same."""

    def __init__(self, reason: str, *events: AnyEvent) -> None:
        super().__init__(clean(reason, 300))
        self.events = list(events)


class Around(Struct, frozen=True, kw_only=True):
    """The number and the people that the parts beside it are about. `alone`: there is one part only; `index`: the
    place of the part that is read."""

    account: str | None
    own_number: str
    """digits of the business's number"""
    contacts: list[Contact]
    alone: bool
    received_at: datetime
    index: int = 0

    def at(self, index: int) -> "Around":
        """Return the same for the part at another place."""
        return structs.replace(self, index=index) if index else self

    def person(self, user_id: str | None, parent: str | None, wa_id: str | None) -> Person:
        """Return whom ids name. Raises profile.Nobody."""
        named = Named(user_id=user_id, parent_user_id=parent, wa_id=wa_id)
        return profile.person(named, self.contacts, alone=self.alone)

    def moment(self, seconds: Seconds) -> datetime:
        """Return a Unix time; one that cannot be is the time the news came."""
        try:
            number = float(seconds or 0)
            at = datetime.fromtimestamp(number / 1000 if number >= _MILLISECONDS else number, UTC)
        except (ValueError, OverflowError, OSError):
            return self.received_at
        return at if _BEFORE_WHATSAPP < at < self.received_at + _AHEAD else self.received_at
