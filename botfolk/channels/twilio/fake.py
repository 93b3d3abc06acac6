"""A fake of Twilio over its real HTTP, for tests and the demo: `python -m botfolk.channels.twilio.fake`.

It plays api.twilio.com, messaging.twilio.com and content.twilio.com, and signs what it delivers by the account's token.
Its control side, in JSON:

- `POST /_fake/account {"token", "webhook"}` – the right token, and where it delivers (connecting sets it, too)
- `GET /_fake/calls?method=send` – what was called: send, account, numbers, services, content, media
- `POST /_fake/script` – how the next calls of a method go: see `fake_scripts.Script`; `error` is Twilio's code
- `POST /_fake/person {"id", "opted_out", "error"}` – what is so of a person
- `POST /_fake/say {"From", "Body", …}` – deliver a message of these fields; STOP and START are answered as Twilio does
- `POST /_fake/status {"sid", "status", "error"}` – report what became of a message, to its status callback
- `POST /_fake/deliver {"fields", "url", "token"}` – deliver any form, to any address, signed by any token
- `POST /_fake/contents {"contents"}` – the templates there are
- `POST /_fake/reset` – forget all but the token and the webhook
"""

import re
from base64 import b64encode
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct, field

from botfolk.channels.fake_scripts import Script, run_fake
from botfolk.channels.faking import Handler, Reply, Request, reply_json
from botfolk.channels.twilio.fake_state import ACCOUNT, NUMBER, Person, State, call_of, new_sid, refusal, refuse
from botfolk.channels.twilio.signature import sign
from botfolk.http import Broken, Http, NotSent
from botfolk.outgoing.forms import urlencoded

_ACCOUNTS = re.compile(r"/2010-04-01/Accounts/(AC[0-9a-f]{32})(?:\.json|/(.+))")
_STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"})
_START = frozenset({"START", "YES", "UNSTOP"})
_JPEG = b"\xff\xd8\xff\xe0 a picture"
_MOST_TEXT = 1600


class Account(Struct):
    """The account's token, and where messages are delivered."""

    token: str | None = None
    webhook: str | None = None


class Status(Struct):
    """What became of a message."""

    sid: str
    status: str
    error: int = 0


class Deliver(Struct):
    """A form to deliver."""

    fields: dict[str, str]
    url: str = ""
    token: str = ""


class Contents(Struct):
    """The templates there are."""

    contents: list[Any]


