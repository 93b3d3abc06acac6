"""Find out who asks, and that an unsafe request of a browser comes from our own pages. An ASGI middleware.

A token counts on the API, and for the pictures it points to; a cookie everywhere but on the API.
"""

import hmac
from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from litestar.exceptions import HTTPException, PermissionDeniedException

from botfolk.db.pool import reading
from botfolk.pages.catalogue import LOCALE, speak
from botfolk.services import Services
from botfolk.team.credentials import token_hash
from botfolk.team.principal import COOKIE, STATE, Principal, Role, csrf_of

Asgi = Callable[[Any, Any, Any], Awaitable[None]]
Receive = Callable[[], Awaitable[Any]]

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_MOST_FORM_BYTES = 1_048_576

_OF_COOKIE = """
SELECT m.bot_id, b.name, a.name, m.role, a.timezone, a.email, a.locale, m.id, a.id, s.id
FROM sign_ins s
JOIN accounts a ON a.id = s.account_id
JOIN members m ON m.account_id = a.id AND m.is_active
JOIN bots b ON b.bot_id = m.bot_id
WHERE s.token_hash = %s AND s.expires_at > %s
ORDER BY m.created_at LIMIT 1
"""

_OF_API = """
SELECT t.bot_id, b.name, t.name, t.role, b.timezone, t.id
FROM api_tokens t
JOIN bots b ON b.bot_id = t.bot_id
LEFT JOIN members m ON m.bot_id = t.bot_id AND m.id = t.member_id
WHERE t.token_hash = %s AND t.revoked_at IS NULL AND (t.member_id IS NULL OR m.is_active)
LIMIT 1
"""


class Identify:
    """Puts the Principal, or None, into the request's state; refuses forged requests (403)."""

    def __init__(self, app: Asgi) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Receive, send: Any) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["path"].startswith("/static/"):
            await self._app(scope, receive, send)
            return
        services: Services = scope["litestar_app"].state.services
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        state: dict[str, Any] = scope.setdefault("state", {})
        state[STATE] = None
        bearer = _bearer(headers)
        if scope["path"].startswith("/api/"):
            state[STATE] = await _by_token(services, bearer) if bearer else None
        elif bearer and scope["path"].startswith("/media/"):
            state[STATE] = await _by_token(services, bearer)
        else:
            cookie = _cookie(headers)
            state[STATE] = await _by_cookie(services, cookie) if cookie else None
            speak(state[STATE].locale if state[STATE] else LOCALE)
            if scope["method"] not in _SAFE:
                receive = await _checked(services, headers, cookie if state[STATE] else "", receive)
        await self._app(scope, receive, send)


def _bearer(headers: dict[str, str]) -> str:
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _cookie(headers: dict[str, str]) -> str:
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


async def _by_cookie(services: Services, cookie: str) -> Principal | None:
    async with reading(services.reads) as connection:
        cursor = await connection.execute(_OF_COOKIE, [token_hash(cookie), services.clock()])
        row = await cursor.fetchone()
    if row is None:
        return None
    ids = dict(zip(("member_id", "account_id", "sign_in_id"), row[7:], strict=True))
    return _principal(row, row[5], row[6], **ids)


async def _by_token(services: Services, token: str) -> Principal | None:
    async with reading(services.reads) as connection:
        cursor = await connection.execute(_OF_API, [token_hash(token)])
        row = await cursor.fetchone()
    return None if row is None else _principal(row, "", token_id=row[5])


def _principal(row: tuple[Any, ...], email: str, locale: str = LOCALE, **ids: UUID) -> Principal:
    bot_id, bot_name, name, role, timezone = row[:5]
    return Principal(
        bot_id=bot_id,
        bot_name=bot_name,
        name=name,
        email=email,
        role=cast(Role, role),
        timezone=timezone,
        locale=locale,
        **ids,
    )


async def _checked(services: Services, headers: dict[str, str], cookie: str, receive: Receive) -> Receive:
    """Refuse what another site sent; return a `receive` that gives the body once more."""
    _check_origin(services, headers)
    if not cookie:
        return receive
    given = headers.get("x-csrf-token", "")
    if not given and headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        body, receive = await _read(receive)
        given = parse_qs(body.decode("latin-1")).get("_csrf", [""])[0]
    if not hmac.compare_digest(given.encode(), csrf_of(services.settings.secret_key, cookie).encode()):
        raise PermissionDeniedException("This form is no longer valid: reload the page and try again.")
    return receive


def _check_origin(services: Services, headers: dict[str, str]) -> None:
    """A browser says which site a request comes from; one that is not ours is refused, signed in or not."""
    origin = headers.get("origin", "")
    if headers.get("sec-fetch-site") == "cross-site" or origin == "null":
        raise PermissionDeniedException("This request comes from another site.")
    if origin and urlsplit(origin).netloc not in (
        headers.get("host", ""),
        urlsplit(services.settings.public_url).netloc,
    ):
        raise PermissionDeniedException("This request comes from another site.")


async def _read(receive: Receive) -> tuple[bytes, Receive]:
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise HTTPException(status_code=400, detail="The connection was closed.")
        chunks.append(message["body"])
        size += len(chunks[-1])
        if size > _MOST_FORM_BYTES:
            raise HTTPException(status_code=413, detail="This form is too large.")
        more = message["more_body"]
    body = b"".join(chunks)
    given = False

    async def again() -> Any:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return body, again
