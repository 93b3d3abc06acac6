"""Try the account's credentials, and tell Twilio where to deliver."""

import re
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from botfolk.channels.contract import Channel, ChannelError, TryLater
from botfolk.channels.setup import Check, SetupField, Step
from botfolk.channels.twilio.api import MESSAGING_BASE, account, ask, base, resource
from botfolk.http import Http

_ACCOUNT = re.compile(r"AC[0-9a-f]{32}")
_SERVICE = re.compile(r"MG[0-9a-f]{32}")
_SENDER = re.compile(r"(?:(?:whatsapp|messenger|rcs):)?[+A-Za-z0-9_.-]{3,64}")

_ELSEWHERE = "Leave it empty, but for another region or a test"

FIELDS = (
    SetupField(name="account_sid", label="Account SID", help="On the console's first page; it begins with AC"),
    SetupField(name="auth_token", label="Auth token", help="Beside the Account SID", secret=True),
    SetupField(
        name="sender",
        label="Number or sender",
        help="Such as +15551234567, whatsapp:+15551234567, rcs:agent; or give a messaging service",
        required=False,
    ),
    SetupField(
        name="messaging_service_sid",
        label="Messaging service SID",
        help="It begins with MG; it chooses the number that writes",
        required=False,
    ),
    SetupField(name="api_key", label="API key SID", help="To send by it instead of the auth token", required=False),
    SetupField(name="api_secret", label="API key secret", secret=True, required=False),
    *(
        SetupField(name=name, label=label, help=_ELSEWHERE, required=False, many=name == "media_hosts", advanced=True)
        for name, label in (
            ("api_base", "Address of Twilio's API"),
            ("messaging_base", "Address of its messaging services"),
            ("content_base", "Address of its templates"),
            ("media_hosts", "Hosts of files"),
        )
    ),
)

STEPS = (
    Step(text="Sign in at console.twilio.com and buy a number, or register a WhatsApp or RCS sender."),
    Step(text="Copy Account SID and Auth Token from the console's first page into this form."),
    Step(
        text="A number or a messaging service is told where to deliver by itself. For a WhatsApp or RCS sender open it"
        " in the console, and paste this address as webhook of incoming messages, and as status callback (POST).",
        copy="hook_url",
        when="after",
    ),
    Step(text="Write to the number: the message appears in Conversations.", when="after"),
)


class _Account(Struct, frozen=True):
    friendly_name: str = ""
    status: str = "active"


class _Number(Struct, frozen=True):
    sid: str
    sms_url: str | None = None


class _Numbers(Struct, frozen=True):
    incoming_phone_numbers: list[_Number] = []


class _Service(Struct, frozen=True):
    sid: str = ""
    inbound_request_url: str | None = None
    use_inbound_webhook_on_number: bool = False


async def connect(channel: Channel, http: Http, hook_url: str) -> dict[str, Any]:
    """Sign in, set the webhook of the number or messaging service, and return who we are. Raises ChannelError."""
    service, sender = _named(channel)
    try:
        found = await ask(channel, http, "GET", resource(channel, ""), _Account)
        if service:
            fields = {"InboundRequestUrl": hook_url, "InboundMethod": "POST", "StatusCallback": hook_url}
            fields["UseInboundWebhookOnNumber"] = "false"
            await ask(channel, http, "POST", _service_url(channel, service), _Service, fields)
        elif sender.startswith("+"):
            number = await _number(channel, http, sender)
            if number is None:
                raise ChannelError(f"{sender} is not a number of this account")
            url = resource(channel, f"IncomingPhoneNumbers/{quote(number.sid, safe='')}.json")
            await ask(channel, http, "POST", url, _Number, {"SmsUrl": hook_url, "SmsMethod": "POST"})
    except TryLater as error:
        raise ChannelError(str(error)) from None
    return {"account_sid": account(channel), "name": sender or found.friendly_name, "hook_url": hook_url}


def _named(channel: Channel) -> tuple[str, str]:
    """Return the messaging service and the sender. Raises ChannelError for what cannot be."""
    service, sender = (str(channel.config.get(name) or "") for name in ("messaging_service_sid", "sender"))
    if not _ACCOUNT.fullmatch(account(channel)):
        raise ChannelError("this is not an Account SID; it is AC and 32 letters and digits")
    if not channel.secrets.get("auth_token"):
        raise ChannelError("the auth token is missing: what Twilio delivers is signed by it")
    if service and not _SERVICE.fullmatch(service):
        raise ChannelError("this is not the SID of a messaging service; it is MG and 32 letters and digits")
    if sender and not _SENDER.fullmatch(sender):
        raise ChannelError("this is not a sender; write it like +15551234567 or whatsapp:+15551234567")
    if not service and not sender:
        raise ChannelError("a number (or another sender) or a messaging service is needed")
    return service, sender


def _service_url(channel: Channel, service: str) -> str:
    return f"{base(channel, 'messaging_base', MESSAGING_BASE)}/v1/Services/{service}"


async def _number(channel: Channel, http: Http, sender: str) -> _Number | None:
    url = resource(channel, f"IncomingPhoneNumbers.json?PhoneNumber={quote(sender, safe='')}")
    found = (await ask(channel, http, "GET", url, _Numbers)).incoming_phone_numbers
    return found[0] if found else None


async def check(channel: Channel, http: Http, hook_url: str) -> list[Check]:
    """Examine the credentials, and where Twilio delivers. Never raises."""
    try:
        found = await ask(channel, http, "GET", resource(channel, ""), _Account)
    except (ChannelError, TryLater) as error:
        return [Check(name="Account", ok=False, words=str(error))]
    words = f"{found.friendly_name or account(channel)} is {found.status}"
    account_check = Check(name="Account", ok=found.status == "active", words=words)
    try:
        return [account_check, await _webhook(channel, http, hook_url)]
    except (ChannelError, TryLater) as error:
        return [account_check, Check(name="Webhook", ok=False, words=str(error))]


async def _webhook(channel: Channel, http: Http, hook_url: str) -> Check:
    service, sender = _named(channel)
    if service:
        found = await ask(channel, http, "GET", _service_url(channel, service), _Service)
        there = None if found.use_inbound_webhook_on_number else found.inbound_request_url
    elif sender.startswith("+"):
        number = await _number(channel, http, sender)
        there = number.sms_url if number else None
    else:
        words = f"Twilio does not say where this sender delivers: in the console it must be {hook_url}"
        return Check(name="Webhook", ok=True, words=words)
    if there == hook_url:
        return Check(name="Webhook", ok=True, words="Twilio delivers here")
    return Check(name="Webhook", ok=False, words=f"Twilio delivers to {there or 'nowhere'}; it must be {hook_url}")
