"""Files that people send: by their id we get an address that is good for five minutes, and by that the file.

https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
"""

from msgspec import Struct

from botfolk.channels.contract import Channel, ChannelError
from botfolk.channels.meta import files, graph
from botfolk.channels.whatsapp.ask import ask
from botfolk.http import Http

MAX_FILE_BYTES = 100_000_000


class _Where(Struct, frozen=True):
    url: str


async def media(channel: Channel, http: Http, ref: str) -> bytes:
    """Fetch the file of a message by its id. Raises ChannelError, TryLater."""
    if not graph.is_id(ref):
        raise ChannelError("this is not a file of WhatsApp's")
    number = str(channel.config.get("phone_number_id") or "")
    found = graph.read(await ask(channel, http, ref, {"phone_number_id": number}), _Where)
    token = channel.secrets.get("access_token", "")
    return await files.download(channel, http, found.url, MAX_FILE_BYTES, token=token)
