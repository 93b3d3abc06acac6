"""The Bot Framework as a kind of channel: Teams, and the shape of Skype."""

from datetime import datetime
from typing import Any

from botfolk.channels.botframework import connect, profile, receive, send
from botfolk.channels.botframework.proof import Proof
from botfolk.channels.botframework.tokens import Tokens
from botfolk.channels.contract import Channel, ChannelKind, Outcome, Outgoing
from botfolk.channels.events import AnyEvent, NotUnderstood, Profile
from botfolk.channels.requests import Answer, Request
from botfolk.channels.setup import Check
from botfolk.clock import Clock, utc_now
from botfolk.http import Http


class BotFramework(ChannelKind):
    """Bot Framework activities, by Azure Bot Service. It keeps the service's keys and our tokens in memory."""

    kind = "botframework"
    label = "Teams"
    max_body_bytes = 1_048_576
    limits = send.LIMITS
    features = send.FEATURES
    setup = connect.FIELDS
    made = ()
    steps = connect.STEPS
    fetches_profile = True

    def __init__(self, clock: Clock = utc_now) -> None:
        self._proof = Proof(clock)
        self._tokens = Tokens(clock)

    async def verify(self, channel: Channel, http: Http, request: Request) -> bool:
        """By the token in the header, which vouches for the way each activity came; the body is not signed."""
        return await self._proof.verify(channel, http, request)

    def parse(self, channel: Channel, body: bytes, received_at: datetime) -> tuple[list[AnyEvent], list[NotUnderstood]]:
        """One activity, or several in an array. Raises Unreadable."""
        return receive.parse(channel, body, received_at)

    def acknowledge(self, body: bytes) -> Answer:
        """With a body, where a card's button waits for one."""
        return receive.acknowledge(body)

    def split(self, text: str) -> list[str]:
        """At 12,000 UTF-16 units."""
        return send.split(text)

    async def send(self, channel: Channel, http: Http, outgoing: Outgoing) -> Outcome:
        """POST v3/conversations/{id}/activities."""
        return await send.send(channel, http, self._tokens, outgoing)

    async def typing(self, channel: Channel, http: Http, external_user_id: str, address: dict[str, Any]) -> None:
        """An activity of the type typing."""
        await send.typing(channel, http, self._tokens, external_user_id, address)

    async def connect(self, channel: Channel, http: Http, hook_url: str) -> dict[str, Any]:
        """Sign in, and read the service's keys. Raises ChannelError."""
        return await connect.connect(channel, http, self._tokens, hook_url)

    async def check(self, channel: Channel, http: Http, hook_url: str) -> list[Check]:
        """Credentials, keys, endpoint."""
        return await connect.check(channel, http, self._tokens, hook_url)

    async def profile(
        self, channel: Channel, http: Http, external_user_id: str, address: dict[str, Any]
    ) -> Profile | None:
        """GET v3/conversations/{id}/members/{user}. Raises ChannelError, TryLater."""
        return await profile.profile(channel, http, self._tokens, external_user_id, address)

    async def media(self, channel: Channel, http: Http, ref: str) -> bytes:
        """By its address. Raises ChannelError, TryLater."""
        return await profile.media(channel, http, self._tokens, ref)
