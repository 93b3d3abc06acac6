"""Structured logs, to stderr: no message texts, no secrets."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

_PRIVATE = frozenset(
    {"token", "secret", "secrets", "password", "authorization", "cookie", "text", "body", "payload", "key", "dsn"}
)
"""Words: a value is private when one of them is a word of its name, as in `bot_token` or `X-Api-Key`."""
_WORDS = re.compile(r"[a-z]+")
_BOT_TOKEN = re.compile(r"(bot)?\d{5,}:[A-Za-z0-9_-]{10,}")
_CREDENTIALS = re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)")
_SIGN_IN = re.compile(r"(?<=/sign-in/)[\w-]+")
_DETAIL = re.compile(
    r"^(DETAIL|CONTEXT|QUERY|HINT): .*?(?=\n\n(?:During handling|The above exception)|\Z)", re.M | re.S
)
"""What PostgreSQL adds to an error: rows and documents, with what people wrote in them."""
HIDDEN = "[hidden]"


def hide(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace what must not be logged: private keys whole, tokens and credentials inside any text."""
    for key, value in event.items():
        if not key.startswith("_"):  # those are the formatter's own
            event[key] = _hidden(key, value)
    return event


def _hidden(name: object, value: object) -> object:
    if not _PRIVATE.isdisjoint(_WORDS.findall(str(name).lower())):
        return HIDDEN
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return {key: _hidden(key, held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden("", held) for held in value]
    return value if isinstance(value, int | float | None) else mask(str(value))


def mask(text: str) -> str:
    """Return a text with bot tokens, passwords in addresses, sign-in links and the details of a database's errors
    hidden."""
    for pattern in (_BOT_TOKEN, _CREDENTIALS, _SIGN_IN):
        text = pattern.sub(HIDDEN, text)
    return _DETAIL.sub(rf"\1: {HIDDEN}", text)


def configure(level: str, form: str) -> None:
    """Set up all logging of this process: `level` debug…error, `form` console or json."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.format_exc_info,
        hide,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, hide, renderer],
    )
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("alembic", "httpx2", "httpcore2", "procrastinate", "psycopg.pool", "asyncio", "PIL", "uvicorn.error"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelName(level.upper())))
