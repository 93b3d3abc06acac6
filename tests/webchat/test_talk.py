"""A visitor talks on a web page."""

import asyncio
import io
from uuid import UUID

from PIL import Image

from botfolk.ids import new_id
from botfolk.pictures import avatar, store
from tests.webchat.conftest import Chat, Visitor


async def queued_is_sent(chat: Chat) -> None:
    """What the sender does, at once."""
    await chat.tale.rows("UPDATE messages SET status = 'sent' WHERE direction = 'out' RETURNING 1")


def picture(color: str = "red") -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (64, 48), color).save(drawn, "PNG")
    return drawn.getvalue()


async def test_who_only_looks_is_no_user(chat: Chat) -> None:
    visitor = await chat.visitor()
    assert visitor.started["messages"] == []
    assert await visitor.reads() == []
    assert await chat.tale.rows("SELECT count(*) FROM users") == [(0,)]


async def test_what_a_visitor_says_makes_a_user_with_what_the_browser_knows(chat: Chat) -> None:
    visitor = await chat.visitor()
    said = await visitor.says("Is it in stock? 😀")
    assert (said["from"], said["text"], said["status"]) == ("visitor", "Is it in stock? 😀", "received")
    rows = await chat.tale.rows("SELECT first_name, language, timezone FROM users")
    assert rows == [(None, "ms-MY", "Asia/Kuala_Lumpur")]
    context = (await chat.tale.rows("SELECT context FROM sessions"))[0][0]
    assert context == {"page": "https://shop.example/cart", "referrer": "https://search.example/"}


