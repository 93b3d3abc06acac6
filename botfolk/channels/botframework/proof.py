"""Whether a request comes from the service: its token, checked as Microsoft asks, and more strictly than its SDKs do.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication#connector-to-bot
"""

import math
from datetime import datetime, timedelta
from typing import Any

import jwt
import msgspec
from msgspec import Struct

from botfolk.channels.botframework.keys import Key, SigningKeys
from botfolk.channels.botframework.payloads import parts_of
from botfolk.channels.contract import Channel
from botfolk.channels.hosts import configured
from botfolk.channels.requests import Request
from botfolk.channels.setup import accepted
from botfolk.channels.texts import read_json
from botfolk.clock import Clock
from botfolk.http import Http

METADATA_URL = "https://login.botframework.com/v1/.well-known/openidconfiguration"
ISSUER = "https://api.botframework.com"
TENANT_METADATA_URL = "https://login.microsoftonline.com/{tenant}/v2.0/.well-known/openid-configuration"
"""Where the keys stand of who signs in by the app's own secret: Microsoft's emulator and test tools."""

_LEEWAY = timedelta(minutes=5)
_MOST_TOKEN = 16_384


class _Route(Struct, frozen=True, rename="camel"):
    """What a token must vouch for in an activity."""

    channel_id: str
    service_url: str


_route = msgspec.json.Decoder(_Route)


class Proof:
    """Judges requests; the keys of every metadata address are kept for all channels that name it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._keys: dict[str, SigningKeys] = {}

    async def verify(self, channel: Channel, http: Http, request: Request) -> bool:
        """Say whether a request is the service's. Never raises."""
        app_id, token = app_of(channel), _bearer(request)
        if not app_id or not accepted(channel.secrets, "password") or not token:
            return False
        try:
            return await self._is_genuine(channel, http, app_id, token, request.body)
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            return False

    async def _is_genuine(self, channel: Channel, http: Http, app_id: str, token: str, body: bytes) -> bool:
        header = jwt.get_unverified_header(token)
        said = jwt.decode(token, options={"verify_signature": False}).get("iss")
        kid = header.get("kid")
        if header.get("alg") != "RS256" or not isinstance(kid, str) or not isinstance(said, str):
            return False
        from_service = said == str(channel.config.get("issuer") or ISSUER)
        if not from_service and said.rstrip("/").lower() not in configured(channel, "tenant_issuers", ()):
            return False
        key = await self._keys_of(metadata_url(channel) if from_service else _tenant_url(channel)).find(http, kid)
        if key is None:
            return False
        claims = _claims(token, key, app_id, said)
        if not _is_now(claims, self._clock()):
            return False
        routes = _routes(body)
        if from_service:
            return bool(routes) and all(_vouches(claims, key, route) for route in routes)
        # A token of the tenant vouches for no channel: it must have been made by the app's own secret.
        return bool(routes) and (claims.get("azp") or claims.get("appid")) == app_id

    def _keys_of(self, url: str) -> SigningKeys:
        return self._keys.setdefault(url, SigningKeys(url, self._clock))


def app_of(channel: Channel) -> str:
    """Return the app id of the channel's bot; empty when there is none."""
    return str(channel.config.get("app_id") or "")


def metadata_url(channel: Channel) -> str:
    """Return where the service publishes its keys."""
    return str(channel.config.get("metadata_url") or METADATA_URL)


def _tenant_url(channel: Channel) -> str:
    tenant = str(channel.config.get("tenant_id") or "botframework.com")
    return str(channel.config.get("tenant_metadata_url") or TENANT_METADATA_URL).replace("{tenant}", tenant)


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and len(token) <= _MOST_TOKEN else ""


def _claims(token: str, key: Key, app_id: str, issuer: str) -> dict[str, Any]:
    """Return what a token says. Raises jwt.InvalidTokenError unless the key signed it, for this app, by this issuer."""
    claims: dict[str, Any] = jwt.decode(
        token,
        key.public,
        algorithms=["RS256"],
        audience=app_id,
        issuer=issuer,
        # The times are judged by our own clock.
        options={"require": ["exp", "iss", "aud"], "verify_exp": False, "verify_nbf": False, "verify_iat": False},
    )
    return claims


def _is_now(claims: dict[str, Any], now: datetime) -> bool:
    ends, begins = _seconds(claims["exp"]), _seconds(claims.get("nbf", 0))
    moment, leeway = now.timestamp(), _LEEWAY.total_seconds()
    return begins - leeway <= moment <= ends + leeway


def _seconds(given: object) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
        raise ValueError("a time must be seconds since 1970")
    return given


def _routes(body: bytes) -> list[_Route]:
    """Return what each activity of a body says of its way here. Raises msgspec.DecodeError (a ValueError)."""
    return [read_json(_route, part) for part in parts_of(body)]


def _vouches(claims: dict[str, Any], key: Key, route: _Route) -> bool:
    return route.channel_id in key.endorsements and claims.get("serviceurl") == route.service_url
