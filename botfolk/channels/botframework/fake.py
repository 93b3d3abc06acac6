"""A fake of Azure Bot Service over its real HTTP, for tests and demo: `python -m botfolk.channels.botframework.fake`.

It plays all services: Microsoft's sign-in (`token_url` {fake}/{tenant}/oauth2/v2.0/token), the keys (`metadata_url`
{fake}/v1/.well-known/openidconfiguration), the connector ({fake}/amer/) and files. Its control side, in JSON:

- `POST /_fake/webhook {"url", "app_id"}` – where the bot hears
- `GET /_fake/calls?method=send` – what was called: send, members, file, token, metadata, keys
- `POST /_fake/script` – how the next calls of a method go: see `fake_scripts.Script` and `fake_state.refusal`
- `POST /_fake/person {"id", "blocked", "known", "name", "given_name", …}` – what is so of a person
- `POST /_fake/app {"app_id", "secret", "token_seconds"}` – the app's right secret; tokens given before are void
- `POST /_fake/keys {"endorsements"}` – sign with another key from now on
- `POST /_fake/say {"user", "text", …}`, `tap`, `delete`, `react`, `read`, `install` – make an activity of what a person
  does (see `fake_activities`), and deliver it, signed; `deliver {"activity", "claims", "attempts"}` – deliver any
- `POST /_fake/reset` – forget all but the webhook and the keys
"""

import re
import secrets
import time
from typing import Any
from urllib.parse import parse_qs, unquote

import msgspec
from msgspec import Struct, field

from botfolk.channels.botframework.fake_activities import ACTS
from botfolk.channels.botframework.fake_state import APP_ID, Call, Person, State, Webhook, refusal, refuse
from botfolk.channels.fake_scripts import Script, run_fake
from botfolk.channels.faking import Handler, Reply, Request, reply_json
from botfolk.http import Broken, Http, NotSent

_MAX_BYTES = 28 * 1024
_MEMBER = re.compile(r"/amer/v3/conversations/([^/]+)/members/([^/]+)")
_ACTIVITIES = re.compile(r"/amer/v3/conversations/([^/]+)/activities")
_TOKEN = re.compile(r"/[^/]+/oauth2/v2.0/token")
_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8ffff3f0300050001ff"
    "a11d2d4b0000000049454e44ae426082"
)


class Deliver(Struct):
    """An activity (or an array of them) to deliver, claims of its token to be other than they should, how often."""

    activity: Any
    claims: dict[str, Any] = {}
    attempts: int = 3


class App(Struct):
    """The right secret of an app, and how long its tokens are good for."""

    secret: str
    app_id: str = APP_ID
    token_seconds: int = 3600


class Keys(Struct):
    """What the next key may speak for."""

    endorsements: list[str] | None = None


