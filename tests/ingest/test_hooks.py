"""`/hooks/<channel id>`: what a service is answered, and that a 2xx is on disk."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from typing import Any
from uuid import UUID

import pytest
from psycopg.conninfo import make_conninfo

from botfolk.channels import registry
from botfolk.channels.contract import Channel
from botfolk.channels.registry import Channels
from botfolk.channels.telegram.kind import Telegram
from botfolk.db.pool import Pool, make_pool
from botfolk.db.secrets import SecretBox
from botfolk.http import Http, open_http
from botfolk.ids import new_id
from botfolk.ingest.hooks import Hooks
from botfolk.ingest.queue import Ingest
from tests.telling import Tale

BOX = SecretBox("a key for tests, as long as a key must be")
SECRET = "the_secret_of_the_webhook"
LIMIT = Telegram.max_body_bytes


class Answer:
    """What the service gets back; `read`: how much of the body was asked for."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.read = 0

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}


class Service:
    """Posts to the webhook as Telegram does."""

    def __init__(self, hooks: Hooks, channel: Channel, http: Http) -> None:
        self.hooks = hooks
        self.channel = channel
        self.http = http

    async def post(
        self,
        body: bytes | Iterable[bytes],
        *,
        secret: str | None = SECRET,
        to: str | None = None,
        method: str = "POST",
        announced: int | None = None,
        breaks: bool = False,
    ) -> Answer:
        """Post a body, in parts; `breaks`: the connection goes before it is whole."""
        answer, parts = Answer(), iter([body] if isinstance(body, bytes) else body)
        headers = [] if secret is None else [(b"X-Telegram-Bot-Api-Secret-Token", secret.encode())]
        if announced is not None:
            headers.append((b"content-length", str(announced).encode()))

        async def receive() -> Any:
            part = next(parts, None)
            if part is None:
                return {"type": "http.disconnect" if breaks else "http.request", "body": b"", "more_body": False}
            answer.read += len(part)
            return {"type": "http.request", "body": part, "more_body": True}

        path = f"/hooks/{to or self.channel.id}"
        scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers}
        await self.hooks(scope, receive, answer.send)
        return answer


def update(number: int, text: str = "hello", who: int = 5) -> bytes:
    """A private message."""
    person = {"id": who, "is_bot": False, "first_name": "Ana"}
    message = {"message_id": number, "from": person, "chat": {"id": who, "first_name": "Ana", "type": "private"}}
    return json.dumps({"update_id": number, "message": message | {"date": 1_760_000_000, "text": text}}).encode()


@pytest.fixture
async def service(tale: Tale) -> AsyncIterator[Service]:
    """A service that knows the secret of a channel."""
    async with tale.pool.connection() as connection:
        channel = await registry.add(connection, BOX, tale.bot_id, "telegram", "t", {}, {"secret": SECRET})
    async with open_http(allow_private=False) as http:
        yield Service(hooks(tale, http), channel, http)


def hooks(tale: Tale, http: Http, ingest: Ingest | None = None, pool: Pool | None = None) -> Hooks:
    """The application, over another ingest or database where one is given."""
    channels = Channels(pool or tale.pool, BOX)
    return Hooks(channels, ingest or tale.ingest, tale.clock, http, "https://crm.example")


async def stored(tale: Tale) -> int:
    """How many messages people have sent."""
    rows = await tale.rows("SELECT count(*) FROM messages WHERE direction = 'in'")
    return int(rows[0][0])


async def test_what_is_answered_200_is_committed(tale: Tale, service: Service) -> None:
    for number in range(1, 4):
        assert (await service.post(update(number))).status == 200
        assert await stored(tale) == number


async def test_three_times_at_once_and_again_later_is_one_message_and_one_answer(tale: Tale, service: Service) -> None:
    answers = await asyncio.gather(*(service.post(update(1)) for _ in range(3)))
    answers.append(await service.post(update(1)))
    assert [answer.status for answer in answers] == [200] * 4
    assert await tale.rows("SELECT messages, sessions FROM user_stats") == [(1, 1)]
    assert await stored(tale) == 1
    assert await tale.rows("SELECT count(*) FROM outbox") == [(1,)]


async def test_who_does_not_know_the_secret_leaves_nothing(tale: Tale, service: Service) -> None:
    for secret in (None, "", "another_secret", SECRET + "x", SECRET[:-1], "s\u00e9cret"):
        for body in (update(1), b"no json"):
            assert (await service.post(body, secret=secret)).status == 401, secret
    assert await stored(tale) == 0
    assert await tale.rows("SELECT 1 FROM quarantine") == []


async def test_a_channel_without_a_secret_takes_nothing(tale: Tale, service: Service) -> None:
    async with tale.pool.connection() as connection:
        open_to_all = await registry.add(connection, BOX, tale.bot_id, "telegram", "u", {}, {"token": "1:x"})
    for secret in (None, "", "x"):
        assert (await service.post(update(1), to=str(open_to_all.id), secret=secret)).status == 401


async def test_an_unknown_channel_and_another_method_are_refused(service: Service) -> None:
    for address in (str(new_id()), "1", "x" * 3000, "\u00e9"):
        assert (await service.post(update(1), to=address)).status == 404
    for method in ("GET", "PUT", "DELETE", "HEAD"):
        assert (await service.post(update(1), method=method)).status == 405


async def test_a_body_that_announces_too_much_is_not_read(service: Service) -> None:
    answer = await service.post([b"x" * 1000] * 10_000, announced=LIMIT + 1)
    assert (answer.status, answer.read) == (413, 0)


