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


class Said(Struct, frozen=True):
    """The content of one message. `contact`: the own "email" or "phone" that a person gave by a reply made for it."""

    kind: MessageKind
    text: str | None = None
    media: tuple[Media, ...] = ()
    details: Json = {}
    contact: dict[str, str | None] = {}


class Event(Struct, frozen=True, kw_only=True):
    """Fields every event has. `external_user_id` is the person's (or group's) id on the channel."""

    dedupe_key: str
    external_user_id: str
    at: datetime
    aliases: tuple[str, ...] = ()
    """Other ids by which the service knows the same person: whoever has one of them is meant."""
    address: Json = {}
    """What sending to the person takes beside their id (where the service wants more); empty says nothing new."""
    account: str | None = None
    """Which of the accounts (page, number) behind one hook it happened on, where a body may hold several's; it goes to
    the channel of the same kind whose `config` names that account."""


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
    answers: dict[str, str] = {}
    """Fields of the profile the person was asked for and hereby gives: their own word, which joins them with nobody."""


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


class MessageDeleted(Event, frozen=True, kw_only=True):
    """A person took back what they had said: its text is no longer shown or kept; it still counts as a message."""

    external_id: str


class StatusChanged(Event, frozen=True, kw_only=True):
    """What became of something we sent. Statuses come in any order and only ever lead forward.

    The message is the one the service named `external_id`, or ours of `message_id` where the service hands that back,
    or (`up_to`) all that was sent to the person until then. `at` is when it happened.
    """

    status: Literal["sent", "delivered", "read", "failed"]
    external_id: str | None = None
    message_id: UUID | None = None
    up_to: datetime | None = None
    reason: str | None = None
    """why it failed, in plain words"""
    unreachable: Literal["gone", "blocked", "opted_out"] | None = None
    """what the failure says of the person"""


class Echoed(Event, frozen=True, kw_only=True):
    """Something the team said to the person in the service's own app. `external_user_id` is the person's.

    A service may echo what we sent ourselves, too: that is known by `external_id`, or by `message_id`, ours.
    """

    external_id: str
    message_id: UUID | None = None
    kind: MessageKind = "text"
    text: str | None = None
    media: tuple[Media, ...] = ()
    details: Json = {}


class ConsentChanged(Event, frozen=True, kw_only=True):
    """The person said stop or start: to everything we send, or to marketing alone."""

    allowed: bool
    scope: Literal["all", "marketing"] = "all"
    reason: str = ""
    profile: Profile | None = None


class Happened(Event, frozen=True, kw_only=True):
    """Something to be seen in the conversation that is neither a message nor any of the others.

    `kind`: referral (the person came by a link or an advertisement), opted_in, joined, left, not_understood.
    """

    kind: Literal["referral", "opted_in", "joined", "left", "not_understood"]
    details: Json = {}
    profile: Profile | None = None
    group: Group | None = None


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


AnyEvent = (
    InboundMessage
    | MessageEdited
    | MessageDeleted
    | ReactionChanged
    | StatusChanged
    | Echoed
    | ConsentChanged
    | Happened
    | ReachabilityChanged
    | IdentityMoved
    | Introduced
)
