"""The parts of Bot Framework activities that we read; unknown fields and kinds are passed over (A2005, A2014).

https://github.com/microsoft/botframework-sdk/blob/main/specs/botframework-activity/botframework-activity.md
Where services have differed in what they write (members as objects or plain strings, a flag as the text "True"), a
field takes anything, and what reads it decides.
"""

from typing import Any, TypeVar

import msgspec
from msgspec import Raw, Struct

from botfolk.channels.texts import read_json

_Known = TypeVar("_Known")


class Account(Struct, frozen=True, rename="camel"):
    """A person or bot: https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference"""

    id: str = ""
    name: str | None = None
    aad_object_id: str | None = None
    role: str | None = None


class Conversation(Struct, frozen=True, rename="camel"):
    """Where something was said. `is_group`: true, missing, or in old payloads the text "True"."""

    id: str
    name: str | None = None
    is_group: Any = None
    conversation_type: str | None = None
    tenant_id: str | None = None


class Named(Struct, frozen=True):
    """A team, channel or tenant of Teams."""

    id: str | None = None
    name: str | None = None


class ChannelData(Struct, frozen=True, rename="camel"):
    """What Teams adds: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages"""

    event_type: str | None = None
    tenant: Named | None = None
    team: Named | None = None
    channel: Named | None = None


def _named(name: str) -> str:
    first, *others = name.rstrip("_").split("_")
    return first + "".join(map(str.capitalize, others))


class Activity(Struct, frozen=True, rename=_named):
    """One activity."""

    type: str
    conversation: Conversation
    channel_id: str = ""
    service_url: str = ""
    id: str | int | None = None
    timestamp: str | None = None
    local_timestamp: str | None = None
    local_timezone: str | None = None
    from_: Account | None = None
    recipient: Account | None = None
    text: str | None = None
    text_format: str | None = None
    locale: str | None = None
    reply_to_id: str | int | None = None
    name: str | None = None
    action: str | None = None
    code: Any = None
    value: Any = None
    topic_name: str | None = None
    channel_data: Any = None
    entities: list[Any] | None = None
    attachments: list[Any] | None = None
    members_added: list[Any] | None = None
    members_removed: list[Any] | None = None
    reactions_added: list[Any] | None = None
    reactions_removed: list[Any] | None = None


class Mention(Struct, frozen=True, tag_field="type", tag="mention"):
    """Somebody named in the text; `text` is how."""

    mentioned: Account
    text: str = ""


class ClientInfo(Struct, frozen=True, tag_field="type", tag="clientInfo"):
    """The app a person writes in: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages"""

    timezone: str | None = None
    locale: str | None = None
    country: str | None = None
    platform: str | None = None


class Geo(Struct, frozen=True):
    """A point on the earth, in degrees."""

    latitude: float
    longitude: float
    name: str | None = None


class Place(Struct, frozen=True, tag_field="type", tag="Place"):
    """A place a person shared."""

    geo: Geo
    name: str | None = None


class Attachment(Struct, frozen=True, rename="camel"):
    """A file, card, or the HTML copy of the text."""

    content_type: str
    content_url: str | None = None
    content: Any = None
    name: str | None = None


class DownloadInfo(Struct, frozen=True, rename="camel"):
    """The address opens without a token: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bots-filesv4"""

    download_url: str
    file_type: str | None = None


class Reaction(Struct, frozen=True):
    """One reaction: like, heart, …, or a code point with a name (1f44b_wavinghand)."""

    type: str


class CardAction(Struct, frozen=True):
    """https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model"""

    verb: str | None = None
    title: str | None = None
    id: str | None = None
    data: Any = None


class CardValue(Struct, frozen=True):
    """The value of an invoke adaptiveCard/action."""

    action: CardAction


class ReadReceipt(Struct, frozen=True, rename="camel"):
    """The value of an event application/vnd.microsoft.readReceipt."""

    last_read_message_id: str


_parts = msgspec.json.Decoder(list[Raw])


def parts_of(body: bytes) -> list[bytes]:
    """Return the activities of a body: one, or in old Skype's several in an array.

    Raises msgspec.DecodeError, UnicodeDecodeError, RecursionError for an array that is none.
    """
    return [bytes(part) for part in read_json(_parts, body)] if body.lstrip()[:1] == b"[" else [body]


def known(given: object, kind: type[_Known]) -> list[_Known]:
    """Return those of a list that are of a kind, in order."""
    found = (as_known(each, kind) for each in (given if isinstance(given, list) else []))
    return [each for each in found if each is not None]


def as_known(given: object, kind: type[_Known]) -> _Known | None:
    """Return something as what it should be; None when it is something else."""
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError:
        return None