class FakeBotFramework(Struct):
    """The fake and its handler. Without `http` it cannot deliver."""

    http: Http | None = None
    state: State = field(default_factory=State)

    async def handle(self, request: Request) -> Reply:
        """Answer one request."""
        try:
            if request.path.startswith("/_fake/"):
                return await self._control(request.path.removeprefix("/_fake/"), request)
            method, about, carry_out = self._route(request)
            if not method:
                return refuse(404, "NotFound")
            body = _form(request.body) if method == "token" else request.json() if request.body else None
        except msgspec.DecodeError as error:
            return refuse(400, "BadSyntax", str(error))
        call = Call(method=method, path=request.path, body=body, at=time.time(), headers=request.headers)
        self.state.calls.append(call)

        async def carried_out() -> Reply:
            reply: Reply = carry_out(request, call)
            call.taken = reply.status < 300
            return reply

        return await self.state.scripts.play(method, about, carried_out, refusal)

    def _route(self, request: Request) -> tuple[str, str, Any]:
        path, verb = request.path, request.method
        if verb == "GET" and path.endswith("/.well-known/openidconfiguration"):
            return "metadata", "", self._metadata
        if verb == "GET" and path.endswith("/.well-known/keys"):
            return "keys", "", self._jwks
        if verb == "POST" and _TOKEN.fullmatch(path):
            return "token", "", self._token
        if verb == "POST" and (found := _ACTIVITIES.fullmatch(path)):
            return "send", unquote(found[1]), self._send
        if verb == "GET" and (found := _MEMBER.fullmatch(path)):
            return "members", unquote(found[2]), self._member
        if verb == "GET" and path.startswith(("/amer/v3/attachments/", "/files/")):
            return "file", "", self._file
        return "", "", None

    def _metadata(self, request: Request, _: Call) -> Reply:
        where = request.path.removesuffix("openidconfiguration")
        jwks = f"http://{request.headers['host']}{where}keys"
        return reply_json({"jwks_uri": jwks, "id_token_signing_alg_values_supported": ["RS256"]})

    def _jwks(self, request: Request, _: Call) -> Reply:
        signer = self.state.tenant_signer if request.path.startswith("/tenant/") else self.state.signer
        return reply_json(signer.jwks())

    def _token(self, _: Request, call: Call) -> Reply:
        right = self.state.secrets.get(call.body.get("client_id", ""))
        if call.body.get("grant_type") != "client_credentials" or not str(call.body.get("scope")).endswith("/.default"):
            return reply_json({"error": "invalid_request", "error_description": "AADSTS900144: missing"}, 400)
        if right is not None and call.body.get("client_secret") != right:
            words = "AADSTS7000215: Invalid client secret provided."
            return reply_json({"error": "invalid_client", "error_description": words}, 401)
        token = secrets.token_urlsafe(24)
        self.state.tokens.add(token)
        return reply_json({"token_type": "Bearer", "expires_in": self.state.token_seconds, "access_token": token})

    def _unauthorized(self, request: Request) -> Reply | None:
        if request.headers.get("authorization", "").removeprefix("Bearer ") in self.state.tokens:
            return None
        return refuse(401, "Unauthorized", "Authorization has been denied for this request.")

    def _send(self, request: Request, call: Call) -> Reply:
        conversation = unquote(request.path.split("/")[4])
        if (refused := self._unauthorized(request)) is not None:
            return refused
        if call.body.get("type") == "typing":
            return reply_json({"id": self.state.number()}, 201)
        person = self.state.person(conversation.removeprefix("a:"))
        if not person.known:
            return refuse(404, "ConversationNotFound", "Conversation not found.")
        if person.blocked:
            return refuse(403, "ForbiddenOperationException", "The bot is blocked.", "MessageWritesBlocked")
        inline = sum(len(each.get("contentUrl", "")) for each in call.body.get("attachments", []))
        if 2 * (len(request.body.decode()) - inline) > _MAX_BYTES:
            return refuse(413, "MessageSizeTooBig", "Message size too large.")
        if not call.body.get("text") and not call.body.get("attachments"):
            return refuse(400, "BadSyntax", "Activity must include text or attachments")
        if self.state.is_too_fast(conversation):
            return refuse(429, "TooManyRequests", **{"retry-after": "1"})
        return reply_json({"id": self.state.number()}, 201)

    def _member(self, request: Request, _: Call) -> Reply:
        if (refused := self._unauthorized(request)) is not None:
            return refused
        person = self.state.person(unquote(request.path.rpartition("/")[2]))
        if not person.known or person.blocked:
            return refuse(404, "MemberNotFoundInConversation", "Member not found in conversation.")
        told = {"id": person.id, "name": person.name, "givenName": person.given_name, "surname": person.surname}
        told |= {"email": person.email, "userPrincipalName": person.principal, "userRole": "user"}
        return reply_json({name: value for name, value in told.items() if value is not None})

    def _file(self, request: Request, _: Call) -> Reply:
        if request.path.startswith("/amer/"):
            return self._unauthorized(request) or Reply(body=_PNG, content_type="image/png")
        if "authorization" in request.headers:
            return refuse(400, "BadRequest", "a download address takes no credentials")
        if request.path.startswith("/files/moved"):
            return Reply(status=302, headers={"location": "/files/here?tempauth=1"})
        return Reply(body=_PNG, content_type="image/png")

    async def _control(self, what: str, request: Request) -> Reply:
        state, body = self.state, request.body or b"{}"
        if what == "calls":
            method = request.query.get("method", "")
            return reply_json({"calls": [call for call in state.calls if method in ("", call.method)]})
        if what in ACTS:
            activity = msgspec.json.decode(body, type=ACTS[what]).activity(state)
            return await self._deliver(Deliver(activity), request)
        if what == "deliver":
            return await self._deliver(msgspec.json.decode(body, type=Deliver), request)
        return self._set(what, body)

    def _set(self, what: str, body: bytes) -> Reply:
        state = self.state
        match what:
            case "webhook":
                state.webhook = msgspec.json.decode(body, type=Webhook)
            case "script":
                state.scripts.add(msgspec.json.decode(body, type=Script))
            case "person":
                person = msgspec.json.decode(body, type=Person)
                state.people[person.id] = person
            case "app":
                app = msgspec.json.decode(body, type=App)
                state.secrets[app.app_id], state.token_seconds = app.secret, app.token_seconds
                state.tokens.clear()
            case "keys":
                endorsements = msgspec.json.decode(body, type=Keys).endorsements
                state.signer.rotate()
                if endorsements is not None:
                    state.signer.endorsements = tuple(endorsements)
            case "reset":
                state.forget()
            case _:
                return refuse(404, "NotFound")
        return reply_json({"ok": True})

    async def _deliver(self, deliver: Deliver, request: Request) -> Reply:
        """Deliver, again and again until it is taken, as Teams does."""
        if self.http is None or not self.state.webhook.url:
            return refuse(409, "Conflict", "no webhook is set")
        service_url = f"http://{request.headers['host']}/amer/"
        for each in deliver.activity if isinstance(deliver.activity, list) else [deliver.activity]:
            each.setdefault("serviceUrl", service_url)
        claims = {"iss": "https://api.botframework.com", "aud": self.state.webhook.app_id, "serviceurl": service_url}
        token = self.state.signer.token(claims | deliver.claims)
        told: dict[str, Any] = {"ok": False, "status": 0, "activity": deliver.activity}
        for attempt in range(1, deliver.attempts + 1):
            told["attempts"] = attempt
            try:
                answer = await self.http.request(
                    "POST",
                    self.state.webhook.url,
                    json=deliver.activity,
                    headers={"authorization": f"Bearer {token}"},
                )
            except (NotSent, Broken):
                continue
            told |= {"status": answer.status, "answer": answer.content.decode("utf-8", "replace")}
            if 200 <= answer.status < 300:
                return reply_json(told | {"ok": True})
        return reply_json(told)


def _form(body: bytes) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(body.decode()).items()}


def main() -> None:
    """Run from the command line."""

    def make(http: Http) -> Handler:
        return FakeBotFramework(http=http).handle

    run_fake("Azure Bot Service", make, port=8083)


if __name__ == "__main__":
    main()
