"""A fake of the Messenger Platform's real HTTP, for tests and the demo: `python -m botfolk.channels.messenger.fake`.

Beside what every fake of Meta's has (`channels/meta/fake_graph.py`) its control side under /_fake/ knows:

- `POST /_fake/person {"id", "first_name", "last_name", "name", "username", "profile", "picture", "known", "blocked",
  "late", …}` – what is so of a person; `late`: their last message is more than 24 hours old
- `POST /_fake/say {"person", "text", "attachments", "quick_reply", "reply_to", "story", "standby"}`, `tap {"person",
  "data", "title", "ref"}`, `react {"person", "mid", "emoji"}`, `edit {"person", "mid", "text"}`, `unsend {"person",
  "mid"}`, `seen {"person", "mid"}`, `delivered {"person"}`, `refer {"person", "ref"}`, `opt {"person", "allowed",
  "timezone"}`, `inbox {"person", "text"}` (the team writes in the page's own inbox) – what is done; it is delivered
- `POST /_fake/account {"id", "name", "app_id", "granted", "human_agent", "echoes"}` – what is so of the page; `granted`
  names the optional fields that may be asked
"""

import asyncio
import hmac
import time
from typing import Any

import msgspec
from msgspec import Struct, field

from botfolk.channels.fake_scripts import run_fake
from botfolk.channels.faking import Reply, reply_json
from botfolk.channels.messenger.fake_acts import ACTS
from botfolk.channels.messenger.fake_rules import Person, refusal_of
from botfolk.channels.messenger.platform import MESSENGER, Platform
from botfolk.channels.meta.fake_graph import Call, FakeGraph, Hook, refuse
from botfolk.channels.telegram.fake_portrait import portrait
from botfolk.http import Http


class Account(Struct, kw_only=True):
    """What is so of the page or account."""

    id: str = "100000000000001"
    name: str = "Fake page"
    app_id: str = "300000000000001"
    granted: list[str] = field(default_factory=list)
    human_agent: bool = True
    echoes: bool = True


