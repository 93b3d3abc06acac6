"""Our own token: what we prove ourselves with when we send. One for each app, shared by all that is sent meanwhile.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication#bot-to-connector
"""

import asyncio
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from botfolk.channels.botframework.proof import app_of
from botfolk.channels.contract import Channel
from botfolk.clock import Clock
from botfolk.http import Broken, Http, NotSent
from botfolk.outgoing.forms import urlencoded

TOKEN_URL = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"  # noqa: S105 - an address
SCOPE = "https://api.botframework.com/.default"
MANY_TENANTS = "botframework.com"

_BEFORE_END = timedelta(minutes=5)
_MAX_BYTES = 100_000

_WORDS = {
    "AADSTS7000215": "Microsoft no longer accepts the client secret: make a new one and give it here",
    "AADSTS7000222": "the client secret has expired: make a new one and give it here",
    "AADSTS700016": "this app id is not known in this tenant: check both, in the app's overview at Azure",
    "AADSTS90002": "there is no such tenant: check the tenant id",
    "AADSTS900023": "this is not a tenant id",
}
"""https://learn.microsoft.com/entra/identity-platform/reference-error-codes"""


class TokenRefused(Exception):
    """Microsoft gives no token for these credentials; the text says why, and what to do."""


class TokenLater(Exception):
    """No token can be had now."""


class _Given(Struct, frozen=True):
    access_token: str
    expires_in: float | str = 0


class _Refusal(Struct, frozen=True):
    error: str = ""
    error_description: str = ""


class _Held(Struct, frozen=True):
    token: str
    until: datetime


_Who = tuple[str, str, str, str]


class Tokens:
    """The tokens of all channels, by address, app, secret and scope."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: dict[_Who, _Held] = {}
        self._asking: dict[_Who, asyncio.Task[str]] = {}

    async def get(self, channel: Channel, http: Http) -> str:
        """Return a token that is good for some minutes. Raises TokenRefused, TokenLater."""
        who = _who(channel)
        held = self._held.get(who)
        if held is not None and self._clock() < held.until:
            return held.token
        asking = self._asking.get(who)
        if asking is None or asking.done() or asking.get_loop() is not asyncio.get_running_loop():
            asking = self._asking[who] = asyncio.create_task(self._ask(who, http))
        # Whoever began it may go away; the others wait on.
        return await asyncio.shield(asking)

    def forget(self, channel: Channel, token: str) -> None:
        """Keep a token no longer, that the service did not accept, unless there is another one already."""
        who = _who(channel)
        held = self._held.get(who)
        if held is not None and held.token == token:
            del self._held[who]

    async def _ask(self, who: _Who, http: Http) -> str:
        url, app_id, secret, scope = who
        asked_at = self._clock()
        form = {"grant_type": "client_credentials", "client_id": app_id, "client_secret": secret, "scope": scope}
        parts = urlsplit(url)
        try:
            response = await http.request(
                "POST",
                url,
                body=urlencoded(form),
                trusted_origin=f"{parts.scheme}://{parts.netloc}",
                max_bytes=_MAX_BYTES,
            )
        except (NotSent, Broken) as error:
            raise TokenLater(f"Microsoft's sign-in could not be reached: {error}") from None
        if response.status != 200:
            raise _refusal(response.status, response.content)
        try:
            given = msgspec.json.decode(response.content, type=_Given)
            lasts = timedelta(seconds=float(given.expires_in))
        except (msgspec.DecodeError, ValueError, OverflowError, RecursionError):
            raise TokenLater("Microsoft's sign-in gave an answer that cannot be read") from None
        self._held[who] = _Held(given.access_token, asked_at + lasts - _BEFORE_END)
        return given.access_token


def _who(channel: Channel) -> _Who:
    tenant = str(channel.config.get("tenant_id") or MANY_TENANTS)
    url = str(channel.config.get("token_url") or TOKEN_URL).replace("{tenant}", tenant)
    scope = str(channel.config.get("scope") or SCOPE)
    return url, app_of(channel), channel.secrets.get("password", ""), scope


def _refusal(status: int, content: bytes) -> TokenRefused | TokenLater:
    try:
        said = msgspec.json.decode(content, type=_Refusal)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        said = _Refusal()
    if status == 429 or status >= 500 or said.error == "temporarily_unavailable":
        return TokenLater(f"Microsoft's sign-in cannot answer now ({status})")
    for code, words in _WORDS.items():
        if said.error_description.startswith(code):
            return TokenRefused(words)
    return TokenRefused(f"Microsoft does not sign this app in: {said.error_description or said.error or status}"[:300])
