"""A fake of the Bot API that speaks its real HTTP, for tests and the demo: `python -m botfolk.channels.telegram.fake`.

Beside the API itself it has a control side under /_fake/:

- `GET /_fake/calls?method=sendMessage` – what was called, in order, each with its arguments and time
- `POST /_fake/script {"method", "behaviour": "delay|429|5xx|reset|drop", "times", "seconds", "retry_after"}` – how the
  next calls go; `reset` breaks the connection before the call is taken, `drop` after
- `POST /_fake/person {"id", "blocked", "photo", "title"}` – what is so of a person or group
- `POST /_fake/deliver {"update": {…}}` – deliver an update to the webhook; `POST /_fake/say {"chat_id", "text", …}`
  makes one of a text
- `POST /_fake/reset` – forget all
"""

import argparse
import asyncio
import io
import time
from collections import deque
from typing import Any

import msgspec
from msgspec import Struct, field
from PIL import Image, ImageDraw

from botfolk.channels.faking import FakeServer, Reply, Request, reply_json
from botfolk.http import Broken, Http, NotSent


class Script(Struct):
    """How some next calls of a method go."""

    method: str
    behaviour: str
    times: int = 1
    seconds: float = 1.0
    retry_after: int = 1


class Person(Struct):
    """What is so of a chat."""

    id: int
    blocked: bool = False
    photo: bool = True
    title: str | None = None


class Call(Struct, kw_only=True):
    """One call that was made. `taken`: the API carried it out."""

    method: str
    arguments: dict[str, Any]
    at: float
    taken: bool = False
    message_id: int | None = None


class FakeTelegram(Struct):
    """The state of the fake, and its handler. `tokens`: those it knows; empty: any."""

    http: Http | None = None
    tokens: set[str] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)
    scripts: deque[Script] = field(default_factory=deque)
    people: dict[int, Person] = field(default_factory=dict)
    webhook: dict[str, Any] = field(default_factory=dict)
    next_message: int = 1
    next_update: int = 1

    async def handle(self, request: Request) -> Reply:
        """Answer one request."""
        parts = request.path.strip("/").split("/")
        try:
            if parts[0] == "_fake":
                return await self._control(parts[1], request)
            if parts[0] == "file" and len(parts) > 2:
                return _picture(parts[-1])
            if parts[0].startswith("bot") and len(parts) == 2:
                return await self._api(parts[0][3:], parts[1], request.json() or dict(request.query))
        except msgspec.DecodeError:
            return _refuse(400, "Bad Request: can't parse the request's JSON")
        return _refuse(404, "Not Found")

    async def _api(self, token: str, method: str, arguments: dict[str, Any]) -> Reply:
        if self.tokens and token not in self.tokens:
            return _refuse(401, "Unauthorized")
        call = Call(method=method, arguments=arguments, at=time.time())
        self.calls.append(call)
        script = self._script(method)
        if script is not None:
            if script.behaviour == "delay":
                await asyncio.sleep(script.seconds)
            elif script.behaviour == "429":
                text = f"Too Many Requests: retry after {script.retry_after}"
                return _refuse(429, text, {"retry_after": script.retry_after})
            elif script.behaviour == "5xx":
                return _refuse(502, "Bad Gateway")
            elif script.behaviour == "reset":
                return Reply(close=True)
        carry_out = getattr(self, f"_do_{method.lower()}", None)
        reply = _refuse(404, "Not Found: method not found") if carry_out is None else carry_out(token, call)
        return Reply(close=True) if script is not None and script.behaviour == "drop" else reply

    def _script(self, method: str) -> Script | None:
        for script in self.scripts:
            if script.method.lower() == method.lower() and script.times > 0:
                script.times -= 1
                return script
        return None

    def _do_getme(self, token: str, _: Call) -> Reply:
        number = int(token.split(":")[0]) if token.split(":")[0].isdecimal() else 1
        return _ok({"id": number, "is_bot": True, "first_name": "Fake Bot", "username": f"fake_{number}_bot"})

    def _do_setwebhook(self, _: str, call: Call) -> Reply:
        self.webhook = call.arguments
        return _ok(True, "Webhook was set")

    def _do_deletewebhook(self, _: str, __: Call) -> Reply:
        self.webhook = {}
        return _ok(True, "Webhook was deleted")

    def _do_getwebhookinfo(self, _: str, __: Call) -> Reply:
        return _ok({"url": self.webhook.get("url", ""), "has_custom_certificate": False, "pending_update_count": 0})

    def _do_sendmessage(self, _: str, call: Call) -> Reply:
        arguments = call.arguments
        chat_id, text = arguments.get("chat_id"), arguments.get("text") or ""
        if not isinstance(chat_id, int):
            return _refuse(400, "Bad Request: chat not found")
        if not text.strip():
            return _refuse(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > 4096:
            return _refuse(400, "Bad Request: message is too long")
        if chat_id in self.people and self.people[chat_id].blocked:
            return _refuse(403, "Forbidden: bot was blocked by the user")
        for row in (arguments.get("reply_markup") or {}).get("inline_keyboard", []):
            if any(len((button.get("callback_data") or "").encode()) > 64 for button in row):
                return _refuse(400, "Bad Request: BUTTON_DATA_INVALID")
        call.taken, call.message_id = True, self.next_message
        self.next_message += 1
        kind = "private" if chat_id > 0 else "supergroup"
        chat = {"id": chat_id, "type": kind}
        return _ok({"message_id": call.message_id, "date": int(time.time()), "chat": chat, "text": text})

    def _do_answercallbackquery(self, _: str, call: Call) -> Reply:
        if not call.arguments.get("callback_query_id"):
            return _refuse(400, "Bad Request: QUERY_ID_INVALID")
        call.taken = True
        return _ok(True)

    def _do_sendchataction(self, _: str, call: Call) -> Reply:
        call.taken = True
        return _ok(True)

    def _do_getuserprofilephotos(self, _: str, call: Call) -> Reply:
        user_id = int(call.arguments.get("user_id", 0))
        if not self.people.get(user_id, Person(user_id)).photo:
            return _ok({"total_count": 0, "photos": []})
        sizes = [
            {"file_id": f"photo-{user_id}-{side}", "file_unique_id": f"u{user_id}", "width": side, "height": side}
            for side in (160, 320, 640)
        ]
        return _ok({"total_count": 1, "photos": [sizes]})

    def _do_getchat(self, _: str, call: Call) -> Reply:
        chat_id = int(call.arguments.get("chat_id", 0))
        chat: dict[str, Any] = {"id": chat_id, "type": "supergroup" if chat_id < 0 else "private"}
        if self.people.get(chat_id, Person(chat_id)).photo:
            name = f"photo-{abs(chat_id)}-640"
            chat["photo"] = {"big_file_id": name, "big_file_unique_id": f"g{abs(chat_id)}", "small_file_id": name}
        return _ok(chat)

    def _do_getfile(self, _: str, call: Call) -> Reply:
        file_id = str(call.arguments.get("file_id", ""))
        if not file_id:
            return _refuse(400, "Bad Request: invalid file_id")
        return _ok({"file_id": file_id, "file_unique_id": file_id, "file_path": f"photos/{file_id[-60:]}.png"})

    async def _control(self, what: str, request: Request) -> Reply:
        given = request.json() if request.method == "POST" else {}
        match what:
            case "calls":
                method = request.query.get("method", "").lower()
                return reply_json({"calls": [c for c in self.calls if not method or c.method.lower() == method]})
            case "script":
                self.scripts.append(msgspec.convert(given, Script))
            case "person":
                person = msgspec.convert(given, Person)
                self.people[person.id] = person
            case "reset":
                self.calls.clear()
                self.scripts.clear()
                self.people.clear()
            case "deliver":
                return await self._deliver(given["update"])
            case "say":
                return await self._deliver(self.text_update(**given))
            case _:
                return _refuse(404, "Not Found")
        return reply_json({"ok": True})

    def text_update(self, chat_id: int, text: str, first_name: str = "Fay", **person: Any) -> dict[str, Any]:
        """Return an update in which a person says a text; `date` (Unix seconds) may be given."""
        date = person.pop("date", int(time.time()))
        named = {"id": chat_id, "first_name": first_name, **person}
        number = self.next_update
        self.next_update += 1
        chat = {"type": "private", **{k: v for k, v in named.items() if k != "language_code"}}
        message = {"message_id": number, "date": date, "chat": chat, "from": {"is_bot": False, **named}, "text": text}
        return {"update_id": number, "message": message}

    async def _deliver(self, update: dict[str, Any]) -> Reply:
        """Deliver as Telegram does: with the secret token, again and again until it is taken."""
        if self.http is None or not self.webhook.get("url"):
            return _refuse(409, "no webhook is set")
        url = self.webhook["url"]
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook.get("secret_token", "")}
        wait = 0.2
        for _ in range(8):
            try:
                answer = await self.http.request("POST", url, json=update, headers=headers, trusted_origin=None)
            except (NotSent, Broken):
                answer = None
            if answer is not None and 200 <= answer.status < 300:
                return reply_json({"ok": True, "status": answer.status})
            await asyncio.sleep(wait)
            wait = min(wait * 2, 5.0)
        return reply_json({"ok": False, "status": answer.status if answer else 0})


