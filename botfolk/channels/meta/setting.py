"""What connecting and examining Meta's channels have in common."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from msgspec import Struct

from botfolk.channels.contract import Channel, ChannelError, TryLater
from botfolk.channels.meta.graph import API_BASE, API_VERSION, ask, read
from botfolk.channels.setup import Check, SetupField
from botfolk.http import Http

ACCESS_TOKEN = "access_token"  # noqa: S105 - a name

API_BASE_FIELD = SetupField(
    name="api_base",
    label="Address of the API",
    help=f"Leave it empty for Meta's own ({API_BASE}).",
    required=False,
    advanced=True,
)
API_VERSION_FIELD = SetupField(
    name="api_version",
    label="Version of the API",
    help=f"Leave it empty for {API_VERSION}.",
    required=False,
    advanced=True,
)


class Subscribed(Struct, frozen=True):
    """https://developers.facebook.com/docs/graph-api/reference/page/subscribed_apps: an app that is told of events"""

    id: str = ""
    subscribed_fields: list[str] = []


class Subscriptions(Struct, frozen=True):
    """All of them."""

    data: list[Subscribed] = []


def check_secrets(channel: Channel) -> None:
    """Say what is no secret of Meta's before it is sent anywhere. Raises ChannelError."""
    token, secret = channel.secrets.get(ACCESS_TOKEN, ""), channel.secrets.get("app_secret", "")
    if not token or not token.isascii() or any(sign.isspace() or not sign.isprintable() for sign in token):
        raise ChannelError("this is not an access token; the app's dashboard makes one")
    if not secret or not secret.isascii() or any(sign.isspace() for sign in secret):
        raise ChannelError("this is not an app secret; without it nothing that is delivered can be believed")


def config_of(channel: Channel) -> dict[str, Any]:
    """Return the settings of the API that a channel goes by."""
    return {
        "api_base": str(channel.config.get("api_base") or API_BASE).rstrip("/"),
        "api_version": channel.config.get("api_version") or API_VERSION,
    }


class Whose(Struct, frozen=True, kw_only=True):
    """Whose an access token is: the account as deliveries name it, and what people call it."""

    account: str
    name: str
    username: str | None = None


async def check_token(
    channel: Channel, http: Http, whose: Callable[[Channel, Http], Awaitable[Whose]], *, has_app: bool = True
) -> list[Check]:
    """Examine whether the token works, is the account's, and (`has_app`) is of the app whose secret we have.

    `whose` asks whose the token is; it raises ChannelError, TryLater. Never raises itself.
    """
    try:
        check_secrets(channel)
        found = await whose(channel, http)
    except (ChannelError, TryLater) as error:
        return [Check(name="token", ok=False, words=str(error))]
    if channel.config.get("account") not in (None, found.account):
        words = f"The access token is of another account ({found.name}): make one for the account that is connected."
        return [Check(name="token", ok=False, words=words)]
    checks = [Check(name="token", ok=True, words=f"The access token is accepted, for {found.name or found.account}.")]
    if not has_app:
        return checks
    try:
        await ask(channel, http, "me", {"fields": "id"}, proof=True)
    except (ChannelError, TryLater) as error:
        return [*checks, Check(name="secret", ok=False, words=str(error))]
    return [*checks, Check(name="secret", ok=True, words="The app secret is that of the app.")]


async def subscribed(channel: Channel, http: Http) -> set[str]:
    """Return of what the app is told. Raises ChannelError, TryLater."""
    found = read(await ask(channel, http, "me/subscribed_apps"), Subscriptions)
    app_id = channel.config.get("app_id")
    return {name for app in found.data if app_id in (None, app.id) for name in app.subscribed_fields}


async def missing_fields(channel: Channel, http: Http, wanted: Iterable[str]) -> Check:
    """Examine whether the account's events are delivered to the app, and which are not. Never raises."""
    try:
        given = await subscribed(channel, http)
    except (ChannelError, TryLater) as error:
        return Check(name="subscription", ok=False, words=str(error))
    if not given:
        words = "The app is told of nothing. Connect the channel again to ask for what happens."
        return Check(name="subscription", ok=False, words=words)
    missing = [name for name in wanted if name not in given]
    if missing:
        words = f"The app is not told of: {', '.join(missing)}. Connect the channel again to ask for them."
        return Check(name="subscription", ok=False, words=words)
    return Check(name="subscription", ok=True, words="The app is told of all that happens.")
