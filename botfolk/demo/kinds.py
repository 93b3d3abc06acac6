"""The kinds of channel in the demo: how each is connected, how what a person does arrives, who stands in for its
service. A kind with a fake joins the demo by a module of its own here, and one line in `kinds()`."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, Protocol

from msgspec import Struct

from botfolk.channels.contract import Channel
from botfolk.channels.faking import Handler
from botfolk.demo.script import Act, Dweller

Request = Callable[[str, str, Mapping[str, str], bytes], Awaitable[tuple[int, bytes]]]
"""Makes a request of Botfolk as the service (or a visitor's browser) would: method, path, headers, body; returns the
status and the body of the answer."""

Trouble = Literal["blocked", "lost"]
"""blocked: the service refuses what is sent to the person; lost: it takes the next message, and the answer is lost."""


class Setup(Struct, frozen=True, kw_only=True):
    """What a channel of the demo is connected with."""

    name: str
    config: dict[str, Any] = {}
    secrets: dict[str, str] = {}


class DemoKind(Protocol):
    """A kind of channel in the demo. `share`: how many of a hundred people use it; `groups`: whether it has groups."""

    kind: str
    share: int
    groups: bool

    def fake(self) -> Handler | None:
        """Make a fake of the service, which answers while the demo is made and looked at; None where there is none to
        ask."""

    def reached_at(self, url: str) -> dict[str, Any]:
        """Return what of a channel's config says where the fake is."""

    def setup(self) -> Setup:
        """Return what the channel is connected with."""

    def external_id(self, who: Dweller) -> str:
        """Return a person's id on the channel."""

    async def deliver(self, act: Act, channel: Channel, request: Request) -> bool:
        """Let what a person does arrive; return whether it was taken."""

    def trouble(self, who: Dweller, what: Trouble) -> None:
        """Let the next message to somebody meet trouble, where the fake can."""


def kinds() -> "list[DemoKind]":
    """Make the kinds, each with a fake of its own."""
    from botfolk.demo.botframework import DemoTeams
    from botfolk.demo.messenger import DemoInstagram, DemoMessenger
    from botfolk.demo.telegram import DemoTelegram
    from botfolk.demo.twilio import DemoTwilio
    from botfolk.demo.webchat import DemoWebChat
    from botfolk.demo.whatsapp import DemoWhatsApp

    return [
        DemoTelegram(),
        DemoWebChat(),
        DemoWhatsApp(),
        DemoMessenger(),
        DemoInstagram(),
        DemoTeams(),
        DemoTwilio(),
    ]
