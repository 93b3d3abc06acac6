"""What a channel kind must do. A kind is one folder beside this file, listed once in `registry.py`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from msgspec import Struct

from botfolk.channels.events import AnyEvent, NotUnderstood
from botfolk.http import Http

Headers = Mapping[str, str]
"""Header names in lower case."""


class Channel(Struct, frozen=True, kw_only=True):
    """One connection of a bot to a service. `secrets` are already decrypted: never log or show a Channel."""

    id: UUID
    bot_id: UUID
    kind: str
    name: str
    config: dict[str, Any]
    secrets: dict[str, str]
    enabled: bool = True

    def __repr__(self) -> str:
        return f"Channel({self.kind}, {self.id})"


class Unreadable(Exception):
    """A payload that is proven to come from the service but cannot be read; it goes to quarantine whole."""


class ChannelError(Exception):
    """The service refused a set-up call; the text says what is wrong in words a member understands."""


class Button(Struct, frozen=True, kw_only=True):
    """A choice under a message: `url` opens an address, otherwise a tap sends `data` back."""

    title: str
    data: str | None = None
    url: str | None = None


class Outgoing(Struct, frozen=True, kw_only=True):
    """One call to make to a service for a person: a part of a message, or the answer to a button tap."""

    external_user_id: str
    kind: Literal["message", "tap"]
    text: str = ""
    buttons: tuple[Button, ...] = ()
    tap: str | None = None


class Sent(Struct, frozen=True, kw_only=True):
    """The service took it; `external_id` as the service will name it in edits and reactions."""

    external_id: str | None


class Failed(Struct, frozen=True, kw_only=True):
    """The service refused for good; `reason` in plain words. `unreachable`: nothing more can be sent to this person;
    `channel_broken`: the credentials are no longer accepted."""

    reason: str
    unreachable: bool = False
    channel_broken: bool = False
    moved_to: str | None = None
    """The service's new id of the person or group, when that is why it refused."""


class Later(Struct, frozen=True, kw_only=True):
    """The service surely did not take it and may later; `after` in seconds when it said how long to wait.
    `whole_channel`: the wait is for everybody, not for this person."""

    reason: str
    after: float | None = None
    whole_channel: bool = False


class Unknown(Struct, frozen=True, kw_only=True):
    """The connection broke after the request had left: whether the service took it cannot be known."""

    reason: str


Outcome = Sent | Failed | Later | Unknown


class Limits(Struct, frozen=True, kw_only=True):
    """How fast a service may be sent to: messages a second in all, and seconds between two to one person or group."""

    per_second: float
    per_person_seconds: float
    per_group_seconds: float


class FetchedPicture(Struct, frozen=True, kw_only=True):
    """A picture's bytes as the service gave them, and a reference that changes when the picture does."""

    ref: str
    content: bytes


class ChannelKind(Protocol):
    """A messaging service."""

    kind: str
    label: str
    max_body_bytes: int
    limits: Limits

    def verify(self, channel: Channel, headers: Headers, body: bytes) -> bool:
        """Say, in constant time, whether a request comes from the service. Without a secret: never."""

    def parse(self, channel: Channel, body: bytes, received_at: datetime) -> tuple[list[AnyEvent], list[NotUnderstood]]:
        """Turn a verified body into events. Raises Unreadable when the whole body is."""

    def split(self, text: str) -> list[str]:
        """Cut a text at the service's limit without breaking a character, a link or (where it can) a word."""

    async def send(self, channel: Channel, http: Http, outgoing: Outgoing) -> Outcome:
        """Make one call. Never raises for what a service or network does: it is an Outcome."""

    async def connect(self, channel: Channel, http: Http, hook_url: str) -> dict[str, Any]:
        """Tell the service where to deliver; return what is to be remembered in `config`. Raises ChannelError."""

    async def picture(
        self, channel: Channel, http: Http, external_user_id: str, *, is_group: bool, known_ref: str | None
    ) -> FetchedPicture | None:
        """Fetch the person's picture; None when there is none, it is hidden, or it is the one known. Raises
        ChannelError for good, TryLater for now."""

    async def media(self, channel: Channel, http: Http, ref: str) -> bytes:
        """Fetch the file of a message. Raises ChannelError for good, TryLater for now."""


class TryLater(Exception):
    """The service cannot answer now; `after` in seconds."""

    def __init__(self, reason: str, after: float = 30.0) -> None:
        super().__init__(reason)
        self.after = after
