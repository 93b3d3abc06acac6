"""A fake of the Cloud API that speaks its real HTTP: `python -m botfolk.channels.whatsapp.fake`.

Its number is 106540352242922 of the account 102290129340398; any access token is taken. Beside the API itself and the
control side that all fakes of Meta's services have (`channels/meta/fake_graph.py`) it knows under /_fake/, in JSON:

- `POST person {"id", "blocked", "window", "wants_marketing"}` – what is so of a person or group
- `POST template {"name", "language", "status", "category", "components", …}` – add a template
- `POST say {"wa_id", "user_id", "name", "text", "photo", …}`, `tap {"data", …}`, `react {"message_id", "emoji"}` –
  deliver what a person does
- `POST status {"message_id", "status", "error"}` – deliver what became of a message that was sent
- `POST change {"value", "field"}` – deliver a change as it is
- `POST settle {"statuses"}` – which statuses it tells by itself (at first sent and delivered)
- `POST forget` – forget people, files, templates and messages
"""

import asyncio
from typing import Any

import msgspec
from msgspec import Struct

from botfolk.channels.fake_scripts import run_fake
from botfolk.channels.faking import Handler, Reply, Request, reply_json
from botfolk.channels.meta.fake_graph import Call, FakeGraph
from botfolk.channels.whatsapp.fake_methods import carry_out
from botfolk.channels.whatsapp.fake_news import ACTS, delivery, status_of
from botfolk.channels.whatsapp.fake_state import Person, State, wrong
from botfolk.http import Http


class Change(Struct):
    """A change to deliver as it is, and how often to try."""

    value: dict[str, Any]
    field: str = "messages"
    attempts: int = 8


class Became(Struct):
    """What became of a message that was sent."""

    message_id: str
    status: str
    error: int | None = None


class Settle(Struct):
    """Which statuses are told without being asked."""

    statuses: tuple[str, ...]


class FakeWhatsApp(FakeGraph):
    """The fake and its handler. Without `http` it delivers nothing."""

    limit_code = 130429

    def __init__(self, http: Http | None = None) -> None:
        super().__init__(http)
        self.state = State()
        self.files_at = ""
        """where it says that files are; at first where it was called"""
        self._own_url = ""
        self._telling: set[asyncio.Task[None]] = set()

    async def handle(self, request: Request) -> Reply:
        """Answer one request; files are had with the token only."""
        self._own_url = f"http://{request.headers.get('host', '')}"
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if request.path.startswith("/files/") and (not token or token in self.revoked):
            return Reply(status=404, content_type="text/plain")
        return await super().handle(request)

    async def api(self, call: Call) -> Reply:
        """Carry a call out, and tell by and by what became of a message."""
        before = len(self.state.sent)
        reply = carry_out(self.state, call, self.files_at or self._own_url)
        if len(self.state.sent) > before:
            self._tell(next(reversed(self.state.sent)), call.given)
        return reply

    def about(self, call: Call) -> object:
        """Whom a message is for."""
        return call.given.get("to") or call.given.get("recipient")

    def file(self, name: str) -> Reply | None:
        """Return a file by its id."""
        file = self.state.files.get(name)
        return None if file is None else Reply(body=file.content, content_type=file.content_type)

    def _tell(self, wamid: str, said: dict[str, Any]) -> None:
        """Whoever blocked the number gets nothing, and who stopped marketing gets none."""
        if self.http is None or not self.hook.url:
            return
        person = self.state.person(str(said.get("to") or said.get("recipient")))
        unwanted = not person.wants_marketing and self._is_marketing(said)
        error = 131026 if person.blocked else 131050 if unwanted else None
        statuses = self.state.statuses if error is None else ("failed",)
        data = said.get("biz_opaque_callback_data")

        async def tell() -> None:
            for status in statuses:
                await self.deliver(delivery(status_of(wamid, said, status, data, error)))

        task = asyncio.ensure_future(tell())
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    def _is_marketing(self, said: dict[str, Any]) -> bool:
        name = (said.get("template") or {}).get("name")
        return any(each["name"] == name and each["category"] == "MARKETING" for each in self.state.templates)

    async def control(self, what: str, body: bytes) -> Reply | None:
        """Do what the control side is asked."""
        if what in ACTS:
            return await self._deliver(delivery(msgspec.json.decode(body, type=ACTS[what]).told(self.state)))
        match what:
            case "change":
                change = msgspec.json.decode(body, type=Change)
                return await self._deliver(delivery(change.value, change.field), change.attempts)
            case "status":
                return await self._became(msgspec.json.decode(body, type=Became))
            case "person":
                person = msgspec.json.decode(body, type=Person)
                self.state.people[person.id] = person
            case "template":
                plain = {"language": "en", "status": "APPROVED", "category": "UTILITY", "components": []}
                self.state.templates.append(plain | msgspec.json.decode(body, type=dict[str, Any]))
            case "settle":
                self.state.statuses = msgspec.json.decode(body, type=Settle).statuses
            case "forget":
                self.state.forget()
            case _:
                return None
        return reply_json({"success": True})

    async def _became(self, became: Became) -> Reply:
        said = self.state.sent.get(became.message_id)
        if said is None:
            return wrong(100, "no such message was sent", 404)
        data = said.get("biz_opaque_callback_data")
        return await self._deliver(delivery(status_of(became.message_id, said, became.status, data, became.error)))

    async def _deliver(self, told: dict[str, Any], attempts: int = 8) -> Reply:
        delivered = await self.deliver(told, attempts)
        return reply_json({**msgspec.structs.asdict(delivered), "told": told})


def _make(http: Http) -> Handler:
    return FakeWhatsApp(http).handle


if __name__ == "__main__":
    run_fake("Cloud API of WhatsApp", _make, port=8083)
