"""Answers that are not the Bot API's: a proxy's page, a truncated body, an answer without a message."""

import pytest

from botfolk.channels.contract import ChannelError, Failed, Later, Outcome, Outgoing, TryLater, Unknown
from botfolk.channels.faking import FakeServer, Reply, Request, reply_json
from botfolk.http import open_http
from tests.channels.telegram.conftest import KIND, make_channel

HELLO = Outgoing(external_user_id="5001", kind="message", text="Hello")


async def _sent_to(reply: Reply) -> Outcome:
    async def handle(_: Request) -> Reply:
        return reply

    async with open_http() as http, FakeServer(handle) as server:
        return await KIND.send(make_channel(server.url), http, HELLO)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"<html>Welcome to the hotel</html>", content_type="text/html"),
        Reply(body=b'{"ok": tr'),
        Reply(body=b'{"ok": true, "x": "\xff'),
        Reply(status=302, headers={"location": "https://example.com/"}),
        reply_json({"ok": False}),
        reply_json({"ok": True, "result": True}),
        reply_json({"ok": True, "result": {"message_id": "7"}}),
    ],
)
async def test_an_answer_that_cannot_be_read_leaves_us_not_knowing(reply: Reply) -> None:
    assert isinstance(await _sent_to(reply), Unknown)


async def test_a_proxys_502_is_a_502() -> None:
    page = Reply(status=502, body=b"<html>Bad Gateway</html>", content_type="text/html")
    assert isinstance(await _sent_to(page), Later)


async def test_a_proxys_403_is_a_refusal() -> None:
    assert isinstance(await _sent_to(Reply(status=403, body=b"no")), Failed)


async def test_an_answer_larger_than_any_is_not_read() -> None:
    assert isinstance(await _sent_to(Reply(body=b" " * 3_000_000)), Unknown)


@pytest.mark.parametrize("result", [{}, {"photos": [[{"file_id": "x"}]]}, [], None])
async def test_photos_that_cannot_be_read_are_an_error_and_no_crash(result: object) -> None:
    async def handle(_: Request) -> Reply:
        return reply_json({"ok": True, "result": result})

    async with open_http() as http, FakeServer(handle) as server:
        with pytest.raises(ChannelError):
            await KIND.picture(make_channel(server.url), http, "5001", is_group=False, known_ref=None)


async def test_a_file_over_20_mb_is_refused_for_good() -> None:
    async def handle(request: Request) -> Reply:
        if request.path.startswith("/file/"):
            return Reply(body=b"x" * 20_000_001, content_type="video/mp4")
        return reply_json({"ok": True, "result": {"file_id": "v", "file_path": "videos/file 1.mp4"}})

    async with open_http() as http, FakeServer(handle) as server:
        with pytest.raises(ChannelError, match="20 MB"):
            await KIND.media(make_channel(server.url), http, "v")


async def test_telegram_out_of_reach_is_asked_later() -> None:
    async with open_http() as http:
        with pytest.raises(TryLater):
            await KIND.media(make_channel("http://127.0.0.1:1"), http, "v")
