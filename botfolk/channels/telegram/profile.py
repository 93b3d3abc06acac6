"""Pictures and files: fetched by the bot's token, which stays here."""

from msgspec import Struct

from botfolk.channels.contract import Channel, ChannelError, FetchedPicture
from botfolk.channels.telegram.api import ask, download, read
from botfolk.http import Http

MAX_FILE_BYTES = 20_000_000
"""getFile gives files of up to 20 MB: https://core.telegram.org/bots/api#getfile"""

_LARGEST_SIDE = 1280


class Size(Struct, frozen=True):
    """https://core.telegram.org/bots/api#photosize"""

    file_id: str
    file_unique_id: str
    width: int
    height: int


class Photos(Struct, frozen=True):
    """https://core.telegram.org/bots/api#userprofilephotos"""

    photos: list[list[Size]]


class ChatPhoto(Struct, frozen=True):
    """https://core.telegram.org/bots/api#chatphoto"""

    big_file_id: str
    big_file_unique_id: str


class FullChat(Struct, frozen=True):
    """https://core.telegram.org/bots/api#chatfullinfo"""

    photo: ChatPhoto | None = None


async def picture(
    channel: Channel, http: Http, external_user_id: str, *, is_group: bool, known_ref: str | None
) -> FetchedPicture | None:
    """Fetch a person's or group's picture; None when there is none, it is hidden, or it is the one known.

    Raises ChannelError, TryLater.
    """
    found = await (_of_group if is_group else _of_person)(channel, http, external_user_id)
    if found is None:
        return None
    # A file has another file_id for every bot and may change it; the unique one changes only with the picture.
    file_id, unique_id = found
    if unique_id == known_ref:
        return None
    return FetchedPicture(ref=unique_id, content=await download(channel, http, file_id, MAX_FILE_BYTES))


async def _of_person(channel: Channel, http: Http, user_id: str) -> tuple[str, str] | None:
    arguments = {"user_id": _number(user_id), "limit": 1}
    found = read(await ask(channel, http, "getUserProfilePhotos", arguments), Photos)
    sizes = sorted(found.photos[0], key=lambda size: max(size.width, size.height)) if found.photos else []
    if not sizes:
        return None
    fitting = [size for size in sizes if max(size.width, size.height) <= _LARGEST_SIDE]
    best = fitting[-1] if fitting else sizes[0]
    return best.file_id, best.file_unique_id


async def _of_group(channel: Channel, http: Http, chat_id: str) -> tuple[str, str] | None:
    found = read(await ask(channel, http, "getChat", {"chat_id": _number(chat_id)}), FullChat)
    return (found.photo.big_file_id, found.photo.big_file_unique_id) if found.photo else None


def _number(external_id: str) -> int:
    try:
        return int(external_id)
    except ValueError:
        raise ChannelError("this is not an id of Telegram") from None


async def media(channel: Channel, http: Http, ref: str) -> bytes:
    """Fetch the file of a message by its file_id. Raises ChannelError, TryLater."""
    return await download(channel, http, ref, MAX_FILE_BYTES)
