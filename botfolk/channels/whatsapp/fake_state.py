"""What the fake of the Cloud API remembers, and how it words its errors."""

from typing import Any

from msgspec import Struct, field

from botfolk.channels.faking import Reply, reply_json

NUMBER_ID, ACCOUNT_ID = "106540352242922", "102290129340398"
DISPLAY_NUMBER = "15550783881"


class Person(Struct, kw_only=True):
    """What is so of a person or group, by the id they are written to. `window`: they wrote in the last 24 hours."""

    id: str
    blocked: bool = False
    window: bool = True
    wants_marketing: bool = True


class File(Struct):
    """A file that was given to WhatsApp, or that a person sent."""

    content: bytes
    content_type: str


class State(Struct, kw_only=True):
    """All that the fake remembers. `statuses`: what it tells of each message by itself."""

    people: dict[str, Person] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    templates: list[dict[str, Any]] = field(default_factory=list)
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    """what was asked, by the id of the message it became"""
    subscribed: bool = False
    statuses: tuple[str, ...] = ("sent", "delivered")
    number: int = 0

    def person(self, person_id: str) -> Person:
        """Return what is so of a person or group."""
        return self.people.get(person_id) or Person(id=person_id)

    def wamid(self) -> str:
        """Return a message's id."""
        self.number += 1
        return f"wamid.FAKE{self.number:08d}"

    def keep(self, content: bytes, content_type: str) -> str:
        """Keep a file and return its id."""
        self.number += 1
        media_id = f"{1_000_000_000_000_000 + self.number}"
        self.files[media_id] = File(content, content_type)
        return media_id

    def forget(self) -> None:
        """Forget all but the numbers already given."""
        self.people.clear()
        self.files.clear()
        self.templates.clear()
        self.sent.clear()
        self.subscribed = False
        self.statuses = ("sent", "delivered")


TITLES = {
    131008: "Required parameter is missing",
    131009: "Parameter value is not valid",
    131026: "Message undeliverable",
    131047: "Re-engagement message",
    131050: "User has stopped receiving marketing messages",
    131053: "Media upload error",
    132000: "Number of parameters does not match the expected number of params",
    132001: "Template name does not exist in the translation",
}


def wrong(code: int, details: str, status: int = 400) -> Reply:
    """Answer with an error as the Cloud API words one: the details stand apart."""
    message = f"(#{code}) {TITLES.get(code, 'Invalid parameter')}"
    data = {"messaging_product": "whatsapp", "details": details}
    error = {"message": message, "type": "OAuthException", "code": code, "error_data": data, "fbtrace_id": "AFake"}
    return reply_json({"error": error}, status)
