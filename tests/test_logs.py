"""Logs: one line an event, and nothing in it that a person wrote or that opens a door."""

import json
import logging
from collections.abc import Iterator

import psycopg
import pytest
import structlog

from botfolk import logs

TOKEN = "123456789:AAbbCCddEEffGGhhIIjjKKllMMnn"


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def _written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    captured = capsys.readouterr()
    assert captured.out == ""
    return [json.loads(line) for line in captured.err.splitlines()]


def test_an_event_is_one_json_object_with_level_and_utc_time(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json")
    structlog.get_logger("ingest").info("batch written", messages=3)
    [line] = _written(capsys)
    assert (line["event"], line["level"], line["logger"], line["messages"]) == ("batch written", "info", "ingest", 3)
    assert str(line["timestamp"]).endswith("Z")


@pytest.mark.parametrize(
    "name",
    ["token", "bot_token", "secret", "password", "Authorization", "text", "body", "X-Api-Key", "cookie"],
)
def test_a_private_value_is_hidden_whole(capsys: pytest.CaptureFixture[str], name: str) -> None:
    logs.configure("info", "json")
    structlog.get_logger("x").info("called", **{name: "my own words"})
    logging.getLogger("other").info("called", extra={name: "my own words"})
    ours, others = _written(capsys)
    assert ours[name] == others[name] == "[hidden]"


def test_a_private_value_is_hidden_inside_other_values(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json")
    structlog.get_logger("x").info("called", request={"headers": [{"authorization": "Bearer me"}], "size": 2})
    [line] = _written(capsys)
    assert line["request"] == {"headers": [{"authorization": "[hidden]"}], "size": 2}


def test_a_bot_token_is_hidden_in_any_text_also_of_other_libraries(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json")
    address = f"https://api.telegram.org/bot{TOKEN}/getMe"
    structlog.get_logger("x").warning("failed", address=address, error=ValueError(address))
    logging.getLogger("uvicorn.error").info("asked %s", address)
    assert TOKEN not in "".join(json.dumps(line) for line in _written(capsys))


def test_a_trace_keeps_its_lines_but_not_the_tokens_in_them(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json")
    try:
        raise ValueError(f"bot{TOKEN}")
    except ValueError:
        structlog.get_logger("x").exception("a room broke")
        logging.getLogger("other").exception("a room broke")
    for line in _written(capsys):
        assert "ValueError: [hidden]" in str(line["exception"])


def test_what_a_database_says_of_a_row_is_hidden_in_a_trace(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json")
    try:
        try:
            raise psycopg.errors.NotNullViolation(
                'null value in column "id"\nDETAIL:  Failing row contains (1, an own\n\nsecrecy, null).'
                "\nCONTEXT:  a word of confidence"
            )
        except psycopg.Error as error:
            raise RuntimeError("the batch") from error
    except RuntimeError:
        structlog.get_logger("x").exception("a room broke")
        logging.getLogger("other").exception("a room broke")
    for line in _written(capsys):
        trace = str(line["exception"])
        assert 'null value in column "id"' in trace
        assert "RuntimeError: the batch" in trace
        assert "secrecy" not in trace
        assert "confidence" not in trace


def test_the_password_of_an_address_and_a_sign_in_link_are_hidden() -> None:
    masked = logs.mask("postgresql://me:hush@host/name and http://here/sign-in/aBc-123")
    assert masked == "postgresql://[hidden]@host/name and http://here/sign-in/[hidden]"


def test_words_that_only_look_a_little_like_tokens_stay() -> None:
    text = "12:30 at 127.0.0.1:8000, id 0192f0c1-7b1e-7000-8000-000000000000"
    assert logs.mask(text) == text


def test_less_than_the_level_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("warning", "json")
    structlog.get_logger("x").info("quiet")
    logging.getLogger("y").info("quiet")
    assert _written(capsys) == []


def test_the_console_form_hides_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "console")
    structlog.get_logger("x").info("called", token="mine", address=f"bot{TOKEN}")
    written = capsys.readouterr().err
    assert "called" in written
    assert "mine" not in written
    assert TOKEN not in written
