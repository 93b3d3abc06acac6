"""A fake of the Cloud API that speaks its real HTTP: `python -m botfolk.channels.whatsapp.fake`.

Its number is 106540352242922 of the account 102290129340398; any access token is taken. Beside the API itself it has a
control side under /_fake/, in JSON:

- `GET /_fake/calls?path=messages` – what was called, in order, each with its arguments and whether it was taken
- `POST /_fake/hook {"url", "app_secret", "verify_token"}` – where to deliver; the address is asked first, as Meta does
- `POST /_fake/script {"method", "behaviour": "delay|429|5xx|reset|drop|refuse", "times", "seconds", "error", …}` – how
  the next calls go ("messages", "media", "file", "*": any); see `channels/fake_scripts.py`
- `POST /_fake/person {"id", "blocked", "window", "wants_marketing"}` – what is so of a person or group
- `POST /_fake/token {"token", "revoked"}` – whether an access token is still accepted
- `POST /_fake/template {"name", "language", "status", "category", "components", …}` – add a template
- `POST /_fake/say {"wa_id", "user_id", "name", "text", "photo", …}`, `tap {"data", …}`, `react {"message_id",
  "emoji"}` – deliver what a person does; `status {"message_id", "status", "error"}` – what became of a message that
  was sent; `deliver {"value", "field"}` – a change as it is
- `POST /_fake/settle {"statuses"}` – which statuses it tells by itself (at first sent and delivered)
- `POST /_fake/reset` – forget all but where to deliver
"""

import asyncio
import re
from typing import Any
from urllib.parse import unquote

import msgspec
from msgspec import Struct, field

from botfolk.channels.fake_scripts import Script, run_fake
from botfolk.channels.faking import Handler, Reply, Request, reply_json
from botfolk.channels.whatsapp.fake_methods import carry_out
from botfolk.channels.whatsapp.fake_news import ACTS, deliver, delivery, handshake, status_of
from botfolk.channels.whatsapp.fake_state import Call, Hook, Person, State, refuse
from botfolk.http import Http

_VERSION = re.compile(r"v[0-9]+\.[0-9]+")


class Deliver(Struct):
    """A change to deliver as it is, and how often to try."""

    value: dict[str, Any]
    field: str = "messages"
    attempts: int = 6


class Became(Struct):
    """What became of a message that was sent."""

    message_id: str
    status: str
    error: int | None = None


class Token(Struct):
    """Whether a token is accepted."""

    token: str
    revoked: bool = True


class Settle(Struct):
    """Which statuses are told without being asked."""

    statuses: tuple[str, ...]


