"""From a verified delivery to events: every part of it is read by itself, and one that cannot be costs no other."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Raw, Struct, field

from botfolk.channels.contract import Unreadable
from botfolk.channels.events import AnyEvent, NotUnderstood
from botfolk.channels.texts import clean, read_json
from botfolk.channels.whatsapp import groups, statuses, updates
from botfolk.channels.whatsapp.around import Around, Strange
from botfolk.channels.whatsapp.payloads import (
    Change,
    Contact,
    Entry,
    Error,
    GroupNews,
    Hook,
    IdUpdate,
    Message,
    Parts,
    Preference,
    Status,
    Value,
)
from botfolk.channels.whatsapp.profile import Nobody

OBJECT = "whatsapp_business_account"

_NO_INTEREST = frozenset(
    {
        "account_alerts", "account_review_update", "account_settings_update", "account_update", "automatic_events",
        "business_capability_update", "business_status_update", "business_username_update", "calls", "flows",
        "history", "message_template_components_update", "message_template_quality_update",
        "message_template_status_update", "partner_solutions", "payment_configuration_update",
        "phone_number_name_update", "phone_number_quality_update", "phone_number_username_update", "security",
        "smb_app_state_sync", "template_category_update", "tracking_events",
    }
)  # fmt: skip
"""Fields (https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview) that say
nothing of what a person told the bot."""

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_hook = msgspec.json.Decoder(Hook)
_entry = msgspec.json.Decoder(Entry)
_change = msgspec.json.Decoder(Change)
_value = msgspec.json.Decoder(Value)
_contact = msgspec.json.Decoder(Contact)
_fields = msgspec.json.Decoder(dict[str, Raw])


class _Kind(Struct, frozen=True):
    """How the parts of one list are read: as what, and by what. `read` raises Strange, Nobody."""

    decoder: msgspec.json.Decoder[Any]
    read: Callable[[Around, Any], list[AnyEvent]]


def _reported(_: Around, error: Error) -> list[AnyEvent]:
    raise Strange(f"WhatsApp reports an error: {statuses.failure([error]).reason}")


_KINDS: dict[str, _Kind] = {
    "messages": _Kind(msgspec.json.Decoder(Message), updates.message),
    "statuses": _Kind(msgspec.json.Decoder(Status), statuses.status),
    "message_echoes": _Kind(msgspec.json.Decoder(Message), updates.echo),
    "user_preferences": _Kind(msgspec.json.Decoder(Preference), statuses.preference),
    "user_id_update": _Kind(msgspec.json.Decoder(IdUpdate), statuses.id_update),
    "groups": _Kind(msgspec.json.Decoder(GroupNews), groups.news),
    "errors": _Kind(msgspec.json.Decoder(Error), _reported),
}


class _Reading(Struct):
    """What is read of a delivery so far, and of which account its present part is."""

    received_at: datetime
    events: list[AnyEvent] = field(default_factory=list)
    strange: list[NotUnderstood] = field(default_factory=list)

    def keep(self, error: Exception | str, entry: bytes) -> None:
        """Keep what is not understood as a delivery of its own, so that it can be read again by itself."""
        raw = _object({"object": msgspec.json.encode(OBJECT), "entry": b"[%b]" % entry})
        self.strange.append(NotUnderstood(reason=clean(str(error), 300), raw=raw))


def parse(body: bytes, received_at: datetime) -> tuple[list[AnyEvent], list[NotUnderstood]]:
    """Return a delivery's events, and what of it is not understood. Raises Unreadable."""
    try:
        hook = read_json(_hook, body)
    except _UNREADABLE as error:
        raise Unreadable(clean(f"not a delivery of WhatsApp: {error}", 300)) from None
    if hook.object != OBJECT:
        raise Unreadable(clean(f"not a delivery of WhatsApp but of {hook.object}", 300))
    reading = _Reading(received_at)
    for raw in hook.entry:
        _read_entry(reading, bytes(raw))
    return reading.events, reading.strange


def _read_entry(reading: _Reading, raw: bytes) -> None:
    try:
        entry = read_json(_entry, raw)
    except _UNREADABLE as error:
        reading.keep(error, raw)
        return
    for each in entry.changes:
        _read_change(reading, entry.id, bytes(each))


def _read_change(reading: _Reading, account_id: str, raw: bytes) -> None:
    try:
        change = read_json(_change, raw)
        if change.field in _NO_INTEREST:
            return
        value = read_json(_value, bytes(change.value))
        fields = read_json(_fields, bytes(change.value))
    except _UNREADABLE as error:
        reading.keep(error, _entry_of(account_id, raw))
        return
    if not any(getattr(value, name) for name in _KINDS):
        reading.keep(f"news of a kind that is not known here: {change.field}", _entry_of(account_id, raw))
        return
    around = _around(value, reading.received_at)
    beside = {name: bytes(fields[name]) for name in ("messaging_product", "metadata", "contacts") if name in fields}
    for name, kind in _KINDS.items():
        for index, part in enumerate(getattr(value, name) or ()):
            try:
                reading.events += kind.read(around.at(index), read_json(kind.decoder, bytes(part)))
            except (Strange, Nobody, *_UNREADABLE) as error:
                reading.events += getattr(error, "events", ())
                alone = {"field": msgspec.json.encode(change.field), "value": _object(beside | {name: b"[%b]" % part})}
                reading.keep(error, _entry_of(account_id, _object(alone)))


def _entry_of(account_id: str, change: bytes) -> bytes:
    """Return an entry of one change alone."""
    return _object({"id": msgspec.json.encode(account_id), "changes": b"[%b]" % change})


def _object(fields: dict[str, bytes]) -> bytes:
    """Return a JSON object of fields that are JSON already."""
    return b"{%b}" % b",".join(msgspec.json.encode(name) + b":" + value for name, value in fields.items())


def _around(value: Value, received_at: datetime) -> Around:
    parts = [part for name in _KINDS if name != "errors" for part in getattr(value, name) or ()]
    return Around(
        account=clean(value.metadata.phone_number_id) or None,
        own_number="".join(sign for sign in value.metadata.display_phone_number if sign in "0123456789"),
        contacts=list(_contacts(value.contacts)),
        alone=len(parts) == 1,
        received_at=received_at,
    )


def _contacts(parts: Parts) -> Iterator[Contact]:
    """Yield the people beside the parts; one that cannot be read is passed over, as the parts name theirs, too."""
    for part in parts or ():
        try:
            yield read_json(_contact, bytes(part))
        except _UNREADABLE:
            continue
