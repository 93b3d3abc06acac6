"""Recount a whole bot: compare all, or recompute one or all."""

from collections.abc import Callable
from uuid import UUID

from botfolk.conversations.recount import Mismatch, check, recount_user
from botfolk.services import Services

_SHOWN = 50


async def check_all(services: Services, bot_id: UUID, say: Callable[[str], None]) -> dict[str, object]:
    """Compare every user's statistics with the raw messages; `say` gets the first differences as lines."""
    users = differences = 0
    async with services.pool.connection() as connection:
        try:
            async for found in check(connection, bot_id):
                if isinstance(found, Mismatch):
                    differences += 1
                    if differences <= _SHOWN:
                        say(f"user {found.user_id}: {found.what} is {found.kept}, recounted {found.recounted}")
                else:
                    users = found
        finally:
            await connection.rollback()
            await connection.set_isolation_level(None)  # it goes back to the pool as it came
    return {"users": users, "differences": differences}


async def recount_all(services: Services, bot_id: UUID, user_id: UUID | None) -> dict[str, object]:
    """Recompute one user, or all of a bot, each in a transaction of its own. Raises LookupError."""
    if user_id is not None:
        users = [user_id]
    else:
        async with services.pool.connection() as connection:
            cursor = await connection.execute("SELECT user_id FROM user_stats WHERE bot_id = %s", [bot_id])
            users = [row[0] for row in await cursor.fetchall()]
    for each in users:
        async with services.pool.connection() as connection:
            await recount_user(connection, bot_id, each, services.clock())
    return {"users": len(users), "differences": 0}
