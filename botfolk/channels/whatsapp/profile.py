"""Who wrote: ids, names and phone numbers as WhatsApp gives them."""

import re
from collections.abc import Sequence

import phonenumbers
from msgspec import Struct

from botfolk.channels.events import Json, Profile, Sender
from botfolk.channels.texts import clean, some
from botfolk.channels.whatsapp.payloads import Contact

_DIGITS = re.compile(r"[1-9][0-9]{6,14}")

_OLD_FORMS = (
    (re.compile(r"521([0-9]{10})"), r"52\1"),
    (re.compile(r"55([1-9]{2})([6-9][0-9]{7})"), r"55\g<1>9\2"),
)
"""WhatsApp ids keep how a country wrote mobile numbers when they were made: Mexico's 1 after the country code (until
2019), and Brazil's eight digits (the ninth, a leading 9, came between 2012 and 2016; landlines start with 2 to 5)."""


class Named(Struct, frozen=True):
    """Every name of one person in a payload: their business-scoped id, the parent of it, and their phone's id."""

    user_id: str | None = None
    parent_user_id: str | None = None
    wa_id: str | None = None


class Person(Struct, frozen=True, kw_only=True):
    """Somebody: `id` is the business-scoped id where there is one, else the phone's."""

    id: str
    aliases: tuple[str, ...]
    profile: Profile | None


class Nobody(Exception):
    """A part that does not say whom it is about."""


def person(named: Named, contacts: Sequence[Contact], *, alone: bool) -> Person:
    """Return whom a part names, with what the contacts beside it say of them.

    `alone`: the part is the only one of its delivery, so that the only contact is theirs even where it is spelled
    otherwise (a phone number and the WhatsApp id of it may differ). Raises Nobody.
    """
    contact = _contact_of(named, contacts, alone) or Contact()
    own = [some(contact.user_id) or some(named.user_id), some(contact.wa_id), some(named.wa_id)]
    parents = [some(contact.parent_user_id), some(named.parent_user_id)]
    # Sending to a parent id makes the status name that one as the recipient.
    known = list(dict.fromkeys(name for name in (*own, some(named.user_id), *parents) if name))
    if not any(own):
        raise Nobody("it does not say whom it is about")
    return Person(id=known[0], aliases=tuple(known[1:]), profile=_profile(contact, named))


def _contact_of(named: Named, contacts: Sequence[Contact], alone: bool) -> Contact | None:
    for contact in contacts:
        if named.user_id and named.user_id in (contact.user_id, contact.parent_user_id):
            return contact
        if not (named.user_id and contact.user_id) and named.wa_id and named.wa_id == contact.wa_id:
            return contact
    if not (alone and len(contacts) == 1):
        return None
    contradicts = named.user_id and contacts[0].user_id
    return None if contradicts else contacts[0]


def _profile(contact: Contact, named: Named) -> Profile | None:
    said = contact.profile
    fields: dict[str, str | None] = {}
    # One free display name: it is not cut into a first and a last one, which would be a guess.
    if said is not None and (name := some(said.name)):
        fields["first_name"] = name
    if number := phone(contact.wa_id) or phone(named.wa_id):
        fields["phone"] = number
    username = some(said.username.removeprefix("@")) if said is not None and said.username else None
    return Profile(fields=fields, username=username) if fields or username else None


def phone(wa_id: str | None) -> str | None:
    """Return a WhatsApp id as a phone number (E.164); None when it is none."""
    if not wa_id or not _DIGITS.fullmatch(wa_id):
        return None
    for old, now in _OLD_FORMS:
        if old.fullmatch(wa_id):
            wa_id = old.sub(now, wa_id)
    return written(f"+{wa_id}")


def written(number: str) -> str | None:
    """Return a number as somebody wrote it, with its country code, in E.164; None when it cannot be one."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def with_phone(profile: Profile | None, number: str | None) -> Profile | None:
    """Return a profile with a phone number that the person gave; a number WhatsApp vouches for stays."""
    if number is None or (profile is not None and profile.fields.get("phone")):
        return profile
    known = profile or Profile(fields={})
    return Profile(fields={**known.fields, "phone": number}, username=known.username)


def sender(who: Person) -> Sender:
    """Return who said something in a group."""
    told = who.profile or Profile(fields={})
    name = told.fields.get("first_name") or told.username or told.fields.get("phone") or who.id
    return Sender(external_id=who.id, name=name, username=told.username)


def known(details: Json) -> Json:
    """Return the details that say something, storable."""
    told = {name: clean(value, None) if isinstance(value, str) else value for name, value in details.items()}
    return {name: value for name, value in told.items() if value not in (None, "")}
