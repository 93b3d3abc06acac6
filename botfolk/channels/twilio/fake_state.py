"""What the fake remembers, and how it words its answers."""

import secrets
import time
from typing import Any

from msgspec import Struct, field

from botfolk.channels.fake_scripts import Script, Scripts
from botfolk.channels.faking import Reply, reply_json

ACCOUNT = "AC" + "0" * 32
NUMBER = "+15559876543"


class Person(Struct, kw_only=True):
    """What is so of a person; `error`: the code that sending to them is refused with."""

    id: str
    opted_out: bool = False
    error: int = 0


class Call(Struct, kw_only=True):
    """One call that was made, at `at` (Unix time). `taken`: it was carried out."""

    method: str
    path: str
    fields: dict[str, str]
    at: float
    headers: dict[str, str] = {}
    taken: bool = False


class State(Struct, kw_only=True):
    """All that the fake remembers. `token`: the account's, by which it signs (empty: any opens, and "token" signs)."""

    token: str = ""
    webhook: str = ""
    status_callbacks: dict[str, str] = field(default_factory=dict)
    sent: dict[str, dict[str, str]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    scripts: Scripts = field(default_factory=Scripts)
    people: dict[str, Person] = field(default_factory=dict)
    contents: list[Any] = field(default_factory=list)

    def person(self, person_id: str) -> Person:
        """Return what is so of a person."""
        return self.people.get(person_id) or Person(id=person_id)

    def forget(self) -> None:
        """Forget all but the token and the webhook."""
        for each in (self.status_callbacks, self.sent, self.calls, self.scripts, self.people, self.contents):
            each.clear()


def new_sid(kind: str = "SM") -> str:
    """Return an id as Twilio makes them."""
    return kind + secrets.token_hex(16)


def call_of(method: str, path: str, fields: dict[str, str], headers: dict[str, str]) -> Call:
    """Return a call that is made now."""
    return Call(method=method, path=path, fields=fields, at=time.time(), headers=headers)


def refuse(status: int, code: int | None = None, message: str = "refused", **headers: str) -> Reply:
    """Answer with an error as Twilio words it."""
    more = f"https://www.twilio.com/docs/errors/{code}"
    error = {"code": code, "message": message, "more_info": more, "status": status}
    return reply_json({name: value for name, value in error.items() if value is not None}, status, **headers)


def refusal(script: Script) -> Reply:
    """Word the refusal of a script: `error` is Twilio's number, `code` the status."""
    if script.behaviour == "429":
        return refuse(429, 20429, "Too Many Requests", **{"retry-after": str(script.retry_after)})
    if script.behaviour == "5xx":
        return refuse(503, 20503, "Service Unavailable")
    return refuse(script.code, script.error or None, script.description)
