"""The database, memory and a plain reference give the same answer, to random filters about random people."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from botfolk.db.pool import Connection
from botfolk.filters import (
    Catalogue,
    Filter,
    from_rows,
    load_catalogue,
    load_people,
    match,
    parse,
    to_rows,
    where,
    why,
    write,
)
from tests.filters import reference
from tests.filters.people import ANCHOR, ZONES, Someone, a_bot, catalogue, filters, people, settle

FILTERS = filters(catalogue())


async def meant(conn: Connection, bot_id: UUID, filter: Filter, found: Catalogue, now: datetime) -> set[UUID]:
    asked = where(filter, found, now)
    cursor = await conn.execute(
        f"SELECT u.id FROM users u JOIN user_stats s ON s.bot_id = u.bot_id AND s.user_id = u.id"
        f" WHERE u.bot_id = %(bot)s AND ({asked.sql})".encode(),
        {"bot": bot_id, **asked.parameters},
    )
    return {user_id for (user_id,) in await cursor.fetchall()}


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    crowd=st.lists(people, min_size=1, max_size=12),
    asked=st.lists(FILTERS, min_size=4, max_size=12),
    zone=st.sampled_from(ZONES),
    later=st.timedeltas(timedelta(0), timedelta(days=2)),
)
async def test_three_ways_give_one_answer(
    conn: Connection, crowd: list[Someone], asked: list[Filter], zone: str, later: timedelta
) -> None:
    now = ANCHOR + later
    try:
        bot_id = await a_bot(conn, zone)
        await settle(conn, bot_id, crowd)
        found = await load_catalogue(conn, bot_id)
        loaded = await load_people(conn, bot_id, [someone.id for someone in crowd])
        for filter in asked:
            in_sql = await meant(conn, bot_id, filter, found, now)
            in_memory = {each.id for each in crowd if match(filter, loaded[each.id], now, found)}
            expected = {each.id for each in crowd if reference.meets(filter, each, now, ZoneInfo(zone))}
            assert in_sql == expected, write(filter)
            assert in_memory == expected, write(filter)
            assert {each.id for each in crowd if why(filter, loaded[each.id], now, found).holds} == expected
    finally:
        await conn.rollback()


@settings(max_examples=300, deadline=None)
@given(FILTERS)
def test_what_is_written_reads_back_the_same(filter: Filter) -> None:
    found = catalogue()
    assert parse(write(filter), found) == filter
    assert from_rows(to_rows(filter), found) == filter
    assert write(parse(write(filter), found)) == write(filter)
