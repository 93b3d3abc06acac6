"""Who a visitor is: a token of ours that a browser keeps, and a word of the host page about whom it has signed in.

Both are JSON Web Tokens signed by HMAC-SHA256 (RFC 7519, RFC 7518 §3.2); no other algorithm is ever accepted. A host
page may also write its word plainly: the claims as JSON in base64, a full stop, and the HMAC-SHA256 of that base64 in
hex.
"""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
import msgspec
from msgspec import Struct

from botfolk.channels.contract import Channel
from botfolk.channels.setup import accepted

LONGEST_IDENTITY = timedelta(days=1)
"""A host page's word is for now: what lives longer is refused, for it would be a password."""
_LEEWAY = timedelta(seconds=60)
_MOST_SUBJECT = 200
_FIELDS = ("first_name", "last_name", "email", "phone", "timezone", "language")


class BadToken(Exception):
    """This proves nothing; the text says why, for whoever built the host page."""


class Identity(Struct, frozen=True, kw_only=True):
    """What a host page vouches for: its own id of the person, fields of the profile, attributes."""

    subject: str
    fields: dict[str, str | None]
    attributes: dict[str, Any]

    @property
    def external_id(self) -> str:
        """The person's id on this channel: never that of a guest, whatever the host calls them."""
        return f"id:{self.subject}"


class Visitor(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody on a web page: their id on the channel, and what their browser says, which nobody vouches for."""

    external_id: str
    language: str | None = None
    timezone: str | None = None
    page: str | None = None
    referrer: str | None = None


def guest_id(visitor: UUID) -> str:
    """Return a guest's id on the channel."""
    return f"guest:{visitor}"


def make_token(channel: Channel, visitor: Visitor) -> str:
    """Return the token by which a browser is this visitor from now on."""
    claims = {"sub": visitor.external_id, "aud": str(channel.id), "said": msgspec.to_builtins(visitor)}
    return jwt.encode(claims, _key(channel), algorithm="HS256")


def read_token(channel: Channel, token: str) -> Visitor:
    """Return the visitor. Raises BadToken."""
    try:
        claims = jwt.decode(
            token, _key(channel), algorithms=["HS256"], audience=str(channel.id), options={"require": ["sub", "aud"]}
        )
        return msgspec.convert(claims["said"], Visitor)
    except (jwt.InvalidTokenError, KeyError, msgspec.ValidationError) as error:
        raise BadToken(str(error)) from error


def read_identity(channel: Channel, token: str, now: datetime) -> Identity:
    """Return whom the host page vouches for: claims `sub`, `exp` (at most a day ahead), and optionally name,
    first_name, last_name, email, phone, timezone, language, attributes. Raises BadToken."""
    secrets = accepted(channel.secrets, "identity")
    # A token has two full stops, and what it signs has one: neither form can be taken for the other.
    claims = _plainly_vouched(token, secrets) if token.count(".") == 1 else _vouched(token, secrets)
    _check_expiry(claims["exp"], now)
    subject = str(claims["sub"])
    if not 0 < len(subject) <= _MOST_SUBJECT or "\0" in subject:
        raise BadToken(f"sub: 1 to {_MOST_SUBJECT} characters")
    attributes = claims.get("attributes") or {}
    if not isinstance(attributes, dict):
        raise BadToken("attributes: an object")
    return Identity(subject=subject, fields=_fields(claims), attributes=attributes)


def _vouched(token: str, secrets: list[str]) -> dict[str, Any]:
    """Return a token's claims when one of the secrets signed it: while one is replaced, the one before as well."""
    why = BadToken("this channel has no identity secret")
    for secret in secrets:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                secret,
                algorithms=["HS256"],
                options={"require": ["sub", "exp"], "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except jwt.InvalidTokenError as error:
            why = BadToken(str(error))
        else:
            return claims
    raise why


def _plainly_vouched(word: str, secrets: list[str]) -> dict[str, Any]:
    """Return the claims of a word in the plain form, as `_vouched`."""
    said, _, proof = word.partition(".")
    if not secrets:
        raise BadToken("this channel has no identity secret")
    signed = said.encode("utf-8", "replace")
    proofs = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode() for secret in secrets]
    given = proof.lower().encode("utf-8", "replace")
    if not any(hmac.compare_digest(each, given) for each in proofs):
        raise BadToken("Signature verification failed")
    try:
        encoded = said.rstrip("=").replace("+", "-").replace("/", "_")
        claims = msgspec.json.decode(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)), type=dict[str, Any])
    except (ValueError, RecursionError):
        raise BadToken("what is signed is not an object of JSON in base64") from None
    for name in ("sub", "exp"):
        if claims.get(name) is None:
            raise BadToken(f'Token is missing the "{name}" claim')
    return claims


def _check_expiry(exp: object, now: datetime) -> None:
    if isinstance(exp, bool) or not isinstance(exp, int | float):
        raise BadToken("exp: seconds since 1970")
    try:
        expires = datetime.fromtimestamp(exp, UTC)
    except (ValueError, OverflowError, OSError):
        raise BadToken("exp: seconds since 1970") from None
    if expires < now - _LEEWAY:
        raise BadToken("it has expired")
    if expires > now + LONGEST_IDENTITY + _LEEWAY:
        raise BadToken("exp: at most a day ahead")


def _fields(claims: dict[str, Any]) -> dict[str, str | None]:
    fields: dict[str, str | None] = {
        name: claims[name].strip()[:500]
        for name in _FIELDS
        if isinstance(claims.get(name), str) and claims[name].strip()
    }
    name = claims.get("name")
    if isinstance(name, str) and name.strip() and not fields.keys() & {"first_name", "last_name"}:
        first, _, last = name.strip().partition(" ")
        fields["first_name"] = first[:500]
        if last.strip():
            fields["last_name"] = last.strip()[:500]
    return fields


def _key(channel: Channel) -> bytes:
    return hmac.new(channel.secrets["secret"].encode(), b"botfolk web chat visitor", hashlib.sha256).digest()
