"""How a web chat looks and where it may stand: the configuration of its channel."""

import re
from difflib import get_close_matches
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from msgspec import Struct

from botfolk.channels.contract import ChannelError
from botfolk.channels.webchat.texts import TEXTS

DEFAULT_COLOR = "#3257d6"
MOST_GREETING = 1000
MOST_TEXT = 200
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_PATTERN = re.compile(r"(?P<scheme>https?)://(?P<any>\*\.)?(?P<host>[a-z0-9.-]+)(?P<port>:\d{1,5})?", re.IGNORECASE)

Position = Literal["left", "right"]
Scheme = Literal["auto", "light", "dark"]


class Theme(Struct, frozen=True, kw_only=True):
    """`scheme`: light or dark, or (auto) what the visitor's system says. `greeting`: instead of the bot's. `texts`: the
    chat's own words by name, where they differ. `origins`: pages that may show it (https://shop.example,
    https://*.example.com); none: any page may."""

    title: str = ""
    color: str = DEFAULT_COLOR
    position: Position = "right"
    scheme: Scheme = "auto"
    greeting: str = ""
    texts: dict[str, str] = {}
    origins: tuple[str, ...] = ()


def check_config(config: dict[str, Any]) -> dict[str, Any]:
    """Return a clean configuration. Raises ChannelError naming what is wrong."""
    color = str(config.get("color") or DEFAULT_COLOR)
    if _COLOR.fullmatch(color) is None:
        raise ChannelError(f"{color} is no colour: write it like {DEFAULT_COLOR}")
    origins = [str(origin).rstrip("/").lower() for origin in config.get("origins") or config.get("origin") or ()]
    for origin in origins:
        if _PATTERN.fullmatch(origin) is None:
            raise ChannelError(f"{origin} is no origin: write it like https://shop.example or https://*.example.com")
    return {
        "title": str(config.get("title") or "")[:100],
        "color": color,
        "position": _one_of("place for the chat", config.get("position") or "right", ("left", "right")),
        "scheme": _one_of("scheme", config.get("scheme") or "auto", ("auto", "light", "dark")),
        "greeting": str(config.get("greeting") or "").replace("\0", "")[:MOST_GREETING],
        "texts": _texts(config.get("texts") or _pairs(config.get("text") or ())),
        "origins": origins,
    }


def _one_of(what: str, given: object, choices: tuple[str, ...]) -> str:
    if given not in choices:
        raise ChannelError(f"{given} is no {what}: {', '.join(choices[:-1])} or {choices[-1]}")
    return str(given)


def _pairs(given: list[str] | tuple[str, ...]) -> dict[str, str]:
    """Read texts as they are typed: `write=Tulis mesej`."""
    pairs = [each.partition("=") for each in given]
    return {name.strip(): text.strip() for name, _, text in pairs}


def _texts(given: dict[str, Any]) -> dict[str, str]:
    for name, text in given.items():
        if name not in TEXTS:
            near = get_close_matches(name, TEXTS, 1) or sorted(TEXTS)
            raise ChannelError(f"the chat has no text named {name}; there is: {', '.join(near)}")
        if not isinstance(text, str) or not 0 < len(text) <= MOST_TEXT or "\0" in text:
            raise ChannelError(f"the text {name} has 1 to {MOST_TEXT} characters")
    return dict(given)


def theme_of(config: dict[str, Any]) -> Theme:
    """Return the theme of a stored configuration."""
    return Theme(
        title=str(config.get("title") or ""),
        color=str(config.get("color") or DEFAULT_COLOR),
        position=cast(Position, config.get("position") or "right"),
        scheme=cast(Scheme, config.get("scheme") or "auto"),
        greeting=str(config.get("greeting") or ""),
        texts=dict(config.get("texts") or {}),
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
