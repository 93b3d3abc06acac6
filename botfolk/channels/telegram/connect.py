"""Tell Telegram where to deliver."""

import re
from typing import Any

from msgspec import Struct

from botfolk.channels.contract import Channel, ChannelError, TryLater
from botfolk.channels.telegram.api import ask, base, read
from botfolk.http import Http

# What Telegram leaves out by itself (message_reaction) must be asked for by name.
ALLOWED_UPDATES = (
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "message_reaction",
    "business_message",
    "edited_business_message",
)
MAX_CONNECTIONS = 100

# https://core.telegram.org/bots/api#setwebhook
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


class Me(Struct, frozen=True):
    """https://core.telegram.org/bots/api#getme"""

    id: int
    username: str | None = None


async def connect(channel: Channel, http: Http, hook_url: str) -> dict[str, Any]:
    """Check the token, set the webhook with its secret token, and return who the bot is. Raises ChannelError."""
    token, secret = channel.secrets.get("token", ""), channel.secrets.get("secret", "")
    if not token or any(sign.isspace() or sign in "/?#" for sign in token):
        raise ChannelError("this is not a bot token; @BotFather gives one like 123456:ABC-DEF")
    if not _SECRET.fullmatch(secret):
        raise ChannelError("the secret of the webhook must be 1 to 256 letters, digits, _ and -")
    webhook = {
        "url": hook_url,
        "secret_token": secret,
        "allowed_updates": ALLOWED_UPDATES,
        "max_connections": MAX_CONNECTIONS,
    }
    try:
        me = read(await ask(channel, http, "getMe", {}), Me)
        await ask(channel, http, "setWebhook", webhook)
    except TryLater as error:
        raise ChannelError(str(error)) from None
    return {"bot_id": me.id, "username": me.username, "api_base": base(channel), "hook_url": hook_url}
