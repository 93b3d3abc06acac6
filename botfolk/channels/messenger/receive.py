"""From a verified delivery to events. Every item is read by itself: one that cannot be read costs no other."""

from collections.abc import Iterator
from datetime import datetime

import msgspec
from msgspec import Raw

from botfolk.channels.contract import Channel, Unreadable
from botfolk.channels.events import AnyEvent, NotUnderstood
from botfolk.channels.messenger.payloads import Body, Change, Entry, Item
from botfolk.channels.messenger.platform import Platform
from botfolk.channels.messenger.updates import Around, Strange, events, name_of
from botfolk.channels.texts import clean, read_json, some

_NO_INTEREST = frozenset(
    {
        "pass_thread_control", "take_thread_control", "request_thread_control", "app_roles", "account_linking",
        "game_play", "response_feedback", "typing", "messaging_customer_information", "messaging_feedback",
    }
)  # fmt: skip
"""Kinds of item (https://developers.facebook.com/docs/messenger-platform/reference/webhook-events) that say nothing of
what a person told the bot."""

_AROUND = frozenset({"sender", "recipient", "timestamp", "hop_context", "is_test"})
_TEST_ACCOUNT = "0"
"""The account of what the dashboard's test buttons send"""

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_body = msgspec.json.Decoder(Body)
_raws = msgspec.json.Decoder(list[Raw])
_entry = msgspec.json.Decoder(Entry)
_change = msgspec.json.Decoder(Change)
_item = msgspec.json.Decoder(Item)
_fields = msgspec.json.Decoder(dict[str, Raw])

Parsed = tuple[list[AnyEvent], list[NotUnderstood]]


def parse(platform: Platform, channel: Channel, body: bytes, received_at: datetime) -> Parsed:
    """Return a delivery's events, and what of it is not understood. Raises Unreadable."""
    try:
        whole = read_json(_body, body)
        entries = read_json(_raws, bytes(whole.entry)) if bytes(whole.entry) else None
    except _UNREADABLE as error:
        raise Unreadable(clean(f"not a delivery of {platform.label}: {error}", 300)) from None
    if whole.object is not None and whole.object != platform.object:
        about = clean(whole.object, 64)
        reason = f"a delivery about “{about}”, which is not {platform.label}: give that object a hook of its own"
        return [], [NotUnderstood(reason=reason, raw=body)]
    parts = _Parts(platform, channel, received_at)
    if entries is not None:
        for entry in entries:
            parts.entry(bytes(entry))
    else:
        # One item by itself: a copy from the documentation.
        for item in _one_or_many(bytes(whole.messaging) or body):
            parts.item(Entry(), item, "messaging")
    return parts.events, parts.kept


def _one_or_many(raw: bytes) -> list[bytes]:
    try:
        return [bytes(one) for one in read_json(_raws, raw)]
    except _UNREADABLE:
        return [raw]


class _Parts:
    """What the parts of a delivery are, and those that are kept: each within what stood around it, to be read again."""

    def __init__(self, platform: Platform, channel: Channel, received_at: datetime) -> None:
        self.events: list[AnyEvent] = []
        self.kept: list[NotUnderstood] = []
        self._platform = platform
        self._channel = channel
        self._received_at = received_at

    def entry(self, raw: bytes) -> None:
        """Read an entry."""
        try:
            entry = read_json(_entry, raw)
        except _UNREADABLE as error:
            self._keep(f"an entry that cannot be read: {error}", raw)
            return
        for item in entry.messaging or ():
            self.item(entry, bytes(item), "messaging")
        for item in entry.standby or ():
            self.item(entry, bytes(item), "standby")
        for change in entry.changes or ():
            self._change(entry, bytes(change))
        if entry.messaging is None and entry.standby is None and entry.changes is None:
            self._keep("an entry of an unknown kind", raw)

    def _change(self, entry: Entry, raw: bytes) -> None:
        """What the test buttons send is only told; a change of what we asked for is read as the item it holds."""
        try:
            change = read_json(_change, raw)
        except _UNREADABLE as error:
            self._keep_item(f"a change that cannot be read: {error}", entry, raw, "changes")
            return
        field = clean(change.field, 64)
        if str(entry.id) == _TEST_ACCOUNT:
            self._keep_item(f"a test of “{field}” from Meta's dashboard: it has arrived", entry, raw, "changes")
        elif bytes(change.value) and field in self._platform.subscribed_fields:
            self.item(Entry(id=entry.id), bytes(change.value), "messaging")
        else:
            self._keep_item(f"a change of the kind {field}", entry, raw, "changes")

    def item(self, entry: Entry, raw: bytes, where: str) -> None:
        """Read one thing that happened."""
        try:
            item = read_json(_item, raw)
            is_echo = item.message is not None and item.message.is_echo
            around = Around(
                channel=self._channel,
                account=some(str(entry.id)) or name_of(item.sender if is_echo else item.recipient),
                sent_at=entry.time,
                received_at=self._received_at,
                raw=raw,
                standby=where == "standby",
            )
            self.events.extend(events(item, around))
        except Strange as strange:
            reason = _unknown(raw, str(strange))
            if reason is not None:
                self._keep_item(reason, entry, raw, where)
        except _UNREADABLE as error:
            self._keep_item(f"an item that cannot be read: {error}", entry, raw, where)

    def _keep_item(self, reason: str, entry: Entry, raw: bytes, where: str) -> None:
        around = {"id": entry.id, "time": entry.time, where: [Raw(raw)]}
        self._keep(reason, msgspec.json.encode(around) if entry.id else raw, whole=not entry.id)

    def _keep(self, reason: str, raw: bytes, *, whole: bool = False) -> None:
        if not whole:
            raw = msgspec.json.encode({"object": self._platform.object, "entry": [Raw(raw)]})
        self.kept.append(NotUnderstood(reason=clean(reason, 300), raw=raw))


def _unknown(raw: bytes, why: str) -> str | None:
    """Say what is not understood in an item; None when all of it is known to be of no interest."""
    kinds = set(_kinds(raw))
    if kinds and kinds <= _NO_INTEREST:
        return None
    if "policy_enforcement" in kinds:
        return "Meta warns of, or enforces, its policies: read it in the page's support inbox"
    return f"an item {why}: {', '.join(sorted(kind[:64] for kind in kinds)[:5]) or 'nothing in it'}"


def _kinds(raw: bytes) -> Iterator[str]:
    try:
        yield from read_json(_fields, raw).keys() - _AROUND
    except _UNREADABLE:
        return
