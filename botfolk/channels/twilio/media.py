"""The files of messages: behind Basic authentication at Twilio, which sends on to where they stand."""

from botfolk.channels.contract import Channel, ChannelError
from botfolk.channels.downloading import content, download
from botfolk.channels.hosts import configured, is_allowed, origin
from botfolk.channels.twilio.api import base, credentials
from botfolk.http import Http

MEDIA_HOSTS = ("api.twilio.com", "*.twilio.com")
"""https://www.twilio.com/docs/messaging/api/media-resource; the regions' names stand before twilio.com"""


async def media(channel: Channel, http: Http, ref: str) -> bytes:
    """Fetch a file by its address, which must be Twilio's: only Twilio sees our credentials. Raises ChannelError,
    TryLater."""
    own = origin(base(channel))
    entries = [own, *configured(channel, "media_hosts", MEDIA_HOSTS)]
    if not is_allowed(ref, entries):
        raise ChannelError("the file is not at Twilio; if its host is right, add it to media_hosts")

    def trusted(url: str) -> str | None:
        # Where Twilio sends on to may be anywhere in public; the client refuses any other address.
        return origin(url) if origin(url) in entries else None

    return content(await download(http, ref, headers=credentials(channel), trusted=trusted))
