"""Messenger as a kind of channel; what Instagram does in the same way stands here, too."""

from datetime import datetime
from typing import Any

from botfolk.channels.contract import Channel, ChannelKind, FetchedPicture, Outcome, Outgoing
from botfolk.channels.events import AnyEvent, NotUnderstood, Profile
from botfolk.channels.messenger import connect, profile, receive, send
from botfolk.channels.messenger.platform import MESSENGER, Platform
from botfolk.channels.messenger.texts import FIELDS, STEPS
from botfolk.channels.meta import webhook
from botfolk.channels.meta.files import download
from botfolk.channels.requests import Answer, Request
from botfolk.channels.setup import Check
from botfolk.http import Http


class MessengerPlatform(ChannelKind):
    """A service of Meta's Messenger Platform."""

    platform: Platform
    max_body_bytes = 3_145_728
    made = webhook.MADE
    fetches_profile = True

    async def verify(self, channel: Channel, http: Http, request: Request) -> bool:
        """By the HMAC of the body with the app's secret."""
        return webhook.verify(channel, request)

    def greet(self, channel: Channel, request: Request) -> Answer | None:
        """The challenge, to whoever knows the verify token."""
        return webhook.greet(channel, request)

    def parse(self, channel: Channel, body: bytes, received_at: datetime) -> tuple[list[AnyEvent], list[NotUnderstood]]:
        """All entries and all their items. Raises Unreadable."""
        return receive.parse(self.platform, channel, body, received_at)

    def split(self, text: str) -> list[str]:
        """At the platform's limit."""
        return send.split(self.platform, text)

    async def send(self, channel: Channel, http: Http, outgoing: Outgoing) -> Outcome:
        """POST me/messages."""
        return await send.send(self.platform, channel, http, outgoing)

    async def typing(self, channel: Channel, http: Http, external_user_id: str, address: dict[str, Any]) -> None:
        """The sender action typing_on."""
        await send.typing(channel, http, external_user_id)

    async def profile(
        self, channel: Channel, http: Http, external_user_id: str, address: dict[str, Any]
    ) -> Profile | None:
        """The User Profile API. Raises ChannelError, TryLater."""
        return await profile.profile(self.platform, channel, http, external_user_id)

    async def picture(
        self, channel: Channel, http: Http, external_user_id: str, *, is_group: bool, known_ref: str | None
    ) -> FetchedPicture | None:
        """profile_pic. Raises ChannelError, TryLater."""
        return await profile.picture(channel, http, external_user_id, known_ref)

    async def media(self, channel: Channel, http: Http, ref: str) -> bytes:
        """From Meta's hosts alone. Raises ChannelError, TryLater."""
        return await download(channel, http, ref)


class Messenger(MessengerPlatform):
    """Messenger: conversations of a Facebook page."""

    kind = "messenger"
    label = "Messenger"
    platform = MESSENGER
    limits = MESSENGER.limits
    features = MESSENGER.features
    setup = FIELDS
    steps = STEPS

    async def connect(self, channel: Channel, http: Http, hook_url: str) -> dict[str, Any]:
        """Try the credentials, subscribe to the page. Raises ChannelError."""
        return await connect.connect(channel, http, hook_url)

    async def check(self, channel: Channel, http: Http, hook_url: str) -> list[Check]:
        """Token, secret, subscription, webhook. Never raises."""
        return await connect.check(channel, http, hook_url)
