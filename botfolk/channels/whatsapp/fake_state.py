"""What the fake of the Cloud API remembers, and how it words its answers."""

from typing import Any

from msgspec import Struct, field

from botfolk.channels.fake_scripts import Scripts
from botfolk.channels.faking import Reply, reply_json

NUMBER_ID, ACCOUNT_ID = "106540352242922", "102290129340398"


class Person(Struct, kw_only=True):
    """What is so of a person or group, by the id they are written to. `window`: they wrote in the last 24 hours."""

    id: str
    blocked: bool = False
    window: bool = True
    wants_marketing: bool = True


class Call(Struct, kw_only=True):
    """One call that was made. `taken`: it was carried out."""

    method: str
    path: str
    arguments: dict[str, Any]
    taken: bool = False
    message_id: str | None = None


class Hook(Struct, kw_only=True):
    """Where to deliver, and the secrets that prove it."""

    url: str
    app_secret: str
    verify_token: str = ""


class File(Struct):
    """A file that was given to WhatsApp, or that a person sent."""

    content: bytes
    content_type: str


class State(Struct, kw_only=True):
    """All that the fake remembers. `statuses`: what it tells of each message by itself."""

    calls: list[Call] = field(default_factory=list)
    scripts: Scripts = field(default_factory=Scripts)
    people: dict[str, Person] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)
    files: dict[str, File] = field(default_factory=dict)
    templates: list[dict[str, Any]] = field(default_factory=list)
    subscribed: bool = False
    hook: Hook | None = None
    statuses: tuple[str, ...] = ("sent", "delivered")
    number: int = 0

    def person(self, person_id: str) -> Person:
        """Return what is so of a person or group."""
        return self.people.get(person_id) or Person(id=person_id)

    def next(self) -> int:
        """Return a number that was not given before."""
        self.number += 1
        return self.number

    def wamid(self) -> str:
        """Return a message's id."""
        return f"wamid.FAKE{self.next():08d}"

    def keep(self, content: bytes, content_type: str) -> str:
        """Keep a file and return its id."""
        media_id = f"{1_000_000_000_000_000 + self.next()}"
        self.files[media_id] = File(content, content_type)
        return media_id

    def forget(self) -> None:
        """Forget all but where to deliver and the numbers already given."""
        self.calls.clear()
        self.scripts.clear()
        self.people.clear()
        self.revoked.clear()
        self.files.clear()
        self.templates.clear()
        self.subscribed = False


STATUS = {0: 401, 190: 401, 10: 403, 4: 429, 80007: 429, 130429: 429, 131056: 429, 131000: 500, 131016: 500}
"""The HTTP status of an error; most have 400."""

TITLES = {
    190: "Invalid OAuth access token.",
    131009: "Parameter value is not valid",
    131026: "Message undeliverable",
    131047: "Re-engagement message",
    131050: "User has stopped receiving marketing messages",
    131053: "Media upload error",
    132000: "Number of parameters does not match the expected number of params",
    132001: "Template name does not exist in the translation",
}


def refuse(code: int, details: str = "", status: int | None = None, headers: dict[str, str] | None = None) -> Reply:
    """Answer with an error, as the Graph API words it."""
    error: dict[str, Any] = {
        "message": f"(#{code}) {TITLES.get(code, 'Error')}",
        "type": "OAuthException",
        "code": code,
        "fbtrace_id": "Fake",
    }
    if details:
        error["error_data"] = {"messaging_product": "whatsapp", "details": details}
    return reply_json({"error": error}, status or STATUS.get(code, 400), **(headers or {}))
