"""Connect an Instagram account, by either of its two logins.

Tokens of Instagram's own login begin with "IG" and are for graph.instagram.com; the others are of the Facebook page
that the account is linked to, and for graph.facebook.com
(https://developers.facebook.com/docs/instagram-platform/overview). Where an app delivers what happens on Instagram is
set in its dashboard alone (https://developers.facebook.com/docs/messenger-platform/instagram/features/webhook).
"""

from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct, structs

from botfolk.channels.contract import Channel, ChannelError, Renewed, TryLater
from botfolk.channels.instagram.platform import INSTAGRAM
from botfolk.channels.meta.graph import ask, done, read
from botfolk.channels.meta.setting import (
    ACCESS_TOKEN,
    Whose,
    check_secrets,
    check_token,
    config_of,
    missing_fields,
    subscribed,
)
from botfolk.channels.setup import Check
from botfolk.http import Http

INSTAGRAM_BASE = "https://graph.instagram.com"

RENEWED_AT = "token_renewed_at"
"""In the config of a channel: when its token was renewed, or first seen."""
RENEW_AFTER = timedelta(days=7)


class Refreshed(Struct, frozen=True):
    """The token that takes the place of the one before, for another 60 days."""

    access_token: str = ""


class Me(Struct, frozen=True):
    """https://developers.facebook.com/docs/instagram-platform/reference/me: `user_id` is what deliveries name."""

    user_id: str | int
    username: str = ""
    name: str = ""


class Account(Struct, frozen=True):
    """https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user"""

    id: str
    username: str = ""
    name: str = ""


class Page(Struct, frozen=True):
    """The page that the account is linked to."""

    id: str
    instagram_business_account: Account | None = None


def is_own_login(channel: Channel) -> bool:
    """Say whether the token is of Instagram's own login."""
    return channel.secrets.get(ACCESS_TOKEN, "").startswith("IG")


def located(channel: Channel) -> Channel:
    """Return the channel with the address of the API that its token is for, unless its owner configured one."""
    if channel.config.get("api_base") or not is_own_login(channel):
        return channel
    return structs.replace(channel, config=channel.config | {"api_base": INSTAGRAM_BASE})


async def whose(channel: Channel, http: Http) -> Whose:
    """Ask whose the token is. Raises ChannelError, TryLater."""
    if is_own_login(channel):
        me = read(await ask(channel, http, "me", {"fields": "user_id,username,name"}), Me)
        return Whose(account=str(me.user_id), name=me.name or me.username, username=me.username or None)
    fields = "id,instagram_business_account{id,username,name}"
    page = read(await ask(channel, http, "me", {"fields": fields}), Page)
    account = page.instagram_business_account
    if account is None:
        raise ChannelError("no Instagram account is linked to the page of this access token: link one in its settings")
    return Whose(account=account.id, name=account.name or account.username, username=account.username or None)


async def _subscribe(channel: Channel, http: Http) -> None:
    """Ask for the account's events. Of a page it is enough to be told of anything (what is told of Instagram is chosen
    in the dashboard), and what the page is told of already may be Messenger's: it is left alone.
    """
    own = is_own_login(channel)
    if own or not await subscribed(channel, http):
        fields = INSTAGRAM.subscribed_fields if own else ("messages",)
        await done(channel, http, "POST", "me/subscribed_apps", json={"subscribed_fields": ",".join(fields)})


async def connect(channel: Channel, http: Http, hook_url: str) -> dict[str, Any]:
    """Check the token and ask for the account's events; return who it is. Raises ChannelError."""
    check_secrets(channel)
    channel = located(channel)
    try:
        found = await whose(channel, http)
        if not is_own_login(channel):
            await ask(channel, http, "me", {"fields": "id"}, proof=True)
        await _subscribe(channel, http)
    except TryLater as error:
        raise ChannelError(str(error)) from None
    who = {"account": found.account, "name": found.name, "username": found.username, "hook_url": hook_url}
    return config_of(channel) | who


async def renew(channel: Channel, http: Http, now: datetime) -> Renewed | None:
    """Renew a token of Instagram's own login every week: it lasts 60 days, and can be renewed from its second day on
    (https://developers.facebook.com/docs/instagram-platform/reference/refresh_access_token). Raises ChannelError,
    TryLater."""
    if not is_own_login(channel):
        return None
    said, token = channel.config.get(RENEWED_AT), channel.secrets[ACCESS_TOKEN]
    if said is None:
        # How old the token is, nobody says: it is young enough to wait, and old enough then.
        return Renewed(config={RENEWED_AT: now.isoformat()})
    if now - datetime.fromisoformat(str(said)) < RENEW_AFTER:
        return None
    asked = {"grant_type": "ig_refresh_token", "access_token": token}
    found = read(await ask(located(channel), http, "refresh_access_token", asked), Refreshed)
    if not found.access_token:
        raise ChannelError("Instagram renewed the access token, but did not say which it is now")
    return Renewed(secrets={ACCESS_TOKEN: found.access_token}, config={RENEWED_AT: now.isoformat()})


async def check(channel: Channel, http: Http) -> list[Check]:
    """Examine the token, the secret and the subscription. Never raises."""
    channel = located(channel)
    own = is_own_login(channel)
    checks = await check_token(channel, http, whose, has_app=not own)
    if all(one.ok for one in checks):
        checks.append(await missing_fields(channel, http, INSTAGRAM.subscribed_fields if own else ()))
    return checks
