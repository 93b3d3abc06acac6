"""Connect a page: try the token and the secret, ask for its events, and tell the app where to deliver."""

from typing import Any

from msgspec import Struct

from botfolk.channels.contract import Channel, ChannelError, TryLater
from botfolk.channels.messenger.platform import MESSENGER
from botfolk.channels.meta.graph import ask, done, read
from botfolk.channels.meta.hooks import delivers_to, set_hook
from botfolk.channels.meta.setting import Whose, check_secrets, check_token, config_of, missing_fields
from botfolk.channels.setup import Check
from botfolk.http import Http


class Page(Struct, frozen=True):
    """https://developers.facebook.com/docs/graph-api/reference/page"""

    id: str
    name: str = ""


class App(Struct, frozen=True):
    """https://developers.facebook.com/docs/graph-api/reference/application"""

    id: str


async def whose(channel: Channel, http: Http) -> Whose:
    """Ask whose the token is. Raises ChannelError, TryLater."""
    page = read(await ask(channel, http, "me", {"fields": "id,name"}), Page)
    return Whose(account=page.id, name=page.name)


async def connect(channel: Channel, http: Http, hook_url: str) -> dict[str, Any]:
    """Check the credentials, subscribe the app to the page, set the webhook where none is; return who it is.

    Raises ChannelError.
    """
    check_secrets(channel)
    try:
        page = await whose(channel, http)
        app = read(await ask(channel, http, "app", {"fields": "id"}, proof=True), App)
        fields = {"subscribed_fields": ",".join(MESSENGER.subscribed_fields)}
        await done(channel, http, "POST", "me/subscribed_apps", json=fields)
        await set_hook(channel, http, app.id, MESSENGER.object, hook_url, MESSENGER.subscribed_fields)
    except TryLater as error:
        raise ChannelError(str(error)) from None
    return config_of(channel) | {"account": page.account, "name": page.name, "app_id": app.id, "hook_url": hook_url}


async def check(channel: Channel, http: Http, hook_url: str) -> list[Check]:
    """Examine the token, the app's secret, the page's subscription and the webhook. Never raises."""
    checks = await check_token(channel, http, whose)
    if not all(one.ok for one in checks):
        return checks
    return [
        *checks,
        await missing_fields(channel, http, MESSENGER.subscribed_fields),
        await delivers_to(channel, http, MESSENGER.object, hook_url),
    ]
