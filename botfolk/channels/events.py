"""What a channel tells the rest: a service's payload becomes a list of these, and nothing else leaves a channel.

All times are UTC. `dedupe_key` names the delivery (unique in its channel, for ever); `external_id` names the message as
the service does, so that edits, reactions and replies find it.
"""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

MessageKind = Literal[
    "text", "photo", "video", "voice", "audio", "document", "sticker", "location", "contact", "button"
]

Json = dict[str, Any]


class Profile(Struct, frozen=True, kw_only=True):
    """What a payload says about a person.

    `fields` maps standard profile fields to values. When `full` is true a field named with None means "the person has
    none"; otherwise a missing or empty value says nothing and never erases one.
    """

    fields: dict[str, str | None]
    username: str | None = None
    full: bool = False
    attributes: Json = {}


class Group(Struct, frozen=True, kw_only=True):
    """The group chat a message was said in; the group is then the user."""

    title: str | None


class Sender(Struct, frozen=True, kw_only=True):
    """Who in a group said it."""

    external_id: str
    name: str
    username: str | None = None


class Media(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file that came with a message: what the channel fetches it by, never an address that holds a secret."""

    ref: str
    media_id: UUID | None = None
    """where its content stands already"""
    content_type: str | None = None
    name: str | None = None
    size: int | None = None
    """bytes"""
    width: int | None = None
    height: int | None = None
    duration: int | None = None
    """seconds"""


class Event(Struct, frozen=True, kw_only=True):
    """Fields every event has. `external_user_id` is the person's (or group's) id on the channel."""

    dedupe_key: str
    external_user_id: str
    at: datetime


class InboundMessage(Event, frozen=True, kw_only=True):
    """One thing a person said. `at` is the channel's own time of it.

    `sequence` orders messages of the same time (the service's own counter where it has one). `details` holds what is
    special to the kind: location {latitude, longitude, title?, address?}, contact {phone, name, is_own}, button {data,
    title}, sticker {emoji}. `tap` is the service's id of a button tap that must be answered. `addressed` is false for
    what was said in a group but not to the bot.
    """

    external_id: str
    kind: MessageKind
    text: str | None = None
    sequence: int = 0
    media: tuple[Media, ...] = ()
    details: Json = {}
    profile: Profile | None = None
    group: Group | None = None
    sender: Sender | None = None
    reply_to: str | None = None
    tap: str | None = None
    addressed: bool = True
    quiet: bool = False
    """True for what was not said to the bot at all (a business chat of the owner): stored, never answered."""
    context: Json = {}
    """Where the person is while they say it (page, referrer): kept with the session it opens."""


class MessageEdited(Event, frozen=True, kw_only=True):
    """A person changed what they had said; `at` is when."""

    external_id: str
    text: str | None
    profile: Profile | None = None
    group: Group | None = None


class ReactionChanged(Event, frozen=True, kw_only=True):
    """A person's reactions to a message are now `emoji` (empty: taken back)."""

    external_id: str
    emoji: tuple[str, ...]
    profile: Profile | None = None
    group: Group | None = None
    sender: Sender | None = None


class ReachabilityChanged(Event, frozen=True, kw_only=True):
    """The person blocked or unblocked the bot, or a group removed or added it."""

    reachable: bool
    reason: str
    profile: Profile | None = None
    group: Group | None = None


class IdentityMoved(Event, frozen=True, kw_only=True):
    """The service gave a person or group another id; `external_user_id` is the old one."""

    new_external_user_id: str


class Introduced(Event, frozen=True, kw_only=True):
    """A person is there and known, but has said nothing: their profile is kept."""

    profile: Profile | None = None
    group: Group | None = None


class NotUnderstood(Struct, frozen=True, kw_only=True):
    """A genuine payload, or a part of one, that this version does not know. It is kept in quarantine, in sight."""

    reason: str
    raw: bytes


AnyEvent = InboundMessage | MessageEdited | ReactionChanged | ReachabilityChanged | IdentityMoved | Introduced
