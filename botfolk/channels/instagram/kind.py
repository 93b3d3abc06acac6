"""Instagram as a kind of channel."""

from datetime import datetime
from typing import Any

from botfolk.channels.contract import Channel, Renewed
from botfolk.channels.instagram import connect
from botfolk.channels.instagram.platform import INSTAGRAM
from botfolk.channels.instagram.texts import FIELDS, STEPS
from botfolk.channels.messenger.kind import MessengerPlatform
from botfolk.channels.setup import Check
from botfolk.http import Http


class Instagram(MessengerPlatform):
    """Instagram: direct messages of a professional account."""

    kind = "instagram"
    label = "Instagram"
    platform = INSTAGRAM
    limits = INSTAGRAM.limits
    features = INSTAGRAM.features
    setup = FIELDS
    steps = STEPS

    async def connect(self, channel: Channel, http: Http, hook_url: str) -> dict[str, Any]:
        """Try the token, subscribe to the account. Raises ChannelError."""
        return await connect.connect(channel, http, hook_url)

    async def renew(self, channel: Channel, http: Http, now: datetime) -> Renewed | None:
        """The token of Instagram's own login, every week. Raises ChannelError, TryLater."""
        return await connect.renew(channel, http, now)

    async def check(self, channel: Channel, http: Http, hook_url: str) -> list[Check]:
        """Token, secret, subscription; where the app delivers cannot be asked. Never raises."""
        return await connect.check(channel, http)
