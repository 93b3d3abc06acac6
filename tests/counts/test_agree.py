"""The index, the database and memory give the same answer, to random filters about random people who change.

So do the index and the database where a list is paged, in any order.
"""

from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg.errors import ForeignKeyViolation

from botfolk.counts import answer, texts
from botfolk.counts.index import Index
from botfolk.db.pool import Connection
from botfolk.filters import Filter, load_catalogue, load_people, match, write
from botfolk.filters.tree import conditions
from botfolk.users.ordering import ATTRIBUTE, SORTS
from tests.counts.paged import List, Pages, Standing, none_to_spare
from tests.filters.people import ANCHOR, ATTRIBUTES, ZONES, Someone, a_bot, catalogue, filters, people, settle
from tests.filters.test_agree import meant

FILTERS = filters(catalogue())
# What people do to people, in the ways that rooms do it. The id of one, and of another.
CHANGES = (
    "DELETE FROM users WHERE bot_id = %(bot)s AND id = %(one)s",
    "DELETE FROM user_tags WHERE bot_id = %(bot)s AND user_id = %(one)s",
    """UPDATE user_tags t SET user_id = %(other)s WHERE bot_id = %(bot)s AND user_id = %(one)s AND NOT EXISTS (
           SELECT 1 FROM user_tags o WHERE o.bot_id = t.bot_id AND o.user_id = %(other)s AND o.tag_id = t.tag_id)""",
    "UPDATE identities SET user_id = %(other)s WHERE bot_id = %(bot)s AND user_id = %(one)s",
    "DELETE FROM identities WHERE bot_id = %(bot)s AND user_id = %(one)s",
    "UPDATE tags SET name = 'x' || name WHERE bot_id = %(bot)s",
    "UPDATE channels SET name = 'Telegram' WHERE bot_id = %(bot)s AND kind = 'telegram'",
    """UPDATE users u SET first_name = o.first_name, email = o.email, attributes = o.attributes, status = o.status
       FROM users o WHERE u.bot_id = %(bot)s AND o.bot_id = u.bot_id AND u.id = %(one)s AND o.id = %(other)s""",
    """UPDATE user_stats SET messages = messages + 1, paused_until = '9999-12-31', last_message = 'Straße', clicks = 0
       WHERE bot_id = %(bot)s AND user_id = %(one)s""",
)


async def agree(conn: Connection, standing: Standing, crowd: Sequence[Someone], asked: Sequence[Filter]) -> None:
    found = await load_catalogue(conn, standing.bot_id)
    there = await load_people(conn, standing.bot_id, [someone.id for someone in crowd])
    for filter in asked:
        in_index = answer.count(standing.index, filter, None, found, ANCHOR)
        if in_index is None:
            assert not _is_kept(standing.index, filter), write(filter)
            continue
        assert in_index == len(await meant(conn, standing.bot_id, filter, found, ANCHOR)), write(filter)
        assert in_index == sum(match(filter, person, ANCHOR, found) for person in there.values())
        active = [person for person in there.values() if person.status == "active"]
        counted = answer.count(standing.index, filter, "active", found, ANCHOR)
        assert counted == sum(match(filter, person, ANCHOR, found) for person in active)


def _is_kept(index: Index, filter: Filter) -> bool:
    """Say whether the index has to answer: notes, names on a service and numbers of many digits are the database's."""
    return not any(
        each.column in {"note", "username", *index.left_out}
        or any(sum(letter.isdigit() for letter in value) > 15 for value in each.values)
        for each in conditions(filter)
    )


lists = st.builds(
    List,
    filter=st.one_of(st.none(), FILTERS),
    sort=st.sampled_from([*SORTS, *(ATTRIBUTE + name for name in ATTRIBUTES)]),
    descending=st.booleans(),
    limit=st.integers(1, 4),
)


# Not made simpler when it fails: with all it does, that takes minutes.
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.reuse, Phase.generate])
@given(
    crowd=st.lists(people, min_size=2, max_size=10),
    later=st.lists(people, max_size=3),
    asked=st.lists(FILTERS, min_size=6, max_size=14),
    shown=st.lists(lists, min_size=3, max_size=6),
    zone=st.sampled_from(ZONES),
    few=st.booleans(),
    changes=st.lists(st.tuples(st.sampled_from(CHANGES), st.integers(0, 99), st.integers(0, 99)), max_size=5),
)
async def test_the_index_answers_as_the_database_and_memory_do_while_people_change(
    conn: Connection,
    reading: Connection,
    beside: Connection,
    crowd: list[Someone],
    later: list[Someone],
    asked: list[Filter],
    shown: list[List],
    zone: str,
    few: bool,
    changes: list[tuple[str, int, int]],
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "_MOST", 3 if few else 10_000)
        bot_id = await a_bot(conn, zone)
        await settle(conn, bot_id, crowd)
        await conn.commit()
        standing = Standing(reading, beside, bot_id)
        await standing.build()
        await agree(conn, standing, crowd, asked)
        none_to_spare(patch)
        found = await load_catalogue(conn, bot_id)
        alone, by_index = (Pages(conn, bot_id, found, ANCHOR, each) for each in (None, standing.index))
        for each in shown:
            await by_index.page(each)
        await conn.commit()
        await standing.learn()
        for change, one, other in changes:
            given = {"bot": bot_id, "one": crowd[one % len(crowd)].id, "other": crowd[other % len(crowd)].id}
            with suppress(ForeignKeyViolation):  # the other is gone
                async with conn.transaction():
                    await conn.execute(change.encode(), given)
        await settle(conn, bot_id, later)
        await conn.commit()
        await standing.bring()
        await agree(conn, standing, [*crowd, *later], asked)
        for each in shown:
            assert await by_index.all(each) == await alone.all(each), each
        assert by_index.unnamed == []
