"""Calling the Bot API: one request, and what its answer means."""

from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from botfolk.channels.contract import Channel, ChannelError, TryLater
from botfolk.http import Broken, Http, NotSent


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


def origin(channel: Channel) -> str:
    """Return the origin of the channel's API, which its owner configured."""
    parts = urlsplit(str(channel.config["api_base"]))
    return f"{parts.scheme}://{parts.netloc}"


async def call(channel: Channel, http: Http, method: str, arguments: dict[str, Any], seconds: float = 20.0) -> Answer:
    """Call a method. The address holds the token: it is never part of an error. Raises NotSent, Broken, Unclear."""
    url = f"{channel.config['api_base']}/bot{channel.secrets['token']}/{method}"
    response = await http.request(
        "POST", url, json=arguments, trusted_origin=origin(channel), timeout=seconds, max_bytes=2_000_000
    )
    try:
        return msgspec.json.decode(response.content, type=Answer)
    except msgspec.DecodeError:
        if response.status >= 400:
            return Answer(ok=False, error_code=response.status, description=f"HTTP {response.status}")
        raise Unclear(f"HTTP {response.status} with an answer that cannot be read") from None


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


async def download(channel: Channel, http: Http, file_id: str, most_bytes: int) -> bytes:
    """Fetch a file's bytes; its address holds the token and stays here. Raises ChannelError, TryLater."""
    found = await ask(channel, http, "getFile", {"file_id": file_id})
    path = found.get("file_path") if isinstance(found, dict) else None
    if not isinstance(path, str):
        raise ChannelError("Telegram gives no such file")
    url = f"{channel.config['api_base']}/file/bot{channel.secrets['token']}/{path}"
    try:
        response = await http.request("GET", url, trusted_origin=origin(channel), max_bytes=most_bytes)
    except (NotSent, Broken) as error:
        raise TryLater(f"the file could not be fetched: {type(error).__name__}") from None
    if response.status == 200:
        return response.content
    if response.status == 429 or response.status >= 500:
        raise TryLater(f"the file cannot be had now (HTTP {response.status})")
    raise ChannelError(f"the file is gone (HTTP {response.status})")
