"""Secrets at rest: a channel's tokens are stored only encrypted (Fernet: AES-128-CBC with HMAC-SHA256)."""

import base64
import hashlib
import hmac
from collections.abc import Mapping

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class SecretError(Exception):
    """What is stored cannot be decrypted; the text says what to check."""


class SecretBox:
    """Seals and opens secrets with the installation's secret key; older keys still open what they sealed."""

    def __init__(self, key: str, *older: str) -> None:
        self._fernet = MultiFernet([Fernet(_derive(each)) for each in (key, *older)])
        self._hashing = [_hashing(each) for each in (key, *older)]

    def seal(self, secrets: Mapping[str, str]) -> bytes:
        """Return secrets (name → value) encrypted."""
        return self._fernet.encrypt(msgspec.json.encode(dict(secrets)))

    def open(self, sealed: bytes) -> dict[str, str]:
        """Return what was sealed. Raises SecretError."""
        try:
            return msgspec.json.decode(self._fernet.decrypt(sealed), type=dict[str, str])
        except (InvalidToken, msgspec.DecodeError):
            raise SecretError(
                "a channel's secrets cannot be decrypted: BOTFOLK_SECRET_KEY (or secret.key in the data folder) is not"
                " the one they were stored with"
            ) from None

    def digests(self, *parts: str) -> list[bytes]:
        """Return hashes (HMAC-SHA256) of what must be recognised and not kept: by the key, which is to be stored, then
        by each older one. Nobody without the key can find out by trying what was hashed."""
        text = b"".join(b"%d:%s" % (len(part), part) for part in (each.encode() for each in parts))
        return [hmac.digest(key, text, "sha256") for key in self._hashing]


def _hashing(key: str) -> bytes:
    return hashlib.blake2b(key.encode(), digest_size=32, person=b"botfolk digests").digest()


def _derive(key: str) -> bytes:
    """Return a Fernet key; the given one may be of any length and has its entropy already."""
    return base64.urlsafe_b64encode(hashlib.blake2b(key.encode(), digest_size=32, person=b"botfolk secrets").digest())
