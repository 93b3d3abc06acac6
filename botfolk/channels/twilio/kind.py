"""Twilio as a kind of channel."""

from datetime import datetime
from typing import Any

from botfolk.channels.contract import Channel, ChannelKind, Features, Outcome, Outgoing
from botfolk.channels.events import AnyEvent, NotUnderstood
from botfolk.channels.requests import Answer, Request
from botfolk.channels.setup import Check, Template
from botfolk.channels.twilio import connect, media, receive, send, signature, templates
from botfolk.http import Http

_NO_REPLY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


class Twilio(ChannelKind):
    """SMS, MMS, RCS and WhatsApp, by Twilio."""

    kind = "twilio"
    label = "SMS"
    max_body_bytes = 1_048_576
    limits = send.LIMITS
    features = send.FEATURES
    setup = connect.FIELDS
    made = ()
    steps = connect.STEPS

    @property
    def has_window(self) -> bool:
        """WhatsApp has."""
        return True

    def features_for(self, external_user_id: str) -> Features:
        """Those of SMS, or of WhatsApp with its window."""
        return send.features_for(external_user_id)

    async def verify(self, channel: Channel, http: Http, request: Request) -> bool:
        """By the signature over address and form."""
        return signature.verify(channel, request)

    def parse(self, channel: Channel, body: bytes, received_at: datetime) -> tuple[list[AnyEvent], list[NotUnderstood]]:
        """One message, or one status. Raises Unreadable."""
        return receive.parse(channel, body, received_at)

    def acknowledge(self, body: bytes) -> Answer:
        """With TwiML that says nothing: of anything else Twilio warns (12300)."""
        return Answer(text=_NO_REPLY, content_type="text/xml")

    def split(self, text: str) -> list[str]:
        """At 1600 UTF-16 units."""
        return send.split(text)

    async def send(self, channel: Channel, http: Http, outgoing: Outgoing) -> Outcome:
        """POST Messages.json."""
        return await send.send(channel, http, outgoing)

    async def connect(self, channel: Channel, http: Http, hook_url: str) -> dict[str, Any]:
        """Sign in, and set the webhook of the number or messaging service. Raises ChannelError."""
        return await connect.connect(channel, http, hook_url)

    async def check(self, channel: Channel, http: Http, hook_url: str) -> list[Check]:
        """Account, and where it delivers."""
        return await connect.check(channel, http, hook_url)

    async def templates(self, channel: Channel, http: Http) -> list[Template]:
        """Those that WhatsApp approved. Raises ChannelError, TryLater."""
        return await templates.templates(channel, http)

    async def media(self, channel: Channel, http: Http, ref: str) -> bytes:
        """By its address at Twilio. Raises ChannelError, TryLater."""
        return await media.media(channel, http, ref)
