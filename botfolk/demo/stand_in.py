"""A bot with the demo has no services behind it: while Botfolk runs, fakes of them stand in."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from botfolk.channels import registry
from botfolk.channels.contract import Channel
from botfolk.db.pool import Connection
from botfolk.services import Services

MARK = "demo"
"""In the config of a channel: nobody is behind it. "filling" until the demo is whole, then "whole"."""
PLACE = "demo_at"
"""In the config of a channel: where its fake was last."""


@asynccontextmanager
async def stand_in(services: Services) -> AsyncIterator[None]:
    """Answer for the services on the channels of the demo, where there are any, until the block ends."""
    demos = [channel for channel in await services.channels.all() if channel.config.get(MARK)]
    if not demos:
        yield
        return
    from botfolk.channels.faking import FakeServer
    from botfolk.demo.kinds import kinds

    async with AsyncExitStack() as stack:
        for kind in kinds():
            handler = kind.fake()
            if handler is None:
                continue
            fake = await stack.enter_async_context(FakeServer(handler))
            for channel in (each for each in demos if each.kind == kind.kind):
                config = {**channel.config, **kind.reached_at(fake.url), PLACE: fake.url}
                async with services.pool.connection() as connection:
                    await _move(connection, channel, fake.url)
                    await registry.update(connection, services.box, channel.bot_id, channel.id, config=config)
        services.channels.invalidate()
        yield


async def _move(connection: Connection, channel: Channel, url: str) -> None:
    """Let people be written to at the fake's new place, where a service says with each message how to answer."""
    await connection.execute(
        """UPDATE identities
           SET profile = jsonb_set(profile, '{address}', replace(profile ->> 'address', %(old)s, %(new)s)::jsonb)
           WHERE bot_id = %(bot)s AND channel_id = %(channel)s AND strpos(profile ->> 'address', %(old)s) > 0""",
        {"old": channel.config.get(PLACE), "new": url, "bot": channel.bot_id, "channel": channel.id},
    )
