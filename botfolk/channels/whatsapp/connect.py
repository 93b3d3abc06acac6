"""Connect a phone number, and examine whether it still is."""

from typing import Any

from msgspec import Struct

from botfolk.channels.contract import Channel, ChannelError, TryLater
from botfolk.channels.meta import graph, setting, webhook
from botfolk.channels.setup import Check, SetupField, Step
from botfolk.channels.texts import clean
from botfolk.channels.whatsapp.ask import ask
from botfolk.http import Http

SETUP = (
    SetupField(
        name="phone_number_id",
        label="Phone number ID",
        help="In the app's dashboard: WhatsApp → API setup. It is not the phone number itself.",
    ),
    SetupField(
        name="business_account_id",
        label="WhatsApp Business Account ID",
        help="On the same page, beside the phone number ID.",
    ),
    SetupField(
        name="access_token",
        label="Access token",
        help="Of a system user, so that it does not expire, with the permissions whatsapp_business_messaging and "
        "whatsapp_business_management.",
        secret=True,
    ),
    webhook.APP_SECRET,
    setting.API_BASE_FIELD,
)
STEPS = (
    Step(text="At developers.facebook.com make an app of the type Business and add WhatsApp to it."),
    Step(text="On the page WhatsApp → API setup add your phone number; copy its ID and that of the Business Account."),
    Step(
        text="In the Business settings, under Users → System users, add one, give it the app and the WhatsApp account, "
        "and generate a token that never expires."
    ),
    Step(text="Copy the app's secret from App settings → Basic."),
    webhook.SUBSCRIBE,
    webhook.VERIFY_TOKEN,
    Step(
        text="Under Webhook fields subscribe to messages, smb_message_echoes, user_preferences and user_id_update "
        "(and, if you use groups, to those that begin with group_).",
        when="after",
    ),
)

_NUMBER = "id,display_phone_number,verified_name,quality_rating,name_status"
_MOST_NUMBERS = "100"


class _Number(Struct, frozen=True):
    """https://developers.facebook.com/docs/graph-api/reference/whats-app-business-account-to-number-current-status/"""

    id: str
    display_phone_number: str = ""
    verified_name: str | None = None
    quality_rating: str = ""
    name_status: str = ""


class _Numbers(Struct, frozen=True):
    data: list[_Number] = []


class _Subscribed(Struct, frozen=True):
    """An app that is told of the account's news; `override_callback_uri`: at another address than the app's own."""

    override_callback_uri: str | None = None


class _Subscriptions(Struct, frozen=True):
    data: list[_Subscribed] = []


async def connect(channel: Channel, http: Http, hook_url: str) -> dict[str, Any]:
    """Check token, app secret and number, and ask to be told of the account's news. Raises ChannelError.

    The address itself is given to Meta by hand, in the app's dashboard.
    """
    number_id, account_id = _ids(channel)
    if not channel.secrets.get("app_secret"):
        raise ChannelError("the app secret is missing: without it nothing that comes can be trusted")
    try:
        number = await _the_number(channel, http, number_id, account_id)
        await graph.done(channel, http, "POST", f"{account_id}/subscribed_apps", proof=True)
    except TryLater as error:
        raise ChannelError(str(error)) from None
    return {
        "account": number_id,
        "phone_number": clean(number.display_phone_number),
        "name": clean(number.verified_name or number.display_phone_number or "WhatsApp"),
    }


def _ids(channel: Channel) -> tuple[str, str]:
    number_id = str(channel.config.get("phone_number_id") or "").strip()
    account_id = str(channel.config.get("business_account_id") or "").strip()
    for name, value in (("phone number ID", number_id), ("WhatsApp Business Account ID", account_id)):
        if not (value.isascii() and value.isdecimal()):
            raise ChannelError(f"the {name} is a long number, like 106540352242922; copy it from WhatsApp → API setup")
    return number_id, account_id


async def _the_number(channel: Channel, http: Http, number_id: str, account_id: str) -> _Number:
    """Return the number, as one of its account. Raises ChannelError, TryLater."""
    query = {"fields": _NUMBER, "limit": _MOST_NUMBERS}
    found = await ask(channel, http, f"{account_id}/phone_numbers", query, proof=True)
    for number in graph.read(found, _Numbers).data:
        if number.id == number_id:
            return number
    raise ChannelError("this phone number ID is not one of that WhatsApp Business Account")


async def check(channel: Channel, http: Http, hook_url: str) -> list[Check]:
    """Examine the token and the number, and whether news are delivered. Never raises."""
    return [await _check_number(channel, http), await _check_delivery(channel, http, hook_url)]


async def _check_number(channel: Channel, http: Http) -> Check:
    name = "Access token and phone number"
    try:
        number = await _the_number(channel, http, *_ids(channel))
    except (ChannelError, TryLater) as error:
        return Check(name=name, ok=False, words=str(error))
    quality = number.quality_rating.upper()
    if quality == "RED":
        words = "works, but too many people blocked or reported the number: WhatsApp may limit it"
    elif number.name_status.upper() in ("DECLINED", "EXPIRED"):
        words = "works, but its display name is not approved: see the WhatsApp Manager"
    else:
        words = f"works as {clean(number.verified_name or '')} {clean(number.display_phone_number)}".rstrip()
    return Check(name=name, ok=quality != "RED", words=words)


async def _check_delivery(channel: Channel, http: Http, hook_url: str) -> Check:
    name = "Webhook"
    try:
        _, account_id = _ids(channel)
        found = await ask(channel, http, f"{account_id}/subscribed_apps", {})
        apps = graph.read(found, _Subscriptions).data
    except (ChannelError, TryLater) as error:
        return Check(name=name, ok=False, words=str(error))
    if not apps:
        return Check(name=name, ok=False, words="no app is told of this account's messages: connect the channel again")
    elsewhere = [app.override_callback_uri for app in apps if app.override_callback_uri]
    if len(elsewhere) == len(apps) and hook_url not in elsewhere:
        words = "the account's messages are delivered to another address: give this one at Meta"
        return Check(name=name, ok=False, words=words)
    words = "the app is told of the account's messages; that it delivers here shows when the first one comes"
    return Check(name=name, ok=True, words=words)