class FakeMessenger(FakeGraph):
    """The fake of one service of the platform."""

    def __init__(self, http: Http | None = None, platform: Platform = MESSENGER) -> None:
        super().__init__(http)
        self.platform = platform
        self.account = Account()
        self.people: dict[str, Person] = {}
        self.subscribed: list[str] = []
        self.files_at: str | None = None
        """where its files are said to be; here when it is None"""
        self._later: set[asyncio.Task[Any]] = set()

    def person(self, person: str) -> Person:
        """Return what is so of a person."""
        return self.people.get(person) or Person(id=person)

    def about(self, call: Call) -> object:
        """The person a message is for, or who is asked about."""
        recipient = call.given.get("recipient")
        return recipient.get("id") if isinstance(recipient, dict) else call.path

    def file(self, name: str) -> Reply | None:
        """A picture."""
        return Reply(body=portrait(name.removesuffix(".jpg")), content_type="image/jpeg")

    async def api(self, call: Call) -> Reply:
        """Carry a call out."""
        proof = call.query.get("appsecret_proof")
        right = hmac.digest(self.hook.app_secret.encode(), call.token.encode(), "sha256").hex()
        if proof is not None and proof != right:
            return refuse(100, "Invalid appsecret_proof provided in the API argument")
        match call.method, call.path.split("/"):
            case "GET", ["me"]:
                return reply_json(self.me(call.query.get("fields", "id,name")))
            case "GET", ["app"]:
                return reply_json({"id": self.account.app_id, "name": "Fake app"})
            case "POST", ["me", "messages"]:
                return self._message(call)
            case _, [_, "subscribed_apps"]:
                return self._subscribe(call)
            case _, [app, "subscriptions"]:
                return await self._subscriptions(call, app)
            case "GET", [person]:
                return self._profile(person, call.query.get("fields", "").split(","))
        return refuse(100, f"Unsupported {call.method.lower()} request.", subcode=33)

    def me(self, fields: str) -> dict[str, Any]:
        """Return what the account says of itself."""
        told = {"id": self.account.id, "name": self.account.name}
        return {name: value for name, value in told.items() if name in fields.split(",")}

    def _subscribe(self, call: Call) -> Reply:
        if call.method == "POST":
            self.subscribed = str(call.given.get("subscribed_fields", "")).split(",")
            return reply_json({"success": True})
        app = {"id": self.account.app_id, "name": "Fake app", "subscribed_fields": self.subscribed}
        return reply_json({"data": [app] if self.subscribed else []})

    async def _subscriptions(self, call: Call, app: str) -> Reply:
        if call.token != f"{app}|{self.hook.app_secret}":
            return refuse(190, "Invalid OAuth access token signature.", 401)
        if call.method == "POST":
            url, token = str(call.given.get("callback_url", "")), str(call.given.get("verify_token", ""))
            return await self.set_hook(Hook(url=url, app_secret=self.hook.app_secret, verify_token=token))
        now = {"object": self.platform.object, "callback_url": self.hook.url, "active": True, "fields": []}
        return reply_json({"data": [now] if self.hook.url else []})

    def _profile(self, person_id: str, fields: list[str]) -> Reply:
        person = self.person(person_id)
        if not person.known:
            return refuse(100, f"Unsupported get request. Object with ID '{person_id}' does not exist", subcode=33)
        if not person.profile:
            return refuse(100, "(#100) No profile available for this user.", subcode=2018218)
        for name in fields:
            if name in self.platform.optional_fields and name not in self.account.granted:
                return refuse(100, f"(#100) Insufficient permission to access user's {name}", subcode=2018247)
            if name not in (*self.platform.basic_fields, *self.platform.optional_fields, "profile_pic"):
                return refuse(100, f"(#100) Tried accessing nonexisting field ({name})")
        told = person.told(
            f"{self.files_at or self.address}/files/{person_id}-{person.picture}.jpg?hash={self.number()}"
        )
        return reply_json({name: told[name] for name in fields if told.get(name) is not None} | {"id": person_id})

    def _message(self, call: Call) -> Reply:
        recipient = call.given.get("recipient")
        person_id = str(recipient.get("id", "")) if isinstance(recipient, dict) else ""
        refusal = refusal_of(self.platform, self.person(person_id), call, human_agent=self.account.human_agent)
        if refusal is not None:
            return refusal
        if "sender_action" in call.given:
            return reply_json({"recipient_id": person_id})
        mid = f"m_fake_{self.number()}"
        if self.account.echoes:
            self.later(self.echo(person_id, mid, call.given["message"], self.account.app_id))
        return reply_json({"recipient_id": person_id, "message_id": mid})

    def echo(self, person: str, mid: str, said: dict[str, Any], app_id: str | None) -> dict[str, Any]:
        """Return the echo of what the page said."""
        message: dict[str, Any] = {"mid": mid, "is_echo": True}
        if "text" in said:
            message["text"] = said["text"]
        if app_id is not None:
            message["app_id"] = int(app_id)
        if self.platform.returns_metadata and said.get("metadata"):
            message["metadata"] = said["metadata"]
        attachment = said.get("attachment")
        if attachment and attachment["type"] != "template":
            url = f"{self.address}/files/{mid}.jpg"
            message["attachments"] = [{"type": attachment["type"], "payload": {"url": url}}]
        item = {"sender": {"id": self.account.id}, "recipient": {"id": person}, "timestamp": now(), "message": message}
        return self.entry([item])

    def entry(self, items: list[dict[str, Any]], where: str = "messaging") -> dict[str, Any]:
        """Return a delivery of items."""
        return {"object": self.platform.object, "entry": [{"id": self.account.id, "time": now(), where: items}]}

    def later(self, payload: dict[str, Any]) -> None:
        """Deliver something while the call is answered."""
        task = asyncio.ensure_future(self.deliver(payload))
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def control(self, what: str, body: bytes) -> Reply | None:
        """Do what a person does, or note what is so."""
        match what:
            case "person":
                person = msgspec.json.decode(body, type=Person)
                self.people[person.id] = person
                return reply_json({"success": True})
            case "account":
                self.account = msgspec.json.decode(body, type=Account)
                return reply_json({"success": True})
        if what not in ACTS:
            return None
        act = msgspec.json.decode(body, type=ACTS[what])
        payload = act.payload(self)
        delivered = await self.deliver(payload)
        return reply_json(msgspec.structs.asdict(delivered) | {"payload": payload})


def now() -> int:
    """Return the time in milliseconds."""
    return int(time.time() * 1000)


if __name__ == "__main__":
    run_fake("Messenger Platform", lambda http: FakeMessenger(http).handle, port=8082)
