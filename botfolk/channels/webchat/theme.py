"""How a web chat looks and where it may stand: the configuration of its channel."""

import re
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from msgspec import Struct

from botfolk.channels.contract import ChannelError

DEFAULT_COLOR = "#3257d6"
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_PATTERN = re.compile(r"(?P<scheme>https?)://(?P<any>\*\.)?(?P<host>[a-z0-9.-]+)(?P<port>:\d{1,5})?", re.IGNORECASE)


class Theme(Struct, frozen=True, kw_only=True):
    """`origins`: pages that may show it (https://shop.example, https://*.example.com); none: any page may."""

    title: str = ""
    color: str = DEFAULT_COLOR
    position: Literal["left", "right"] = "right"
    origins: tuple[str, ...] = ()


def check_config(config: dict[str, Any]) -> dict[str, Any]:
    """Return a clean configuration. Raises ChannelError naming what is wrong."""
    color = str(config.get("color") or DEFAULT_COLOR)
    if _COLOR.fullmatch(color) is None:
        raise ChannelError(f"{color} is no colour: write it like {DEFAULT_COLOR}")
    position = config.get("position") or "right"
    if position not in ("left", "right"):
        raise ChannelError(f"{position} is no place for the chat: left or right")
    origins = [str(origin).rstrip("/").lower() for origin in config.get("origins") or ()]
    for origin in origins:
        if _PATTERN.fullmatch(origin) is None:
            raise ChannelError(f"{origin} is no origin: write it like https://shop.example or https://*.example.com")
    return {"title": str(config.get("title") or "")[:100], "color": color, "position": position, "origins": origins}


def theme_of(config: dict[str, Any]) -> Theme:
    """Return the theme of a stored configuration."""
    return Theme(
        title=str(config.get("title") or ""),
        color=str(config.get("color") or DEFAULT_COLOR),
        position=cast(Literal["left", "right"], config.get("position") or "right"),
        origins=tuple(config.get("origins") or ()),
    )


def may_stand_on(theme: Theme, origin: str, own: str) -> bool:
    """Say whether a page of an origin may talk to this chat; our own pages (`own`) always may."""
    origin = origin.rstrip("/").lower()
    if not theme.origins or origin == _origin_of(own):
        return True
    return any(_matches(pattern, origin) for pattern in theme.origins)


def _matches(pattern: str, origin: str) -> bool:
    if "*." not in pattern:
        return pattern == origin
    scheme, _, rest = pattern.partition("://*.")
    wanted, _, host = origin.partition("://")
    return scheme == wanted and host.endswith("." + rest)


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
