"""Tell Telegram where to deliver."""

import re
from typing import Any

from msgspec import Struct

from botfolk.channels.contract import Channel, ChannelError, TryLater
from botfolk.channels.setup import Check, SetupField, Step
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

SETUP = (
    SetupField(name="token", label="Bot token", help="@BotFather gives it, like 123456:ABC-DEF.", secret=True),
    SetupField(
        name="api_base",
        label="Address of the API",
        help="Of a Bot API server of your own.",
        required=False,
        advanced=True,
    ),
)
STEPS = (
    Step(text="In Telegram, write to @BotFather: /newbot for a new bot, or /token for one you have."),
    Step(text="Copy the token it answers with into the field below. Botfolk tells Telegram where to deliver."),
    Step(
        text="For groups: send /setprivacy to @BotFather to choose whether the bot reads all messages.",
        when="after",
    ),
)

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


class WebhookInfo(Struct, frozen=True):
    """https://core.telegram.org/bots/api#webhookinfo"""

    url: str = ""
    pending_update_count: int = 0
    last_error_message: str = ""


async def check(channel: Channel, http: Http, hook_url: str) -> list[Check]:
    """Ask whose the token is, and where Telegram delivers."""
    try:
        me = read(await ask(channel, http, "getMe", {}), Me)
        token = Check(name="Token", ok=True, words=f"It is the token of @{me.username or me.id}.")
        info = read(await ask(channel, http, "getWebhookInfo", {}), WebhookInfo)
    except (ChannelError, TryLater) as error:
        return [Check(name="Token", ok=False, words=str(error))]
    if info.url != hook_url:
        where = f"to {info.url}" if info.url else "nowhere"
        words = f"Telegram delivers {where}, not to {hook_url}: connect the channel anew, or replace its secret."
        return [token, Check(name="Webhook", ok=False, words=words)]
    if info.last_error_message:
        words = f"Telegram had trouble delivering ({info.last_error_message}); {info.pending_update_count} wait."
        return [token, Check(name="Webhook", ok=False, words=words)]
    return [token, Check(name="Webhook", ok=True, words=f"Telegram delivers here; {info.pending_update_count} wait.")]
