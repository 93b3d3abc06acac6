"""A bot with the demo has no Telegram behind it: while Botfolk runs, a fake of the service stands in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from botfolk.channels import registry
from botfolk.services import Services

MARK = "demo"
"""In the config of a channel: nobody is behind it."""


@asynccontextmanager
async def stand_in(services: Services) -> AsyncIterator[None]:
    """Answer for Telegram on the channels of the demo, where there are any, until the block ends."""
    demos = [channel for channel in await services.channels.all() if channel.config.get(MARK)]
    if not demos:
        yield
        return
    from botfolk.channels.faking import FakeServer
    from botfolk.channels.telegram.fake import FakeTelegram

    async with FakeServer(FakeTelegram().handle) as fake:
        async with services.pool.connection() as connection:
            for channel in demos:
                config = {**channel.config, "api_base": fake.url}
                await registry.update(connection, services.box, channel.bot_id, channel.id, config=config)
        services.channels.invalidate()
        yield