async def test_a_body_that_grows_too_large_is_cut_off_while_it_is_read(tale: Tale, service: Service) -> None:
    for announced in (None, 10):
        answer = await service.post((b" " * 65_536 for _ in range(100_000)), announced=announced)
        assert (answer.status, answer.headers["connection"]) == (413, "close")
        assert LIMIT < answer.read <= LIMIT + 65_536
    assert await tale.rows("SELECT 1 FROM quarantine") == []


async def test_a_body_of_exactly_the_limit_is_read(tale: Tale, service: Service) -> None:
    body = update(1)
    assert (await service.post([body, b" " * (LIMIT - len(body))])).status == 200
    assert await stored(tale) == 1


async def test_a_connection_that_goes_before_the_body_is_whole_leaves_nothing(tale: Tale, service: Service) -> None:
    body = update(1)
    answer = await service.post([body[:20], body[20:40]], breaks=True)
    assert answer.status == 0
    assert await tale.rows("SELECT 1 FROM quarantine") == []


async def test_a_full_queue_asks_to_come_again_and_loses_nothing(tale: Tale, service: Service, dsn: str) -> None:
    ingest = Ingest(dsn, tale.clock, BOX, queue_size=2, batch_size=10)
    small = Service(hooks(tale, service.http, ingest), service.channel, service.http)
    waiting = [asyncio.create_task(small.post(update(number, who=number))) for number in (1, 2)]
    while ingest.depth < 2:  # noqa: ASYNC110 - the queue has no event for it
        await asyncio.sleep(0)
    refused = await small.post(update(3))
    assert (refused.status, int(refused.headers["retry-after"]) >= 1) == (503, True)
    stop = asyncio.Event()
    running = asyncio.create_task(ingest.run(stop))
    assert [answer.status for answer in await asyncio.gather(*waiting)] == [200, 200]
    assert (await small.post(update(3))).status == 200
    stop.set()
    await running
    assert await stored(tale) == 3


async def test_a_database_that_is_away_asks_to_come_again(tale: Tale, service: Service, dsn: str) -> None:
    nowhere = make_conninfo(dsn, dbname="nowhere")
    ingest, stop = Ingest(nowhere, tale.clock, BOX, queue_size=10, batch_size=10), asyncio.Event()
    running = asyncio.create_task(ingest.run(stop))
    known = Service(hooks(tale, service.http, ingest), service.channel, service.http)
    away: Pool = make_pool(nowhere, 1)
    try:
        await away.open(wait=False)
        away.timeout = 0.2
        unknown = Service(hooks(tale, service.http, ingest, away), service.channel, service.http)
        for answer in (await known.post(update(1)), await unknown.post(update(1))):
            assert (answer.status, int(answer.headers["retry-after"]) >= 1) == (503, True)
    finally:
        await away.close()
        stop.set()
        await running
    assert (await service.post(update(1))).status == 200


async def test_a_channel_that_is_off_asks_to_come_again(tale: Tale, service: Service) -> None:
    async with tale.pool.connection() as connection:
        await registry.update(connection, BOX, tale.bot_id, service.channel.id, enabled=False)
    answer = await service.post(update(1))
    assert (answer.status, "retry-after" in answer.headers) == (503, True)
    assert await stored(tale) == 0


STRANGE = (
    b"", b"no json", b"[]", b"null", b"{}", b'{"update_id": "x"}', b'{"update_id": 1}', b"\xff\xfe", b"[" * 100_000,
    b'{"update_id": 1, "message": {"text": "x"}}', b'{"update_id": 99999999999999999999999, "message": {}}',
    b'{"update_id": 1, "a_kind_of_the_future": {}}', b'{"update_id": 1e999}', b'{"update_id": NaN}',
    update(1).replace(b"1760000000", b"99999999999999"), update(1).replace(b"1760000000", b"-1"),
    update(1).replace(b'"hello"', b'["hello"]'),
)  # fmt: skip


async def test_what_is_genuine_but_not_understood_is_kept_once_and_answered_200(tale: Tale, service: Service) -> None:
    for body in STRANGE:
        for _ in range(2):
            assert (await service.post(body)).status == 200, body[:40]
    kept = await tale.rows("SELECT body FROM quarantine WHERE channel_id = %s", service.channel.id)
    assert sorted(row[0] for row in kept) == sorted(STRANGE)
    assert await stored(tale) == 0


async def test_a_mistake_of_the_parser_loses_nothing(
    tale: Tale, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> object:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(registry.KINDS["telegram"], "parse", broken)
        assert (await service.post(update(1))).status == 200
    rows: list[tuple[bytes, str, UUID]] = await tale.rows("SELECT body, reason, channel_id FROM quarantine")
    assert rows == [(update(1), "ZeroDivisionError", service.channel.id)]


LETTERS = {
    "NUL": "a\\u0000b", "half an emoji": "\\ud800", "an emoji escaped": "\\ud83d\\ude00", "right to left": "\u202eabc",
    "marks": "e\u0301\u0301", "joined": "👩‍🚀", "100 KB": "x" * 100_000,
}  # fmt: skip


async def test_whatever_letters_there_are_a_message_is_stored(tale: Tale, service: Service) -> None:
    for number, (what, letters) in enumerate(LETTERS.items(), 1):
        raw = update(number, "THE TEXT").replace(b"THE TEXT", letters.encode()).replace(b"Ana", letters.encode())
        assert (await service.post(raw)).status == 200, what
        assert await stored(tale) == number, what
    assert await tale.rows("SELECT 1 FROM quarantine") == []
