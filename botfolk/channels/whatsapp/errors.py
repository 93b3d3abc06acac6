"""What WhatsApp's errors mean, in words for members.

https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
"""

from typing import Any

from msgspec import structs

from botfolk.channels.contract import Failed, Later
from botfolk.channels.meta.graph import Answer, GraphError
from botfolk.channels.meta.refusals import Refusals, refused

STOPPED_MARKETING = 131050
MARKETING_HELD_BACK = 131049
"""Not to be tried again before the next day."""

_FAULT = "WhatsApp has a fault of its own at the moment"
_FAST = "WhatsApp takes no more messages for the moment"
_FORM = "the template's placeholders are filled in otherwise than WhatsApp approved them"
_NOT_SO = "WhatsApp does not take this message as it is"
_MANAGER = "see the WhatsApp Manager"
_TOKEN = "Meta no longer accepts the access token: make a new one and give it to the channel"  # noqa: S105
_UNDELIVERABLE = "the person cannot be reached: not on WhatsApp, on an old one, or they blocked you"


def _broken(reason: str) -> Failed:
    return Failed(reason=reason, channel_broken=True)


def _all(reason: str, after: float) -> Later:
    return Later(reason=reason, after=after, whole_channel=True)


_MEANINGS: dict[int, Failed | Later] = {
    # Whether we may. (0, 10, 190 and 200 to 299 are all of Meta's.)
    33: _broken("this phone number is no longer at WhatsApp: connect the channel with another one"),
    131005: _broken("the access token lacks the permission whatsapp_business_messaging"),
    131045: _broken(f"the phone number is not registered: {_MANAGER}"),
    133010: _broken(f"the phone number is not registered: {_MANAGER}"),
    368: _broken(f"Meta restricts this account for breaking its rules: {_MANAGER}"),
    131031: _broken(f"Meta has locked this account: {_MANAGER}"),
    131037: Failed(reason=f"the number's display name is not approved yet: {_MANAGER}"),
    131042: Failed(reason=f"there is a problem with the account's payment: {_MANAGER}"),
    130497: Failed(reason="this account may not write to people in that country"),
    # How fast
    80007: _all(_FAST, 60.0),
    130429: _all(_FAST, 5.0),
    131048: _all("too many people blocked or reported this number: it may send less for now", 900.0),
    131057: _all("WhatsApp is working on this account", 300.0),
    131064: _all(_FAST, 60.0),
    131208: _all(_FAST, 60.0),
    133016: _all("the phone number was registered too often", 900.0),
    131056: Later(reason="too many messages to this person in a short time", after=6.0),
    # Passing faults
    131000: Later(reason=_FAULT),
    131016: Later(reason=_FAULT),
    133004: Later(reason=_FAULT),
    # The person
    131026: Failed(reason=_UNDELIVERABLE, unreachable=True),
    131021: Failed(reason="this is the channel's own number"),
    131030: Failed(reason="a test number writes only to the numbers listed at Meta, and this is none of them"),
    STOPPED_MARKETING: Failed(reason="the person stopped your marketing messages"),
    MARKETING_HELD_BACK: Failed(reason="WhatsApp spares this person more marketing: try again tomorrow, not sooner"),
    130472: Failed(reason="the person is in an experiment of WhatsApp's and gets no marketing"),
    131062: Failed(reason="WhatsApp sends this only to a phone number, and this person's is not known"),
    137000: Failed(reason="the person's phone or WhatsApp changed: make sure who they are before you write"),
    # The 24 hours
    131047: Failed(reason="the person's last message is more than 24 hours old: only a template can be sent"),
    # What was sent
    100: Failed(reason=_NOT_SO),
    130501: Failed(reason="WhatsApp does not take this kind of message here"),
    131008: Failed(reason="something is missing in this message"),
    131009: Failed(reason=_NOT_SO),
    131051: Failed(reason="WhatsApp does not take this kind of message"),
    131052: Failed(reason="WhatsApp could not fetch the file"),
    131053: Failed(reason="WhatsApp does not take this file: it is too large, or not what its name says"),
    132000: Failed(reason="the template has another number of placeholders"),
    132001: Failed(reason="there is no such template in this language, or it is not approved"),
    132005: Failed(reason="the template is too long with its placeholders filled in"),
    132007: Failed(reason="the template breaks a rule of WhatsApp's"),
    132012: Failed(reason=_FORM),
    132015: Failed(reason="WhatsApp has paused this template, as too many people disliked it"),
    132016: Failed(reason="WhatsApp has switched this template off for good"),
    132018: Failed(reason=_FORM),
    135000: Failed(reason=_NOT_SO),
    # Groups
    131020: Failed(reason="there is nobody else in the group"),
    131041: Failed(reason="the group no longer exists, or this number is not in it", unreachable=True),
    131207: Failed(reason="WhatsApp has suspended the group", unreachable=True),
    131215: Failed(reason="this number may not use groups"),
}
_KNOWN: Refusals = {(code, None): meaning for code, meaning in _MEANINGS.items()}

_VAGUE = frozenset({100, 130501, 131008, 131009, 131053, 132005, 132007, 132012, 132018, 135000})
"""Errors of which only WhatsApp's own words say what is wrong."""


def meaning(answer: Answer) -> Failed | Later:
    """Return what an answer that holds an error means."""
    error = answer.error or GraphError()
    if error.code == 0 and answer.status == 401:
        return _broken(_TOKEN)
    found = refused(answer, _KNOWN)
    if error.code in _VAGUE and error.words and isinstance(found, Failed):
        return structs.replace(found, reason=f"{found.reason} ({error.words})")
    return found


def told(code: int, words: str | None) -> Failed | Later:
    """Return what an error that a webhook reports means; `words` are WhatsApp's own."""
    if code == 0:
        return _broken(_TOKEN)
    data: Any = {"details": words} if words else None
    return meaning(Answer(status=400, error=GraphError(code=code, error_data=data)))
