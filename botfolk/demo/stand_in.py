"""A bot with the demo has no services behind it: while Botfolk runs, fakes of them stand in."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from botfolk.channels import registry
from botfolk.services import Services

MARK = "demo"
"""In the config of a channel: nobody is behind it. "filling" until the demo is whole, then "whole"."""


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
                config = {**channel.config, **kind.reached_at(fake.url)}
                async with services.pool.connection() as connection:
                    await registry.update(connection, services.box, channel.bot_id, channel.id, config=config)
        services.channels.invalidate()
        yield
