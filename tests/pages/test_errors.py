"""What a page that cannot be shown answers, and what the log is told of it."""

from typing import Any

from structlog.testing import capture_logs

from tests.web import Web


async def test_who_leaves_while_sending_is_no_failure_of_ours(web: Web) -> None:
    headers = await web.member()
    parts = iter([{"type": "http.request", "body": b"do=", "more_body": True}, {"type": "http.disconnect"}])
    answered: list[Any] = []

    async def receive() -> Any:
        return next(parts)

    async def send(message: Any) -> None:
        answered.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/users/filter",
        "raw_path": b"/users/filter",
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("testserver.local", 80),
    }
    with capture_logs() as logs:
        await web.client.app(scope, receive, send)
    assert answered[0]["status"] == 400
    assert logs == []
