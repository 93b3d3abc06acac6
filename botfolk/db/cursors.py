"""Opaque cursors of lists that are paged by key: the key of the last row given, as URL-safe text."""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

Moment = Annotated[datetime, Meta(tz=True)]
Whole = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Small = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
Text = Annotated[str, Meta(pattern=r"\A[^\x00]*\Z")]
"""Parts of a key as a database can compare them: what a cursor holds comes from outside."""

Id = UUID


class BadCursor(Exception):
    """A cursor nobody was given for this list."""


def pack(*key: object) -> str:
    """Return a key as a cursor."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def unpack(cursor: str, *shape: Any) -> tuple[Any, ...]:
    """Read a cursor whose key has parts of these types. Raises BadCursor."""
    try:
        packed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        key: tuple[Any, ...] = msgspec.json.decode(packed, type=tuple[shape])  # type: ignore[valid-type]
    except (binascii.Error, ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise BadCursor("this is not a cursor of this list") from error
    return key
