"""Which addresses of the service we speak to: our token goes nowhere else, whatever a payload says."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from botfolk.channels.contract import Channel

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

# Nothing that two readers of an address could take differently: no user name, backslash, query or encoded host.
_SERVICE_URL = re.compile(r"https?://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*/?")
_FILE_URL = re.compile(r"https?://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?(/[!-\[\]-~]*)?")


class NotAllowed(Exception):
    """An address that is not the service's; the text says which host, and where to allow it."""


def service_url(channel: Channel, given: object) -> tuple[str, str | None]:
    """Return a serviceUrl without its last slash, and its origin where the owner configured that. Raises NotAllowed."""
    url = given if isinstance(given, str) and _SERVICE_URL.fullmatch(given) else ""
    return url.rstrip("/"), _allowed(url, configured(channel, "service_hosts", SERVICE_HOSTS), "service_hosts")


def is_service(channel: Channel, url: str) -> bool:
    """Say whether a file's address is the service's own, which asks for our token."""
    return _is_allowed(url, configured(channel, "service_hosts", SERVICE_HOSTS))


def file_url(channel: Channel, given: str) -> str | None:
    """Return the origin of a file's address where the owner configured it. Raises NotAllowed."""
    names = ("service_hosts", SERVICE_HOSTS), ("file_hosts", FILE_HOSTS)
    entries = [entry for name, default in names for entry in configured(channel, name, default)]
    return _allowed(given if _FILE_URL.fullmatch(given) else "", entries, "file_hosts")


def configured(channel: Channel, name: str, default: Iterable[str]) -> list[str]:
    """Return a list of the channel's config, which may be written with commas."""
    given: Any = channel.config.get(name)
    if isinstance(given, str):
        given = given.split(",")
    entries = [str(entry).strip().rstrip("/").lower() for entry in given] if isinstance(given, list | tuple) else []
    return [entry for entry in entries if entry] or list(default)


def _allowed(url: str, entries: Iterable[str], setting: str) -> str | None:
    host = urlsplit(url).hostname or "no host"
    entries = list(entries)
    if not url or not _is_allowed(url, entries):
        raise NotAllowed(f"{host} is not among the hosts this channel speaks to; if it is right, add it to {setting}")
    origin = _origin(url)
    return origin if origin in entries else None


def _is_allowed(url: str, entries: Iterable[str]) -> bool:
    """An entry is a host or `*.domain`, reached by https on its usual port, or a whole origin (http://127.0.0.1:8083)."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    usual = parts.scheme == "https" and parts.port in (None, 443)
    for entry in entries:
        if "://" in entry:
            if entry == _origin(url):
                return True
        elif usual and (host == entry or (entry.startswith("*.") and host.endswith(entry[1:]))):
            return True
    return False


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