def _ok(result: object, description: str | None = None) -> Reply:
    answer = {"ok": True, "result": result}
    return reply_json(answer | ({"description": description} if description else {}))


def _refuse(code: int, description: str, parameters: dict[str, int] | None = None) -> Reply:
    answer: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    return reply_json(answer | ({"parameters": parameters} if parameters else {}), code)


def _picture(name: str) -> Reply:
    """Draw a portrait for a file: the same name, the same face."""
    seed = sum(ord(letter) * (index + 1) for index, letter in enumerate(name))
    colour = (80 + seed % 130, 80 + seed // 7 % 130, 80 + seed // 49 % 130)
    image = Image.new("RGB", (640, 640), colour)
    draw = ImageDraw.Draw(image)
    light = tuple(min(255, part + 70) for part in colour)
    draw.ellipse((210, 130, 430, 370), fill=light)
    draw.ellipse((120, 400, 520, 860), fill=light)
    drawn = io.BytesIO()
    image.save(drawn, "PNG")
    return Reply(body=drawn.getvalue(), content_type="image/png")


async def run(port: int, host: str = "127.0.0.1") -> None:
    """Serve until stopped."""
    from botfolk.http import open_http

    async with open_http(allow_private=True) as http:
        fake = FakeTelegram(http=http)
        async with FakeServer(fake.handle, host, port) as server:
            print(f"The fake Bot API is at {server.url}", flush=True)  # noqa: T201
            await asyncio.Event().wait()


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="A fake of Telegram's Bot API.")
    parser.add_argument("--port", type=int, default=8081)
    asyncio.run(run(parser.parse_args().port))


if __name__ == "__main__":
    main()
