"""Files that Meta keeps: pictures of people and what they send. Only Meta's own hosts are ever asked for one."""

from urllib.parse import urljoin, urlsplit

from botfolk.channels.contract import Channel, ChannelError, TryLater
from botfolk.http import Broken, Http, NotSent, TooLarge

MAX_FILE_BYTES = 25_000_000
"""https://developers.facebook.com/docs/messenger-platform/send-messages#attachment_reuse: 25 MB"""

MEDIA_HOSTS = ("fbcdn.net", "fbsbx.com", "cdninstagram.com", "facebook.com", "instagram.com", "whatsapp.net")
"""Where Meta keeps files: these hosts and all below them. A channel's `media_hosts` adds others (with a port), and so
does the server of its `api_base`."""

_MOST_REDIRECTS = 3


def is_metas(channel: Channel, url: str) -> bool:
    """Say whether an address is of a host of Meta's, or of one that the channel's owner configured."""
    return is_metas_host(url) or _configured(channel, url)


def is_metas_host(url: str) -> bool:
    """Say whether an address is of a host of Meta's, by https."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return False
    known = any(host == each or host.endswith(f".{each}") for each in MEDIA_HOSTS)
    return parts.scheme == "https" and port in (None, 443) and known and "@" not in parts.netloc


def _configured(channel: Channel, url: str) -> bool:
    """Say whether an address is of the server that the owner configured as the API, or of `media_hosts`."""
    hosts = channel.config.get("media_hosts")
    try:
        parts, api = urlsplit(url), urlsplit(str(channel.config.get("api_base") or ""))
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return False
    known = hosts if isinstance(hosts, list) else []
    return parts.netloc.lower() in known or (parts.scheme, parts.netloc) == (api.scheme, api.netloc)


async def download(
    channel: Channel, http: Http, url: str, most_bytes: int = MAX_FILE_BYTES, *, token: str | None = None
) -> bytes:
    """Fetch a file by the address that Meta gave; `token` for files that are not had without.

    Every address on the way is checked. Raises ChannelError for good, TryLater for now.
    """
    for _ in range(_MOST_REDIRECTS + 1):
        if not is_metas(channel, url):
            raise ChannelError("the file is not on a server of Meta's")
        parts = urlsplit(url)
        trusted = f"{parts.scheme}://{parts.netloc}" if _configured(channel, url) else None
        headers = {"authorization": f"Bearer {token}"} if token else {}
        try:
            response = await http.request("GET", url, headers=headers, trusted_origin=trusted, max_bytes=most_bytes)
        except TooLarge:
            raise ChannelError(f"the file is larger than {most_bytes // 1_000_000} MB") from None
        except (NotSent, Broken) as error:
            raise TryLater(f"the file could not be fetched: {type(error).__name__}") from None
        if response.status in (301, 302, 303, 307, 308) and response.headers.get("location"):
            url = urljoin(url, response.headers["location"])
            continue
        if response.status == 200:
            return response.content
        if response.status == 429 or response.status >= 500:
            raise TryLater(f"the file cannot be had now (HTTP {response.status})")
        raise ChannelError(f"the file is gone (HTTP {response.status})")
    raise ChannelError("the file's address leads round and round")