async def test_the_same_message_sent_again_is_stored_once_and_answered_the_same(chat: Chat) -> None:
    visitor = await chat.visitor()
    body = {"id": str(new_id()), "text": "once"}
    answers = await asyncio.gather(*(visitor.post("messages", body) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert answers[0].json()["client_id"] == body["id"]
    assert await chat.tale.rows("SELECT messages, sessions FROM user_stats") == [(1, 1)]


async def test_a_visitor_sees_an_answer_once_it_has_left(chat: Chat) -> None:
    visitor = await chat.visitor()
    await visitor.says()
    assert [message["from"] for message in await visitor.reads()] == ["visitor"]
    await queued_is_sent(chat)
    seen = await visitor.reads()
    assert [message["from"] for message in seen] == ["visitor", "bot"]
    assert seen[1]["name"] == "Testbot"


async def test_a_visitor_who_returns_finds_what_was_said_and_only_that(chat: Chat) -> None:
    one, other = await chat.visitor(), await chat.visitor()
    await one.says("mine")
    await other.says("somebody else's")
    back = Visitor(chat, one.token)
    await back.start()
    assert [message["text"] for message in back.started["messages"] if message["from"] == "visitor"] == ["mine"]


async def test_older_messages_come_by_the_page(chat: Chat) -> None:
    visitor = await chat.visitor()
    await chat.tale.rows("UPDATE bots SET greeting = '', fallback = '' RETURNING 1")
    first = await visitor.says("0")
    await chat.tale.rows(
        """INSERT INTO messages (bot_id, id, user_id, channel_id, dedupe_key, direction, author, kind, text, sent_at,
                                 received_at, status)
           SELECT bot_id, gen_random_uuid(), user_id, channel_id, 'x:' || n, 'in', 'user', 'text', n::text,
                  sent_at + n * interval '1 second', received_at, 'received'
           FROM messages, generate_series(1, 119) n WHERE id = %s RETURNING 1""",
        UUID(first["id"]),
    )
    seen = await visitor.reads()
    assert [message["text"] for message in seen] == [str(number) for number in range(70, 120)]
    path = f"{chat.path}/messages?before={seen[0]['id']}"
    older = (await chat.client.get(path, headers=visitor.headers)).json()
    assert [message["text"] for message in older["messages"]] == [str(number) for number in range(20, 70)]
    assert older["more"]
    oldest = f"{chat.path}/messages?before={older['messages'][0]['id']}"
    last = (await chat.client.get(oldest, headers=visitor.headers)).json()
    assert [message["text"] for message in last["messages"]] == [str(number) for number in range(20)]
    assert not last["more"]


async def test_another_site_may_not_use_the_chat(chat: Chat) -> None:
    for origin, status in (
        ("https://shop.example", 200),
        ("https://www.shop.example", 200),
        ("https://shop.example.evil.example", 403),
        ("https://evilshop.example", 403),
        ("http://shop.example", 403),
        ("null", 403),
    ):
        answer = await chat.client.post(f"{chat.path}/start", json={}, headers={"Origin": origin})
        assert (origin, answer.status_code) == (origin, status)
    asked = await chat.client.options(f"{chat.path}/messages", headers={"Origin": "https://shop.example"})
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == "https://shop.example"
    assert "Authorization" in asked.headers["access-control-allow-headers"]


async def test_a_token_counts_on_its_channel_only_and_not_when_it_was_altered(chat: Chat) -> None:
    visitor = await chat.visitor()
    assert visitor.token is not None
    await visitor.start(token=visitor.token[:-2] + "xx", expect=401)
    visitor.token = visitor.token[:-2] + "xx"
    assert (await visitor.post("messages", {"id": str(new_id()), "text": "x"})).status_code == 401


async def test_what_is_no_message_is_refused_with_the_field_named(chat: Chat) -> None:
    visitor = await chat.visitor()
    for body, field in (
        ({"text": " "}, "text"),
        ({"text": "x" * 4001}, "text"),
        ({}, ""),
        ({"text": "x", "location": {"latitude": 1, "longitude": 2}}, ""),
        ({"location": {"latitude": 91, "longitude": 2}}, "location"),
        ({"answer": {"kind": "email", "value": "not one"}}, "email"),
        ({"tap": {"message": str(new_id()), "data": "x", "title": "X"}}, "tap"),
    ):
        answer = await visitor.post("messages", {"id": str(new_id()), **body})
        assert answer.status_code == 422, body
        assert [error["field"] for error in answer.json()["errors"]] == [field], body
    assert await chat.tale.rows("SELECT count(*) FROM messages") == [(0,)]


async def test_an_address_that_was_asked_for_fills_the_profile_and_joins_nobody(chat: Chat) -> None:
    for _ in range(2):
        visitor = await chat.visitor()
        answer = {"id": str(new_id()), "answer": {"kind": "email", "value": "Ann@Example.com"}}
        assert (await visitor.post("messages", answer)).status_code == 200
    rows = await chat.tale.rows("SELECT lower(email), field_sources ->> 'email' FROM users")
    assert rows == [("ann@example.com", "user")] * 2
    rows = await chat.tale.rows("SELECT DISTINCT source, actor FROM changes WHERE field = 'email'")
    assert rows == [("user", "Said by the user")]


async def test_a_button_that_was_offered_can_be_pressed(chat: Chat) -> None:
    visitor = await chat.visitor()
    await visitor.says()
    await queued_is_sent(chat)
    offered = (await visitor.reads())[1]["id"]
    buttons = '{"buttons": [{"title": "Yes", "data": "yes"}, {"title": "Maybe"}, {"title": "Mail", "ask": "email"}]}'
    await chat.tale.rows("UPDATE messages SET details = %s WHERE id = %s RETURNING 1", buttons, UUID(offered))
    shown = (await visitor.reads())[1]["buttons"]
    assert shown[1:] == [{"title": "Maybe", "data": "Maybe"}, {"title": "Mail", "ask": "email"}]
    tap = {"id": str(new_id()), "tap": {"message": offered, "data": "yes", "title": "What the visitor likes"}}
    pressed = await visitor.post("messages", tap)
    assert (pressed.status_code, pressed.json()["kind"], pressed.json()["text"]) == (200, "button", "Yes")
    for data, status in (("Maybe", 200), ("no", 422), ("Mail", 422)):
        tap = {"id": str(new_id()), "tap": {"message": offered, "data": data}}
        assert (await visitor.post("messages", tap)).status_code == status


async def test_a_picture_is_drawn_anew_and_seen_by_who_was_given_its_address(chat: Chat) -> None:
    visitor = await chat.visitor()
    headers = {**visitor.headers, "Content-Type": "image/png"}
    stored = await chat.client.post(f"{chat.path}/files?name=../cat.png", content=picture(), headers=headers)
    assert stored.status_code == 200
    assert (stored.json()["name"], stored.json()["type"], stored.json()["width"]) == ("cat.png", "image/webp", 64)
    message = await visitor.says("look", files=[stored.json()["id"]])
    assert message["kind"] == "photo"
    shown = await chat.client.get(message["files"][0]["url"])
    assert shown.headers["content-type"] == "image/webp"
    assert Image.open(io.BytesIO(shown.content)).size == (64, 48)
    assert (await chat.client.get(message["files"][0]["url"][:-3] + "000")).status_code == 404
    assert await chat.tale.rows("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'media.fetch'") == [(0,)]


async def test_a_file_is_sent_by_who_stored_it_and_none_that_could_run(chat: Chat) -> None:
    one, other = await chat.visitor(), await chat.visitor()
    path = f"{chat.path}/files?name=a"
    stored = await chat.client.post(path, content=b"a,b", headers={**one.headers, "Content-Type": "text/csv"})
    stolen = await other.post("messages", {"id": str(new_id()), "files": [stored.json()["id"]]})
    assert stolen.status_code == 400
    downloaded = await chat.client.get(stored.json()["url"])
    assert downloaded.headers["content-disposition"] == "attachment"
    for kind, content, status in (
        ("image/svg+xml", b"<svg/>", 415),
        ("text/html", b"<script>", 415),
        ("image/png", b"no picture", 422),
        ("text/plain", b"", 400),
        ("text/plain", b"x" * (10 * 1024 * 1024 + 1), 413),
    ):
        answer = await chat.client.post(path, content=content, headers={**one.headers, "Content-Type": kind})
        assert (kind, answer.status_code) == (kind, status)


async def test_too_much_at_once_is_told_to_wait(chat: Chat) -> None:
    visitor = await chat.visitor()
    # Twenty at once and one a second: so many are too many, however slow the machine is.
    said = (visitor.post("messages", {"id": str(new_id()), "text": "x"}) for _ in range(50))
    answers = await asyncio.gather(*said)
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert int(refused[0].headers["retry-after"]) >= 1
    assert await chat.tale.rows("SELECT messages FROM user_stats") == [(50 - len(refused),)]


async def test_who_is_blocked_is_not_told_and_nothing_is_kept(chat: Chat) -> None:
    visitor = await chat.visitor()
    await visitor.says()
    await chat.tale.rows("UPDATE users SET status = 'blocked' RETURNING 1")
    assert (await visitor.says("let me in"))["text"] == "let me in"
    assert await chat.tale.rows("SELECT messages FROM user_stats") == [(1,)]


async def test_what_a_browser_claims_fills_the_profile_only_where_it_makes_sense(chat: Chat) -> None:
    visitor = await chat.visitor(
        timezone="Mars/Olympus", language="<script>", page="javascript:alert(1)", referrer="file:///etc"
    )
    await visitor.says()
    assert await chat.tale.rows("SELECT language, timezone FROM users") == [(None, None)]
    assert await chat.tale.rows("SELECT context FROM sessions") == [({},)]


async def test_a_session_keeps_the_page_on_which_it_began(chat: Chat) -> None:
    visitor = await chat.visitor()
    await visitor.says("first", page="https://shop.example/beans")
    await visitor.says("second", page="https://shop.example/cups")
    kept = {"page": "https://shop.example/beans", "referrer": "https://search.example/"}
    assert await chat.tale.rows("SELECT context FROM sessions") == [(kept,)]


async def test_who_was_away_for_long_is_told_all_that_was_said(chat: Chat) -> None:
    visitor = await chat.visitor()
    await chat.tale.rows("UPDATE bots SET greeting = '', fallback = '' RETURNING 1")
    first = await visitor.says("0")
    await chat.tale.rows(
        """INSERT INTO messages (bot_id, id, user_id, channel_id, direction, author, kind, text, sent_at, received_at,
                                 status)
           SELECT bot_id, gen_random_uuid(), user_id, channel_id, 'out', 'member', 'text', n::text,
                  sent_at + n * interval '1 second', received_at, 'sent'
           FROM messages, generate_series(1, 130) n WHERE id = %s RETURNING 1""",
        UUID(first["id"]),
    )
    path = f"{chat.path}/messages?after={first['id']}"
    missed = (await chat.client.get(path, headers=visitor.headers)).json()["messages"]
    assert [message["text"] for message in missed][-130:] == [str(number) for number in range(1, 131)]


async def test_a_long_text_and_no_more_is_taken_as_a_body(chat: Chat) -> None:
    visitor = await chat.visitor()
    await visitor.says("\U0001f600" * 4000)
    headers = {**visitor.headers, "Content-Type": "application/json"}
    body = b'{"id": "' + str(new_id()).encode() + b'", "text": "' + b"x" * 70_000 + b'"}'
    assert (await chat.client.post(f"{chat.path}/messages", content=body, headers=headers)).status_code == 413


async def test_a_chat_that_is_not_there_is_a_page_that_says_so(chat: Chat) -> None:
    answer = await chat.client.get(f"/chat/{new_id()}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "There is no such chat" in answer.text


async def test_the_bots_picture_is_shown_where_it_has_one(chat: Chat) -> None:
    visitor = await chat.visitor()
    assert visitor.started["bot"]["picture"] is None
    assert (await chat.client.get(f"{chat.path}/picture")).status_code == 404
    async with chat.tale.pool.connection() as connection:
        stored = await store(connection, chat.tale.bot_id, avatar(picture()), chat.tale.now)
        await connection.execute("UPDATE bots SET picture_id = %s", [stored])
    shown = await chat.client.get((await visitor.start())["bot"]["picture"])
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
    assert shown.headers["x-content-type-options"] == "nosniff"
