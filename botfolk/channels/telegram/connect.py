"""Tell Telegram where to deliver."""

from typing import Any

from botfolk.channels.contract import Channel, ChannelError, TryLater
from botfolk.channels.telegram.api import ask
from botfolk.http import Http

# What Telegram leaves out by itself (message_reaction) must be asked for by name.
ALLOWED_UPDATES = (
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "message_reaction",
    "business_message",
)
MAX_CONNECTIONS = 100


async def connect(channel: Channel, http: Http, hook_url: str) -> dict[str, Any]:
    """Check the token, set the webhook with its secret token, and return who the bot is. Raises ChannelError."""
    token = channel.secrets.get("token", "")
    if not token or any(c.isspace() or c in "/?#" for c in token):
        raise ChannelError("this is not a bot token; @BotFather gives one like 123456:ABC-DEF")
    try:
        me = await ask(channel, http, "getMe", {})
        await ask(
            channel,
            http,
            "setWebhook",
            {
                "url": hook_url,
                "secret_token": channel.secrets["secret"],
                "allowed_updates": ALLOWED_UPDATES,
                "max_connections": MAX_CONNECTIONS,
            },
        )
    except TryLater as error:
        raise ChannelError(str(error)) from None
    known = me if isinstance(me, dict) else {}
    return {"bot_id": known.get("id"), "username": known.get("username"), "hook_url": hook_url}