class FakeWhatsApp(Struct):
    """The fake and its handler. Without `http` it delivers nothing."""

    http: Http | None = None
    state: State = field(default_factory=State)
    telling: set[asyncio.Task[None]] = field(default_factory=set)

    async def handle(self, request: Request) -> Reply:
        """Answer one request."""
        parts = unquote(request.path).strip("/").split("/")
        try:
            if parts[0] == "_fake" and len(parts) == 2:
                return await self._control(parts[1], request)
            if parts[0] == "file" and len(parts) == 2:
                return await self._file(request, parts[1])
            if _VERSION.fullmatch(parts[0]) and len(parts) > 1:
                return await self._api(request, "/".join(parts[1:]))
        except msgspec.DecodeError as error:
            return refuse(100, f"Invalid parameter: {error}")
        return refuse(100, "Unknown path components", 404)

    def _knows(self, request: Request) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return scheme == "Bearer" and bool(token) and token not in self.state.revoked

    async def _api(self, request: Request, path: str) -> Reply:
        is_json = request.headers.get("content-type", "").startswith("application/json")
        arguments = request.json() if is_json else dict(request.query)
        call = Call(method=request.method, path=path, arguments=arguments)
        self.state.calls.append(call)
        if not self._knows(request):
            return refuse(190)

        async def act() -> Reply:
            reply = carry_out(self.state, request, path, call, f"http://{request.headers.get('host', '')}")
            self._tell(call)
            return reply

        about = arguments.get("to") or arguments.get("recipient")
        return await self.state.scripts.play(path.rpartition("/")[2], about, act, _refused)

    async def _file(self, request: Request, media_id: str) -> Reply:
        async def act() -> Reply:
            file = self.state.files.get(media_id)
            if file is None or not self._knows(request):
                return Reply(status=404, content_type="text/plain")
            return Reply(body=file.content, content_type=file.content_type)

        return await self.state.scripts.play("file", None, act, _refused)

    def _tell(self, call: Call) -> None:
        """Tell by and by what became of a message that was taken: whoever blocked the number gets none."""
        hook, http = self.state.hook, self.http
        if call.message_id is None or hook is None or http is None:
            return
        person = self.state.person(str(call.arguments.get("to") or call.arguments.get("recipient")))
        error = 131026 if person.blocked else None
        if self._is_marketing(call) and not person.wants_marketing:
            error = 131050
        statuses = ("failed",) if error else self.state.statuses
        data = call.arguments.get("biz_opaque_callback_data")

        async def tell() -> None:
            for status in statuses:
                told = status_of(call.message_id or "", call.arguments, status, data, error)
                await deliver(http, hook, delivery(told))

        task = asyncio.ensure_future(tell())
        self.telling.add(task)
        task.add_done_callback(self.telling.discard)

    def _is_marketing(self, call: Call) -> bool:
        name = (call.arguments.get("template") or {}).get("name")
        return any(each["name"] == name and each.get("category") == "MARKETING" for each in self.state.templates)

    async def _control(self, what: str, request: Request) -> Reply:
        body = request.body or b"{}"
        if what == "calls":
            wanted = request.query.get("path", "")
            return reply_json({"calls": [call for call in self.state.calls if call.path.endswith(wanted)]})
        if what in ACTS:
            return await self._deliver(delivery(msgspec.json.decode(body, type=ACTS[what]).told(self.state)))
        match what:
            case "deliver":
                given = msgspec.json.decode(body, type=Deliver)
                return await self._deliver(delivery(given.value, given.field), given.attempts)
            case "status":
                return await self._became(msgspec.json.decode(body, type=Became))
            case "hook":
                return await self._hook(msgspec.json.decode(body, type=Hook))
            case _:
                return self._set(what, body)

    def _set(self, what: str, body: bytes) -> Reply:
        match what:
            case "script":
                self.state.scripts.add(msgspec.json.decode(body, type=Script))
            case "person":
                person = msgspec.json.decode(body, type=Person)
                self.state.people[person.id] = person
            case "token":
                token = msgspec.json.decode(body, type=Token)
                (self.state.revoked.add if token.revoked else self.state.revoked.discard)(token.token)
            case "template":
                plain = {"language": "en", "status": "APPROVED", "category": "UTILITY", "components": []}
                self.state.templates.append(plain | msgspec.json.decode(body, type=dict[str, Any]))
            case "settle":
                self.state.statuses = msgspec.json.decode(body, type=Settle).statuses
            case "reset":
                self.state.forget()
            case _:
                return refuse(100, "Unknown path components", 404)
        return reply_json({"success": True})

    async def _hook(self, hook: Hook) -> Reply:
        if self.http is None or not await handshake(self.http, hook):
            return reply_json({"success": False, "reason": "the address does not answer with the challenge"}, 400)
        self.state.hook = hook
        return reply_json({"success": True})

    async def _became(self, became: Became) -> Reply:
        call = next((call for call in self.state.calls if call.message_id == became.message_id), None)
        if call is None:
            return refuse(100, "no such message was sent", 404)
        data = call.arguments.get("biz_opaque_callback_data")
        return await self._deliver(
            delivery(status_of(became.message_id, call.arguments, became.status, data, became.error))
        )

    async def _deliver(self, told: dict[str, Any], attempts: int = 6) -> Reply:
        if self.http is None or self.state.hook is None:
            return refuse(100, "no webhook is set", 409)
        status = await deliver(self.http, self.state.hook, told, attempts)
        return reply_json({"ok": 200 <= status < 300, "status": status, "told": told})


def _refused(script: Script) -> Reply:
    """Word a scripted refusal as the Graph API does; a 5xx comes from before it, without a word of its own."""
    match script.behaviour:
        case "429":
            return refuse(script.error or 130429, headers={"retry-after": str(script.retry_after)})
        case "5xx":
            return Reply(status=502, body=b"<html>Bad Gateway</html>", content_type="text/html")
    return refuse(script.error, script.description, script.code if script.error == 0 else None)


def _make(http: Http) -> Handler:
    return FakeWhatsApp(http=http).handle


if __name__ == "__main__":
    run_fake("Cloud API of WhatsApp", _make, port=8083)
