"""Fill a bot with the demo: its channels, and everything that happens on them."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

from botfolk.bot import personality
from botfolk.channels import registry
from botfolk.channels.connect import connect
from botfolk.channels.contract import Channel
from botfolk.channels.faking import FakeServer
from botfolk.clock import utc_now
from botfolk.db.pool import Connection
from botfolk.demo.kinds import DemoKind, kinds
from botfolk.demo.script import acts
from botfolk.demo.stage import Made, Stage
from botfolk.demo.stand_in import MARK, PLACE
from botfolk.services import Services
from botfolk.users.edits import Actor

_BOT: dict[str, object] = {
    "name": "Kopi & Co",
    "description": "A small coffee roaster that answers by chat.",
    "greeting": "Hi! Welcome to Kopi & Co ☕ Ask me anything about beans, orders and opening hours.",
    "fallback": "",
}


class AlreadyThere(Exception):
    """The bot has the demo; `is_whole`: all of it, since nothing stopped it half way."""

    def __init__(self, is_whole: bool) -> None:
        super().__init__("the demo is there already")
        self.is_whole = is_whole


async def fill(
    services: Services,
    dsn: str,
    bot_id: UUID,
    *,
    people: int,
    months: int,
    seed: int,
    progress: Callable[[int, int], None] = lambda done, all_: None,
) -> Made:
    """Fill a bot with the demo; `progress` hears of each act. Raises AlreadyThere."""
    async with services.pool.connection() as connection:
        await _check(connection, bot_id)
        member = await _owner(connection, bot_id)
        if (await personality.get(connection, bot_id)).name == "My bot":
            await personality.change(connection, bot_id, _BOT, None, services.clock())
    async with AsyncExitStack() as stack:
        cast = {kind.kind: (kind, await _connect(services, bot_id, kind, stack)) for kind in kinds()}
        shares = {kind.kind: kind.share for kind, _ in cast.values()}
        grouping = [kind.kind for kind, _ in cast.values() if kind.groups]
        script = acts(seed, people, months, utc_now(), shares, grouping)
        stage = await stack.enter_async_context(Stage(services, dsn, cast, member, script[0].at))
        for number, act in enumerate(script):
            await stage.play(act)
            progress(number + 1, len(script))
        await stage.until_quiet()
        async with services.pool.connection() as connection:
            for _, channel in cast.values():
                config = {**channel.config, MARK: "whole"}
                await registry.update(connection, services.box, bot_id, channel.id, config=config)
        services.channels.invalidate()
        return stage.made


async def _check(connection: Connection, bot_id: UUID) -> None:
    cursor = await connection.execute(
        "SELECT config ->> %s FROM channels WHERE bot_id = %s AND config ? %s", [MARK, bot_id, MARK]
    )
    marks = [mark for (mark,) in await cursor.fetchall()]
    if marks:
        raise AlreadyThere(is_whole=all(mark != "filling" for mark in marks))


async def _connect(services: Services, bot_id: UUID, kind: DemoKind, stack: AsyncExitStack) -> Channel:
    """Connect a channel of the demo, with a fake of its service behind it."""
    setup, handler, where = kind.setup(), kind.fake(), {}
    if handler is not None:
        url = (await stack.enter_async_context(FakeServer(handler))).url
        where = {**kind.reached_at(url), PLACE: url}
    config: dict[str, Any] = {**setup.config, **where, MARK: "filling"}
    return await connect(services, bot_id, kind.kind, setup.name, config, setup.secrets)


async def _owner(connection: Connection, bot_id: UUID) -> Actor:
    cursor = await connection.execute(
        """SELECT m.id, a.name FROM members m JOIN accounts a ON a.id = m.account_id
           WHERE m.bot_id = %s AND m.is_active AND m.role = 'owner' ORDER BY m.created_at LIMIT 1""",
        [bot_id],
    )
    row = await cursor.fetchone()
    if row is None:
        raise LookupError("the bot has no owner who could answer its users")
    return Actor("member", row[1], row[0])
