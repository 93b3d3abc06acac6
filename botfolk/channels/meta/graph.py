"""Calling the Graph API: one request, and what its answer says (https://developers.facebook.com/docs/graph-api)."""

import hmac
import re
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec
from msgspec import Struct

from botfolk.channels.contract import Channel, ChannelError, TryLater
from botfolk.channels.texts import clean
from botfolk.http import Body, Broken, Http, NotSent, Response

API_BASE = "https://graph.facebook.com"
API_VERSION = "v25.0"
"""Meta names a new one about every four months and serves each for two years; a channel's `api_version` comes first."""

_MAX_ANSWER_BYTES = 2_000_000
_LONGEST_WAIT_SECONDS = 86_400.0

_Known = TypeVar("_Known")


class GraphError(Struct, frozen=True):
    """https://developers.facebook.com/docs/graph-api/guides/error-handling"""

    message: str = ""
    type: str = ""
    code: int = 0
    error_subcode: int | None = None
    error_user_msg: str | None = None
    error_data: Any = None
    is_transient: bool = False

    @property
    def words(self) -> str:
        """What Meta says is wrong, best for people first."""
        details = self.error_data.get("details") if isinstance(self.error_data, dict) else None
        said = self.error_user_msg or (details if isinstance(details, str) else None) or self.message
        return clean(said or f"error {self.code}", 300)


class Answer(Struct, frozen=True, kw_only=True):
    """A call's result, or the error; `wait` in seconds when Meta said how long (it does for some limits)."""

    status: int
    result: Any = None
    error: GraphError | None = None
    wait: float | None = None


class Unclear(Exception):
    """An answer that cannot be read: whether the call was carried out is not known."""


class _Whole(Struct, frozen=True):
    error: GraphError | None = None


class _Usage(Struct, frozen=True):
    """https://developers.facebook.com/docs/graph-api/overview/rate-limiting: minutes until calls are taken again."""

    estimated_time_to_regain_access: float = 0.0


_whole = msgspec.json.Decoder(_Whole)
_usages = msgspec.json.Decoder(dict[str, list[_Usage]])


def base(channel: Channel) -> str:
    """Return the address of the channel's API with its version: Meta's own, or the server its owner configured."""
    given = str(channel.config.get("api_base") or API_BASE).rstrip("/")
    return f"{given}/{channel.config.get('api_version') or API_VERSION}"


def origin(channel: Channel) -> str:
    """Return the origin of the channel's API."""
    parts = urlsplit(base(channel))
    return f"{parts.scheme}://{parts.netloc}"


async def call(
    channel: Channel,
    http: Http,
    method: str,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    json: object | None = None,
    body: Body | None = None,
    token: str | None = None,
    proof: bool = False,
) -> Answer:
    """Call the API at `path` ("me/messages"). Raises NotSent, Broken, Unclear.

    The token (the channel's `access_token`, or the one given) goes in a header, and never into an error. `proof`: say
    with the app's secret that the token is ours; an app may insist on that, and then it is done anyhow
    (https://developers.facebook.com/docs/graph-api/guides/secure-requests).
    """
    token = channel.secrets.get("access_token", "") if token is None else token
    asked = dict(query or {})
    if proof:
        secret = channel.secrets.get("app_secret", "")
        asked["appsecret_proof"] = hmac.digest(secret.encode(), token.encode(), "sha256").hex()
    response = await http.request(
        method,
        f"{base(channel)}/{path.lstrip('/')}" + (f"?{urlencode(asked)}" if asked else ""),
        json=json,
        body=body,
        headers={"authorization": f"Bearer {token}"},
        trusted_origin=origin(channel),
        max_bytes=_MAX_ANSWER_BYTES,
    )
    answer = _read(response, [value for value in (token, *channel.secrets.values()) if value])
    insists = (
        answer.error is not None and answer.error.code == 100 and "appsecret_proof argument" in answer.error.message
    )
    if insists and not proof and channel.secrets.get("app_secret"):
        return await call(channel, http, method, path, query=query, json=json, body=body, token=token, proof=True)
    return answer


