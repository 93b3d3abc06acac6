"""The base of the fakes of Meta's services: the Graph API's real HTTP, its errors, and webhooks signed as Meta signs.

A fake is a subclass that carries the calls out. Beside the API it has a control side under /_fake/, in JSON:

- `GET /_fake/calls?path=messages` – what was called, in order, with what was given and whether it was taken
- `POST /_fake/script {"method", "behaviour": "delay|429|5xx|reset|drop|refuse", "times", "code" (the status), "error"
  (Meta's number), "description", "parameters": {"error_subcode"}, "chat_id"}` – how the next calls go; `method` is the
  last part of the path ("messages"; "file" for files, "*" for any)
- `POST /_fake/hook {"url", "app_secret", "verify_token"}` – where to deliver; asked first whether it is ours
- `POST /_fake/token {"token", "revoked"}` – whether a token is no longer accepted
- `POST /_fake/deliver {"payload", "attempts"}` – deliver any body
- `POST /_fake/reset` – forget the calls and scripts
"""

import asyncio
import json
import time
from typing import Any
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from botfolk.channels.fake_forms import form
from botfolk.channels.fake_scripts import Script, Scripts
from botfolk.channels.faking import Reply, Request, reply_json
from botfolk.channels.meta.webhook import signature
from botfolk.http import Body, Broken, Http, NotSent

_FIRST_WAIT_SECONDS = 0.2
_LONGEST_WAIT_SECONDS = 5.0


class Call(Struct, kw_only=True):
    """One call, at `at` (Unix time). `path`: without version; `given`: its JSON or form; `taken`: carried out."""

    method: str
    path: str
    query: dict[str, str]
    given: dict[str, Any]
    token: str
    at: float
    taken: bool = False
    file_bytes: int = 0

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


class Hook(Struct, kw_only=True):
    """Where to deliver, and by what secret."""

    url: str = ""
    app_secret: str = "fake-app-secret"  # noqa: S105 - the fake's own
    verify_token: str = ""


class Token(Struct):
    """Whether a token is accepted."""

    token: str
    revoked: bool = True


class Deliver(Struct):
    """A body to deliver, and how often to try."""

    payload: Any
    attempts: int = 8


class Delivered(Struct):
    """What came of a delivery: the last status (0: no answer), and how often it was tried."""

    ok: bool
    status: int
    attempts: int


def refuse(code: int, message: str, status: int = 400, *, subcode: int | None = None, transient: bool = False) -> Reply:
    """Answer with an error as the Graph API words one."""
    error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "AFake"}
    if subcode is not None:
        error["error_subcode"] = subcode
    if transient:
        error["is_transient"] = True
    return reply_json({"error": error}, status)


