"""The keys by which the service signs: published in OpenID metadata, kept for a day."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

import jwt
import msgspec
from msgspec import Struct

from botfolk.clock import Clock
from botfolk.http import Broken, Http, NotSent

_LONGEST_KEPT = timedelta(days=1)
_BETWEEN_UNKNOWN = timedelta(hours=1)
_BETWEEN_FAILURES = timedelta(minutes=1)
_TIMEOUT_SECONDS = 5.0
"""The service waits 15 s for the answer to a delivery, and each of two requests may take this long."""
_MAX_BYTES = 1_000_000

_Known = TypeVar("_Known")


class Key(Struct, frozen=True, kw_only=True):
    """A signing key, and the channels it may speak for."""

    public: Any
    endorsements: frozenset[str]


class _Metadata(Struct, frozen=True):
    jwks_uri: str


class _Jwks(Struct, frozen=True):
    keys: list[dict[str, Any]]


class SigningKeys:
    """The keys of one metadata address.

    Read anew daily, and for a key that is not known: at most hourly, since anybody can name one. Requests that come
    meanwhile share one reading; when it fails the old keys stay.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        self._url = url
        self._clock = clock
        self._keys: Mapping[str, Key] = {}
        self._read_at: datetime | None = None
        self._tried_at: datetime | None = None
        self._reading: asyncio.Task[None] | None = None

    async def find(self, http: Http, kid: str) -> Key | None:
        """Return the key of an id; None when there is none, or the keys cannot be had."""
        if self._reading is not None and self._reading.get_loop() is not asyncio.get_running_loop():
            self._reading = None
        if self._reading is None and self._is_due(kid):
            self._tried_at = self._clock()
            self._reading = asyncio.create_task(self._read(http))
        if self._reading is not None:
            # Whoever began it may go away; the others wait on.
            await asyncio.shield(self._reading)
        return self._keys.get(kid)

    def _is_due(self, kid: str) -> bool:
        now = self._clock()
        since_try = timedelta.max if self._tried_at is None else now - self._tried_at
        if self._read_at is None or now - self._read_at >= _LONGEST_KEPT:
            return since_try >= _BETWEEN_FAILURES
        return kid not in self._keys and since_try >= _BETWEEN_UNKNOWN

    async def _read(self, http: Http) -> None:
        try:
            found = await read_keys(http, self._url)
        except (NotSent, Broken, ValueError):
            found = {}
        finally:
            self._reading = None
        if found:
            self._keys, self._read_at = found, self._clock()


async def read_keys(http: Http, metadata_url: str) -> dict[str, Key]:
    """Fetch the keys. Raises NotSent, Broken, and ValueError when there are none to be read."""
    metadata = await _fetch(http, metadata_url, metadata_url, _Metadata)
    found = {}
    for each in (await _fetch(http, metadata.jwks_uri, metadata_url, _Jwks)).keys:
        if each.get("kty") != "RSA" or not isinstance(each.get("kid"), str):
            continue
        try:
            public = jwt.PyJWK(each, algorithm="RS256").key
        except (jwt.PyJWTError, ValueError, TypeError):
            continue
        given = each.get("endorsements")
        endorsements = frozenset(name for name in given if isinstance(name, str)) if isinstance(given, list) else ()
        found[each["kid"]] = Key(public=public, endorsements=frozenset(endorsements))
    if not found:
        raise ValueError(f"{urlsplit(metadata.jwks_uri).hostname} names no keys")
    return found


async def _fetch(http: Http, url: str, trusted: str, kind: type[_Known]) -> _Known:
    parts = urlsplit(trusted)
    response = await http.request(
        "GET", url, trusted_origin=f"{parts.scheme}://{parts.netloc}", timeout=_TIMEOUT_SECONDS, max_bytes=_MAX_BYTES
    )
    if response.status != 200:
        raise ValueError(f"{urlsplit(url).hostname} answered {response.status}")
    try:
        return msgspec.json.decode(response.content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ValueError(f"{urlsplit(url).hostname} gave an answer that cannot be read") from None