def _read(response: Response, secrets: list[str]) -> Answer:
    """Read an answer; Meta repeats a malformed token in its words, where it must not stay."""
    content = response.content
    try:
        error = _whole.decode(content).error
        result = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        error, result = None, None
    if (error is None or error.code == 0) and response.status >= 400:
        # Not the API but something before it: of its 5xx only the one that asks to wait was surely not taken.
        if response.status >= 500 and response.status != 503:
            raise Unclear(f"HTTP {response.status} without a word of what became of the call")
        error = GraphError(message=f"HTTP {response.status}", is_transient=response.status in (429, 503))
    if error is None and result is None:
        raise Unclear(f"HTTP {response.status} with an answer that cannot be read")
    if error is not None:
        error = msgspec.structs.replace(
            error,
            message=_without(error.message, secrets),
            error_user_msg=_without(error.error_user_msg, secrets) if error.error_user_msg else None,
        )
    return Answer(status=response.status, result=result, error=error, wait=_wait(response.headers))


def _without(text: str, secrets: list[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "…")
    return text


def _wait(headers: Mapping[str, str]) -> float | None:
    """Return the seconds until calls are taken again, if it is said."""
    asked = headers.get("retry-after", "")
    if asked.isascii() and asked.isdecimal():
        return min(float(asked), _LONGEST_WAIT_SECONDS) or None
    try:
        usages = _usages.decode(headers.get("x-business-use-case-usage", "{}"))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    minutes = max((use.estimated_time_to_regain_access for uses in usages.values() for use in uses), default=0.0)
    return min(minutes * 60, _LONGEST_WAIT_SECONDS) if minutes > 0 else None


async def ask(
    channel: Channel,
    http: Http,
    path: str,
    query: Mapping[str, str] | None = None,
    *,
    token: str | None = None,
    proof: bool = False,
) -> Any:
    """GET what changes nothing and return it. Raises ChannelError for good, TryLater for now."""
    return await done(channel, http, "GET", path, query=query, token=token, proof=proof)


async def done(
    channel: Channel,
    http: Http,
    method: str,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    json: object | None = None,
    token: str | None = None,
    proof: bool = False,
) -> Any:
    """Make a call that may be repeated and return its result. Raises Refused (a ChannelError) for good, TryLater."""
    try:
        answer = await call(channel, http, method, path, query=query, json=json, token=token, proof=proof)
    except (NotSent, Broken, Unclear) as error:
        raise TryLater(f"Meta could not be reached: {error}") from None
    if answer.error is None:
        return answer.result
    if is_passing(answer.error):
        raise TryLater(f"Meta asks to wait: {answer.error.words}", answer.wait or 60.0)
    raise Refused(answer.error)


class Refused(ChannelError):
    """A call that Meta refused for good; `error` is how it says so."""

    def __init__(self, error: GraphError) -> None:
        super().__init__(in_words(error))
        self.error = error


# https://developers.facebook.com/docs/graph-api/guides/error-handling: passing troubles, and limits of app, user, page.
_PASSING = frozenset({1, 2, 4, 17, 32, 341, 613, 1200})
_LIMITS = range(80_000, 80_015)
"""https://developers.facebook.com/docs/graph-api/overview/rate-limiting: the limits of business use cases"""


def is_passing(error: GraphError) -> bool:
    """Say whether the same call may be taken later."""
    return error.is_transient or error.code in _PASSING or error.code in _LIMITS


def is_unauthorised(error: GraphError) -> bool:
    """Say whether it is the token that is not, or no longer, accepted."""
    return error.code in (102, 190)


def in_words(error: GraphError) -> str:
    """Return what a member is told about a refused call, and how to mend it."""
    if is_unauthorised(error):
        return "Meta does not accept the access token (any more): make a new one in the app's dashboard"
    if error.code in (3, 10) or 200 <= error.code < 300:
        return f"the access token may not do this; give the app the permission it lacks: {error.words}"
    if error.code == 100 and "appsecret_proof" in error.message:
        return "the app secret is not that of the app which made the access token"
    return f"Meta refused: {error.words}"


def read(result: object, known: type[_Known]) -> _Known:
    """Return a call's result as what it should be. Raises ChannelError."""
    try:
        return msgspec.convert(result, known)
    except msgspec.ValidationError as error:
        raise ChannelError(f"Meta gave an answer that cannot be read: {error}") from None


def is_id(text: str) -> bool:
    """Say whether a text can be an id in a path of the API; it is part of an address."""
    return re.fullmatch(r"[A-Za-z0-9_.\-]{1,128}", text) is not None and set(text) != {"."}
