"""Web chat as a kind of channel. Visitors are served by `botfolk/webchat`; here is what the rest asks of any kind."""

from datetime import datetime
from typing import Any

from botfolk.channels.contract import Channel, ChannelError, ChannelKind, Features, Limits, Outcome, Outgoing, Sent
from botfolk.channels.events import AnyEvent, NotUnderstood
from botfolk.channels.requests import Request
from botfolk.channels.setup import SetupField, Step
from botfolk.channels.splitting import split
from botfolk.channels.webchat.theme import check_config
from botfolk.http import Http

SETUP = (
    SetupField(name="title", label="Title", help="What stands at the top of the chat.", required=False),
    SetupField(
        name="origin",
        label="Sites",
        help="A site that may show the chat, like https://shop.example; none: any may.",
        required=False,
        many=True,
    ),
    SetupField(name="color", label="Colour", help="Like #3257d6.", required=False),
    SetupField(name="position", label="Side", help="left or right.", required=False),
    SetupField(name="scheme", label="Scheme", help="auto (as the visitor's system), light or dark.", required=False),
    SetupField(name="greeting", label="Greeting", help="In the empty chat, if not the bot's.", required=False),
    SetupField(
        name="text",
        label="Texts",
        help="A text of the chat in other words, like write=Tulis mesej.",
        required=False,
        many=True,
    ),
)
STEPS = (
    Step(text="Name the sites that may show the chat, and choose how it looks."),
    Step(text="Copy this line into your pages, before </body>:", copy="script", when="after"),
    Step(text="Or send people to the chat's own page:", copy="hook_url", when="after"),
    Step(
        text="To vouch for customers who are signed in to your site, sign their identity with this secret:",
        copy="identity",
        when="after",
    ),
)

MOST_TEXT = 4000
"""Characters of one message, either way."""


class WebChat(ChannelKind):
    """Our own chat on a web page."""

    kind = "webchat"
    label = "Web chat"
    max_body_bytes = 65_536
    setup = SETUP
    made = ("secret", "identity")
    # The other one signs visitors' tokens: a new one would make strangers of them all.
    renewable = ("identity",)
    steps = STEPS
    # Nobody but our own database is at the other end.
    features = Features(buttons=20, file_bytes=25_000_000, typing=True)
    limits = Limits(per_second=500, per_person_seconds=0.05, per_group_seconds=0.05)

    def reached_at(self, channel: Channel, public_url: str) -> str:
        """The chat as a page of its own."""
        return f"{public_url}/chat/{channel.id}"

    def to_copy(self, channel: Channel, public_url: str) -> dict[str, str]:
        """The line that puts the chat on a page."""
        return {"script": f'<script src="{public_url}/chat.js" data-channel="{channel.id}" async></script>'}

    async def verify(self, channel: Channel, http: Http, request: Request) -> bool:
        """Never: no service delivers here, visitors prove themselves by their token."""
        return False

    def parse(self, channel: Channel, body: bytes, received_at: datetime) -> tuple[list[AnyEvent], list[NotUnderstood]]:
        """Nothing, for the same reason."""
        return [], []

    def split(self, text: str) -> list[str]:
        """At the length a visitor may write."""
        return split(text, MOST_TEXT)

    async def send(self, channel: Channel, http: Http, outgoing: Outgoing) -> Outcome:
        """Taken: the visitor's page reads what is marked as sent."""
        return Sent(external_id=None)

    async def connect(self, channel: Channel, http: Http, hook_url: str) -> dict[str, Any]:
        """Nobody need be told; check how the chat is to look and where it may stand. Raises ChannelError."""
        return check_config(channel.config)

    async def media(self, channel: Channel, http: Http, ref: str) -> bytes:
        """Files are stored when they are sent. Raises ChannelError."""
        raise ChannelError("the file of a web chat is stored when it is sent")
