"""Each thing that may happen between a person and a page, and the events it is."""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from botfolk.channels.contract import Channel
from botfolk.channels.events import (
    AnyEvent,
    ConsentChanged,
    Echoed,
    Happened,
    InboundMessage,
    Json,
    MessageDeleted,
    MessageEdited,
    Profile,
    ReactionChanged,
    Said,
    StatusChanged,
)
from botfolk.channels.messenger import content
from botfolk.channels.messenger.payloads import Item, Message, Optin, Party, Postback, Reaction
from botfolk.channels.messenger.times import moment
from botfolk.channels.texts import clean, some

_MOST_KEY = 400

# https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/message-reactions
_EMOJI = {
    "love": "❤", "smile": "😆", "haha": "😆", "laugh": "😆", "wow": "😮", "sad": "😢", "angry": "😠",
    "yes": "👍", "like": "👍", "no": "👎", "dislike": "👎",
}  # fmt: skip
_ZONE = re.compile(r"[A-Za-z]+(/[A-Za-z0-9_+\-]+)+")
_STOPPED = "STOP_NOTIFICATIONS"


class Strange(Exception):
    """A genuine item of which we do not know what it means here."""


class Around(Struct, frozen=True, kw_only=True):
    """What stands around an item: the account it happened on, when it was sent, and its bytes (for keys)."""

    channel: Channel
    account: str | None
    sent_at: Any
    received_at: datetime
    raw: bytes
    standby: bool = False


def name_of(party: Party | None) -> str | None:
    """Return the id of who says or hears it."""
    return some(str(party.id)) if party is not None and party.id is not None else None


class _Read(Struct, frozen=True):
    """An item with what all of its events have."""

    item: Item
    around: Around
    person: str
    at: datetime

    def key(self, *parts: object) -> str:
        """Return a key of the delivery; without an id of the service's it is made of the item itself."""
        whole = clean(":".join(str(part) for part in parts), None)
        return whole if len(whole) <= _MOST_KEY else hashlib.sha256(whole.encode()).hexdigest()

    def own_key(self, kind: str) -> str:
        """Return a key for what the service gives no id: the hash of who, when and what."""
        return f"{kind}:{hashlib.sha256(self.around.raw).hexdigest()}"

    def common(self, key: str) -> dict[str, Any]:
        """Return the fields that every event has."""
        return {"dedupe_key": key, "external_user_id": self.person, "at": self.at, "account": self.around.account}


def events(item: Item, around: Around) -> list[AnyEvent]:
    """Return an item's events; none for what says nothing of a person. Raises Strange."""
    is_echo = item.message is not None and item.message.is_echo
    sender, recipient = name_of(item.sender), name_of(item.recipient)
    person = recipient if is_echo else sender
    if person is None:
        raise Strange("of nobody that is named")
    at = moment(item.timestamp, around.received_at) or moment(around.sent_at, around.received_at)
    read = _Read(item, around, person, at or around.received_at)
    if is_echo and item.message is not None:
        return _echo(read, item.message)
    if person == around.account:
        # What the page itself does otherwise (its reactions, its reading) is not the person's.
        return []
    for name, take in _TAKEN.items():
        part = getattr(item, name)
        if part is not None:
            return take(read, part)
    raise Strange("of an unknown kind")


def _details(read: _Read, details: Json) -> Json:
    return details | {"standby": True} if read.around.standby else details


def _message(read: _Read, message: Message) -> list[AnyEvent]:
    mid = clean(message.mid, None)
    if message.is_deleted:
        return [MessageDeleted(**read.common(read.key("deleted", mid)), external_id=mid)]
    said = content.read(message)
    if said is None:
        reason = "a message that the service does not show to apps" if message.is_unsupported else "an empty message"
        if not message.is_unsupported:
            raise Strange("a message of an unknown kind")
        return [Happened(**read.common(read.key("strange", mid)), kind="not_understood", details={"reason": reason})]
    answered = message.reply_to
    details = dict(said.details)
    if answered is not None and answered.story is not None:
        told = {"id": answered.story.id and some(str(answered.story.id)), "url": some(answered.story.url, 4096)}
        details["story"] = {name: value for name, value in told.items() if value}
    came_by = content.referral(message.referral)
    return [
        InboundMessage(
            **read.common(read.key(mid)),
            external_id=mid,
            kind=said.kind,
            text=said.text,
            sequence=message.seq if 0 <= message.seq < 2**63 else 0,
            media=said.media,
            details=_details(read, details),
            profile=Profile(fields=said.contact) if said.contact else None,
            reply_to=some(answered.mid, None) if answered else None,
            quiet=read.around.standby,
            context={"referral": came_by} if came_by else {},
        )
    ]


