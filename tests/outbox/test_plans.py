"""The sender's queries stay cheap with very many rows, even on statistics from when there were few."""

import pytest
from psycopg.types.json import Jsonb

from botfolk.outbox.claim import _DUE_MESSAGES, _DUE_TAPS
from botfolk.outbox.owning import _WITH_WORK
from tests.outbox.world import World

ROWS = 20_000


async def fill(world: World, state: str, count: int) -> None:
    """Let as many people have a message each."""
    values = {"bot": world.bot_id, "channel": world.channel_id, "count": count, "state": state}
    async with world.pool.connection() as connection:
        await connection.execute(
            """WITH people AS (SELECT gen_random_uuid() AS user_id, gen_random_uuid() AS identity_id
                   FROM generate_series(1, %(count)s::int)),
               added AS (INSERT INTO users (bot_id, id) SELECT %(bot)s, user_id FROM people),
               counted AS (INSERT INTO user_stats (bot_id, user_id) SELECT %(bot)s, user_id FROM people),
               with_identity AS (INSERT INTO identities (bot_id, id, user_id, channel_id, external_id)
                   SELECT %(bot)s, identity_id, user_id, %(channel)s, identity_id::text FROM people)
               INSERT INTO outbox (bot_id, id, channel_id, user_id, identity_id, kind, payload, state, next_at)
               SELECT %(bot)s, gen_random_uuid(), %(channel)s, user_id, identity_id, 'message', %(payload)s, %(state)s,
                   now() - interval '1 hour' FROM people""",
            {**values, "payload": Jsonb({"text": "x"})},
        )


@pytest.mark.parametrize("known", ["nothing", "ten sent", "ten queued", "all"])
async def test_claiming_reads_no_more_than_it_takes(world: World, known: str) -> None:
    await world.set("ALTER TABLE outbox SET (autovacuum_enabled = false)")
    if known.startswith("ten"):
        await fill(world, known.removeprefix("ten "), 10)
        await world.set("ANALYZE outbox")
    await fill(world, "queued", ROWS)
    if known == "all":
        await world.set("ANALYZE outbox")
    for query in (_DUE_MESSAGES, _DUE_TAPS, _WITH_WORK):
        async with world.pool.connection() as connection:
            await connection.execute("SET LOCAL enable_seqscan = on")
            cursor = await connection.execute(
                f"EXPLAIN (ANALYZE, BUFFERS) {query}".encode(),
                {
                    "bot": world.bot_id,
                    "channel": world.channel_id,
                    "now": world.clock(),
                    "limit": 16,
                    "has_window": False,
                    "busy": [],
                },
            )
            plan = "\n".join([row[0] for row in await cursor.fetchall()])
        assert "Seq Scan on outbox" not in plan
        assert "Removed by Filter" not in plan, plan
