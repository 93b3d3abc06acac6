"""Fetch a file from a service: redirects followed by hand, credentials shown to the first address only."""

from collections.abc import Callable, Mapping
from urllib.parse import urljoin

from botfolk.channels.contract import ChannelError, TryLater
from botfolk.http import Broken, Http, NotSent, Response, TooLarge

MAX_FILE_BYTES = 20_000_000
_MOST_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


async def download(
    http: Http,
    url: str,
    *,
    headers: Mapping[str, str],
    trusted: Callable[[str], str | None],
    most_bytes: int = MAX_FILE_BYTES,
) -> Response:
    """Fetch a file; the answer is the service's last, whatever its status (never a redirect).

    `trusted` returns the origin of an address that the owner configured, None for one that is only checked, and raises
    ChannelError for one that must not be asked. Raises ChannelError for good, TryLater for now.
    """
    for _ in range(_MOST_REDIRECTS + 1):
        origin = trusted(url)
        try:
            response = await http.request(
                "GET", url, headers=headers, trusted_origin=origin, timeout=60.0, max_bytes=most_bytes
            )
        except TooLarge:
            raise ChannelError(f"the file is larger than {most_bytes // 1_000_000} MB") from None
        except (NotSent, Broken) as error:
            raise TryLater(f"the file could not be fetched: {error}") from None
        if response.status not in _REDIRECTS:
            return response
        url, headers = urljoin(url, response.headers.get("location", "")), {}
    raise ChannelError("the file's address leads from one to the next without end")


def content(response: Response) -> bytes:
    """Return a fetched file. Raises ChannelError when it is gone, TryLater when it cannot be had now."""
    if response.status == 200:
        return response.content
    if response.status == 429 or response.status >= 500:
        raise TryLater(f"the file cannot be had now (HTTP {response.status})")
    raise ChannelError(f"the file is gone (HTTP {response.status})")
