"""What a channel kind must do. A kind is one folder beside this file, listed once in `registry.py`."""

from abc import ABC, abstractmethod
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from botfolk.channels.address import hook_url
from botfolk.channels.events import AnyEvent, NotUnderstood, Profile
from botfolk.channels.requests import Answer, Request
from botfolk.channels.setup import Check, SetupField, Step, Template
from botfolk.http import Http


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
    """A choice under a message: `url` opens an address, `ask` asks the person for something where the service can,
    otherwise a tap sends `data` back."""

    title: str
    data: str | None = None
    url: str | None = None
    ask: Literal["location", "email", "phone"] | None = None


class OutgoingFile(Struct, frozen=True, kw_only=True):
    """A file to send. `url` is a public address of it that nobody can guess, for services that fetch it themselves;
    None where this installation has no public address."""

    content_type: str
    name: str
    content: bytes
    url: str | None = None


class TemplateUse(Struct, frozen=True, kw_only=True):
    """A template with its placeholders filled in, in order."""

    name: str
    language: str
    parameters: tuple[str, ...] = ()


class Outgoing(Struct, frozen=True, kw_only=True):
    """One call to make to a service for a person: a part of a message, or the answer to a button tap.

    A part is a text (the last one with the buttons), a file, or a template. `address` is what the channel last said of
    how the person is reached. `message_id` is our name of the message: a service that hands it back in its statuses
    (or in the echo of what we send) lets an unknown outcome be known.
    """

    external_user_id: str
    kind: Literal["message", "tap"]
    text: str = ""
    buttons: tuple[Button, ...] = ()
    tap: str | None = None
    file: OutgoingFile | None = None
    template: TemplateUse | None = None
    address: dict[str, Any] = {}
    message_id: UUID | None = None
    is_group: bool = False
    in_window: bool = True
    """False when the service's window has passed, and only a member's word may still go"""


class Sent(Struct, frozen=True, kw_only=True):
    """The service took it; `external_id` as the service will name it in edits and reactions."""

    external_id: str | None


class Failed(Struct, frozen=True, kw_only=True):
    """The service refused for good; `reason` in plain words. `unreachable`: nothing more can be sent to this person,
    who is `state` from now on; `channel_broken`: the credentials are no longer accepted."""

    reason: str
    unreachable: bool = False
    state: Literal["gone", "blocked", "opted_out"] = "gone"
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


class TryLater(Exception):
    """The service cannot answer now; `after` in seconds."""

    def __init__(self, reason: str, after: float = 30.0) -> None:
        super().__init__(reason)
        self.after = after


class Renewed(Struct, frozen=True, kw_only=True):
    """What is to be kept of credentials that were renewed, beside what a channel has."""

    secrets: dict[str, str] = {}
    config: dict[str, Any] = {}


class Features(Struct, frozen=True, kw_only=True):
    """What a service can do, as far as the composer must know.

    `window`: for how long after the person's last message anything but a template may be sent; `member_window`: for how
    long a member still may, where the service allows people more than bots. `buttons`: how many
    buttons it shows under a message (0: they become numbered lines of the text). `file_bytes`: the largest file
    (0: none can be sent).
    """

    window: timedelta | None = None
    member_window: timedelta | None = None
    templates: bool = False
    buttons: int = 0
    file_bytes: int = 0
    typing: bool = False


class ChannelKind(ABC):
    """A messaging service. What is not abstract here is what a simple service does."""

    kind: str
    label: str
    max_body_bytes: int
    limits: Limits
    features: Features = Features()
    setup: tuple[SetupField, ...] = ()
    """What a member types to connect one."""
    made: tuple[str, ...] = ("secret",)
    """Secrets that we make when one is connected."""
    renewable: tuple[str, ...] = ("secret",)
    """Those of them that a member may replace by new ones."""
    steps: tuple[Step, ...] = ()
    fetches_profile: bool = False
    """Whether `profile` can say more than the messages do."""

    @property
    def has_window(self) -> bool:
        """Whether the service lets some people be written to only for a while after they wrote."""
        return self.features.window is not None

    def features_for(self, external_user_id: str) -> Features:
        """Return what the service can do for one person: where it carries several networks, that differs."""
        return self.features

    def reached_at(self, channel: Channel, public_url: str) -> str:
        """Return the address that people or the service reach the channel at."""
        return hook_url(public_url, channel.id)

    def to_copy(self, channel: Channel, public_url: str) -> dict[str, str]:
        """Return what else is to be copied once the channel stands: name → text."""
        return {}

    @abstractmethod
    async def verify(self, channel: Channel, http: Http, request: Request) -> bool:
        """Say, in constant time, whether a request comes from the service. Without a secret: never.

        `http` is for services whose signing keys are published; what they are asked must not depend on the request's
        body. Never raises.
        """

    @abstractmethod
    def parse(self, channel: Channel, body: bytes, received_at: datetime) -> tuple[list[AnyEvent], list[NotUnderstood]]:
        """Turn a verified body into events. Raises Unreadable when the whole body is."""

    def greet(self, channel: Channel, request: Request) -> Answer | None:
        """Answer a GET by which a service asks whether this address is ours; None: it is no such question."""
        return None

    def acknowledge(self, body: bytes) -> Answer:
        """Return what a delivery is answered once it is committed."""
        return Answer()

    @abstractmethod
    def split(self, text: str) -> list[str]:
        """Cut a text at the service's limit without breaking a character, a link or (where it can) a word."""

    @abstractmethod
    async def send(self, channel: Channel, http: Http, outgoing: Outgoing) -> Outcome:
        """Make one call. Never raises for what a service or network does: it is an Outcome."""

    async def typing(self, channel: Channel, http: Http, external_user_id: str, address: dict[str, Any]) -> None:
        """Show the person that somebody types. It does not matter whether it arrives: never raises."""
        return

    @abstractmethod
    async def connect(self, channel: Channel, http: Http, hook_url: str) -> dict[str, Any]:
        """Try the credentials, tell the service where to deliver (where it can be told); return what is to be
        remembered in `config`: `username` or `name`, and `account` where a body may hold several accounts' events.
        Raises ChannelError."""

    async def renew(self, channel: Channel, http: Http, now: datetime) -> Renewed | None:
        """Renew credentials that run out by themselves, where it is time; None where it is not. Asked every hour.
        Raises ChannelError for good, TryLater for now."""
        return None

    async def check(self, channel: Channel, http: Http, hook_url: str) -> list[Check]:
        """Examine, without changing anything, whether the credentials work and the service delivers here. Never
        raises."""
        return []

    async def templates(self, channel: Channel, http: Http) -> list[Template]:
        """Fetch the templates the service has approved. Raises ChannelError for good, TryLater for now."""
        return []

    async def profile(
        self, channel: Channel, http: Http, external_user_id: str, address: dict[str, Any]
    ) -> Profile | None:
        """Fetch what the service says of a person; None when it says nothing. Raises ChannelError, TryLater."""
        return None

    async def picture(
        self, channel: Channel, http: Http, external_user_id: str, *, is_group: bool, known_ref: str | None
    ) -> FetchedPicture | None:
        """Fetch the person's picture; None when there is none, it is hidden, or it is the one known. Raises
        ChannelError for good, TryLater for now."""
        return None

    async def media(self, channel: Channel, http: Http, ref: str) -> bytes:
        """Fetch the file of a message. Raises ChannelError for good, TryLater for now."""
        raise ChannelError(f"{self.label} has no files to fetch")
