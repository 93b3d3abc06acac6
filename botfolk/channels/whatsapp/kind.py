"""WhatsApp as a kind of channel."""

from datetime import datetime, timedelta
from typing import Any

from botfolk.channels.contract import Channel, ChannelKind, Features, Outcome, Outgoing
from botfolk.channels.events import AnyEvent, NotUnderstood
from botfolk.channels.meta import webhook
from botfolk.channels.requests import Answer, Request
from botfolk.channels.setup import Check, Template
from botfolk.channels.whatsapp import compose, connect, media, receive, send, templates, uploads
from botfolk.http import Http


class WhatsApp(ChannelKind):
    """WhatsApp, by the Cloud API."""

    kind = "whatsapp"
    label = "WhatsApp"
    max_body_bytes = 3_145_728
    """https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview: up to 3 MB"""
    limits = send.LIMITS
    features = Features(
        window=timedelta(hours=24),
        templates=True,
        buttons=compose.MAX_ROWS,
        file_bytes=uploads.MAX_FILE_BYTES,
        typing=True,
    )
    setup = connect.SETUP
    made = webhook.MADE
    steps = connect.STEPS

    async def verify(self, channel: Channel, http: Http, request: Request) -> bool:
        """By the app's signature over the body as it came."""
        return webhook.verify(channel, request)

    def greet(self, channel: Channel, request: Request) -> Answer | None:
        """Echo the challenge of whoever knows the verify token."""
        return webhook.greet(channel, request)

    def parse(self, channel: Channel, body: bytes, received_at: datetime) -> tuple[list[AnyEvent], list[NotUnderstood]]:
        """All parts of all changes of all entries. Raises Unreadable."""
        return receive.parse(body, received_at)

    def split(self, text: str) -> list[str]:
        """At 4096 characters."""
        return send.split(text)

    async def send(self, channel: Channel, http: Http, outgoing: Outgoing) -> Outcome:
        """POST messages; a file is given to WhatsApp before."""
        return await send.send(channel, http, outgoing)

    async def typing(self, channel: Channel, http: Http, external_user_id: str, address: dict[str, Any]) -> None:
        """By answering the person's last message."""
        await send.typing(channel, http, address)

    async def connect(self, channel: Channel, http: Http, hook_url: str) -> dict[str, Any]:
        """Phone number, then subscribed_apps. Raises ChannelError."""
        return await connect.connect(channel, http, hook_url)

    async def check(self, channel: Channel, http: Http, hook_url: str) -> list[Check]:
        """Phone number and subscribed_apps. Never raises."""
        return await connect.check(channel, http, hook_url)

    async def templates(self, channel: Channel, http: Http) -> list[Template]:
        """message_templates, all pages. Raises ChannelError, TryLater."""
        return await templates.fetch(channel, http)

    async def media(self, channel: Channel, http: Http, ref: str) -> bytes:
        """GET the id, then the address. Raises ChannelError, TryLater."""
        return await media.media(channel, http, ref)
