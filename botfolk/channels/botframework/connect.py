"""Try the app's credentials. Where to deliver is typed in at Azure: there is no call for it."""

import re
from typing import Any

from botfolk.channels.botframework.keys import read_keys
from botfolk.channels.botframework.proof import app_of, metadata_url
from botfolk.channels.botframework.tokens import TokenLater, TokenRefused, Tokens
from botfolk.channels.contract import Channel, ChannelError
from botfolk.channels.setup import Check, SetupField, Step
from botfolk.http import Broken, Http, NotSent

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TENANT = re.compile(r"[A-Za-z0-9.-]{1,253}")

_ELSEWHERE = "Leave it empty, but for a national cloud or a test"

FIELDS = (
    SetupField(name="app_id", label="App ID", help="Microsoft App ID, from the bot's Configuration page at Azure"),
    SetupField(
        name="password", label="Client secret", help="The secret's value, not its ID: Azure shows it once", secret=True
    ),
    SetupField(
        name="tenant_id",
        label="Tenant ID",
        help="For a single-tenant bot, as all new ones are; empty for an older multi-tenant bot",
        required=False,
    ),
    *(
        SetupField(
            name=name,
            label=label,
            help=_ELSEWHERE,
            required=False,
            many=name.endswith(("_hosts", "_issuers")),
            advanced=True,
        )
        for name, label in (
            ("metadata_url", "Address of the service's keys"),
            ("issuer", "Issuer of what is delivered"),
            ("token_url", "Address of sign-in"),
            ("scope", "Scope of sign-in"),
            ("service_hosts", "Hosts of the service"),
            ("file_hosts", "Hosts of files"),
            ("tenant_issuers", "Further issuers, of the app's own tokens"),
            ("tenant_metadata_url", "Address of their keys"),
        )
    ),
)

STEPS = (
    Step(text="At portal.azure.com create an Azure Bot (type: Single Tenant, creation type: create new App ID)."),
    Step(text="On its Configuration page find the Microsoft App ID and the App Tenant ID: they go into this form."),
    Step(text="Beside the App ID choose Manage Password, add a client secret, and copy its Value into this form."),
    Step(
        text="On the bot's Configuration page paste this address as Messaging endpoint, and choose Apply.",
        copy="hook_url",
        when="after",
    ),
    Step(text="On its Channels page add Microsoft Teams.", when="after"),
    Step(
        text="At dev.teams.microsoft.com make an app with a bot of this App ID (personal scope; team and group chat if"
        " it should speak there; supportsFiles so that people can send it files), and publish it to your organisation.",
        when="after",
    ),
    Step(text="Open the app in Teams and write to the bot: the message appears in Conversations.", when="after"),
)


async def connect(channel: Channel, http: Http, tokens: Tokens, hook_url: str) -> dict[str, Any]:
    """Sign in as the app, and read the service's keys; return what is remembered. Raises ChannelError."""
    if not _GUID.fullmatch(app_of(channel)):
        raise ChannelError("this is not an app id; Azure gives one like 11111111-2222-3333-4444-555555555555")
    if not channel.secrets.get("password", "").strip():
        raise ChannelError("the client secret is missing: Azure gives it under Manage Password")
    tenant = str(channel.config.get("tenant_id") or "")
    if tenant and not _TENANT.fullmatch(tenant):
        raise ChannelError("this is not a tenant id; Azure gives one like 11111111-2222-3333-4444-555555555555")
    try:
        await tokens.get(channel, http)
        await read_keys(http, metadata_url(channel))
    except (TokenRefused, TokenLater) as error:
        raise ChannelError(str(error)) from None
    except (NotSent, Broken, ValueError) as error:
        raise ChannelError(f"the service's keys could not be read: {error}") from None
    return {"app_id": app_of(channel), "hook_url": hook_url}


async def check(channel: Channel, http: Http, tokens: Tokens, hook_url: str) -> list[Check]:
    """Examine the credentials, the service's keys, and the address it delivers to. Never raises."""
    return [await _credentials(channel, http, tokens), await _keys(channel, http), _hook(hook_url)]


async def _credentials(channel: Channel, http: Http, tokens: Tokens) -> Check:
    try:
        token = await tokens.get(channel, http)
        # One that is held may have been made before the secret was taken away.
        tokens.forget(channel, token)
        await tokens.get(channel, http)
    except (TokenRefused, TokenLater) as error:
        return Check(name="Client secret", ok=False, words=str(error))
    return Check(name="Client secret", ok=True, words="Microsoft signs the app in")


async def _keys(channel: Channel, http: Http) -> Check:
    try:
        found = await read_keys(http, metadata_url(channel))
    except (NotSent, Broken, ValueError) as error:
        return Check(name="Signing keys", ok=False, words=f"they cannot be read, so nothing can be received: {error}")
    in_teams = sum("msteams" in key.endorsements for key in found.values())
    words = f"{len(found)} keys, of which {in_teams} may sign for Teams"
    return Check(name="Signing keys", ok=bool(in_teams), words=words)


def _hook(hook_url: str) -> Check:
    name = "Messaging endpoint"
    if not hook_url.startswith("https://"):
        return Check(name=name, ok=False, words=f"Azure delivers to https addresses only, and this is {hook_url}")
    words = f"Azure tells nobody what is typed in there: on the bot's Configuration page it must be {hook_url}"
    return Check(name=name, ok=True, words=words)
