"""Telegram as a kind of channel."""

from datetime import datetime
from typing import Any

from botfolk.channels.contract import Channel, ChannelKind, Features, FetchedPicture, Outcome, Outgoing
from botfolk.channels.events import AnyEvent, NotUnderstood
from botfolk.channels.requests import Request
from botfolk.channels.setup import Check
from botfolk.channels.telegram import connect, files, profile, receive, send
from botfolk.http import Http


class Telegram(ChannelKind):
    """Telegram, by its Bot API."""

    kind = "telegram"
    label = "Telegram"
    max_body_bytes = 1_048_576
    limits = send.LIMITS
    features = Features(buttons=100, file_bytes=files.MAX_FILE_BYTES, typing=True)
    setup = connect.SETUP
    steps = connect.STEPS

    async def verify(self, channel: Channel, http: Http, request: Request) -> bool:
        """By the secret token in the header; the body is not signed."""
        return receive.verify(channel, request.headers)

    def parse(self, channel: Channel, body: bytes, received_at: datetime) -> tuple[list[AnyEvent], list[NotUnderstood]]:
        """One update. Raises Unreadable."""
        return receive.parse(channel, body, received_at)

    def split(self, text: str) -> list[str]:
        """At 4096 UTF-16 units."""
        return send.split(text)

    async def send(self, channel: Channel, http: Http, outgoing: Outgoing) -> Outcome:
        """sendMessage, sendPhoto and its like, or answerCallbackQuery."""
        return await send.send(channel, http, outgoing)

    async def typing(self, channel: Channel, http: Http, external_user_id: str, address: dict[str, Any]) -> None:
        """sendChatAction."""
        await send.typing(channel, http, external_user_id, address)

    async def connect(self, channel: Channel, http: Http, hook_url: str) -> dict[str, Any]:
        """getMe, then setWebhook. Raises ChannelError."""
        return await connect.connect(channel, http, hook_url)

    async def check(self, channel: Channel, http: Http, hook_url: str) -> list[Check]:
        """getMe and getWebhookInfo."""
        return await connect.check(channel, http, hook_url)

    async def picture(
        self, channel: Channel, http: Http, external_user_id: str, *, is_group: bool, known_ref: str | None
    ) -> FetchedPicture | None:
        """getUserProfilePhotos or getChat, then getFile. Raises ChannelError, TryLater."""
        return await profile.picture(channel, http, external_user_id, is_group=is_group, known_ref=known_ref)

    async def media(self, channel: Channel, http: Http, ref: str) -> bytes:
        """getFile. Raises ChannelError, TryLater."""
        return await profile.media(channel, http, ref)
