"""Pages of a list whose few people are named by memory: the same as those the database finds by itself."""

from msgspec.structs import replace

from botfolk.counts import answer, bringing
from botfolk.db.pool import Connection
from botfolk.filters import Where, load_catalogue, parse, where
from botfolk.ids import new_id
from botfolk.users import edits as e
from botfolk.users.apply import apply
from botfolk.users.ordering import SORTS
from botfolk.users.paging import Ids, list_ids
from tests.telling import Tale, full
from tests.users.two import MIA

FILTER = "messages < 3 and first_name is set"


async def test_every_order_and_page_is_as_without(tale: Tale, conn: Connection, reading: Connection) -> None:
    for number in range(7):
        for _ in range(1 + number % 3):
            await tale.says(number, who=str(number), profile=full(f"Ann {number % 4}"))
    async with tale.pool.connection() as connection:
        sleeper = await tale.user_id("4")
        await apply(connection, tale.bot_id, sleeper, [e.SetStatus("archived")], MIA, now=tale.now)
    async with reading.transaction():
        index, _ = await bringing.build(reading, tale.bot_id, 10**9)
    catalogue = await load_catalogue(conn, tale.bot_id)
    filter = parse(FILTER, catalogue)
    alone = where(filter, catalogue, tale.now)
    found = index.ids(answer.who(index, filter, "active", catalogue, tale.now))
    named = replace(alone, among=f"{{{','.join(found)}}}")
    nobody = replace(alone, among=f"{{{new_id().hex}}}")
    for sort in SORTS:
        for descending in (True, False):
            pages = [await _pages(conn, tale, asked, sort, descending=descending) for asked in (alone, named, nobody)]
            assert pages[0] == pages[1]
            assert sum(len(page.ids) for page in pages[1]) == len(found) == 4
            assert [page.ids for page in pages[2]] == [[]]


async def _pages(conn: Connection, tale: Tale, asked: Where, sort: str, *, descending: bool) -> list[Ids]:
    pages: list[Ids] = []
    after = None
    while after or not pages:
        pages.append(
            await list_ids(
                conn,
                tale.bot_id,
                q=None,
                sort=sort,
                descending=descending,
                limit=2,
                status="active",
                after=after,
                filter=asked,
            )
        )
        after = pages[-1].next_cursor
    return pages
