"""Files that nobody sent go by themselves; what is part of a conversation stays."""

from datetime import timedelta
from uuid import UUID

import pytest

from botfolk.clock import utc_now
from botfolk.db.pool import Pool
from botfolk.files import RawFile, of_user, of_visitor, store_raw
from botfolk.ids import new_id
from botfolk.jobs.unsent import KEPT, forget_unsent
from tests.outbox.world import World


@pytest.fixture
async def world(pool: Pool) -> World:
    return await World.make(pool)


async def stored(world: World, name: str, owner: str | None, *, days: float = 8) -> UUID:
    """A file stored some days ago."""
    async with world.pool.connection() as connection:
        at = utc_now() - timedelta(days=days)
        return await store_raw(connection, world.bot_id, RawFile(content=b"x", name=name), at, owner=owner)


async def tidy(world: World) -> int:
    async with world.pool.connection() as connection:
        return await forget_unsent(connection, utc_now())


async def left(world: World) -> dict[str, str | None]:
    """The files there are, and whose."""
    async with world.pool.connection() as connection:
        cursor = await connection.execute("SELECT name, owner FROM media")
        return dict(await cursor.fetchall())


async def said_with(world: World, user_id: UUID, channel_id: UUID, file: UUID) -> None:
    """A message of a person that holds a file."""
    async with world.pool.connection() as connection:
        await connection.execute(
            """INSERT INTO messages (bot_id, id, user_id, channel_id, direction, author, kind, status, sent_at,
                   received_at, details)
               VALUES (%s, %s, %s, %s, 'in', 'user', 'document', 'received', now(), now(),
                   jsonb_build_object('media', jsonb_build_array(jsonb_build_object('media_id', %s::text))))""",
            [world.bot_id, new_id(), user_id, channel_id, str(file)],
        )


async def test_what_was_attached_and_never_sent_goes_after_a_week(world: World) -> None:
    ann = await world.person()
    sent = await stored(world, "sent", of_user(ann.user_id))
    await stored(world, "left", of_user(ann.user_id))
    await stored(world, "new", of_user(ann.user_id), days=KEPT.days - 0.5)
    await stored(world, "nobody's", None)
    await world.say(ann, "look", files=[sent])
    assert await tidy(world) == 1
    # What was sent is the conversation's from now on, and is not looked at again.
    assert await left(world) == {"sent": None, "new": of_user(ann.user_id), "nobody's": None}
    assert await tidy(world) == 0


async def test_what_a_visitor_uploaded_goes_unless_they_said_it(world: World) -> None:
    ann = await world.person("guest:ann")
    owner = of_visitor(world.channel_id, "guest:ann")
    said = await stored(world, "said", owner)
    await stored(world, "unsaid", owner)
    await stored(world, "of nobody yet", of_visitor(world.channel_id, "guest:ben"))
    await said_with(world, ann.user_id, world.channel_id, said)
    assert await tidy(world) == 2
    assert await left(world) == {"said": None}


async def test_a_picture_nobody_decided_on_goes_and_one_in_use_stays(world: World) -> None:
    ann = await world.person()
    shown = await stored(world, "shown", of_user(ann.user_id))
    await stored(world, "offered", of_user(ann.user_id))
    async with world.pool.connection() as connection:
        await connection.execute("UPDATE users SET picture_id = %s WHERE id = %s", [shown, ann.user_id])
    assert await tidy(world) == 1
    assert await left(world) == {"shown": None}


async def test_however_many_there_are_all_go(world: World) -> None:
    ann = await world.person()
    async with world.pool.connection() as connection:
        await connection.execute(
            """INSERT INTO media (bot_id, id, content_type, name, content, created_at, owner)
               SELECT %s, gen_random_uuid(), 'text/plain', 'n' || n, 'x', now() - interval '9 days', %s
               FROM generate_series(1, 450) n""",
            [world.bot_id, of_user(ann.user_id)],
        )
    assert await tidy(world) == 450
