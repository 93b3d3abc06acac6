"""Examine a connected channel, and replace its secrets without losing what is on its way."""

import secrets as random_secrets
from uuid import UUID

from botfolk.channels import registry
from botfolk.channels.address import hook_url
from botfolk.channels.contract import Channel, ChannelError
from botfolk.channels.registry import KINDS, UnknownChannel
from botfolk.channels.setup import Check, rotated
from botfolk.services import Services

BYTES = 32


async def examine(services: Services, channel_id: UUID, bot_id: UUID | None = None) -> list[Check]:
    """Ask the service whether the credentials work and where it delivers. Raises UnknownChannel."""
    channel = await known(services, channel_id, bot_id)
    checks = await KINDS[channel.kind].check(channel, services.http, hook_url(services.settings.public_url, channel.id))
    words = "Messages come in and go out." if channel.enabled else "It is switched off: nothing comes in or goes out."
    return [Check(name="Switched on", ok=channel.enabled, words=words), *checks]


async def rotate(
    services: Services, channel_id: UUID, name: str, value: str | None, bot_id: UUID | None = None
) -> Channel:
    """Replace a secret of a channel and return it; the one before is accepted for a day.

    `value` is the new one where the service makes it; without, we make one, and tell the service where that is how it
    learns of it. Raises UnknownChannel, and ChannelError when the service refuses: then all stays as it was.
    """
    channel = await known(services, channel_id, bot_id)
    kind = KINDS[channel.kind]
    theirs = {field.name for field in kind.setup if field.secret}
    if name not in theirs | set(kind.renewable):
        known_names = ", ".join(sorted(theirs | set(kind.renewable)))
        raise ChannelError(f"{kind.label} has no secret named {name} to replace; it has: {known_names}")
    if name in theirs and not value:
        raise ChannelError(f"the new {name} is made by {kind.label}: give it")
    new = rotated(channel.secrets, name, value or random_secrets.token_urlsafe(BYTES))
    config = {**channel.config, "rotated_at": services.clock().isoformat()}
    address = hook_url(services.settings.public_url, channel.id)
    # Stored first: the service may use the new one before it has answered.
    after = await _store(services, channel, config, new)
    try:
        remembered = await kind.connect(after, services.http, address)
    except ChannelError:
        await _store(services, channel, channel.config, channel.secrets)
        raise
    return await _store(services, channel, {**config, **remembered}, new)


async def track_links(services: Services, channel_id: UUID, on: bool, bot_id: UUID | None = None) -> Channel:
    """Let links that are sent on a channel be tracked from now on, or be sent as they are. Raises UnknownChannel."""
    channel = await known(services, channel_id, bot_id)
    return await _store(services, channel, {**channel.config, "track_links": on}, channel.secrets)


async def _store(services: Services, channel: Channel, config: dict[str, object], secrets: dict[str, str]) -> Channel:
    async with services.pool.connection() as connection:
        return await registry.update(
            connection, services.box, channel.bot_id, channel.id, config=config, secrets=secrets
        )


async def known(services: Services, channel_id: UUID, bot_id: UUID | None) -> Channel:
    """Return a channel, of a bot when it is named. Raises UnknownChannel."""
    channel = await services.channels.get(channel_id)
    if channel is None or bot_id not in (None, channel.bot_id):
        raise UnknownChannel("there is no such channel")
    return channel
