"""Calling the Bot API: one request, and what its answer means."""

from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import msgspec
from msgspec import Struct

from botfolk.channels.contract import Channel, ChannelError, TryLater
from botfolk.http import Body, Broken, Http, NotSent, TooLarge

API_BASE = "https://api.telegram.org"
_MAX_ANSWER_BYTES = 2_000_000
_ANSWER_SECONDS = 20.0
_FILE_SECONDS = 60.0

_Known = TypeVar("_Known")


class Parameters(Struct, frozen=True):
    """https://core.telegram.org/bots/api#responseparameters"""

    retry_after: float | None = None
    migrate_to_chat_id: int | None = None


class Answer(Struct, frozen=True):
    """https://core.telegram.org/bots/api#making-requests"""

    ok: bool
    result: Any = None
    error_code: int = 0
    description: str = ""
    parameters: Parameters = Parameters()


class Unclear(Exception):
    """An answer that cannot be read: whether the call was carried out is not known."""


class FoundFile(Struct, frozen=True):
    """https://core.telegram.org/bots/api#file"""

    file_path: str


def base(channel: Channel) -> str:
    """Return the address of the channel's API: Telegram's own, or the server its owner configured."""
    return str(channel.config.get("api_base") or API_BASE).rstrip("/")


def _origin(channel: Channel) -> str:
    parts = urlsplit(base(channel))
    return f"{parts.scheme}://{parts.netloc}"


async def call(
    channel: Channel, http: Http, method: str, arguments: dict[str, Any] | None = None, *, body: Body | None = None
) -> Answer:
    """Call a method with arguments, or with a form that holds a file. The address holds the token: it is never part of
    an error. Raises NotSent, Broken, Unclear."""
    url = f"{base(channel)}/bot{channel.secrets.get('token', '')}/{method}"
    response = await http.request(
        "POST",
        url,
        json=arguments,
        body=body,
        trusted_origin=_origin(channel),
        timeout=_ANSWER_SECONDS if body is None else _FILE_SECONDS,
        max_bytes=_MAX_ANSWER_BYTES,
    )
    try:
        answer = msgspec.json.decode(response.content, type=Answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        answer = None
    if answer is not None and (answer.ok or answer.error_code):
        return answer
    if response.status >= 400:
        return Answer(ok=False, error_code=response.status, description=f"HTTP {response.status}")
    raise Unclear(f"HTTP {response.status} with an answer that cannot be read")


async def ask(channel: Channel, http: Http, method: str, arguments: dict[str, Any]) -> Any:
    """Call a method that changes nothing and return its result. Raises ChannelError for good, TryLater for now."""
    try:
        answer = await call(channel, http, method, arguments)
    except (NotSent, Broken, Unclear) as error:
        raise TryLater(f"Telegram could not be reached: {error}") from None
    if answer.ok:
        return answer.result
    if answer.error_code == 429:
        raise TryLater("Telegram asks to wait", answer.parameters.retry_after or 30.0)
    if answer.error_code >= 500:
        raise TryLater(f"Telegram cannot answer now: {answer.description}")
    if answer.error_code in (401, 404):
        raise ChannelError("Telegram does not know this bot token: check it with @BotFather")
    raise ChannelError(f"Telegram refused: {answer.description}")


def read(result: object, known: type[_Known]) -> _Known:
    """Return a method's result as what it should be. Raises ChannelError."""
    try:
        return msgspec.convert(result, known)
    except msgspec.ValidationError as error:
        raise ChannelError(f"Telegram gave an answer that cannot be read: {error}") from None


async def download(channel: Channel, http: Http, file_id: str, most_bytes: int) -> bytes:
    """Fetch a file's bytes; its address holds the token and stays here. Raises ChannelError, TryLater."""
    found = read(await ask(channel, http, "getFile", {"file_id": file_id}), FoundFile)
    url = f"{base(channel)}/file/bot{channel.secrets.get('token', '')}/{quote(found.file_path)}"
    try:
        response = await http.request("GET", url, trusted_origin=_origin(channel), max_bytes=most_bytes)
    except TooLarge:
        raise ChannelError(f"the file is larger than {most_bytes // 1_000_000} MB") from None
    except (NotSent, Broken) as error:
        raise TryLater(f"the file could not be fetched: {type(error).__name__}") from None
    if response.status == 200:
        return response.content
    if response.status == 429 or response.status >= 500:
        raise TryLater(f"the file cannot be had now (HTTP {response.status})")
    raise ChannelError(f"the file is gone (HTTP {response.status})")
