"""Values of a filter: from how somebody writes one to how it is kept, and to what is compared."""

import re
from decimal import Context, Decimal

from botfolk.filters.errors import FilterError, shortened
from botfolk.pages.catalogue import gettext as _
from botfolk.users.attributes import MAX_VALUE

_NUMBER = re.compile(r"[+-]?(\d{1,400}(\.\d{0,400})?|\.\d{1,400})(e[+-]?\d{1,3})?", re.IGNORECASE)
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_LENGTH = re.compile(rf"(\S+)\s+({'|'.join(_SECONDS)})s?", re.IGNORECASE)
_PLAIN = Context(prec=1000)
_MOST_DIGITS = 40
_YES, _NO = ("yes", "true", "on"), ("no", "false", "off")


def text(given: str) -> str:
    """Return a text as it is kept. Raises FilterError."""
    if not given:
        raise FilterError(_("The value is empty."), hint=_("Give one, or use “is not set”."))
    if len(given) > MAX_VALUE:
        raise FilterError(_("The value is too long."), hint=_("A value has at most %s characters.") % MAX_VALUE)
    if "\x00" in given or any("\ud800" <= letter <= "\udfff" for letter in given):
        raise FilterError(_("The value holds a character that no text can hold."))
    return given


def number(given: str, *, in_seconds: bool = False) -> str:
    """Return a number as it is kept, without what does not count; "5 minutes" where seconds are. Raises FilterError."""
    if in_seconds and (length := _LENGTH.fullmatch(given.strip())):
        return number(str(decimal(number(length[1])) * _SECONDS[length[2].lower()]))
    plain = given.strip().replace("\N{MINUS SIGN}", "-")
    if not _NUMBER.fullmatch(plain):
        hint = _("Write it like 10, -3.5 or 5 minutes.") if in_seconds else _("Write it like 10 or -3.5.")
        raise FilterError(_("“%s” is not a number.") % shortened(given), hint=hint)
    value = Decimal(plain).normalize(_PLAIN)
    if not value:
        return "0"
    if not -310 < value.adjusted() < 310 or len(value.as_tuple().digits) > _MOST_DIGITS:
        raise FilterError(_("That number is too large, too small or too long."))
    return format(value, "f") if -10 <= value.adjusted() < 30 else str(value)


def decimal(kept: str) -> Decimal:
    """Return the value of a kept number, exactly."""
    return Decimal(kept)


def exact(value: float) -> Decimal:
    """Return a stored number as the database compares it: a float is what it is written as."""
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def yes_no(given: str) -> str:
    """Return yes or no. Raises FilterError."""
    word = given.strip().lower()
    if word not in (*_YES, *_NO):
        raise FilterError(_("“%s” is neither yes nor no.") % shortened(given), hint=_("Write yes or no."))
    return "yes" if word in _YES else "no"
