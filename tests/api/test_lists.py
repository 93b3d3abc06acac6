"""Lists are paged by key: nobody is shown twice or left out, whatever arrives in between."""

from collections.abc import Awaitable, Callable
from typing import Any, get_args

import pytest

from botfolk.db.pool import Connection
from botfolk.ids import new_id
from botfolk.users.api import Sort
from botfolk.users.apply import apply
from botfolk.users.edits import Actor, SetStatus
from botfolk.users.paging import list_ids
from tests.telling import at, full
from tests.web import Web

PEOPLE = 23


async def walk(
    web: Web, path: str, limit: int, between: Callable[[int], Awaitable[None]] | None = None
) -> list[dict[str, Any]]:
    """All items of a list, page after page; `between` happens after each page."""
    token, cursor, items, pages = await web.token("viewer"), "", [], 0
    while True:
        query = f"{path}{'&' if '?' in path else '?'}limit={limit}" + (f"&cursor={cursor}" if cursor else "")
        answer = await web.client.get(query, headers=token)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["items"]) <= limit
        items += page["items"]
        pages += 1
        cursor = page["next_cursor"]
        if cursor is None:
            return items
        assert len(page["items"]) == limit
        if between is not None:
            await between(pages)


async def crowd(web: Web) -> set[str]:
    """People with many and few messages, moods and none, names and none, and some who never wrote; their ids."""
    for number in range(PEOPLE):
        text = ("hahaha", "this is terrible", "12345", "hello")[number % 4]
        profile = full(f"P{number % 5}") if number % 6 else None
        for _ in range(1 + number % 3):
            await web.tale.says(number // 2, text, who=str(number), profile=profile)
    async with web.tale.pool.connection() as connection:
        for number in range(5):
            user_id = new_id()
            await connection.execute("INSERT INTO users (bot_id, id) VALUES (%s, %s)", [web.tale.bot_id, user_id])
            await connection.execute(
                "INSERT INTO user_stats (bot_id, user_id, created_at) VALUES (%s, %s, %s)",
                [web.tale.bot_id, user_id, at(number)],
            )
    return {str(row[0]) for row in await web.tale.rows("SELECT id FROM users")}


def value(user: dict[str, Any], sort: str) -> Any:
    """What a user is sorted by."""
    if sort == "name":
        return " ".join(part for part in (user["first_name"], user["last_name"]) if part).lower() or None
    return user["created_at"] if sort == "created_at" else user["stats"][sort]


@pytest.mark.parametrize("way", ["", "-"])
@pytest.mark.parametrize("sort", [sort for sort in get_args(Sort) if not sort.startswith("-")])
async def test_everybody_who_is_there_is_shown_once_in_order(web: Web, sort: str, way: str) -> None:
    there = await crowd(web)

    async def somebody_new(page: int) -> None:
        await web.tale.says(100 + page, "hi", who=f"new {page}", profile=full(f"A{page}"))

    users = await walk(web, f"/api/v1/users?sort={way}{sort}", 6, somebody_new)
    ids = [user["id"] for user in users]
    assert len(ids) == len(set(ids))
    assert there <= set(ids)
    values = [value(user, sort) for user in users if user["id"] in there]
    known = [each for each in values if each is not None]
    assert known == sorted(known, reverse=bool(way))
    assert values[len(known) :] == [None] * (len(values) - len(known))
    assert sort in ("messages", "created_at") or len(known) < len(values)


async def test_a_list_in_the_usual_order_reads_its_index_and_no_more(web: Web) -> None:
    async with web.tale.pool.connection() as connection:
        await connection.execute(
            "WITH people AS (INSERT INTO users (bot_id, id) SELECT %(bot)s, gen_random_uuid()"
            " FROM generate_series(1, 20000) RETURNING id)"
            " INSERT INTO user_stats (bot_id, user_id, last_message_at)"
            " SELECT %(bot)s, id, timestamptz '2026-03-02' + row_number() OVER (ORDER BY id) * interval '7 seconds'"
            " FROM people",
            {"bot": web.tale.bot_id},
        )
        await connection.execute("ANALYZE users, user_stats")
    second = await _next_page_read_by_index(web, None)
    assert await _next_page_read_by_index(web, second) != second


async def _next_page_read_by_index(web: Web, after: str | None) -> str:
    """Read a page of 50 and check that the index of the usual order gave little more than its rows."""
    async with web.tale.pool.connection() as connection:
        before = await _scans(connection)
        ids, following, _ = await list_ids(
            connection,
            web.tale.bot_id,
            q=None,
            sort="last_message_at",
            descending=True,
            after=after,
            limit=50,
            status="active",
        )
        now = await _scans(connection)
    assert len(ids) == 50
    assert following is not None
    of_table, of_index, rows = (since - until for since, until in zip(now, before, strict=True))
    assert (of_table, of_index) == (0, 1)
    assert 50 <= rows <= 100
    return following


async def _scans(connection: Connection) -> tuple[int, int, int]:
    """Scans of the whole table, scans of the index, and rows the index gave, as this connection has counted."""
    cursor = await connection.execute(
        "SELECT pg_stat_get_xact_numscans('user_stats'::regclass),"
        " pg_stat_get_xact_numscans('user_stats_last_message'::regclass),"
        " pg_stat_get_xact_tuples_returned('user_stats_last_message'::regclass)"
    )
    row = await cursor.fetchone()
    assert row is not None
    return row[0], row[1], row[2]


async def test_a_username_is_found_in_any_case(web: Web) -> None:
    await web.tale.says(0)
    await web.tale.says(0, who="2")
    async with web.tale.pool.connection() as connection:
        await connection.execute(
            "UPDATE identities SET username = CASE external_id WHEN '1' THEN 'Aisha_R' ELSE 'AishaXR' END"
        )
    token = await web.token()
    for q, found in (("aisha", 2), ("aisha_r", 1), ("AISHA_", 1), ("aishaxr", 1), ("aisha%r", 0), ("\\", 0)):
        page = (await web.client.get("/api/v1/users", params={"q": q}, headers=token)).json()
        assert len(page["items"]) == found, q


async def test_archived_users_are_listed_when_asked_for(web: Web) -> None:
    await web.tale.says(0)
    async with web.tale.pool.connection() as connection:
        await apply(
            connection,
            web.tale.bot_id,
            await web.tale.user_id(),
            [SetStatus("archived")],
            Actor("member", "M"),
            now=at(1),
        )
    for query, found in (("", 0), ("?status=archived", 1), ("?status=all", 1), ("?status=blocked", 0)):
        page = (await web.client.get(f"/api/v1/users{query}", headers=await web.token())).json()
        assert len(page["items"]) == found, query


async def test_a_cursor_of_another_order_or_list_is_refused(web: Web) -> None:
    await crowd(web)
    token = await web.token()
    cursor = (await web.client.get("/api/v1/users?limit=2", headers=token)).json()["next_cursor"]
    user = f"/api/v1/users/{await web.tale.user_id('1')}"
    for path in (
        "/api/v1/users?sort=last_message_at",
        "/api/v1/users?sort=name",
        f"{user}/messages?",
        f"{user}/changes?",
    ):
        answer = await web.client.get(f"{path}{'' if path.endswith('?') else '&'}cursor={cursor}", headers=token)
        assert answer.status_code == 400, path
        assert [error["field"] for error in answer.json()["errors"]] == ["cursor"]


async def test_each_message_session_and_change_is_listed_once_newest_first(web: Web) -> None:
    for number in range(11):
        # three at each moment: their order is the service's, by sequence
        await web.tale.says(number // 3 * 60, f"m{number}")
    address, token = f"/api/v1/users/{await web.tale.user_id()}", await web.token()
    for number in range(7):
        await web.client.patch(address, json={"first_name": f"N{number}"}, headers=token)

    async def says_more(page: int) -> None:
        await web.tale.says(1000 + page * 60, "later")

    messages = await walk(web, f"{address}/messages", 3, says_more)
    said = [message["text"] for message in messages if message["direction"] == "in"]
    assert said == [f"m{number}" for number in reversed(range(11))]
    sessions = await walk(web, f"{address}/sessions", 2)
    started = [session["started_at"] for session in sessions]
    assert len(started) == len(await web.tale.rows("SELECT id FROM sessions")) > 4
    assert started == sorted(started, reverse=True)
    changes = await walk(web, f"{address}/changes", 3)
    assert [change["new"] for change in changes if change["field"] == "first_name"] == [
        f"N{n}" for n in reversed(range(7))
    ]
    assert {(change["source"], change["actor"]) for change in changes} == {("api", "Shop")}
