"""The channels that are connected: stored sealed, known at once, and one bad one never hides the others."""

from uuid import UUID

import pytest

from botfolk.channels.registry import KINDS, Channels, UnknownChannel, add, remove, update
from botfolk.db.pool import Pool
from botfolk.db.secrets import SecretBox
from botfolk.ids import new_id

BOX = SecretBox("a key for tests, as long as a key must be")


@pytest.fixture
async def bot_id(pool: Pool) -> UUID:
    bot_id = new_id()
    async with pool.connection() as connection:
        await connection.execute("INSERT INTO bots (bot_id, name) VALUES (%s, 'Bot')", [bot_id])
    return bot_id


@pytest.fixture
async def channels(pool: Pool) -> Channels:
    return Channels(pool, BOX)


async def test_a_new_channel_is_found_before_the_word_of_it_is_here(
    pool: Pool, bot_id: UUID, channels: Channels
) -> None:
    assert await channels.all() == []
    async with pool.connection() as connection:
        made = await add(connection, BOX, bot_id, "telegram", "Shop", {"a": 1}, {"token": "123:secret"})
    assert await channels.get(made.id) == made
    assert await channels.get(new_id()) is None


async def test_the_secrets_of_a_channel_are_not_readable_in_the_database(pool: Pool, bot_id: UUID) -> None:
    async with pool.connection() as connection:
        made = await add(connection, BOX, bot_id, "telegram", "Shop", {}, {"token": "123:secret"})
        row = await (await connection.execute("SELECT channels::text, secrets FROM channels")).fetchone()
    assert row is not None
    assert "secret" not in row[0].replace("secrets", "")
    assert b"123:secret" not in row[1]
    assert "123" not in repr(made)


async def test_a_change_is_seen_after_the_word_of_it_and_clears_the_error(
    pool: Pool, bot_id: UUID, channels: Channels
) -> None:
    async with pool.connection() as connection:
        made = await add(connection, BOX, bot_id, "telegram", "Shop", {"a": 1}, {"token": "old"})
        await connection.execute("UPDATE channels SET last_error = 'bad token', last_error_at = now()")
    assert await channels.get(made.id) == made
    async with pool.connection() as connection:
        changed = await update(
            connection, BOX, bot_id, made.id, config={"b": 2}, secrets={"token": "new"}, enabled=False
        )
        row = await (await connection.execute("SELECT last_error, last_error_at FROM channels")).fetchone()
    assert row == (None, None)
    assert (changed.name, changed.secrets, changed.enabled) == ("Shop", {"token": "new"}, False)
    assert await channels.get(made.id) == made
    channels.invalidate(bot_id)
    found = await channels.get(made.id)
    assert found is not None
    assert (found.secrets, found.config, found.enabled) == ({"token": "new"}, {"b": 2}, False)


async def test_a_channel_of_another_bot_cannot_be_changed(pool: Pool, bot_id: UUID) -> None:
    async with pool.connection() as connection:
        made = await add(connection, BOX, bot_id, "telegram", "Shop", {}, {})
        with pytest.raises(UnknownChannel):
            await update(connection, BOX, new_id(), made.id, name="Mine")


async def test_a_channel_that_was_taken_away_is_gone(pool: Pool, bot_id: UUID, channels: Channels) -> None:
    async with pool.connection() as connection:
        made = await add(connection, BOX, bot_id, "telegram", "Shop", {}, {})
    assert await channels.get(made.id) == made
    async with pool.connection() as connection:
        with pytest.raises(UnknownChannel):
            await remove(connection, new_id(), made.id)
        await remove(connection, bot_id, made.id)
    channels.invalidate(bot_id)
    assert await channels.get(made.id) is None


async def test_a_kind_there_is_not_is_refused(pool: Pool) -> None:
    async with pool.connection() as connection:
        with pytest.raises(UnknownChannel, match="telegram"):
            await add(connection, BOX, new_id(), "pigeon", "Post", {}, {})


async def test_a_channel_whose_secrets_cannot_be_read_does_not_hide_the_others(
    pool: Pool, bot_id: UUID, channels: Channels
) -> None:
    async with pool.connection() as connection:
        lost = await add(connection, SecretBox("another key " * 4), bot_id, "telegram", "Lost", {}, {"token": "x"})
        good = await add(connection, BOX, bot_id, "telegram", "Good", {}, {"token": "y"})
    assert await channels.all() == [good]
    assert await channels.get(lost.id) is None


def test_every_kind_that_is_listed_can_be_made() -> None:
    for name in KINDS:
        assert KINDS[name].kind == name
        assert KINDS[name].limits.per_second > 0
