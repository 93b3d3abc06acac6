"""References to files whose address opens without a token: whoever reads it has the file, so it is kept sealed."""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from botfolk.channels.contract import Channel, ChannelError
from botfolk.channels.setup import accepted

_SEALED = "sealed:"


def seal(channel: Channel, url: str) -> str:
    """Return an address as a reference that only this channel can read; the same address gives the same one."""
    sealed = _box(channel.secrets.get("password", "")).encrypt(url.encode(), [channel.id.bytes])
    return _SEALED + urlsafe_b64encode(sealed).decode()


def is_sealed(ref: str) -> bool:
    """Say whether a reference is a sealed address."""
    return ref.startswith(_SEALED)


def unseal(channel: Channel, ref: str) -> str:
    """Return the address; one sealed under the secret before the present one is read, too. Raises ChannelError."""
    try:
        sealed = urlsafe_b64decode(ref.removeprefix(_SEALED))
    except ValueError:
        sealed = b""
    for password in accepted(channel.secrets, "password"):
        try:
            return _box(password).decrypt(sealed, [channel.id.bytes]).decode()
        except (InvalidTag, ValueError):
            continue
    raise ChannelError("the file's address was kept under a secret that this channel no longer has")


def _box(password: str) -> AESSIV:
    # 512 bits: https://www.rfc-editor.org/rfc/rfc5297 with AES-256.
    return AESSIV(hashlib.sha512(b"botfolk file address\0" + password.encode()).digest())
