"""Where an app of Meta's delivers (https://developers.facebook.com/docs/graph-api/reference/app/subscriptions).

An app delivers all events of one kind of object to one address. We set it only where none stands: another's would be
cut off without a word.
"""

from collections.abc import Iterable

from msgspec import Struct

from botfolk.channels.contract import Channel, ChannelError, TryLater
from botfolk.channels.meta.graph import ask, done, read
from botfolk.channels.setup import Check
from botfolk.http import Http


class _Subscription(Struct, frozen=True):
    object: str = ""
    callback_url: str = ""
    active: bool = True


class _Subscriptions(Struct, frozen=True):
    data: list[_Subscription] = []


async def _where(channel: Channel, http: Http, app_id: str, about: str) -> str | None:
    token = _app_token(channel, app_id)
    found = read(await ask(channel, http, f"{app_id}/subscriptions", token=token), _Subscriptions)
    return next((one.callback_url for one in found.data if one.object == about and one.active), None)


def _app_token(channel: Channel, app_id: str) -> str:
    return f"{app_id}|{channel.secrets.get('app_secret', '')}"


async def set_hook(channel: Channel, http: Http, app_id: str, about: str, hook_url: str, fields: Iterable[str]) -> bool:
    """Let an app deliver here if it delivers nowhere yet; return whether it delivers here now.

    What Meta refuses is left to the member, who can set it in the dashboard. Raises TryLater.
    """
    try:
        now = await _where(channel, http, app_id, about)
        if now:
            return now == hook_url
        wanted = {
            "object": about,
            "callback_url": hook_url,
            "verify_token": channel.secrets.get("verify_token", ""),
            "fields": ",".join(fields),
        }
        token = _app_token(channel, app_id)
        await done(channel, http, "POST", f"{app_id}/subscriptions", json=wanted, token=token)
    except ChannelError:
        return False
    return True


async def delivers_to(channel: Channel, http: Http, about: str, hook_url: str) -> Check:
    """Examine whether the app delivers here. Never raises."""
    app_id = str(channel.config.get("app_id") or "")
    try:
        now = await _where(channel, http, app_id, about) if app_id else None
    except (ChannelError, TryLater) as error:
        return Check(name="webhook", ok=False, words=str(error))
    if now == hook_url:
        return Check(name="webhook", ok=True, words="The app delivers here.")
    if not now:
        words = "The app delivers nowhere: give its dashboard the callback URL and the verify token."
        return Check(name="webhook", ok=False, words=words)
    if now.split("/hooks/")[0] == hook_url.split("/hooks/")[0] and "/hooks/" in now:
        words = "The app delivers to another channel of this installation, which hands on what is this account's."
        return Check(name="webhook", ok=True, words=words)
    words = (
        f"The app delivers to {now}: if nothing else needs it there, give its dashboard this channel's callback URL."
    )
    return Check(name="webhook", ok=False, words=words)
