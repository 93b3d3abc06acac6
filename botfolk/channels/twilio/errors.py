"""What Twilio's error codes mean: https://www.twilio.com/docs/api/errors. They come in answers and in statuses."""

from typing import Literal

from msgspec import Struct


class Meaning(Struct, frozen=True):
    """An error in a member's words. `state`: what it says of the person, for good; `wait`: it may be sent again."""

    words: str
    state: Literal["gone", "blocked", "opted_out"] | None = None
    wait: bool = False
    broken: bool = False


_NOT_A_NUMBER = "this is not a number that can be written to"
_MEANINGS = {
    20003: Meaning("Twilio no longer accepts the account's credentials", broken=True),
    20404: Meaning("Twilio does not know this account", broken=True),
    20429: Meaning("Twilio asks to wait", wait=True),
    21211: Meaning(_NOT_A_NUMBER, state="gone"),
    21217: Meaning(_NOT_A_NUMBER, state="gone"),
    21408: Meaning("the account may not write to this country: allow it in Twilio's Messaging Geo Permissions"),
    21603: Meaning("no sender is named"),
    21606: Meaning("the sender is not a number of this account that can send messages"),
    21610: Meaning("the person has said STOP, and Twilio delivers nothing more", state="opted_out"),
    21611: Meaning("too much waits for this sender already", wait=True),
    21612: Meaning("this sender cannot write to this number"),
    21614: Meaning("this is not a mobile number", state="gone"),
    21617: Meaning("the text is longer than Twilio takes"),
    21620: Meaning("Twilio cannot fetch the file"),
    21655: Meaning("Twilio does not know this template"),
    21656: Meaning("the template's placeholders are not filled as they must be"),
    21659: Meaning("the sender is not a number of this account"),
    21660: Meaning("the sender belongs to another account"),
    21703: Meaning("the messaging service has no numbers"),
    30001: Meaning("too much waited for this sender", wait=True),
    30002: Meaning("the account is suspended", broken=True),
    30003: Meaning("the phone could not be reached: switched off, or without service"),
    30004: Meaning("the carrier or the person blocks this sender", state="blocked"),
    30005: Meaning("there is no such number", state="gone"),
    30006: Meaning("this is a landline, or its carrier takes no messages", state="gone"),
    30007: Meaning("the carrier filtered the message as unwanted"),
    30008: Meaning("the carrier did not deliver it, and does not say why"),
    30022: Meaning("the carriers' limit for this sender was reached", wait=True),
    30034: Meaning("the sender is not registered with the carriers (A2P 10DLC)"),
    63003: Meaning("this person is not on that service", state="gone"),
    63007: Meaning("the sender is not set up for this service"),
    63013: Meaning("the service's policy forbids the message"),
    63014: Meaning("the person blocked the sender", state="blocked"),
    63016: Meaning("more than 24 hours after the person's last message only a template may be sent"),
    63017: Meaning("the service's limit was reached", wait=True),
    63018: Meaning("WhatsApp's limit for this sender was reached", wait=True),
    63019: Meaning("the service could not fetch the file"),
    63021: Meaning("the service does not take this content"),
    63024: Meaning("this person cannot be written to", state="gone"),
    63032: Meaning("WhatsApp does not let this person be written to", state="blocked"),
    63033: Meaning("the person blocked the sender", state="blocked"),
    63049: Meaning("WhatsApp holds back marketing to this person for now"),
}


def meaning(code: int | None, said: str = "") -> Meaning:
    """Return what an error means; of one that is not known, what Twilio says."""
    if code in _MEANINGS:
        return _MEANINGS[code]
    words = said[:200] or "Twilio does not say why"
    return Meaning(f"{words} (error {code})" if code else words)
