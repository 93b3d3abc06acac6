"""The list of users is the same whichever way it is paged, whatever it is sorted by."""

from botfolk.filters import Catalogue
from botfolk.users.attributes import AttributeType
from botfolk.users.ordering import ATTRIBUTE, SORTS
from botfolk.users.paging import Ids
from tests.counts.paged import List, Pages
from tests.telling import Tale

ATTRIBUTES: dict[str, AttributeType] = {
    "score": "number",
    "plan": "text",
    "since": "datetime",
    "paying": "yes_no",
    "likes": "list",
}
PEOPLE = 23


async def crowd(tale: Tale) -> None:
    """People of whom some have a value and some have none, and many have the same."""
    async with tale.pool.connection() as connection:
        await connection.execute(
            """WITH people AS (
                   INSERT INTO users (bot_id, id, first_name, last_name, email, phone, timezone, language, attributes)
                   SELECT %(bot)s, gen_random_uuid(), CASE WHEN i %% 3 > 0 THEN 'First' || i %% 5 END,
                       CASE WHEN i %% 4 > 0 THEN 'Last' || i %% 2 END,
                       CASE WHEN i %% 2 = 0 THEN i || '@example.com' END,
                       CASE WHEN i %% 5 = 0 THEN '+60' || 100000000 + i END, CASE WHEN i %% 3 = 0 THEN 'Asia/Tokyo' END,
                       CASE WHEN i %% 2 = 0 THEN 'en' END,
                       CASE WHEN i %% 2 = 0 THEN jsonb_build_object('score', i %% 7, 'plan', 'P' || i %% 3,
                           'since', '2026-01-0' || 1 + i %% 5 || 'T00:00:00Z', 'paying', i %% 4 = 0,
                           'likes', jsonb_build_array('L' || i %% 3)) ELSE '{}' END
                   FROM generate_series(1, %(people)s) i RETURNING id)
               INSERT INTO user_stats (bot_id, user_id, created_at, messages, sessions, scored_messages, sentiment_sum,
                   last_message, last_message_at, paused_until)
               SELECT %(bot)s, id, timestamptz '2026-01-01' + n %% 6 * interval '1 day', n %% 4, n %% 3, n %% 2, n * 10,
                   CASE WHEN n %% 3 > 0 THEN 'word ' || n %% 4 END,
                   CASE WHEN n %% 3 > 0 THEN timestamptz '2026-02-01' + n %% 8 * interval '1 hour' END,
                   CASE WHEN n %% 5 = 0 THEN timestamptz '2026-03-01' END
               FROM (SELECT id, row_number() OVER (ORDER BY id) n FROM people) numbered""",
            {"bot": tale.bot_id, "people": PEOPLE},
        )


async def page(tale: Tale, sort: str, *, descending: bool, after: str | None = None, before: str | None = None) -> Ids:
    """A page of five."""
    async with tale.pool.connection() as connection:
        pages = Pages(connection, tale.bot_id, Catalogue(ATTRIBUTES), tale.now)
        return await pages.page(List(None, sort, descending, 5), after=after, before=before)


async def test_the_way_back_is_the_way_there(tale: Tale) -> None:
    await crowd(tale)
    for sort in [*SORTS, *(ATTRIBUTE + name for name in ATTRIBUTES)]:
        for descending in (True, False):
            await there_and_back(tale, sort, descending=descending)


async def there_and_back(tale: Tale, sort: str, *, descending: bool) -> None:
    """Page through the whole list, and back."""
    there = [await page(tale, sort, descending=descending)]
    while there[-1].next_cursor:
        there.append(await page(tale, sort, descending=descending, after=there[-1].next_cursor))
    ids = [each for found in there for each in found.ids]
    assert len(ids) == len(set(ids)) == PEOPLE, sort
    assert there[0].previous_cursor is None
    back = [there[-1]]
    while back[-1].previous_cursor:
        back.append(await page(tale, sort, descending=descending, before=back[-1].previous_cursor))
    assert [each for found in reversed(back) for each in found.ids] == ids, sort


async def test_few_active_among_many_archived_are_found(tale: Tale) -> None:
    await crowd(tale)
    async with tale.pool.connection() as connection:
        await connection.execute(
            "UPDATE users SET status = 'archived' WHERE id NOT IN (SELECT user_id FROM user_stats"
            " WHERE last_message_at IS NOT NULL ORDER BY last_message_at, user_id LIMIT 2)"
        )
    assert len((await page(tale, "last_message_at", descending=True)).ids) == 2
    assert len((await page(tale, "messages", descending=True)).ids) == 2