class FakeGraph:
    """The fake and its handler. Without `http` it cannot deliver. A subclass carries calls out in `api`."""

    limit_code = 80006
    """the number of the error that asks to wait"""

    def __init__(self, http: Http | None = None) -> None:
        self.http = http
        self.hook = Hook()
        self.address = ""
        """where the fake is reached, as the last request says"""
        self.calls: list[Call] = []
        self.scripts = Scripts()
        self.revoked: set[str] = set()
        self._next = 1

    async def api(self, call: Call) -> Reply:
        """Carry a call out."""
        raise NotImplementedError

    async def control(self, what: str, body: bytes) -> Reply | None:
        """Do something else that the control side is asked; None when it is not known."""
        return None

    def file(self, name: str) -> Reply | None:
        """Return a file under /files/, which needs no token; None when there is none."""
        return None

    def about(self, call: Call) -> object:
        """Return whom a call is about, for scripts of one person."""
        return None

    def number(self) -> int:
        """Return the next of the numbers that are given once."""
        self._next += 1
        return self._next - 1

    async def handle(self, request: Request) -> Reply:
        """Answer one request."""
        self.address = f"http://{request.headers.get('host', '')}"
        first, _, rest = request.path.strip("/").partition("/")
        try:
            if first == "_fake":
                return await self._control(rest, request)
            if first == "files":
                return await self.scripts.play("file", None, lambda: self._file(rest), self._refuse)
            if first.startswith("v") and rest:
                return await self._api(rest, request)
        except msgspec.DecodeError as error:
            return refuse(100, f"(#100) the request cannot be read: {error}")
        return refuse(2500, "Unknown path components: " + request.path, 400)

    async def _file(self, name: str) -> Reply:
        return self.file(name) or Reply(status=404, body=b"gone", content_type="text/plain")

    async def _api(self, path: str, request: Request) -> Reply:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not token or token in self.revoked:
            return refuse(190, "Error validating access token: the session has been invalidated.", 401, subcode=460)
        given, file_bytes = form(request)
        call = Call(
            method=request.method,
            path=path,
            query=request.query,
            given=given,
            token=token,
            at=time.time(),
            file_bytes=file_bytes,
        )
        self.calls.append(call)

        async def carry_out() -> Reply:
            reply = await self.api(call)
            call.taken = reply.status == 200
            return reply

        return await self.scripts.play(call.name, self.about(call), carry_out, self._refuse)

    def _refuse(self, script: Script) -> Reply:
        if script.behaviour == "429":
            minutes = max(1, -(-script.retry_after // 60))
            usage = {"1": [{"type": "messenger", "call_count": 100, "estimated_time_to_regain_access": minutes}]}
            headers = {"Retry-After": str(script.retry_after), "X-Business-Use-Case-Usage": json.dumps(usage)}
            code = script.error or self.limit_code
            refusal = refuse(code, f"(#{code}) There have been too many calls.", 429)
            return msgspec.structs.replace(refusal, headers=headers)
        if script.behaviour == "5xx":
            return refuse(2, "(#2) Service temporarily unavailable", 500, transient=True)
        subcode = (script.parameters or {}).get("error_subcode")
        return refuse(script.error or 100, script.description, script.code, subcode=subcode)

    async def _control(self, what: str, request: Request) -> Reply:
        if what == "calls":
            path = request.query.get("path", "")
            return reply_json({"calls": [call for call in self.calls if call.path.endswith(path)]})
        body = request.body or b"{}"
        match what:
            case "script":
                self.scripts.add(msgspec.json.decode(body, type=Script))
            case "hook":
                return await self.set_hook(msgspec.json.decode(body, type=Hook))
            case "token":
                given = msgspec.json.decode(body, type=Token)
                (self.revoked.add if given.revoked else self.revoked.discard)(given.token)
            case "deliver":
                wanted = msgspec.json.decode(body, type=Deliver)
                return reply_json(await self.deliver(wanted.payload, wanted.attempts))
            case "reset":
                self.calls.clear()
                self.scripts.clear()
                self.revoked.clear()
            case _:
                return await self.control(what, body) or refuse(100, f"nothing is known by the name {what}", 404)
        return reply_json({"success": True})

    async def set_hook(self, hook: Hook) -> Reply:
        """Ask an address whether it is ours, as Meta does, and deliver there from now on."""
        challenge = f"{1_158_201_444 + self.number()}"
        asked = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": hook.verify_token}
        if self.http is not None and hook.verify_token:
            address = hook.url + ("&" if "?" in hook.url else "?") + urlencode(asked)
            try:
                answer = await self.http.request("GET", address)
            except (NotSent, Broken) as error:
                return refuse(2200, f"(#2200) Callback verification failed: {error}")
            if answer.status != 200 or answer.content != challenge.encode():
                return refuse(2200, f"(#2200) Callback verification failed: HTTP Status Code = {answer.status}")
        self.hook = hook
        return reply_json({"success": True})

    async def deliver(self, payload: Any, attempts: int = 8) -> Delivered:
        """Deliver a body to the hook, signed, again and again until it is taken or given up.

        Meta tries at once and then ever more seldom for hours; here it is seconds, and `attempts`.
        """
        if self.http is None or not self.hook.url:
            return Delivered(False, 0, 0)
        body, wait, status = as_meta_writes(payload), _FIRST_WAIT_SECONDS, 0
        headers = {"X-Hub-Signature-256": signature(self.hook.app_secret, body)}
        content = Body(content_type="application/json", content=body)
        for attempt in range(1, attempts + 1):
            try:
                status = (await self.http.request("POST", self.hook.url, body=content, headers=headers)).status
            except (NotSent, Broken):
                status = 0
            if status == 200:
                return Delivered(True, status, attempt)
            if attempt < attempts:
                await asyncio.sleep(wait)
                wait = min(wait * 2, _LONGEST_WAIT_SECONDS)
        return Delivered(False, status, attempts)


def as_meta_writes(payload: Any) -> bytes:
    """Return JSON with every slash and every character beyond ASCII escaped, as Meta signs it."""
    return json.dumps(payload, separators=(",", ":")).replace("/", "\\/").encode()
