"""References that triggers check hold what foreign keys held."""

from uuid import UUID

import psycopg
import pytest
from psycopg.errors import ForeignKeyViolation, LockNotAvailable

from botfolk.db.pool import Connection
from botfolk.ids import new_id

BOT, ANNA, VIP = UUID(int=1), UUID(int=2), UUID(int=3)
INSERTS = {
    "users": ("INSERT INTO users (bot_id, id) VALUES (%s, %s)", [BOT, new_id()]),
    "user_stats": ("INSERT INTO user_stats (bot_id, user_id) VALUES (%s, %s)", [BOT, ANNA]),
    "user_tags": ("INSERT INTO user_tags (bot_id, user_id, tag_id) VALUES (%s, %s, %s)", [BOT, ANNA, VIP]),
    "changes": (
        "INSERT INTO changes (bot_id, id, user_id, source, field) VALUES (%s, %s, %s, 'bot', 'status')",
        [BOT, new_id(), ANNA],
    ),
}


async def _meet_anna(conn: Connection) -> None:
    await conn.execute("INSERT INTO bots (bot_id, name) VALUES (%s, 'Bo')", [BOT])
    await conn.execute("INSERT INTO users (bot_id, id) VALUES (%s, %s)", [BOT, ANNA])
    await conn.execute("INSERT INTO user_stats (bot_id, user_id) VALUES (%s, %s)", [BOT, ANNA])
    await conn.execute("INSERT INTO tags (bot_id, id, name) VALUES (%s, %s, 'vip')", [BOT, VIP])


@pytest.mark.parametrize("table", INSERTS)
async def test_nothing_refers_to_what_is_not_there(conn: Connection, table: str) -> None:
    with pytest.raises(ForeignKeyViolation, match=f"a row of {table} refers by bot_id"):
        await conn.execute(*INSERTS[table])


async def test_one_of_many_rows_that_refers_to_nobody_is_found(conn: Connection) -> None:
    await _meet_anna(conn)
    with pytest.raises(ForeignKeyViolation, match="user_stats"):
        await conn.execute(
            "INSERT INTO changes (bot_id, id, user_id, source, field)"
            " SELECT %s, gen_random_uuid(), unnest(%s::uuid[]), 'bot', 'status'",
            [BOT, [ANNA, ANNA, VIP, ANNA]],
        )


async def test_a_row_does_not_move_to_nobody(conn: Connection) -> None:
    await _meet_anna(conn)
    await conn.execute(*INSERTS["changes"])
    with pytest.raises(ForeignKeyViolation, match="changes refers"):
        await conn.execute("UPDATE changes SET user_id = %s", [VIP])


@pytest.mark.parametrize(("gone", "left"), [("users", "user_tags"), ("users", "changes"), ("tags", "user_tags")])
async def test_who_refers_to_it_goes_with_it(conn: Connection, gone: str, left: str) -> None:
    await _meet_anna(conn)
    for table in ("user_tags", "changes"):
        await conn.execute(*INSERTS[table])
    await conn.execute(f"DELETE FROM {gone} WHERE bot_id = %s".encode(), [BOT])
    assert await (await conn.execute(f"SELECT FROM {left}".encode())).fetchall() == []


async def test_a_bot_goes_with_its_users(conn: Connection) -> None:
    await _meet_anna(conn)
    await conn.execute("DELETE FROM bots WHERE bot_id = %s", [BOT])
    assert await (await conn.execute("SELECT FROM user_stats WHERE bot_id = %s", [BOT])).fetchall() == []


async def test_a_user_stays_until_who_refers_to_them_is_done(conn: Connection, dsn: str) -> None:
    await _meet_anna(conn)
    await conn.commit()
    with psycopg.connect(dsn) as other:
        await conn.execute(*INSERTS["changes"])
        other.execute("SET LOCAL lock_timeout = '50ms'")
        with pytest.raises(LockNotAvailable):
            other.execute("DELETE FROM user_stats WHERE bot_id = %s", [BOT])