def _postback(read: _Read, postback: Postback) -> list[AnyEvent]:
    mid = some(postback.mid, None)
    data = some(postback.payload, content.MOST_TEXT) or some(postback.title) or ""
    title = some(postback.title) or data
    came_by = content.referral(postback.referral)
    key = read.key(mid) if mid else read.own_key("postback")
    tapped = InboundMessage(
        **read.common(key),
        external_id=mid or key,
        kind="button",
        text=title or None,
        details=_details(read, {"data": data, "title": title}),
        quiet=read.around.standby,
        context={"referral": came_by} if came_by else {},
    )
    if not came_by:
        return [tapped]
    return [tapped, Happened(**read.common(f"referral:{key}"), kind="referral", details=came_by)]


def _echo(read: _Read, message: Message) -> list[AnyEvent]:
    """What the page said: by us (known by our metadata, or by the id that its sending was answered with) or not."""
    mid = clean(message.mid, None)
    if message.is_deleted:
        return []
    said = content.read(message) or Said("text", None)
    return [
        Echoed(
            **read.common(read.key("echo", mid)),
            external_id=mid,
            message_id=_ours(read, message),
            kind=said.kind,
            text=said.text,
            media=said.media,
            details=_details(read, said.details),
        )
    ]


def _ours(read: _Read, message: Message) -> UUID | None:
    app_id = read.around.channel.config.get("app_id")
    if app_id is not None and message.app_id is not None and str(app_id) != str(message.app_id):
        return None
    try:
        return UUID(message.metadata or "")
    except ValueError:
        return None


def _reaction(read: _Read, reaction: Reaction) -> list[AnyEvent]:
    mid = clean(reaction.mid, None)
    emoji = some(reaction.emoji, 64) or _EMOJI.get(reaction.reaction or "", some(reaction.reaction, 64) or "❤")
    key = read.key("reaction", mid, read.person, reaction.action, read.item.timestamp)
    return [
        ReactionChanged(**read.common(key), external_id=mid, emoji=() if reaction.action == "unreact" else (emoji,))
    ]


def _edit(read: _Read, edit: Any) -> list[AnyEvent]:
    mid = clean(edit.mid, None)
    key = read.key("edit", mid, edit.num_edit or read.item.timestamp)
    return [MessageEdited(**read.common(key), external_id=mid, text=some(edit.text, content.MOST_TEXT))]


def _delivered(read: _Read, delivery: Any) -> list[AnyEvent]:
    return _status(read, "delivered", delivery.watermark, delivery.mids or [])


def _seen(read: _Read, seen: Any) -> list[AnyEvent]:
    return _status(read, "read", seen.watermark, [seen.mid] if seen.mid else [])


def _status(read: _Read, status: Any, watermark: Any, mids: list[str]) -> list[AnyEvent]:
    up_to = moment(watermark, read.around.received_at)
    key = read.own_key(status)
    common = read.common(key)
    if moment(read.item.timestamp, read.around.received_at) is None and up_to is not None:
        common["at"] = up_to
    if up_to is not None:
        return [StatusChanged(**common, status=status, up_to=up_to)]
    if not mids:
        raise Strange(f"“{status}” without a word of what")
    return [
        StatusChanged(**common | {"dedupe_key": f"{key}:{index}"}, status=status, external_id=clean(mid, None))
        for index, mid in enumerate(mids)
    ]


def _referral(read: _Read, referral: Any) -> list[AnyEvent]:
    return [Happened(**read.common(read.own_key("referral")), kind="referral", details=content.referral(referral))]


def _optin(read: _Read, optin: Optin) -> list[AnyEvent]:
    zone = some(optin.notification_messages_timezone)
    profile = Profile(fields={"timezone": zone}) if zone and _ZONE.fullmatch(zone) else None
    status = some(optin.notification_messages_status) or ""
    told = {"ref": some(optin.ref or optin.payload, 2048), "type": some(optin.type), "title": some(optin.title)}
    details = {name: value for name, value in told.items() if value}
    common = read.common(read.own_key("optin"))
    if optin.type == "notification_messages" or status:
        allowed = status.upper().replace(" ", "_") != _STOPPED
        reason = "resumed or asked for marketing messages" if allowed else "stopped marketing messages"
        return [ConsentChanged(**common, allowed=allowed, scope="marketing", reason=reason, profile=profile)]
    return [Happened(**common, kind="opted_in", details=details, profile=profile)]


_TAKEN: dict[str, Callable[[_Read, Any], list[AnyEvent]]] = {
    "message": _message,
    "postback": _postback,
    "reaction": _reaction,
    "message_edit": _edit,
    "delivery": _delivered,
    "read": _seen,
    "referral": _referral,
    "optin": _optin,
}
"""The part of an item that says what happened, and by what it is read."""
