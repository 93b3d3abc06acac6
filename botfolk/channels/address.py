"""The address a service delivers to."""

from uuid import UUID


def hook_url(public_url: str, channel_id: UUID) -> str:
    """Return the webhook address of a channel."""
    return f"{public_url.rstrip('/')}/hooks/{channel_id}"
