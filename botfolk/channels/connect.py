"""Connect a channel: store it, tell the service where to deliver, keep what it answered."""

import secrets as random_secrets
from typing import Any
from uuid import UUID

from botfolk.channels import registry
from botfolk.channels.address import hook_url
from botfolk.channels.contract import Channel, ChannelError
from botfolk.channels.registry import KINDS
from botfolk.services import Services


async def connect(
    services: Services, bot_id: UUID, kind: str, name: str, config: dict[str, Any], secrets: dict[str, str]
) -> Channel:
    """Connect a channel and return it. Raises UnknownChannel, and ChannelError when the service refuses: then nothing
    is kept.

    The row stands before the service is told, so that its first delivery finds the channel.
    """
    secrets = {"secret": random_secrets.token_urlsafe(32), **secrets}
    async with services.pool.connection() as connection:
        channel = await registry.add(connection, services.box, bot_id, kind, name, config, secrets)
    address = hook_url(services.settings.public_url, channel.id)
    try:
        remembered = await KINDS[kind].connect(channel, services.http, address)
    except ChannelError:
        async with services.pool.connection() as connection:
            await registry.remove(connection, bot_id, channel.id)
        raise
    shown = name or str(remembered.get("username") or remembered.get("name") or KINDS[kind].label)
    async with services.pool.connection() as connection:
        return await registry.update(
            connection, services.box, bot_id, channel.id, name=shown, config={**channel.config, **remembered}
        )
