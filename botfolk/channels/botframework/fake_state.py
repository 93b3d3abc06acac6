"""What the fake remembers, and how it words its answers."""

import time
from collections import defaultdict
from typing import Any

from msgspec import Struct, field

from botfolk.channels.botframework.fake_signing import Signer
from botfolk.channels.fake_scripts import Script, Scripts
from botfolk.channels.faking import Reply, reply_json

_PER_SECOND = 7
"""https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit"""

APP_ID = "11111111-2222-3333-4444-555555555555"


class Person(Struct, kw_only=True):
    """What is so of a person, and what the roster says of them."""

    id: str
    blocked: bool = False
    known: bool = True
    name: str = "Megan Bowen"
    given_name: str | None = "Megan"
    surname: str | None = "Bowen"
    email: str | None = "megan@example.com"
    principal: str | None = "megan@contoso.example"


class Call(Struct, kw_only=True):
    """One call that was made, at `at` (Unix time). `taken`: it was carried out."""

    method: str
    path: str
    body: Any
    at: float
    headers: dict[str, str] = {}
    taken: bool = False


class Webhook(Struct, kw_only=True):
    """Where the bot hears: what is typed in at Azure."""

    url: str = ""
    app_id: str = APP_ID


class State(Struct, kw_only=True):
    """All that the fake remembers. `secrets`: those of each app (none: any is right)."""

    signer: Signer = field(default_factory=Signer)
    tenant_signer: Signer = field(default_factory=lambda: Signer(endorsements=None))
    secrets: dict[str, str] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    token_seconds: int = 3600
    calls: list[Call] = field(default_factory=list)
    scripts: Scripts = field(default_factory=Scripts)
    people: dict[str, Person] = field(default_factory=dict)
    webhook: Webhook = field(default_factory=Webhook)
    last_number: int = 0
    sent_at: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def person(self, user_id: str) -> Person:
        """Return what is so of a person."""
        return self.people.get(user_id) or Person(id=user_id)

    def number(self) -> str:
        """Return the number of a new message: the millisecond, as Teams does, and never the same twice."""
        self.last_number = max(self.last_number + 1, int(time.time() * 1000))
        return str(self.last_number)

    def is_too_fast(self, conversation: str) -> bool:
        """Say whether there was too much in a conversation within this second; if not, this counts, too."""
        now = time.monotonic()
        within = self.sent_at[conversation] = [at for at in self.sent_at[conversation] if now - at < 1]
        if len(within) >= _PER_SECOND:
            return True
        within.append(now)
        return False

    def forget(self) -> None:
        """Forget all but the webhook and the keys."""
        for each in (self.secrets, self.tokens, self.calls, self.scripts, self.people, self.sent_at):
            each.clear()
        self.token_seconds = 3600


def refuse(status: int, code: str, message: str = "", subcode: str = "", **headers: str) -> Reply:
    """Answer with an error as the Bot Connector words it."""
    error = {"code": code, "message": message or code} | ({"subCode": subcode} if subcode else {})
    return reply_json({"error": error}, status, **headers)


def refusal(script: Script) -> Reply:
    """Word the refusal of a script: `description` is the code, `parameters` may name a `subCode` and a `message`."""
    if script.behaviour == "429":
        return refuse(429, "TooManyRequests", **{"retry-after": str(script.retry_after)})
    if script.behaviour == "5xx":
        return refuse(502, "BadGateway")
    more = script.parameters or {}
    return refuse(script.code, script.description, str(more.get("message", "")), str(more.get("subCode", "")))
