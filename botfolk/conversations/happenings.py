"""What happened on a channel beside the messages, each kind in one plain sentence about the person."""

from collections.abc import Callable, Iterable
from typing import Any

from botfolk.pages.catalogue import gettext as _

ON_THE_MESSAGE = ("edited", "reaction", "status")
"""Kinds that are told on the bubble they are about."""

_MOST_NAMED = 5

Details = dict[str, Any]


def sentence(kind: str, channel: str, details: Details | None) -> str:
    """Say what happened on a channel, to follow the person's name; what is not known is said so."""
    tell = _SENTENCES.get(kind)
    if tell is None:
        return _("did something on %s that this version of Botfolk has no words for") % channel
    return tell(channel, details or {})


def icon(kind: str) -> str:
    """Return the drawing beside the sentence."""
    return _ICONS.get(kind, "warn")


def _simple(text: Callable[[], str]) -> Callable[[str, Details], str]:
    return lambda channel, _details: text() % {"channel": channel}


def _referral(channel: str, details: Details) -> str:
    by = _first(details, ("headline", "ad_title", "source_url", "page", "ref", "product"))
    is_advertisement = details.get("source_type") == "ad" or str(details.get("source") or "").upper() == "ADS"
    if is_advertisement:
        return _("came to %(channel)s by an advertisement: %(by)s") % {"channel": channel, "by": by or "?"}
    if by is None:
        return _("came to %s by a link") % channel
    return _("came to %(channel)s by a link: %(by)s") % {"channel": channel, "by": by}


def _opted_in(channel: str, details: Details) -> str:
    agreed = _first(details, ("title", "ref"))
    if agreed is None:
        return _("agreed to be written to on %s") % channel
    return _("agreed to be written to on %(channel)s: %(what)s") % {"channel": channel, "what": agreed}


def _joined(channel: str, details: Details) -> str:
    names = _names(details)
    if names is None:
        return _("joined on %s") % channel
    return _("has new people on %(channel)s: %(names)s") % {"channel": channel, "names": names}


def _left(channel: str, details: Details) -> str:
    names = _names(details)
    if names is None:
        return _("left on %s") % channel
    return _("was left on %(channel)s by %(names)s") % {"channel": channel, "names": names}


def _not_understood(channel: str, details: Details) -> str:
    reason = _first(details, ("reason", "type"))
    if reason is None:
        return _("sent something on %s that Botfolk does not understand") % channel
    told = {"channel": channel, "reason": reason}
    return _("sent something on %(channel)s that Botfolk does not understand: %(reason)s") % told


def _first(details: Details, names: Iterable[str]) -> str | None:
    return next((str(details[name]) for name in names if details.get(name)), None)


def _names(details: Details) -> str | None:
    """Return who came or went, as named by the channel; None when it names nobody."""
    people = details.get("people") or details.get("members") or ()
    named = [str(one.get("name") or one.get("id") or "") if isinstance(one, dict) else str(one) for one in people]
    told = [name for name in named if name]
    if not told:
        return None
    more = len(told) - _MOST_NAMED
    shown = ", ".join(told[:_MOST_NAMED])
    return _("%(names)s and %(count)s more") % {"names": shown, "count": more} if more > 0 else shown


_SENTENCES: dict[str, Callable[[str, Details], str]] = {
    "blocked": _simple(lambda: _("blocked the bot on %(channel)s")),
    "unblocked": _simple(lambda: _("can be reached on %(channel)s again")),
    "moved": _simple(lambda: _("got a new address on %(channel)s")),
    "deleted": _simple(lambda: _("took back a message on %(channel)s")),
    "opted_out": _simple(lambda: _("said stop on %(channel)s: nothing is sent there until they say start")),
    "opted_in": _opted_in,
    "marketing_stopped": _simple(lambda: _("wants no more marketing on %(channel)s")),
    "marketing_resumed": _simple(lambda: _("takes marketing on %(channel)s again")),
    "referral": _referral,
    "joined": _joined,
    "left": _left,
    "not_understood": _not_understood,
}

_ICONS = {
    "unblocked": "check",
    "moved": "down",
    "deleted": "undo",
    "opted_out": "hand",
    "opted_in": "check",
    "marketing_stopped": "hand",
    "marketing_resumed": "check",
    "referral": "link",
    "joined": "plus",
    "left": "close",
    "not_understood": "question",
}
