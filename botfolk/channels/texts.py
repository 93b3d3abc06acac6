"""Texts as services give them, made storable."""

import re
from typing import TypeVar

import msgspec

_MAX_NAME = 255
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

# A pair of surrogates, one alone, or any other escape, which must be passed over whole: "\\ud83d" is no surrogate.
_ESCAPES = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\.", re.DOTALL
)
_ONE_ALONE = 6

_Read = TypeVar("_Read")


def clean(text: str, most: int | None = _MAX_NAME) -> str:
    """Return a text that PostgreSQL can store: without NUL and lone surrogates, cut at `most` characters."""
    text = _UNSTORABLE.sub(lambda found: "" if found[0] == "\x00" else "\N{REPLACEMENT CHARACTER}", text)
    return text[:most]


def some(text: str | None, most: int | None = _MAX_NAME) -> str | None:
    """Return a storable text, or None when there is nothing in it."""
    return (clean(text, most) or None) if text else None


def read_json(decoder: msgspec.json.Decoder[_Read], body: bytes) -> _Read:
    """Decode a body; half an emoji in it is replaced.

    Raises msgspec.DecodeError, UnicodeDecodeError, RecursionError.
    """
    try:
        return decoder.decode(body)
    except msgspec.DecodeError:
        # Half an emoji is not JSON that everybody reads, but it is what some clients write.
        repaired = _ESCAPES.sub(lambda found: rb"\ufffd" if len(found[0]) == _ONE_ALONE else found[0], body)
        if repaired == body:
            raise
        return decoder.decode(repaired)
