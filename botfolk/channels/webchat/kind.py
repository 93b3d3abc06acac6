"""Web chat as a kind of channel. Visitors are served by `botfolk/webchat`; here is what the rest asks of any kind."""

from datetime import datetime
from typing import Any

from botfolk.channels.contract import Channel, ChannelError, ChannelKind, Limits, Outcome, Outgoing, Sent
from botfolk.channels.events import AnyEvent, NotUnderstood
from botfolk.channels.requests import Request
from botfolk.channels.splitting import split
from botfolk.channels.webchat.theme import check_config
from botfolk.http import Http

MOST_TEXT = 4000
"""Characters of one message, either way."""


class WebChat(ChannelKind):
    """Our own chat on a web page."""

    kind = "webchat"
    label = "Web chat"
    max_body_bytes = 65_536
    # Nobody but our own database is at the other end.
    limits = Limits(per_second=500, per_person_seconds=0.05, per_group_seconds=0.05)

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
