"""Several questions in one statement are answered as each would be alone."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from msgspec import Struct

from botfolk.db.pool import Pool, reading
from botfolk.db.together import Ask, alone, together

ID = UUID("018f0000-0000-7000-8000-000000000001")


class Row(Struct):
    """What comes back."""

    id: UUID
    at: datetime
    words: list[str]
    said: str | None = None


def _ask(said: str | None) -> Ask[Row]:
    select = """SELECT n AS x, %(id)s::uuid AS id, '2026-03-02T12:00:00.000001+08'::timestamptz AS at, %(said)s::text
        AS said, jsonb_build_array('a', n) -> 0 AS first, ARRAY['ä', '100 %%'] AS words
        FROM generate_series(1, 2) n ORDER BY n DESC"""
    return Ask(select, {"id": ID, "said": said}, Row)


NOBODY = Ask("SELECT %(id)s::uuid AS id, now() AS at, ARRAY[]::text[] AS words WHERE false", {"id": ID}, Row)


async def test_each_question_gets_its_own_rows(pool: Pool) -> None:
    said = _ask('"quoted" \\ and 🐢')
    async with reading(pool) as connection:
        found = await together(connection, NOBODY, said)
        lonely = await alone(connection, said)
    row = Row(ID, datetime(2026, 3, 2, 4, 0, 0, 1, tzinfo=UTC), ["ä", "100 %"], '"quoted" \\ and 🐢')
    assert found[said] == lonely == [row, row]
    assert found[NOBODY] == []


async def test_one_name_means_one_value(pool: Pool) -> None:
    async with reading(pool) as connection:
        with pytest.raises(ValueError, match="different values"):
            await together(connection, _ask("this"), _ask("that"))


async def test_who_only_read_leaves_the_connection_as_it_was(pool: Pool) -> None:
    async with reading(pool) as connection:
        await connection.execute("SELECT 1")
    with pytest.raises(ZeroDivisionError):
        async with reading(pool) as connection:
            raise ZeroDivisionError
    async with pool.connection() as connection:
        assert connection.autocommit is False
        await connection.execute("CREATE TABLE not_kept (n int)")
        await connection.rollback()
        cursor = await connection.execute("SELECT to_regclass('not_kept')")
        assert await cursor.fetchone() == (None,)
