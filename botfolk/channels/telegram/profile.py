"""Pictures and files: fetched by the bot's token, which stays here."""

from typing import Any

from botfolk.channels.contract import Channel, FetchedPicture
from botfolk.channels.telegram.api import ask, download
from botfolk.http import Http

MAX_FILE_BYTES = 20_000_000
"""getFile gives files of up to 20 MB: https://core.telegram.org/bots/api#getfile"""

_LARGEST_SIDE = 1280


async def picture(
    channel: Channel, http: Http, external_user_id: str, *, is_group: bool, known_ref: str | None
) -> FetchedPicture | None:
    """Fetch a person's or group's picture; None when there is none, it is hidden, or it is the one known."""
    found = await (_of_group if is_group else _of_person)(channel, http, int(external_user_id))
    if found is None or found[1] == known_ref:
        return None
    return FetchedPicture(ref=found[1], content=await download(channel, http, found[0], MAX_FILE_BYTES))


async def _of_person(channel: Channel, http: Http, user_id: int) -> tuple[str, str] | None:
    result = await ask(channel, http, "getUserProfilePhotos", {"user_id": user_id, "limit": 1})
    photos = result.get("photos") if isinstance(result, dict) else None
    sizes: list[dict[str, Any]] = photos[0] if photos else []
    fitting = [size for size in sizes if max(size.get("width", 0), size.get("height", 0)) <= _LARGEST_SIDE] or sizes
    if not fitting:
        return None
    best = max(fitting, key=lambda size: size.get("width", 0) * size.get("height", 0))
    return best["file_id"], best["file_unique_id"]


async def _of_group(channel: Channel, http: Http, chat_id: int) -> tuple[str, str] | None:
    result = await ask(channel, http, "getChat", {"chat_id": chat_id})
    photo = result.get("photo") if isinstance(result, dict) else None
    return (photo["big_file_id"], photo["big_file_unique_id"]) if photo else None


async def media(channel: Channel, http: Http, ref: str) -> bytes:
    """Fetch the file of a message by its file_id."""
    return await download(channel, http, ref, MAX_FILE_BYTES)
