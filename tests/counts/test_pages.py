"""Pages of a list of which memory names who may be on them: the same as those the database finds by itself."""

import pytest

from botfolk.db.pool import Connection
from botfolk.filters import load_catalogue, parse
from botfolk.users import edits as e
from botfolk.users.apply import apply
from botfolk.users.ordering import SORTS
from tests.counts.paged import List, Pages, Standing, none_to_spare
from tests.telling import Tale, full
from tests.users.two import MIA

FILTER = "messages < 3 and first_name is set"


@pytest.fixture
async def standing(tale: Tale, reading: Connection, beside: Connection) -> Standing:
    """An index of seven people, of whom four are active and in the filter."""
    for number in range(7):
        for _ in range(1 + number % 3):
            await tale.says(number, who=str(number), profile=full(f"Ann {number % 4}"))
    await archive(tale, "4")
    standing = Standing(reading, beside, tale.bot_id)
    await standing.build()
    return standing


async def archive(tale: Tale, who: str) -> None:
    user_id = await tale.user_id(who)
    async with tale.pool.connection() as connection:
        await apply(connection, tale.bot_id, user_id, [e.SetStatus("archived")], MIA, now=tale.now)


async def test_every_order_and_page_is_as_without(
    tale: Tale, conn: Connection, standing: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    none_to_spare(monkeypatch)
    catalogue = await load_catalogue(conn, tale.bot_id)
    alone, by_index = (Pages(conn, tale.bot_id, catalogue, tale.now, each) for each in (None, standing.index))
    for sort in SORTS:
        for descending in (True, False):
            asked = List(parse(FILTER, catalogue), sort, descending, 1)
            pages = await by_index.all(asked)
            assert pages == await alone.all(asked), asked
            assert [len(page.ids) for page in pages] == [1] * 7
    # Ten orders are of numbers, dates, yes or no; of the seven pages, the last of either way have all who are left.
    assert by_index.named == 10 * 2 * 5
    assert len(standing.index.wanted) == len(SORTS) - 10
    await conn.commit()
    await standing.learn()
    await tale.says(50, "Anew", who="3", profile=full("Zoë"))
    await standing.bring()
    for sort in standing.index.ranks:
        asked = List(parse(FILTER, catalogue), sort, True, 1)
        assert await by_index.all(asked) == await alone.all(asked), asked
    assert by_index.named > 10 * 2 * 5
    assert by_index.unnamed == []


async def test_of_who_has_changed_since_the_database_decides_and_a_page_is_whole(
    tale: Tale, conn: Connection, standing: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    none_to_spare(monkeypatch)
    catalogue = await load_catalogue(conn, tale.bot_id)
    alone, by_index = (Pages(conn, tale.bot_id, catalogue, tale.now, each) for each in (None, standing.index))
    for who in ("0", "1"):
        await archive(tale, who)
    for limit, expected in ((3, "36"), (1, "3")):
        asked = List(parse(FILTER, catalogue), "created_at", False, limit)
        found = await by_index.page(asked)
        assert found == await alone.page(asked)
        assert found.ids == [await tale.user_id(who) for who in expected]
    # Both whom it named for the page of one are gone.
    assert by_index.unnamed == [await tale.user_id("3")]
