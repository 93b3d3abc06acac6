"""Random tokens, of which only the hash is stored."""

import secrets
from hashlib import sha256

BYTES = 32


def new_token(prefix: str = "") -> str:
    """Return a token of 256 random bits, safe in a URL."""
    return prefix + secrets.token_urlsafe(BYTES)


def token_hash(token: str) -> bytes:
    """Return what is stored of a token. It has its entropy already, so a plain hash will do."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
