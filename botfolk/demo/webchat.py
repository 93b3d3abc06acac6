"""Web chat in the demo: people on the shop's pages, by the requests that the chat in their browsers would make."""

from datetime import timedelta
from typing import Any

import jwt
import msgspec
from msgspec import Struct

from botfolk.channels.contract import Channel
from botfolk.channels.faking import Handler
from botfolk.channels.telegram.fake_portrait import portrait
from botfolk.demo.kinds import Request, Setup, Trouble
from botfolk.demo.script import Act, Dweller
from botfolk.ids import new_id

_IDENTITY_SECRET = "what the demo's shop signs its customers with"  # noqa: S105 - of nobody
_SITE = "https://kopi.example"
_PAGES = ("/", "/beans/toraja", "/beans/gayo", "/grinders", "/cart", "/subscriptions", "/help/delivery")
_CAME_FROM = ("https://search.example/", "https://social.example/kopi", "", "")


class _Browser(Struct):
    token: str
    external_id: str


class DemoWebChat:
    """Some visitors are guests, some are signed in at the shop, which vouches for them."""

    kind = "webchat"
    share = 22
    groups = False

    def __init__(self) -> None:
        self._browsers: dict[int, _Browser] = {}

    def fake(self) -> Handler | None:
        """There is no service to stand in for."""
        return None

    def reached_at(self, url: str) -> dict[str, Any]:
        """Nobody is asked."""
        return {}

    def setup(self) -> Setup:
        """The chat on the shop's pages."""
        config = {"title": "Kopi & Co", "color": "#7a4a21", "greeting": "Hi! Ask us anything about coffee ☕"}
        return Setup(name="Website", config=config, secrets={"identity": _IDENTITY_SECRET})

    def external_id(self, who: Dweller) -> str:
        """Whom the token of their browser names; nobody, before they came."""
        browser = self._browsers.get(who.number)
        return "" if browser is None else browser.external_id

    async def deliver(self, act: Act, channel: Channel, request: Request) -> bool:
        """Send a message, after the page was loaded, and a file stored where there is one."""
        browser = self._browsers.get(act.who.number)
        if browser is None:
            browser = self._browsers[act.who.number] = await self._load(act, channel, request)
        at = _Chat(channel, request, browser)
        said = await _said(act, at)
        page = _SITE + _PAGES[act.who.number % len(_PAGES)]
        status, _ = await at.ask("POST", "messages", {"id": new_id(), "page": page, **said})
        return status == 200

    def trouble(self, who: Dweller, what: Trouble) -> None:
        """Nothing stands between us and our own chat."""

    async def _load(self, act: Act, channel: Channel, request: Request) -> _Browser:
        who = act.who
        began = {
            "identity": _word(act) if who.known else None,
            "page": _SITE + _PAGES[who.number % len(_PAGES)],
            "referrer": _CAME_FROM[who.number % len(_CAME_FROM)],
            "language": who.language,
            "timezone": who.timezone,
        }
        _, answer = await _Chat(channel, request, None).ask("POST", "start", began)
        token = str(msgspec.json.decode(answer)["token"])
        claims = jwt.decode(token, options={"verify_signature": False})
        return _Browser(token, str(claims["sub"]))


class _Chat(Struct, frozen=True):
    """One visitor's way to the server."""

    channel: Channel
    request: Request
    browser: _Browser | None

    async def ask(self, method: str, what: str, body: object = None) -> tuple[int, bytes]:
        """Ask something, with a JSON body or a picture."""
        is_file = isinstance(body, bytes)
        headers = {"content-type": "image/jpeg" if is_file else "application/json"}
        if self.browser is not None:
            headers["authorization"] = f"Bearer {self.browser.token}"
        content = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        return await self.request(method, f"/chat/{self.channel.id}/{what}", headers, content)


async def _said(act: Act, at: _Chat) -> dict[str, Any]:
    """Return what a message says. What this chat has no way to say is said in words."""
    match act.what:
        case "photo":
            picture = portrait(f"parcel{act.who.number}")
            _, stored = await at.ask("POST", "files?name=photo.jpg", picture)
            return {"text": act.text, "files": [msgspec.json.decode(stored)["id"]]}
        case "place":
            return {"location": {"latitude": 3.139, "longitude": 101.6869}}
        case "gives":
            return {"answer": {"kind": "email", "value": act.who.email}}
        case "taps":
            offered = await _offered(at)
            if offered is not None:
                return {"tap": offered}
    return {"text": act.text or "👍"}


async def _offered(at: _Chat) -> dict[str, Any] | None:
    """Return the first button of the newest message that has one to press."""
    _, answer = await at.ask("GET", "messages")
    for message in reversed(msgspec.json.decode(answer)["messages"]):
        for button in message["buttons"]:
            if button.get("data"):
                return {"message": message["id"], "data": button["data"]}
    return None


def _word(act: Act) -> str:
    """What the shop says of a customer."""
    who = act.who
    claims = {
        "sub": f"customer-{who.number}",
        "exp": int((act.at + timedelta(hours=1)).timestamp()),
        "first_name": who.first_name,
        "last_name": who.last_name,
        "email": who.email,
        "attributes": {"customer_since": act.at.year - who.number % 5, "newsletter": who.number % 2 == 0},
    }
    return jwt.encode(claims, _IDENTITY_SECRET, algorithm="HS256")
