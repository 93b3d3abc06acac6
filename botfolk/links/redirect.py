"""`/l/<code>`: where a tracked link leads. A plain ASGI application beside the webhooks, open to everybody.

It leads to the address that is stored, and never to one of the request's.
"""

import html
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from botfolk.clock import Clock
from botfolk.ids import new_id
from botfolk.links.clicks import Clicks
from botfolk.links.journal import Click
from botfolk.links.location import location
from botfolk.links.lookup import Away, Lookup, Target
from botfolk.links.robots import ASKED, is_robot
from botfolk.pages.catalogue import gettext as _

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PREFIX = "/l/"
_LONGEST_AGENT = 300
# What a text put behind the address (a full stop, a bracket) is no part of it.
_CODE = re.compile(r"/l/([0-9A-Za-z]{12})(?![0-9A-Za-z])")
_ASKED = {name.encode(): name for name in ASKED}
_ALWAYS = [
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-robots-tag", b"noindex, nofollow"),
]
_PAGE = [
    (b"content-type", b"text/html; charset=utf-8"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]


class Redirects:
    """The ASGI application of all tracked links."""

    def __init__(self, lookup: Lookup, clicks: Clicks, clock: Clock) -> None:
        self._lookup = lookup
        self._clicks = clicks
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lead on, and let the click be counted."""
        if scope["method"] not in ("GET", "HEAD"):
            await _answer(send, scope, 405, [(b"allow", b"GET, HEAD")], _("A link is opened by GET."))
            return
        match = _CODE.match(scope["path"])
        try:
            target = await self._lookup.find(match[1]) if match else None
        except Away:
            words = _("This link cannot be opened right now. Try again in a moment.")
            await _answer(send, scope, 503, [(b"retry-after", b"5")], words)
            return
        if target is None or match is None:
            await _answer(send, scope, 404, [], _("This link leads nowhere. Check that all of its address was copied."))
            return
        if not target.neutral:
            await self._count(scope, match[1], target)
        await _answer(send, scope, 302, [(b"location", location(target.url))])

    async def _count(self, scope: Scope, code: str, target: Target) -> None:
        headers = {_ASKED[name]: value.decode("latin-1") for name, value in scope["headers"] if name in _ASKED}
        agent = headers.get("user-agent", "")[:_LONGEST_AGENT]
        now = self._clock()
        click = Click(
            id=new_id(),
            code=code,
            at=now,
            counted=not is_robot(scope["method"], headers, target.seconds_since_sent(now)),
            agent=agent if agent.isprintable() else "".join(filter(str.isprintable, agent)),
        )
        await self._clicks.add(click)


async def _answer(
    send: Send, scope: Scope, status: int, headers: list[tuple[bytes, bytes]], words: str | None = None
) -> None:
    body = b"" if words is None else _page(words)
    headers = [*headers, *_ALWAYS, *(_PAGE if body else ()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _page(words: str) -> bytes:
    text = html.escape(words)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text}</title></head><body><main><p>{text}</p></main></body></html>"
    ).encode()
