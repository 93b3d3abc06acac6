"""Calling Twilio's REST API: forms with Basic authentication, answers in JSON.

https://www.twilio.com/docs/usage/requests-to-twilio
"""

from base64 import b64encode
from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from botfolk.channels.contract import Channel, ChannelError, TryLater
from botfolk.channels.twilio.errors import meaning
from botfolk.http import Broken, Http, NotSent, Response
from botfolk.outgoing.forms import urlencoded

API_BASE = "https://api.twilio.com"
MESSAGING_BASE = "https://messaging.twilio.com"
CONTENT_BASE = "https://content.twilio.com"
VERSION = "2010-04-01"

_MAX_ANSWER_BYTES = 4_000_000

_Known = TypeVar("_Known")


class Problem(Struct, frozen=True):
    """https://www.twilio.com/docs/usage/twilios-response#response-formats-exceptions"""

    code: int | None = None
    message: str = ""


def account(channel: Channel) -> str:
    """Return the account's SID."""
    return str(channel.config.get("account_sid") or "")


def base(channel: Channel, name: str = "api_base", default: str = API_BASE) -> str:
    """Return the address of one of Twilio's services: its own, or what the owner configured."""
    return str(channel.config.get(name) or default).rstrip("/")


def resource(channel: Channel, path: str) -> str:
    """Return the address of something of the account, such as `Messages.json` (empty: of the account itself)."""
    version = str(channel.config.get("api_version") or VERSION)
    return f"{base(channel)}/{version}/Accounts/{account(channel)}{f'/{path}' if path else '.json'}"


def credentials(channel: Channel) -> dict[str, str]:
    """Return the header that proves us: by the API key where there is one, else by the account's own token."""
    user, secret = str(channel.config.get("api_key") or ""), channel.secrets.get("api_secret", "")
    if not user or not secret:
        user, secret = account(channel), channel.secrets.get("auth_token", "")
    return {"authorization": "Basic " + b64encode(f"{user}:{secret}".encode()).decode()}


async def call(
    channel: Channel, http: Http, method: str, url: str, fields: Mapping[str, str] | None = None
) -> Response:
    """Make a request to an address made by `resource` or `base`. Raises NotSent, Broken."""
    parts = urlsplit(url)
    return await http.request(
        method,
        url,
        body=None if fields is None else urlencoded(fields),
        headers=credentials(channel),
        trusted_origin=f"{parts.scheme}://{parts.netloc}",
        max_bytes=_MAX_ANSWER_BYTES,
    )


def problem(response: Response) -> Problem:
    """Return what an answer says went wrong."""
    try:
        return msgspec.json.decode(response.content, type=Problem)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Problem()


async def ask(
    channel: Channel,
    http: Http,
    method: str,
    url: str,
    kind: type[_Known],
    fields: Mapping[str, str] | None = None,
) -> _Known:
    """Make a set-up call and return its answer. Raises ChannelError for good, TryLater for now."""
    try:
        response = await call(channel, http, method, url, fields)
    except (NotSent, Broken) as error:
        raise TryLater(f"Twilio could not be reached: {error}") from None
    if response.status == 429 or response.status >= 500:
        raise TryLater(f"Twilio cannot answer now ({response.status})")
    if response.status >= 400:
        said = problem(response)
        words = meaning(said.code or (20003 if response.status == 401 else None), said.message).words
        raise ChannelError(f"Twilio refused: {words}")
    try:
        return msgspec.json.decode(response.content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ChannelError(f"Twilio gave an answer that cannot be read: {error}"[:300]) from None
