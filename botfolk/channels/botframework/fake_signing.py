"""Signing as the service signs: RSA keys that are published, and tokens made with them."""

import base64
import secrets
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

ENDORSEMENTS = ("msteams", "skype", "webchat", "directline", "emulator")


class Signer:
    """One key at a time, made when first needed; `endorsements` are what it may speak for (None: it names none)."""

    def __init__(self, endorsements: tuple[str, ...] | None = ENDORSEMENTS) -> None:
        self.endorsements = endorsements
        self._key: rsa.RSAPrivateKey | None = None
        self.kid = secrets.token_urlsafe(12)

    @property
    def key(self) -> rsa.RSAPrivateKey:
        """The private key."""
        if self._key is None:
            self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return self._key

    def rotate(self) -> None:
        """Sign with another key from now on."""
        self._key, self.kid = None, secrets.token_urlsafe(12)

    def jwks(self) -> dict[str, Any]:
        """Return the public key as it is published."""
        numbers = self.key.public_key().public_numbers()
        found = {"kty": "RSA", "use": "sig", "kid": self.kid, "x5t": self.kid}
        found |= {"n": _number(numbers.n), "e": _number(numbers.e)}
        return {"keys": [found | ({} if self.endorsements is None else {"endorsements": list(self.endorsements)})]}

    def token(self, claims: dict[str, Any]) -> str:
        """Return a signed token that is good for an hour, unless the claims say otherwise."""
        now = int(time.time())
        return jwt.encode({"nbf": now, "exp": now + 3600} | claims, self.key, "RS256", headers={"kid": self.kid})


def _number(value: int) -> str:
    whole = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(whole).rstrip(b"=").decode()
