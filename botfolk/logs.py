"""Structured logs, to stderr: no message texts, no secrets."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_PRIVATE = frozenset(
    {"token", "secret", "secrets", "password", "authorization", "cookie", "text", "body", "payload", "api_key", "dsn"}
)
_BOT_TOKEN = re.compile(r"(bot)?\d{5,}:[A-Za-z0-9_-]{10,}")
_CREDENTIALS = re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)")
HIDDEN = "[hidden]"


def hide(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace what must not be logged: private keys whole, tokens and credentials inside any text."""
    for key, value in event.items():
        if key.lower() in _PRIVATE:
            event[key] = HIDDEN
        elif isinstance(value, str):
            event[key] = mask(value)
    return event


def mask(text: str) -> str:
    """Return a text with bot tokens and passwords of addresses hidden."""
    return _CREDENTIALS.sub(HIDDEN, _BOT_TOKEN.sub(HIDDEN, text))


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
    for noisy in ("alembic", "httpx2", "httpcore2", "procrastinate", "psycopg.pool", "asyncio", "PIL"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelName(level.upper())))
