"""Calling the Bot Connector: one request with our token, to an address that may have it.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
"""

from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import Struct

from botfolk.channels.botframework.hosts import service_url
from botfolk.channels.botframework.tokens import Tokens
from botfolk.channels.contract import Channel
from botfolk.http import Http, Response

_MAX_ANSWER_BYTES = 1_000_000


class Problem(Struct, frozen=True):
    """An error: Teams adds the sub-code that says why."""

    code: str = ""
    message: str = ""
    subcode: str = ""


class _Problem(Struct, frozen=True, rename={"sub_code": "subCode", "inner": "innerHttpError"}):
    code: Any = None
    message: Any = None
    sub_code: Any = None
    inner: Any = None


class _Refused(Struct, frozen=True, rename={"sub_code": "subCode"}):
    error: _Problem | None = None
    sub_code: Any = None


async def call(
    channel: Channel,
    http: Http,
    tokens: Tokens,
    method: str,
    address: dict[str, Any],
    path: str,
    json: object | None = None,
) -> Response:
    """Call a method of a conversation: `path` begins with a slash, or is empty. A token that is no longer accepted is
    replaced once. Raises NotAllowed, TokenRefused, TokenLater, NotSent, Broken."""
    base, trusted = service_url(channel, address.get("service_url"))
    url = f"{base}/v3/conversations/{quote(str(address.get('conversation_id', '')), safe='')}{path}"
    token = await tokens.get(channel, http)
    for attempt in (1, 2):
        response = await http.request(
            method,
            url,
            json=json,
            headers={"authorization": f"Bearer {token}"},
            trusted_origin=trusted,
            max_bytes=_MAX_ANSWER_BYTES,
        )
        if response.status != 401 or attempt == 2 or problem(response).code == "BotNotRegistered":
            break
        tokens.forget(channel, token)
        token = await tokens.get(channel, http)
    return response


def problem(response: Response) -> Problem:
    """Return what an answer says went wrong."""
    try:
        said = msgspec.json.decode(response.content, type=_Refused)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Problem()
    error = said.error or _Problem()
    found = (error.code, error.message, error.sub_code or said.sub_code)
    return Problem(*(each if isinstance(each, str) else "" for each in found))


def after(response: Response) -> float | None:
    """Return how many seconds the service asks to wait."""
    asked = response.headers.get("retry-after", "")
    return float(asked) if asked.isascii() and asked.isdigit() else None
