"""A fake of the Bot API that speaks its real HTTP, for tests and the demo: `python -m botfolk.channels.telegram.fake`.

Beside the API itself it has a control side under /_fake/, in JSON:

- `GET /_fake/calls?method=sendMessage` – what was called, in order, each with its arguments and whether it was taken
- `POST /_fake/script {"method", "behaviour": "delay|429|5xx|reset|drop|refuse", "times", "seconds",
  "retry_after", "code", "description", "parameters"}` – how the next calls of a method go ("*": any, "file": files);
  `reset` breaks the connection before the call is taken, `drop` after
- `POST /_fake/person {"id", "blocked", "known", "photo", "picture", "title"}` – what is so of a person or group
- `POST /_fake/token {"token", "revoked"}` – whether a token is no longer a bot's
- `POST /_fake/deliver {"update": {…}, "attempts"}` – deliver an update to the webhook that was set
- `POST /_fake/say {"chat_id", "text", "first_name", …}`, `tap {"chat_id", "data", …}`, `react {"chat_id", "message_id",
  "emoji"}`, `block {"chat_id", "blocked"}` – make an update of what a person does, and deliver it
- `POST /_fake/reset` – forget all but the webhook
"""

import time
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

import msgspec
from msgspec import Struct, field

from botfolk.channels.fake_forms import form
from botfolk.channels.fake_scripts import Script, run_fake
from botfolk.channels.faking import Reply, Request, reply_json
from botfolk.channels.telegram.fake_methods import carry_out
from botfolk.channels.telegram.fake_portrait import portrait
from botfolk.channels.telegram.fake_state import Call, Person, State, ok, refuse
from botfolk.channels.telegram.fake_updates import ACTS, Courier
from botfolk.http import Http


class Deliver(Struct):
    """An update to deliver, and how often to try."""

    update: dict[str, Any]
    attempts: int = 8


class Token(Struct):
    """Whether a token is a bot's."""

    token: str
    revoked: bool = True


class FakeTelegram(Struct):
    """The fake and its handler. Without `http` it cannot deliver updates."""

    http: Http | None = None
    state: State = field(default_factory=State)
    courier: Courier | None = None

    async def handle(self, request: Request) -> Reply:
        """Answer one request."""
        parts = unquote(request.path).strip("/").split("/")
        try:
            if parts[0] == "_fake" and len(parts) == 2:
                return await self._control(parts[1], request)
            if parts[0] == "file" and len(parts) > 2 and parts[1].startswith("bot"):
                return await self._file(parts[1][3:], PurePosixPath(parts[-1]).stem)
            if parts[0].startswith("bot") and len(parts) == 2:
                return await self._api(parts[0][3:], parts[1], _given(request))
        except msgspec.DecodeError as error:
            return refuse(400, f"Bad Request: can't parse the request: {error}")
        return refuse(404, "Not Found")

    async def _api(self, token: str, method: str, arguments: dict[str, Any]) -> Reply:
        if ":" not in token:
            return refuse(404, "Not Found")
        if not self.state.knows(token):
            return refuse(401, "Unauthorized")
        call = Call(method=method, arguments=arguments, at=time.time())
        self.state.calls.append(call)

        async def carried_out() -> Reply:
            return carry_out(self.state, token, call)

        return await self.state.scripts.play(method, arguments.get("chat_id"), carried_out, _refusal)

    async def _file(self, token: str, name: str) -> Reply:
        if not self.state.knows(token):
            return refuse(401, "Unauthorized")

        async def given() -> Reply:
            return Reply(body=portrait(name), content_type="image/jpeg")

        return await self.state.scripts.play("file", None, given, _refusal)

    async def _control(self, what: str, request: Request) -> Reply:
        if what == "calls":
            method = request.query.get("method", "").lower()
            return reply_json({"calls": [c for c in self.state.calls if not method or c.method.lower() == method]})
        body = request.body or b"{}"
        if what in ACTS:
            return await self._deliver(Deliver(msgspec.json.decode(body, type=ACTS[what]).update(self.state)))
        match what:
            case "deliver":
                return await self._deliver(msgspec.json.decode(body, type=Deliver))
            case "script":
                self.state.scripts.add(msgspec.json.decode(body, type=Script))
            case "person":
                person = msgspec.json.decode(body, type=Person)
                self.state.people[person.id] = person
            case "token":
                given = msgspec.json.decode(body, type=Token)
                (self.state.revoked.add if given.revoked else self.state.revoked.discard)(given.token)
            case "reset":
                self.state.forget()
            case _:
                return refuse(404, "Not Found")
        return ok(True)

    async def _deliver(self, deliver: Deliver) -> Reply:
        if self.http is None or not self.state.webhook.get("url"):
            return refuse(409, "Conflict: no webhook is set")
        self.courier = self.courier or Courier(self.http)
        delivered = await self.courier.deliver(self.state.webhook, deliver.update, deliver.attempts)
        return reply_json(msgspec.structs.asdict(delivered) | {"update": deliver.update})


def _given(request: Request) -> dict[str, Any]:
    """Return a call's arguments; of a file that came with them its name, type and size."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return request.json() or dict(request.query)
    given, size = form(request)
    return {name: value | {"size": size} if isinstance(value, dict) else value for name, value in given.items()}


def _refusal(script: Script) -> Reply:
    """Word a refusal as the Bot API does."""
    match script.behaviour:
        case "429":
            text = f"Too Many Requests: retry after {script.retry_after}"
            return refuse(429, text, {"retry_after": script.retry_after})
        case "5xx":
            return refuse(502, "Bad Gateway")
    return refuse(script.code, script.description, script.parameters)


def main() -> None:
    """Run from the command line."""
    run_fake("Bot API", lambda http: FakeTelegram(http=http).handle, port=8081)


if __name__ == "__main__":
    main()