class FakeTwilio(Struct):
    """The fake and its handler. Without `http` it cannot deliver."""

    http: Http | None = None
    state: State = field(default_factory=State)

    async def handle(self, request: Request) -> Reply:
        """Answer one request."""
        try:
            if request.path.startswith("/_fake/"):
                return await self._control(request.path.removeprefix("/_fake/"), request)
        except msgspec.DecodeError as error:
            return refuse(400, 20001, str(error))
        fields = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        method, carry_out = self._route(request)
        if not method:
            return refuse(404, 20404, f"The requested resource {request.path} was not found")
        call = call_of(method, request.path, fields, request.headers)
        self.state.calls.append(call)

        async def carried_out() -> Reply:
            refused = None if method == "cdn" else self._unauthorized(request)
            reply: Reply = refused or carry_out(request, fields)
            call.taken = reply.status < 300
            return reply

        return await self.state.scripts.play(method, fields.get("To"), carried_out, refusal)

    def _route(self, request: Request) -> tuple[str, Any]:
        path, found = request.path, _ACCOUNTS.fullmatch(request.path)
        rest = (found[2] or "") if found else ""
        if found and not rest:
            return "account", self._account
        if rest == "Messages.json":
            return "send", self._send
        if rest.startswith("IncomingPhoneNumbers"):
            return "numbers", self._numbers
        if "/Media/" in rest:
            return "media", self._media
        if path.startswith("/v1/Services/"):
            return "services", self._services
        if path == "/v1/ContentAndApprovals":
            return "content", self._contents
        return ("cdn", self._cdn) if path.startswith("/cdn/") else ("", None)

    def _unauthorized(self, request: Request) -> Reply | None:
        given = request.headers.get("authorization", "")
        right = "Basic " + b64encode(f"{ACCOUNT}:{self.state.token}".encode()).decode()
        if given == right or (not self.state.token and given.startswith("Basic ")):
            return None
        return refuse(401, 20003, "Authenticate")

    def _account(self, _: Request, __: dict[str, str]) -> Reply:
        return reply_json({"sid": ACCOUNT, "friendly_name": "Fake account", "status": "active"})

    def _send(self, _: Request, fields: dict[str, str]) -> Reply:
        to = fields.get("To", "")
        person = self.state.person(to)
        if not fields.get("From") and not fields.get("MessagingServiceSid"):
            return refuse(400, 21603, "A 'From' phone number is required.")
        if not re.fullmatch(r"(?:[a-z]+:)?[+A-Za-z0-9_.-]+", to):
            return refuse(400, 21211, f"Invalid 'To' Phone Number: {to}")
        if not any(fields.get(name) for name in ("Body", "MediaUrl", "ContentSid")):
            return refuse(400, 21619, "A text message body or media urls must be specified.")
        if len(fields.get("Body", "")) > _MOST_TEXT:
            return refuse(400, 21617, "The concatenated message body exceeds the 1600 character limit.")
        if person.opted_out:
            return refuse(400, 21610, "Attempt to send to unsubscribed recipient")
        if person.error:
            return refuse(400, person.error, f"error {person.error}")
        sid = new_sid("MM" if "MediaUrl" in fields else "SM")
        self.state.sent[sid] = fields
        if fields.get("StatusCallback"):
            self.state.status_callbacks[sid] = fields["StatusCallback"]
        return reply_json({"sid": sid, "status": "queued", "error_code": None, "error_message": None}, 201)

    def _numbers(self, request: Request, fields: dict[str, str]) -> Reply:
        if request.method == "POST":
            self.state.webhook = fields.get("SmsUrl", "")
            return reply_json({"sid": "PN1", "sms_url": self.state.webhook})
        ours = request.query.get("PhoneNumber") == NUMBER
        return reply_json({"incoming_phone_numbers": [{"sid": "PN1", "sms_url": self.state.webhook}] if ours else []})

    def _services(self, request: Request, fields: dict[str, str]) -> Reply:
        if request.method == "POST":
            self.state.webhook = fields.get("InboundRequestUrl", "")
        told = {"sid": request.path.rpartition("/")[2], "inbound_request_url": self.state.webhook}
        return reply_json(told | {"use_inbound_webhook_on_number": False})

    def _contents(self, _: Request, __: dict[str, str]) -> Reply:
        return reply_json({"contents": self.state.contents, "meta": {"next_page_url": None}})

    def _media(self, request: Request, _: dict[str, str]) -> Reply:
        return Reply(status=307, headers={"location": f"http://{request.headers['host']}/cdn/picture.jpg"})

    def _cdn(self, request: Request, _: dict[str, str]) -> Reply:
        if "authorization" in request.headers:
            return refuse(400, message="Only one auth mechanism allowed")
        return Reply(body=_JPEG, content_type="image/jpeg")

    async def _control(self, what: str, request: Request) -> Reply:
        state, body = self.state, request.body or b"{}"
        if what == "calls":
            method = request.query.get("method", "")
            return reply_json({"calls": [call for call in state.calls if method in ("", call.method)]})
        match what:
            case "say":
                return await self._say(msgspec.json.decode(body, type=dict[str, str]))
            case "status":
                return await self._report(msgspec.json.decode(body, type=Status))
            case "deliver":
                given = msgspec.json.decode(body, type=Deliver)
                return await self._deliver(given.fields, given.url, given.token)
        return self._set(what, body)

    def _set(self, what: str, body: bytes) -> Reply:
        state = self.state
        match what:
            case "account":
                account = msgspec.json.decode(body, type=Account)
                state.token = state.token if account.token is None else account.token
                state.webhook = state.webhook if account.webhook is None else account.webhook
            case "script":
                state.scripts.add(msgspec.json.decode(body, type=Script))
            case "person":
                person = msgspec.json.decode(body, type=Person)
                state.people[person.id] = person
            case "contents":
                state.contents = msgspec.json.decode(body, type=Contents).contents
            case "reset":
                state.forget()
            case _:
                return refuse(404, 20404)
        return reply_json({"ok": True})

    async def _say(self, fields: dict[str, str]) -> Reply:
        """A person writes; by STOP and START Twilio delivers nothing more to them, or again."""
        told = {"MessageSid": new_sid(), "AccountSid": ACCOUNT, "To": NUMBER, "NumMedia": "0", **fields}
        word = told.get("Body", "").strip().upper()
        if word in _STOP | _START:
            told.setdefault("OptOutType", "STOP" if word in _STOP else "START")
            person = self.state.people[told["From"]] = self.state.person(told["From"])
            person.opted_out = word in _STOP
        return await self._deliver(told, "", "")

    async def _report(self, status: Status) -> Reply:
        sent = self.state.sent.get(status.sid, {})
        told = {"MessageSid": status.sid, "MessageStatus": status.status, "AccountSid": ACCOUNT}
        told |= {"To": sent.get("To", ""), "From": sent.get("From", NUMBER)}
        told |= {"ErrorCode": str(status.error)} if status.error else {}
        return await self._deliver(told, self.state.status_callbacks.get(status.sid, "-"), "")

    async def _deliver(self, fields: dict[str, str], url: str, token: str) -> Reply:
        """Deliver, and once again when the connection fails, as Twilio does by default."""
        url = url or self.state.webhook
        if self.http is None or not url.startswith("http"):
            return refuse(409, message="no webhook is set")
        signature = sign(token or self.state.token or "token", url, fields.items())
        told: dict[str, Any] = {"ok": False, "status": 0, "fields": fields}
        for attempt in (1, 2):
            try:
                answer = await self.http.request(
                    "POST", url, body=urlencoded(fields), headers={"x-twilio-signature": signature}
                )
            except (NotSent, Broken):
                continue
            body = answer.content.decode("utf-8", "replace")
            told |= {"status": answer.status, "answer": body, "ok": answer.status < 300, "attempts": attempt}
            break
        return reply_json(told)


def main() -> None:
    """Run from the command line."""

    def make(http: Http) -> Handler:
        return FakeTwilio(http=http).handle

    run_fake("Twilio", make, port=8084)


if __name__ == "__main__":
    main()
