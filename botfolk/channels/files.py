"""Addresses of stored files that nobody can guess: for services that fetch what is sent through them themselves."""

import hmac
from uuid import UUID

from botfolk.channels.contract import Channel


def proof_of(channel: Channel, file_id: UUID) -> str:
    """Return what shows that an address of a file was given out by this channel."""
    key = channel.secrets.get("secret", "").encode()
    if not key:
        raise ValueError("a channel without a secret gives no files out")
    return hmac.new(key, b"file " + channel.bot_id.bytes + file_id.bytes, "sha256").hexdigest()[:32]


def is_proof(channel: Channel, file_id: UUID, proof: str) -> bool:
    """Say, in constant time, whether an address was given out by this channel."""
    if not channel.secrets.get("secret"):
        return False
    return hmac.compare_digest(proof.encode(), proof_of(channel, file_id).encode())


def public_address(public_url: str, channel: Channel, file_id: UUID) -> str:
    """Return the address at which a service fetches a file."""
    return f"{public_url.rstrip('/')}/files/{channel.id}/{file_id}/{proof_of(channel, file_id)}"
