"""Users found by a filter: listed, counted, explained; and whatever is written as one, never a fault of ours."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from botfolk.api.problem import problem_of
from botfolk.bot import personality
from botfolk.db.pool import Connection
from botfolk.users.apply import apply
from botfolk.users.edits import Actor, AddTag, SetAttribute, SetStatus
from botfolk.users.in_time import TooSlow, in_time
from tests.telling import at, full
from tests.web import Web

MIA = Actor("member", "Mia")
PEOPLE = 30


async def ask(web: Web, path: str, filter: str, expected: int = 200, **more: Any) -> dict[str, Any]:
    answer = await web.client.get(
        f"/api/v1/users{path}", params={"filter": filter, **more}, headers=await web.token("viewer")
    )
    assert answer.status_code == expected, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
async def crowd(web: Web) -> None:
    """Thirty people: of Malaysia and Singapore in turn, every third a vip, with one to four messages."""
    for number in range(PEOPLE):
        for _ in range(1 + number % 4):
            await web.tale.says(number, "hello", who=str(number), profile=full(f"P{number:02}"))
        edits = [SetAttribute("country", ("Malaysia", "SINGAPORE")[number % 2])]
        if number % 3 == 0:
            edits = [*edits, AddTag("VIP")]  # type: ignore[list-item]
        async with web.tale.pool.connection() as connection:
            user_id = await web.tale.user_id(str(number))
            await apply(connection, web.tale.bot_id, user_id, edits, MIA, now=web.tale.now)


async def test_a_filter_that_asks_for_a_status_finds_it_wherever_it_is_asked(web: Web, crowd: None) -> None:
    async with web.tale.pool.connection() as connection:
        user_id = await web.tale.user_id("3")
        await apply(connection, web.tale.bot_id, user_id, [SetStatus("archived")], MIA, now=web.tale.now)
    assert (await ask(web, "/count", ""))["count"] == PEOPLE - 1
    assert (await ask(web, "/count", "status = archived"))["count"] == 1
    assert [each["id"] for each in (await ask(web, "", "status = archived"))["items"]] == [str(user_id)]
    assert (await ask(web, "/count", "status = archived", status="active"))["count"] == 0
    asked = {"action": "add_tag", "tag": "old", "filter": "status = archived", "dry_run": True}
    answer = await web.client.post("/api/v1/jobs", json=asked, headers=await web.token("agent"))
    assert answer.json() == {"total": 1, "would_change": 1}


async def everybody(web: Web, filter: str, **more: Any) -> list[str]:
    """The first names of all who are listed, page after page."""
    names: list[str] = []
    cursor = None
    while True:
        page = await ask(web, "", filter, limit=4, **more, **({"cursor": cursor} if cursor else {}))
        names += [user["first_name"] for user in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return names


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize("sort", ["-last_message_at", "last_message_at", "name", "-name", "messages", "-created_at"])
async def test_who_is_in_a_filter_is_listed_once_in_order(web: Web, sort: str) -> None:
    expected = {f"P{number:02}" for number in range(PEOPLE) if number % 2 and number % 3 == 0 and number % 4 > 0}
    found = await everybody(web, "country = singapore and tag = vip and messages > 1", sort=sort)
    assert sorted(found) == sorted(expected)
    if sort.endswith("name"):
        assert found == sorted(expected, reverse=sort.startswith("-"))
    assert await ask(web, "/count", "country = singapore and tag = vip and messages > 1") == {"count": len(expected)}


@pytest.mark.usefixtures("crowd")
async def test_a_filter_narrows_a_search(web: Web) -> None:
    assert await everybody(web, "messages > 3", q="P1") == ["P19", "P15", "P11"]


@pytest.mark.usefixtures("crowd")
async def test_a_count_is_of_whom_the_list_shows(web: Web) -> None:
    async with web.tale.pool.connection() as connection:
        user_id = await web.tale.user_id("3")
        await apply(connection, web.tale.bot_id, user_id, [SetStatus("archived")], MIA, now=web.tale.now)
    for filter in ("", "messages > 3", "country = singapore", "not messages > 3", "last_message_at in the last 7 days"):
        for status in ("active", "archived", "all"):
            listed = await everybody(web, filter, status=status)
            assert (await ask(web, "/count", filter, status=status))["count"] == len(listed), (filter, status)


async def test_a_relative_date_goes_by_the_bots_timezone(web: Web) -> None:
    await web.tale.says(0, who="1")
    web.tale.now = at(0) + timedelta(hours=20)  # from noon to eight in the morning; in Kiritimati from 2 to 22 h
    assert (await ask(web, "/count", "last_message_at = yesterday"))["count"] == 1
    await web.tale.rows("UPDATE bots SET timezone = 'Pacific/Kiritimati' RETURNING 1")
    assert (await ask(web, "/count", "last_message_at = yesterday"))["count"] == 0
    assert (await ask(web, "/count", "last_message_at = today"))["count"] == 1


async def test_why_somebody_is_in_a_filter_or_not(web: Web) -> None:
    await web.tale.says(0, who="1", profile=full("Aisha"))
    user_id = await web.tale.user_id("1")
    found = await ask(web, f"/{user_id}/why", "first_name = AISHA and messages > 5")
    assert (found["filter"], found["holds"]) == ('first_name = "AISHA" and messages > 5', False)
    assert [(row["text"], row["holds"], row["has"]) for row in found["why"]["of"]] == [
        ('first_name = "AISHA"', True, "Aisha"),
        ("messages > 5", False, 1),
    ]
    assert (await ask(web, f"/{user_id}/why", ""))["holds"] is True


@pytest.mark.parametrize("path", ["", "/count"])
async def test_an_error_says_where_and_how_to_mend_it(web: Web, path: str) -> None:
    problem = await ask(web, path, "messages > 5 and first_nam = x", 400)
    assert problem["detail"] == "filter: There is no column “first_nam”. Did you mean “first_name”?"
    assert problem["errors"] == [
        {
            "field": "filter",
            "message": "There is no column “first_nam”.",
            "position": 17,
            "length": 9,
            "hint": "Did you mean “first_name”?",
        }
    ]


async def test_what_takes_too_long_is_ended_and_said(conn: Connection) -> None:
    with pytest.raises(TooSlow):
        async with in_time(conn, 0.05):
            await conn.execute("SELECT pg_sleep(60)")
    await conn.rollback()
    assert (await (await conn.execute("SHOW statement_timeout")).fetchone()) == ("0",)
    problem = problem_of(TooSlow())
    assert (problem.status, problem.errors[0].field) == (422, "filter")


PIECES = (
    "first_name", "messages", "tag", "created_at", "paused", "picture", "plan", "attributes.plan", "channel", "and",
    "or", "not", "has", "all(", "any(", "(", ")", ",", "=", "!=", ">", "<=", "≠", "is", "is set", "is not", "is one of",
    "contains", "does not contain", "starts with", "between", "in the last", "not in the last", "7 days", "ago",
    "today", "5", "-1e300", "0.1", "99999999999999999999", "2026-01-31", "0001-01-01", "9999-12-31", "yes", "no", "vip",
    '"x"', "'", '"', "'; DROP TABLE users; --", '"\'; DROP TABLE users; --"', "$1", "%s", "%(bot)s", "{x}", "{0}",
    "{}", "\\", "\x00", "\ud800", "İ", "ß", "\u202e", "100000 months ago", "99999 weeks ago", "UNION SELECT",
    "::int", ";", "%",
)  # fmt: skip
FUZZ = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join),
    st.text(max_size=40),
    st.builds("{} {} {}".format, st.sampled_from(PIECES[:9]), st.sampled_from(PIECES[18:33]), st.sampled_from(PIECES)),
)


@pytest.fixture
async def aisha(web: Web) -> UUID:
    """Somebody with an attribute."""
    await web.tale.says(0, who="1", profile=full("Aisha"))
    user_id = await web.tale.user_id("1")
    async with web.tale.pool.connection() as connection:
        await apply(connection, web.tale.bot_id, user_id, [SetAttribute("plan", "pro")], MIA, now=web.tale.now)
    return user_id


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(text=FUZZ)
async def test_no_text_is_a_fault_of_ours_or_a_way_to_sql(web: Web, aisha: UUID, text: str) -> None:
    before = await web.tale.rows("SELECT u::text, s::text FROM users u JOIN user_stats s ON s.user_id = u.id")
    given = {"filter": text.encode(errors="surrogatepass")}
    token, statuses = await web.token("viewer"), set()
    for path in ("", "/count", f"/{aisha}/why"):
        answer = await web.client.get(f"/api/v1/users{path}", params=given, headers=token)
        assert answer.status_code in (200, 400), (text, answer.text)
        if answer.status_code == 400:
            assert answer.json()["errors"][0]["field"] == "filter"
            assert not any(word in answer.text for word in ("psycopg", "syntax error at", "SELECT u."))
        statuses.add(answer.status_code)
    assert len(statuses) == 1
    assert before == await web.tale.rows("SELECT u::text, s::text FROM users u JOIN user_stats s ON s.user_id = u.id")


async def test_a_filter_finds_nobody_of_another_bot(web: Web) -> None:
    await web.tale.says(0, who="1", profile=full("Aisha"))
    user_id = await web.tale.user_id("1")
    async with web.tale.pool.connection() as connection:
        other = await personality.create(connection, "Other", web.tale.now)
    token = await web.token("viewer", other)
    for path, expected in (("", {"items": [], "next_cursor": None}), ("/count", {"count": 0})):
        answer = await web.client.get(f"/api/v1/users{path}", params={"filter": "first_name = aisha"}, headers=token)
        assert answer.json() == expected
    answer = await web.client.get(f"/api/v1/users/{user_id}/why", params={"filter": ""}, headers=token)
    assert answer.status_code == 404
