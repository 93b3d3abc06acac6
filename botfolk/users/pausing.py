"""The User page's form for a pause: the bot's own length, one that is offered, one that is typed, or until a time."""

from datetime import datetime

from msgspec import Struct

from botfolk.bot.form import UNITS
from botfolk.pages.catalogue import gettext as _
from botfolk.pages.formats import zone
from botfolk.users.edits import InvalidEdit, PauseBot

TYPED = "typed"
"""What `seconds` says when the length is the one that was typed."""


class PauseForm(Struct, kw_only=True):
    """How long to pause, as a form says it.

    `seconds`: a number, "forever", empty for the bot's own pause time, or TYPED: then until the time `until`
    (year-month-dayThour:minute in the member's timezone) when there is one, else for `length` of `unit`.
    """

    seconds: str = ""
    reason: str = ""
    length: str = ""
    unit: str = ""
    until: str = ""


def pause_of(form: PauseForm, where: str) -> PauseBot:
    """Return the edit a form asks for; `where`: the member's timezone. Raises InvalidEdit."""
    reason = form.reason or None
    if form.seconds == "forever":
        return PauseBot(forever=True, reason=reason)
    if form.seconds == TYPED and form.until.strip():
        return PauseBot(until=_moment(form.until, where), reason=reason)
    try:
        if form.seconds == TYPED:
            return PauseBot(seconds=float(form.length.replace(",", ".")) * UNITS[form.unit], reason=reason)
        return PauseBot(seconds=float(form.seconds) if form.seconds else None, reason=reason)
    except (ValueError, KeyError):
        raise InvalidEdit({"pause_bot": _("Give a length as a number, such as 45.")}) from None


def _moment(text: str, where: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InvalidEdit({"pause_bot": _("Give a day and a time, such as 2027-03-31T18:00.")}) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone(where))
