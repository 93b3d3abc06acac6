"""Which addresses of the service we speak to: our token goes nowhere else, whatever a payload says."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from botfolk.channels.contract import Channel
from botfolk.channels.hosts import configured, is_allowed, origin

SERVICE_HOSTS = (
    "smba.trafficmanager.net",
    "*.botframework.com",
    "smba.infra.gcc.teams.microsoft.com",
    "smba.infra.gov.teams.microsoft.us",
    "smba.infra.dod.teams.microsoft.us",
    "*.botframework.azure.us",
    "*.botframework.azure.cn",
)
"""Where a serviceUrl leads for Teams, the other channels of Azure Bot Service, and the national clouds:
https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages,
https://learn.microsoft.com/azure/bot-service/how-to-deploy-gov-cloud-high"""

FILE_HOSTS = ("*.sharepoint.com", "*.sharepoint.us", "*.sharepoint-mil.us", "*.sharepoint.cn", "*.1drv.com")
"""Where the files that people send in Teams stand: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bots-filesv4"""

# A path of ours is put behind it: it has no query.
_SERVICE_URL = re.compile(r"https?://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*/?")


class NotAllowed(Exception):
    """An address that is not the service's; the text says which host, and where to allow it."""


def service_url(channel: Channel, given: object) -> tuple[str, str | None]:
    """Return a serviceUrl without its last slash, and its origin where the owner configured that. Raises NotAllowed."""
    url = given if isinstance(given, str) and _SERVICE_URL.fullmatch(given) else ""
    return url.rstrip("/"), _allowed(url, configured(channel, "service_hosts", SERVICE_HOSTS), "service_hosts")


def is_service(channel: Channel, url: str) -> bool:
    """Say whether a file's address is the service's own, which asks for our token."""
    return is_allowed(url, configured(channel, "service_hosts", SERVICE_HOSTS))


def file_url(channel: Channel, given: str) -> str | None:
    """Return the origin of a file's address where the owner configured it. Raises NotAllowed."""
    names = ("service_hosts", SERVICE_HOSTS), ("file_hosts", FILE_HOSTS)
    entries = [entry for name, default in names for entry in configured(channel, name, default)]
    return _allowed(given, entries, "file_hosts")


def _allowed(url: str, entries: Iterable[str], setting: str) -> str | None:
    entries = list(entries)
    if is_allowed(url, entries):
        return origin(url) if origin(url) in entries else None
    try:
        host = urlsplit(url).hostname or "this"
    except ValueError:
        host = "this"
    raise NotAllowed(f"{host} is not among the hosts this channel speaks to; if it is right, add it to {setting}")
