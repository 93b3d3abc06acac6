"""Credentials that run out by themselves are renewed before they do."""

import structlog

from botfolk.channels import registry
from botfolk.channels.contract import Channel, ChannelError, TryLater
from botfolk.jobs.fetching import Reach

_log = structlog.get_logger(__name__)


async def renew_all(reach: Reach) -> None:
    """Let every channel that is switched on renew its credentials, where it is time. A refusal is logged, and asked
    again the next time; the channel's page shows it when the old ones are no longer taken."""
    for channel in await reach.channels.all():
        if channel.enabled and channel.kind in reach.kinds:
            try:
                await _renew(reach, channel)
            except (ChannelError, TryLater) as error:
                _log.warning("channels.not_renewed", channel=str(channel.id), why=str(error))


async def _renew(reach: Reach, channel: Channel) -> None:
    found = await reach.kinds[channel.kind].renew(channel, reach.http, reach.clock())
    if found is None:
        return
    async with reach.pool.connection() as connection:
        await registry.update(
            connection,
            reach.channels.box,
            channel.bot_id,
            channel.id,
            config={**channel.config, **found.config},
            secrets={**channel.secrets, **found.secrets} if found.secrets else None,
        )
    reach.channels.invalidate()
